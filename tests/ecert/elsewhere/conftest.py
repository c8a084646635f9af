"""Lists of issuers elsewhere without a network."""

from collections.abc import Iterator

import pytest

from tests.support.elsewhere import Elsewhere


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.lists._pool.shutdown()
