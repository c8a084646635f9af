"""A desk of orders in memory over the issuer's desk: holders without keys, counted ids, a trail that remembers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from issuer.orders.desk import DeskPorts, OrderDesk, Wish
from issuer.orders.four_eyes import FourEyes
from issuer.orders.proposals import ActDesk, ActPorts, Work
from issuer.orders.records import WaitingOrder
from schemas.audit import Doer
from tests.support.issuer_fakes import FakeDirectory
from tests.support.orders_fakes import MemoryAudit, MemoryOrders, MemoryProposals

PREPARER, APPROVER = Doer("officer-1", "preparer"), Doer("officer-2", "approver")


@dataclass
class Office:
    """Everything that a test of orders touches."""

    desk: Any
    four_eyes: FourEyes = field(default_factory=FourEyes)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    directory: FakeDirectory = field(default_factory=lambda: FakeDirectory(keys=False))

    def __post_init__(self) -> None:
        self.orders = MemoryOrders(self.audit)
        self.proposals = MemoryProposals(self.audit)
        self._ids = count(1)

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    @property
    def order_desk(self) -> OrderDesk:
        ports = DeskPorts(self.orders, self.directory, self.desk.clock, self.new_id)
        return OrderDesk(self.desk.issuer, ports, four_eyes=self.four_eyes)

    @property
    def act_desk(self) -> ActDesk:
        ports = ActPorts(self.proposals, self.desk.ledger, self.desk.directory, self.desk.clock, self.new_id)
        return ActDesk(Work(self.desk.issuer, self.desk.life_cycle), ports, four_eyes=self.four_eyes)

    def wish(self, type_id: str = "business_licence", *, changes: Any = None, **more: Any) -> Wish:
        return Wish(type_id, self.desk.claims(type_id, **(changes or {})), **more)

    def hand_in(self, type_id: str = "business_licence", **more: Any) -> WaitingOrder:
        return self.order_desk.hand_in(self.wish(type_id, **more), by=PREPARER).order


@pytest.fixture
def make_desk_of(make_desk: Callable[..., Any]) -> Callable[..., Office]:
    """Return a maker of offices; its arguments replace parts."""

    def make(**parts: Any) -> Office:
        return Office(make_desk(), **parts)

    return make


@pytest.fixture
def office(make_desk_of: Callable[..., Office]) -> Office:
    """An office where one pair of eyes is enough."""
    return make_desk_of()


@pytest.fixture
def strict(make_desk_of: Callable[..., Office]) -> Office:
    """An office where a second officer approves everything."""
    return make_desk_of(four_eyes=FourEyes.of("all"))
