"""What every store of orders and of proposals must do, as tests: the fakes in memory and the SQL adapters run the same.

A subclass gives the fixture ``orders`` or ``proposals`` (empty), and ``recorded``: a function that returns the acts of
the audit trail's events.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from issuer.errors import RowKeyConflict
from issuer.lifecycle import Decision
from issuer.orders.errors import OrderStateChanged, ProposalStateChanged, UnknownOrder, UnknownProposal
from issuer.orders.events import about_order, about_proposal
from issuer.orders.ports import Orders, Proposals
from issuer.orders.records import OrderState, Proposal, ProposalState, Query, WaitingOrder
from issuer.records import ActKind
from schemas.audit import AuditEvent, Doer
from schemas.catalogue import TypeId
from schemas.order import HolderId, Identifier

NOW = datetime(2026, 3, 2, 1, 23, 45, 678901, tzinfo=UTC)
BY = Doer("officer-1", "preparer")
Recorded = Callable[[], list[str]]


def an_order(order_id: str = "o-1", **changes: Any) -> WaitingOrder:
    """Return a plausible order."""
    fields: dict[str, Any] = {
        "order_id": order_id,
        "type_id": TypeId("business_licence"),
        "department": "amr",
        "office": "amr-example",
        "holders": (HolderId("holder-1"),),
        "claims": {"name": "江门市示例贸易有限公司", "list": ["甲", {"n": 1}], "on": True},
        "state": OrderState.WAITING,
        "prepared_by": "officer-1",
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=90),
    }
    return WaitingOrder(**(fields | changes))


def an_event(order: WaitingOrder, act: str = "prepared") -> AuditEvent:
    """Return an event about it."""
    return about_order(act, order, BY, at=NOW)


def added(orders: Orders, *made: WaitingOrder) -> None:
    """Keep orders."""
    for order in made:
        orders.add(order, an_event(order))


class OrdersContract:
    """The contract of ``issuer.orders.ports.Orders``."""

    def test_an_order_comes_back_as_it_was(self, orders: Orders) -> None:
        full = an_order(
            "o-2",
            holders=(HolderId("holder-1"), HolderId("holder-2")),
            approved_by="officer-2",
            identifier=Identifier("1.2.156.3005.2.A"),
            row_key="2026-0042",
            row_digest="d",
            ready_at=NOW + timedelta(days=1),
        )
        for order in (an_order(), full):
            assert orders.add(order, an_event(order)) == order
            assert orders.order(order.order_id) == order

    def test_an_unknown_order_is_refused(self, orders: Orders) -> None:
        with pytest.raises(UnknownOrder):
            orders.order("o-1")
        with pytest.raises(UnknownOrder):
            orders.change(an_order(), expected=OrderState.WAITING, event=None)

    def test_a_known_row_key_gives_the_first_order(self, orders: Orders, recorded: Recorded) -> None:
        added(orders, an_order("o-1", row_key="r", row_digest="d"))
        again = an_order("o-2", row_key="r", row_digest="d")
        assert orders.add(again, an_event(again)).order_id == "o-1"
        with pytest.raises(UnknownOrder):
            orders.order("o-2")
        assert recorded() == ["prepared"]

    def test_a_row_key_with_another_content_is_refused(self, orders: Orders, recorded: Recorded) -> None:
        added(orders, an_order("o-1", row_key="r", row_digest="d"))
        other = an_order("o-2", row_key="r", row_digest="e")
        with pytest.raises(RowKeyConflict):
            orders.add(other, an_event(other))
        assert recorded() == ["prepared"]

    def test_a_row_key_belongs_to_its_department(self, orders: Orders) -> None:
        added(orders, an_order("o-1", row_key="r", row_digest="d"))
        other = an_order("o-2", row_key="r", row_digest="e", department="mca")
        assert orders.add(other, an_event(other)).order_id == "o-2"

    def test_a_change_is_kept_with_its_event(self, orders: Orders, recorded: Recorded) -> None:
        order = an_order(state=OrderState.AWAITING_APPROVAL)
        added(orders, order)
        changed = replace(order, state=OrderState.WAITING, approved_by="officer-2")
        orders.change(changed, expected=OrderState.AWAITING_APPROVAL, event=an_event(changed, "approved"))
        assert orders.order("o-1") == changed
        assert recorded() == ["prepared", "approved"]

    def test_a_change_may_have_no_event(self, orders: Orders, recorded: Recorded) -> None:
        added(orders, an_order(state=OrderState.ISSUED))
        changed = an_order(state=OrderState.ISSUED, identifier=Identifier("1.2.156.3005.2.A"))
        orders.change(changed, expected=OrderState.ISSUED, event=None)
        assert orders.order("o-1") == changed
        assert recorded() == ["prepared"]

    def test_a_change_from_another_state_changes_nothing(self, orders: Orders, recorded: Recorded) -> None:
        order = an_order(state=OrderState.WITHDRAWN)
        added(orders, order)
        issued = replace(order, state=OrderState.ISSUED)
        with pytest.raises(OrderStateChanged):
            orders.change(issued, expected=OrderState.WAITING, event=an_event(issued, "claimed"))
        assert orders.order("o-1") == order
        assert recorded() == ["prepared"]

    def test_holders_and_claims_stay_as_they_were(self, orders: Orders) -> None:
        order = an_order()
        added(orders, order)
        other = replace(order, holders=(HolderId("holder-9"),), claims={}, state=OrderState.ISSUED)
        orders.change(other, expected=OrderState.WAITING, event=an_event(order, "claimed"))
        assert orders.order("o-1") == replace(order, state=OrderState.ISSUED)

    def test_the_claims_of_what_ended_long_ago_are_forgotten(self, orders: Orders, recorded: Recorded) -> None:
        waiting, old, new = (an_order(name, row_key=name, row_digest="d") for name in ("o-1", "o-2", "o-3"))
        added(orders, waiting, old, new)
        ended = [
            replace(old.made(Identifier("1.2.156.3005.2.A"), at=NOW), state=OrderState.ISSUED),
            new.ended(OrderState.WITHDRAWN, at=NOW + timedelta(microseconds=1)),
        ]
        for order in ended:
            orders.change(order, expected=OrderState.WAITING, event=None)
        before = NOW + timedelta(microseconds=1)
        assert [orders.forget(before=before, limit=9) for _ in range(2)] == [1, 0]
        found = [orders.order(name) for name in ("o-1", "o-2", "o-3")]
        assert found == [waiting, replace(ended[0], claims={}), ended[1]]
        assert recorded() == ["prepared"] * 3

    def test_what_is_forgotten_is_known_by_its_row_key_still(self, orders: Orders) -> None:
        order = an_order("o-1", row_key="r", row_digest="d", state=OrderState.EXPIRED, ended_at=NOW)
        added(orders, order)
        assert orders.forget(before=NOW + timedelta(days=1), limit=9) == 1
        again = an_order("o-2", row_key="r", row_digest="d")
        assert orders.add(again, an_event(again)) == replace(order, claims={})
        other = replace(again, row_digest="e")
        with pytest.raises(RowKeyConflict):
            orders.add(other, an_event(other))

    def test_a_change_of_what_is_forgotten_brings_nothing_back(self, orders: Orders) -> None:
        order = an_order(state=OrderState.ISSUED, ended_at=NOW)
        made = order.made(Identifier("1.2.156.3005.2.A"), at=NOW)
        added(orders, made)
        later = NOW + timedelta(days=1)
        assert orders.forget(before=later, limit=9) == 1
        orders.change(made, expected=OrderState.ISSUED, event=None)
        assert orders.order("o-1") == replace(made, claims={})
        assert orders.forget(before=later, limit=9) == 0

    def test_so_many_are_forgotten_at_once(self, orders: Orders) -> None:
        added(orders, *(an_order(f"o-{n}", state=OrderState.DECLINED, ended_at=NOW) for n in range(3)))
        later = NOW + timedelta(days=1)
        assert [orders.forget(before=later, limit=2) for _ in range(3)] == [2, 1, 0]

    def test_a_holder_has_the_orders_that_wait_or_are_issued(self, orders: Orders) -> None:
        states = {state: an_order(f"o-{state}", state=state) for state in OrderState}
        added(orders, *states.values())
        found = orders.of_holder(HolderId("holder-1"), department="amr", limit=10)
        assert [one.order_id for one in found] == ["o-issued", "o-waiting"]
        assert len(orders.of_holder(HolderId("holder-1"), department="amr", limit=1)) == 1

    def test_a_holders_orders_come_page_by_page_or_by_their_ids(self, orders: Orders) -> None:
        added(orders, *(an_order(f"o-{number}") for number in range(4)), an_order("o-9", holders=(HolderId("x"),)))
        held = partial(orders.of_holder, HolderId("holder-1"), department="amr")
        assert [one.order_id for one in held(limit=2)] == ["o-3", "o-2"]
        assert [one.order_id for one in held(limit=2, after="o-2")] == ["o-1", "o-0"]
        assert list(held(limit=2, after="unknown")) == []
        assert [one.order_id for one in held(limit=9, order_ids=("o-1", "o-9", "unknown"))] == ["o-1"]

    def test_a_holder_has_no_orders_of_others_or_of_another_department(self, orders: Orders) -> None:
        two = (HolderId("holder-2"), HolderId("holder-3"))
        added(orders, an_order("o-1"), an_order("o-2", department="mca"), an_order("o-3", holders=two))
        named = {
            name: orders.of_holder(HolderId(name), department="amr", limit=10) for name in ("holder-1", "holder-3")
        }
        assert {name: [one.order_id for one in found] for name, found in named.items()} == {
            "holder-1": ["o-1"],
            "holder-3": ["o-3"],
        }

    def test_orders_are_listed_page_by_page_the_newest_first(self, orders: Orders) -> None:
        added(orders, *(an_order(f"o-{number}") for number in range(5)))
        first = orders.page(Query(limit=2))
        second = orders.page(Query(limit=9, after=first[-1].order_id))
        assert [one.order_id for one in (*first, *second)] == ["o-4", "o-3", "o-2", "o-1", "o-0"]
        assert list(orders.page(Query(after="unknown"))) == []

    def test_orders_are_listed_by_department_and_state(self, orders: Orders) -> None:
        added(
            orders,
            an_order("o-1"),
            an_order("o-2", department="mca"),
            an_order("o-3", state=OrderState.DECLINED),
        )
        found = orders.page(Query(department="amr", state=OrderState.WAITING))
        assert [one.order_id for one in found] == ["o-1"]

    def test_orders_whose_end_has_come_are_overdue(self, orders: Orders) -> None:
        soon = NOW + timedelta(days=1)
        added(
            orders,
            *(an_order(f"o-{state}", state=state, expires_at=soon) for state in OrderState),
            an_order("o-later", expires_at=soon + timedelta(seconds=1)),
        )
        found = orders.overdue(now=soon, limit=10)
        assert set(found) == {"o-awaiting_approval", "o-waiting"}
        assert len(orders.overdue(now=soon, limit=1)) == 1
        assert list(orders.overdue(now=soon - timedelta(seconds=1), limit=10)) == []


def a_proposal(proposal_id: str = "p-1", **changes: Any) -> Proposal:
    """Return a plausible proposal."""
    fields: dict[str, Any] = {
        "proposal_id": proposal_id,
        "kind": ActKind.REVOKE,
        "identifier": Identifier("1.2.156.3005.2.A"),
        "decision": Decision("吊销", officer="A-17", case_number="江市监罚〔2026〕7号", note="备注"),
        "type_id": TypeId("business_licence"),
        "department": "amr",
        "state": ProposalState.PROPOSED,
        "proposed_by": "officer-1",
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=30),
    }
    return Proposal(**(fields | changes))


class ProposalsContract:
    """The contract of ``issuer.orders.ports.Proposals``."""

    def test_a_proposal_comes_back_as_it_was(self, proposals: Proposals, recorded: Recorded) -> None:
        for made in (a_proposal(), a_proposal("p-2", claims={"name": "江门市示例贸易有限公司"})):
            proposals.add(made, about_proposal("proposed", made, BY, at=NOW))
            assert proposals.proposal(made.proposal_id) == made
        assert recorded() == ["proposed"] * 2

    def test_an_unknown_proposal_is_refused(self, proposals: Proposals) -> None:
        with pytest.raises(UnknownProposal):
            proposals.proposal("p-1")
        event = about_proposal("confirmed", a_proposal(), BY, at=NOW)
        with pytest.raises(UnknownProposal):
            proposals.change(a_proposal(), expected=ProposalState.PROPOSED, event=event)

    def test_a_proposal_is_decided_once(self, proposals: Proposals, recorded: Recorded) -> None:
        proposals.add(a_proposal(), about_proposal("proposed", a_proposal(), BY, at=NOW))
        decided = a_proposal(state=ProposalState.CONFIRMED, decided_by="officer-2")
        event = about_proposal("confirmed", decided, BY, at=NOW)
        proposals.change(decided, expected=ProposalState.PROPOSED, event=event)
        with pytest.raises(ProposalStateChanged):
            proposals.change(replace(decided, decided_by="officer-3"), expected=ProposalState.PROPOSED, event=event)
        assert proposals.proposal("p-1") == decided
        assert recorded() == ["proposed", "confirmed"]

    def test_a_change_may_be_no_event(self, proposals: Proposals, recorded: Recorded) -> None:
        proposals.add(a_proposal(), about_proposal("proposed", a_proposal(), BY, at=NOW))
        confirming = a_proposal(state=ProposalState.CONFIRMING, decided_by="officer-2")
        proposals.change(confirming, expected=ProposalState.PROPOSED, event=None)
        assert (proposals.proposal("p-1"), recorded()) == (confirming, ["proposed"])

    def test_proposals_are_listed_by_department_and_state(self, proposals: Proposals) -> None:
        for made in (a_proposal("p-1"), a_proposal("p-2", department="mca"), a_proposal("p-3")):
            proposals.add(made, about_proposal("proposed", made, BY, at=NOW))
        assert [one.proposal_id for one in proposals.page(Query(department="amr"))] == ["p-3", "p-1"]
        assert [one.proposal_id for one in proposals.page(Query(after="p-3"))] == ["p-2", "p-1"]
        assert list(proposals.page(Query(state=ProposalState.DECLINED))) == []
        assert len(proposals.page(Query(limit=1))) == 1
