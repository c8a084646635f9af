"""The fakes of orders and proposals keep their contracts."""

from collections.abc import Callable

import pytest

from tests.support.orders_contract import OrdersContract, ProposalsContract
from tests.support.orders_fakes import MemoryAudit, MemoryOrders, MemoryProposals


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
def recorded(audit: MemoryAudit) -> Callable[[], list[str]]:
    return lambda: [event.act for event in audit.events]


class TestMemoryOrders(OrdersContract):
    """Orders in memory."""

    @pytest.fixture
    def orders(self, audit: MemoryAudit) -> MemoryOrders:
        return MemoryOrders(audit)


class TestMemoryProposals(ProposalsContract):
    """Proposals in memory."""

    @pytest.fixture
    def proposals(self, audit: MemoryAudit) -> MemoryProposals:
        return MemoryProposals(audit)
