"""What the tests over the whole application share."""

from collections.abc import Iterator

import pytest

from tests.support.ecert_world import cheap_scrypt
from tests.support.stranger import Provider


@pytest.fixture(autouse=True)
def _cheap_scrypt() -> Iterator[None]:
    with cheap_scrypt():
        yield


@pytest.fixture
def provider() -> Provider:
    """The provider of a stranger's wallets."""
    return Provider()
