"""A town in which certificates are lent, its enterprise, and an agent who has a wallet."""

import pytest

from schemas.order import HolderRef
from tests.support.delegating_town import AGENT, DelegatingTown


@pytest.fixture
def town() -> DelegatingTown:
    return DelegatingTown()


@pytest.fixture
def enterprise(town: DelegatingTown) -> HolderRef:
    return town.enterprise()


@pytest.fixture
def agent(town: DelegatingTown) -> HolderRef:
    return town.person(AGENT)
