"""Orders handed in, approved, declined, withdrawn, expired: who may do what, and what a wrong one changes (nothing)."""

from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import IssuerError, OrderRefused, RoundIncomplete, RowKeyConflict
from issuer.orders.desk import MAX_DAYS
from issuer.orders.errors import OrderStateChanged, SameOfficer, UnknownOrder
from issuer.orders.four_eyes import FourEyes
from issuer.orders.records import MAX_PAGE, OrderState, Query
from schemas.audit import SYSTEM, Doer

PREPARER, APPROVER = Doer("officer-1", "preparer"), Doer("officer-2", "approver")
DAY = timedelta(days=1)


def refused(caught: pytest.ExceptionInfo[OrderRefused]) -> set[str]:
    return {problem.field for problem in caught.value.problems}


def test_an_order_waits_for_its_holder_at_the_departments_own_office(office: Any) -> None:
    order = office.hand_in()
    assert (order.state, order.office, order.department) == (OrderState.WAITING, "amr", "amr")
    assert order.expires_at == office.desk.clock() + 90 * DAY
    assert office.orders.order(order.order_id) == order
    assert office.order_desk.order(order.order_id) == order
    assert office.desk.ledger.status_lists() == []


def test_an_order_names_an_office_of_its_department(office: Any) -> None:
    assert office.hand_in(office="amr-example").office == "amr-example"


@pytest.mark.parametrize("name", ["psb", "gd", "nowhere"])
def test_an_office_of_another_department_is_refused(office: Any, name: str) -> None:
    with pytest.raises(OrderRefused) as caught:
        office.hand_in(office=name)
    assert refused(caught) == {"office"}
    assert office.directory.holders == {}


def test_an_order_of_two_people_waits_for_both(office: Any) -> None:
    assert len(office.hand_in("marriage_certificate").holders) == 2


def test_claims_are_kept_in_normal_form(office: Any) -> None:
    claims = office.desk.claims()
    order = office.hand_in(changes={"name": f" {claims['name']} "})
    assert order.claims["name"] == claims["name"]


def test_bad_claims_are_refused_with_everything_that_is_wrong(office: Any) -> None:
    changes = {"unified_social_credit_code": "1", "name": None}
    with pytest.raises(OrderRefused) as caught:
        office.hand_in(changes=changes, days=0)
    assert refused(caught) >= {"unified_social_credit_code", "name", "days"}
    assert (office.orders.kept, office.directory.holders, office.audit.events) == ({}, {}, [])


@pytest.mark.parametrize("days", [0, MAX_DAYS + 1])
def test_an_order_waits_a_year_at_most(office: Any, days: int) -> None:
    with pytest.raises(OrderRefused) as caught:
        office.hand_in(days=days)
    assert refused(caught) == {"days"}


def test_an_order_is_ready_before_it_expires(office: Any) -> None:
    ready = office.desk.clock() + DAY
    assert office.hand_in(ready_at=ready).ready_at == ready
    with pytest.raises(OrderRefused) as caught:
        office.hand_in(ready_at=ready, days=1)
    assert refused(caught) == {"ready_at"}


def test_a_check_finds_the_same_and_makes_no_holder(office: Any) -> None:
    desk = office.order_desk
    assert desk.check(office.wish()) == ()
    found = desk.check(office.wish(office="psb", changes={"name": None}))
    assert {problem.field for problem in found} == {"office", "name"}
    assert office.directory.holders == {}


def test_a_row_key_that_comes_again_gives_the_same_order(office: Any) -> None:
    first = office.order_desk.hand_in(office.wish(row_key="r"), by=PREPARER)
    again = office.order_desk.hand_in(office.wish(row_key="r"), by=PREPARER)
    assert (first.repeated, again.repeated, again.order) == (False, True, first.order)
    assert office.audit.acts == ["order.prepared"]


def test_a_row_key_with_another_content_is_refused(office: Any) -> None:
    office.hand_in(row_key="r")
    with pytest.raises(RowKeyConflict):
        office.hand_in(row_key="r", changes={"name": "江门市示例二号贸易有限公司"})


def test_four_eyes_an_order_awaits_approval(strict: Any) -> None:
    order = strict.hand_in()
    assert order.state is OrderState.AWAITING_APPROVAL
    approved = strict.order_desk.approve(order.order_id, by=APPROVER)
    assert (approved.state, approved.approved_by) == (OrderState.WAITING, "officer-2")
    assert strict.orders.order(order.order_id) == approved
    assert strict.audit.acts == ["order.prepared", "order.approved"]


@pytest.mark.parametrize("act", ["approve", "decline"])
def test_who_prepared_an_order_does_not_decide_on_it(strict: Any, act: str) -> None:
    order = strict.hand_in()
    reason = {"reason": "x"} if act == "decline" else {}
    with pytest.raises(SameOfficer):
        getattr(strict.order_desk, act)(order.order_id, by=PREPARER, **reason)
    assert strict.orders.order(order.order_id) == order


def test_a_declined_order_is_over(strict: Any) -> None:
    order = strict.hand_in()
    declined = strict.order_desk.decline(order.order_id, by=APPROVER, reason="材料不齐 incomplete")
    assert declined.state is OrderState.DECLINED
    assert strict.audit.events[-1].details["reason"] == "材料不齐 incomplete"
    with pytest.raises(OrderStateChanged):
        strict.order_desk.approve(order.order_id, by=APPROVER)


def test_an_order_that_waits_needs_no_approval(office: Any) -> None:
    with pytest.raises(OrderStateChanged):
        office.order_desk.approve(office.hand_in().order_id, by=APPROVER)


def test_an_order_may_be_withdrawn_before_and_after_approval(office: Any, strict: Any) -> None:
    for desk in (office, strict):
        order = desk.hand_in()
        withdrawn = desk.order_desk.withdraw(order.order_id, by=PREPARER, reason="")
        assert withdrawn.state is OrderState.WITHDRAWN
        assert "reason" not in desk.audit.events[-1].details
        with pytest.raises(OrderStateChanged):
            desk.order_desk.withdraw(order.order_id, by=PREPARER, reason="")


@pytest.mark.parametrize("reason", ["x" * 201, "two\nlines"])
def test_a_reason_is_a_short_line(office: Any, reason: str) -> None:
    order = office.hand_in()
    with pytest.raises(OrderRefused):
        office.order_desk.withdraw(order.order_id, by=PREPARER, reason=reason)
    assert office.orders.order(order.order_id) == order


def test_an_unknown_order_is_refused(office: Any) -> None:
    with pytest.raises(UnknownOrder):
        office.order_desk.withdraw("nothing", by=PREPARER, reason="")


def test_an_order_past_its_end_is_not_approved(strict: Any) -> None:
    order = strict.hand_in(days=1)
    strict.desk.clock.move(DAY)
    with pytest.raises(OrderStateChanged, match="longer"):
        strict.order_desk.approve(order.order_id, by=APPROVER)


def test_orders_past_their_end_expire(office: Any) -> None:
    old, new = office.hand_in(days=1), office.hand_in(days=2, row_key="r")
    office.desk.clock.move(DAY)
    assert office.order_desk.expire() == 1
    assert office.order_desk.expire() == 0
    states = [office.orders.order(one.order_id).state for one in (old, new)]
    assert states == [OrderState.EXPIRED, OrderState.WAITING]
    assert (office.audit.events[-1].act, office.audit.events[-1].by) == ("expired", SYSTEM)


def test_an_order_that_is_fetched_at_the_last_moment_does_not_expire(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.hand_in(days=1)
    office.desk.clock.move(DAY)

    def late(*_: Any, **__: Any) -> None:
        raise OrderStateChanged("fetched")

    monkeypatch.setattr(office.orders, "change", late)
    assert office.order_desk.expire() == 0


def test_more_orders_than_one_round_takes_expire(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issuer.orders.desk._SWEPT", 1)
    for number in range(3):
        office.hand_in(days=1, row_key=str(number))
    office.desk.clock.move(DAY)
    assert office.order_desk.expire() == 3


def test_the_claims_of_orders_that_ended_are_forgotten(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issuer.orders.desk._SWEPT", 2)
    ended = [office.hand_in(row_key=str(number)) for number in range(3)]
    for order in ended:
        office.order_desk.withdraw(order.order_id, by=PREPARER, reason="")
    assert office.order_desk.forget(DAY) == 0
    office.desk.clock.move(2 * DAY)
    assert [office.order_desk.forget(DAY) for _ in range(2)] == [3, 0]
    assert [office.orders.order(one.order_id).claims for one in ended] == [{}, {}, {}]
    assert office.hand_in(row_key="0").order_id == ended[0].order_id


def test_what_was_declined_or_expired_has_ended(strict: Any) -> None:
    declined, old = strict.hand_in(), strict.hand_in(days=1, row_key="r")
    strict.order_desk.decline(declined.order_id, by=APPROVER, reason="")
    strict.desk.clock.move(DAY)
    strict.order_desk.expire()
    strict.desk.clock.move(2 * DAY)
    assert strict.order_desk.forget(DAY) == 2
    assert strict.orders.order(old.order_id).claims == {}


def test_an_order_that_cannot_be_read_is_in_no_other_ones_way(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged, *others = (office.hand_in(days=1, row_key=str(number)) for number in range(3))
    office.desk.clock.move(DAY)
    order = office.orders.order

    def opened(order_id: str) -> Any:
        if order_id == damaged.order_id:
            raise IssuerError("record does not open")
        return order(order_id)

    monkeypatch.setattr(office.orders, "order", opened)
    monkeypatch.setattr("issuer.orders.desk._SWEPT", 1)
    with pytest.raises(RoundIncomplete):
        office.order_desk.expire()
    assert {office.orders.kept[one.order_id].state for one in others} == {OrderState.EXPIRED}


def test_a_page_has_a_limit(office: Any) -> None:
    asked = []
    office.orders.page = asked.append
    for limit in (0, 7, 1_000_000):
        office.order_desk.page(Query(limit=limit))
    assert [query.limit for query in asked] == [1, 7, MAX_PAGE]


@pytest.mark.parametrize(
    ("text", "needed"),
    [("none", set()), ("all", {"business_licence", "resident_id_card"}), ("business_licence", {"business_licence"})],
)
def test_the_switch_is_by_type(text: str, needed: set[str]) -> None:
    switch = FourEyes.of(text)
    assert {name for name in ("business_licence", "resident_id_card") if switch.needed(name)} == needed


@pytest.mark.parametrize("text", ["", "yes", "business_licence,unknown", "business_licence,"])
def test_a_switch_names_types_that_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="expected none, all, or type ids"):
        FourEyes.of(text)
