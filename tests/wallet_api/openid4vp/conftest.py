"""A wallet that is asked, for every test."""

import pytest

from tests.support.vp_wallet import AskedWallet


@pytest.fixture
def wallet() -> AskedWallet:
    return AskedWallet()
