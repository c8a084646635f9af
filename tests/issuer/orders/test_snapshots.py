"""Certificates of facts at a holder's wish: a register answers, the wallet has it, and nobody gets another's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from issuer.errors import OrderRefused
from issuer.openid4vci.errors import TooManyRequests
from issuer.orders.entitlements import EntitlementPorts, OrderEntitlements
from issuer.orders.errors import SnapshotRefused
from issuer.orders.records import OrderState
from issuer.orders.snapshots import SnapshotDesk, SnapshotPorts, snapshot_types
from issuer.records import State
from schemas import types
from schemas.errors import UnknownType
from schemas.holders import HolderClaim
from tests.support.issuer_fakes import FakeDirectory
from tests.support.protocol_state import CountingLimits

TYPE = "social_insurance_certificate"
HOLDER = HolderClaim("111", "440799199003070112", "陈大文")


class Register:
    """A register that answers with the example, but for what a test changes."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.changes: dict[str, Any] | None = {}
        self.asked = 0

    def snapshot(self, type_id: str, holder: HolderClaim) -> Mapping[str, Any] | None:
        if self.changes is None:
            return None
        self.asked += 1
        number = {"verification_code": f"SBJM20260302{self.asked:06}"} if type_id == TYPE else {}
        claims: Mapping[str, Any] = self.desk.claims(type_id, **number | self.changes)
        return claims


@pytest.fixture
def register(office: Any) -> Register:
    return Register(office.desk)


@pytest.fixture
def ask(office: Any, register: Register) -> Callable[..., Any]:
    office.directory = FakeDirectory()
    office.limits = CountingLimits()
    ports = SnapshotPorts(
        registers=register,
        orders=office.orders,
        limits=office.limits,
        directory=office.directory,
        clock=office.desk.clock,
        new_id=office.new_id,
    )
    desk = SnapshotDesk(office.desk.issuer, ports)
    return lambda type_id=TYPE, holder=HOLDER: desk.ask(type_id, holder)


def test_the_types_are_those_that_state_facts_of_a_day() -> None:
    assert {kind.id for kind in snapshot_types()} == {TYPE, "housing_fund_certificate"}


@pytest.mark.parametrize("type_id", [kind.id for kind in snapshot_types()])
def test_a_snapshot_is_issued_and_in_the_wallet(office: Any, ask: Callable[..., Any], type_id: str) -> None:
    issued = ask(type_id)
    assert issued.delivered
    assert set(office.desk.delivery.arrived.values()) == set(issued.credentials)
    assert office.desk.ledger.certificate(issued.identifier).state is State.ISSUED
    (order,) = office.orders.kept.values()
    assert (order.state, order.identifier, order.department) == (
        OrderState.ISSUED,
        issued.identifier,
        types.certificate_type(type_id).department,
    )
    assert office.audit.acts == ["order.prepared", "order.claimed"]


def test_a_snapshot_may_be_fetched_by_a_wallet_too(office: Any, ask: Callable[..., Any]) -> None:
    ask()
    (order,) = office.orders.kept.values()
    ports = EntitlementPorts(office.orders, office.desk.ledger, office.desk.clock)
    held = OrderEntitlements(office.desk.issuer, ports).of(order.holders[0], department="ssf")
    assert [each.order_id for each in held] == [order.order_id]


def test_each_wish_gives_another_certificate(ask: Callable[..., Any]) -> None:
    assert len({ask().identifier for _ in range(3)}) == 3


def test_wishes_are_counted_by_holder_and_type_before_the_register_is_asked(
    office: Any, register: Register, ask: Callable[..., Any]
) -> None:
    ask()
    ask("housing_fund_certificate")
    (first, second) = office.limits.hits
    assert (first[0], second[0]) == ("snapshot", "snapshot")
    assert (first[1], second[1]) == (f"{TYPE} holder-1", "housing_fund_certificate holder-1")
    office.limits.refused = {"snapshot"}
    asked = register.asked
    with pytest.raises(TooManyRequests):
        ask()
    assert register.asked == asked


@pytest.mark.parametrize("type_id", ["business_licence", "resident_id_card"])
def test_a_type_that_is_no_snapshot_is_refused(ask: Callable[..., Any], type_id: str) -> None:
    with pytest.raises(SnapshotRefused, match="facts of a day"):
        ask(type_id)


def test_an_unknown_type_is_refused(ask: Callable[..., Any]) -> None:
    with pytest.raises(UnknownType):
        ask("unknown")


def test_a_register_may_have_nothing(office: Any, register: Register, ask: Callable[..., Any]) -> None:
    register.changes = None
    with pytest.raises(SnapshotRefused, match="nothing"):
        ask()
    assert office.orders.kept == {}


@pytest.mark.parametrize("number", ["440799199003070139", None])
def test_an_answer_about_somebody_else_is_refused(
    office: Any, register: Register, ask: Callable[..., Any], number: str | None
) -> None:
    register.changes = {"social_security_number": number}
    with pytest.raises(SnapshotRefused, match="another holder"):
        ask()
    assert (office.orders.kept, office.desk.ledger.status_lists()) == ({}, [])
    assert len(office.directory.holders) == 1


def test_an_answer_that_breaks_rules_is_refused(office: Any, register: Register, ask: Callable[..., Any]) -> None:
    register.changes = {"as_of": "yesterday"}
    with pytest.raises(OrderRefused):
        ask()
    assert office.orders.kept == {}


def test_a_number_in_small_letters_is_the_same_holder(office: Any, register: Register, ask: Callable[..., Any]) -> None:
    register.changes = {"social_security_number": "44079919900307106X"}
    holder = replace(HOLDER, code="44079919900307106x")
    office.directory.holders["111", "44079919900307106X"] = office.directory.resolve("111", holder.code, "")
    assert ask(holder=holder)
