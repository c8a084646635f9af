"""A town for every test, and its citizen."""

import pytest

from schemas.order import HolderRef
from tests.support.wallet_fakes import Town


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def citizen(town: Town) -> HolderRef:
    return town.citizen()
