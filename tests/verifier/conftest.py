"""The counter of every test here."""

import pytest

from tests.support.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A counter where everything is in order."""
    return Desk()
