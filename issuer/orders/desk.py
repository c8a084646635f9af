"""The department's desk: orders handed in, approved or declined by a second officer, withdrawn, expired, listed.

``by`` is who acts, known by the name of a token or an account, which says nothing about a person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from issuer.errors import OrderRefused, Problem, RoundIncomplete
from issuer.issuing import Issuer
from issuer.orders.errors import OrderStateChanged
from issuer.orders.events import about_order
from issuer.orders.four_eyes import FourEyes, must_differ
from issuer.orders.ports import Orders
from issuer.orders.records import MAX_PAGE, OrderState, Query, WaitingOrder
from issuer.ports import Clock, HolderDirectory
from issuer.prepare import Prepared, type_of
from keys.errors import EcertError
from schemas.audit import SYSTEM, AuditAct, Doer
from schemas.catalogue import TypeId
from schemas.errors import UnknownOffice
from schemas.offices import office

MAX_DAYS = 366
_SWEPT = 500
_WITHDRAWN, _EXPIRED = "withdrawn", "expired"
_LONGEST_REASON = 200
_OFFICE = Problem("office", "office", "没有这个机构,或不属于该证照类型的部门", "no office of the type's department")
_DAYS = Problem("days", "range", f"领取期限应为 1 至 {MAX_DAYS} 天", f"the days are not 1 to {MAX_DAYS}")
_READY = Problem("ready_at", "range", "可签发时间应早于领取期限", "it is ready only after it has expired")
_REASON = Problem("reason", "text", "理由应为一行文字", "the reason is no short line of text")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a department hands in: the certificate, the office, for how many days it waits, from when it can be signed.

    ``office`` None is the department's own. ``row_key`` makes it repeatable.
    """

    type_id: str
    claims: Mapping[str, Any]
    office: str | None = None
    row_key: str | None = None
    days: int = 90
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The order; ``repeated``: the row key was known, and it is the order of the first time."""

    order: WaitingOrder
    repeated: bool


@dataclass(frozen=True, slots=True)
class DeskPorts:
    """What the desk works with. The directory makes holders without keys: the wallets bring theirs."""

    orders: Orders
    directory: HolderDirectory
    clock: Clock
    new_id: Callable[[], str]


class OrderDesk:
    """The use cases of officers."""

    def __init__(self, issuer: Issuer, ports: DeskPorts, *, four_eyes: FourEyes) -> None:
        self._issuer = issuer
        self._ports = ports
        self._four_eyes = four_eyes

    def check(self, wish: Wish) -> tuple[Problem, ...]:
        """Return everything for which a wish would be refused; no holder is made or looked up."""
        kind = type_of(TypeId(wish.type_id))
        return (*self._problems(wish, kind.department), *self._issuer.problems(wish.type_id, wish.claims))

    def hand_in(self, wish: Wish, *, by: Doer) -> HandedIn:
        """Keep an order that passed every check of issuing (``Issuer.prepare``).

        Raises:
            OrderRefused: with every problem; no holder is made for bad claims.
            RowKeyConflict: the row key was used for another content.
        """
        kind = type_of(TypeId(wish.type_id))
        problems = self._problems(wish, kind.department)
        if problems:
            raise OrderRefused([*problems, *self._issuer.problems(wish.type_id, wish.claims)])
        prepared = self._issuer.prepare(
            self._issuer.order_for(wish.type_id, wish.claims, self._ports.directory, row_key=wish.row_key)
        )
        made = self._order(wish, prepared, by.actor)
        kept = self._ports.orders.add(made, about_order(AuditAct.PREPARED, made, by, at=made.created_at))
        return HandedIn(kept, repeated=kept.order_id != made.order_id)

    def approve(self, order_id: str, *, by: Doer) -> WaitingOrder:
        """Let an order wait for its holders, so that it can be offered.

        Raises:
            UnknownOrder, SameOfficer.
            OrderStateChanged: it does not await approval, or its end has come.
        """
        order = self._in_state(order_id, OrderState.AWAITING_APPROVAL)
        must_differ(order.prepared_by, by.actor)
        approved = replace(order, state=OrderState.WAITING, approved_by=by.actor)
        return self._changed(order, approved, AuditAct.APPROVED, by)

    def decline(self, order_id: str, *, by: Doer, reason: str) -> WaitingOrder:
        """End an order that awaits approval; raises as ``approve``, and OrderRefused for a reason that is none."""
        order = self._in_state(order_id, OrderState.AWAITING_APPROVAL)
        must_differ(order.prepared_by, by.actor)
        return self._changed(
            order, order.ended(OrderState.DECLINED, at=self._ports.clock()), AuditAct.DECLINED, by, reason
        )

    def withdraw(self, order_id: str, *, by: Doer, reason: str) -> WaitingOrder:
        """End an order that awaits approval or waits; what is issued already is revoked or cancelled instead.

        Raises:
            UnknownOrder, OrderStateChanged, OrderRefused: as ``decline``.
        """
        order = self._in_state(order_id, OrderState.AWAITING_APPROVAL, OrderState.WAITING)
        return self._changed(order, order.ended(OrderState.WITHDRAWN, at=self._ports.clock()), _WITHDRAWN, by, reason)

    def expire(self) -> int:
        """End the orders whose time has come and return how many they were; for the sweep.

        Raises:
            RoundIncomplete: some orders could not be ended; every other one is.
        """
        now, ended = self._ports.clock(), 0
        passed: set[str] = set()
        failures: list[EcertError] = []
        while waiting := self._overdue(now, without=passed):
            for order_id in waiting:
                if self._expired(order_id, now, failures):
                    ended += 1
                else:
                    passed.add(order_id)
        if failures:
            raise RoundIncomplete(failures) from failures[0]
        return ended

    def forget(self, after: timedelta) -> int:
        """Empty the claims of orders that ended longer ago than ``after``; return how many they were; for the sweep."""
        before, forgotten = self._ports.clock() - after, 0
        while some := self._ports.orders.forget(before=before, limit=_SWEPT):
            forgotten += some
            if some < _SWEPT:
                break
        return forgotten

    def order(self, order_id: str) -> WaitingOrder:
        """Return an order; raises UnknownOrder."""
        return self._ports.orders.order(order_id)

    def page(self, query: Query) -> Sequence[WaitingOrder]:
        """Return orders, the newest first, at most ``MAX_PAGE`` at once."""
        return self._ports.orders.page(replace(query, limit=min(max(query.limit, 1), MAX_PAGE)))

    def _problems(self, wish: Wish, department: str) -> list[Problem]:
        problems = [] if _is_of(wish.office, department) else [_OFFICE]
        if not 1 <= wish.days <= MAX_DAYS:
            problems.append(_DAYS)
        elif wish.ready_at is not None and wish.ready_at >= self._ports.clock() + timedelta(days=wish.days):
            problems.append(_READY)
        return problems

    def _order(self, wish: Wish, prepared: Prepared, officer: str) -> WaitingOrder:
        intent, now = prepared.intent, self._ports.clock()
        waits = not self._four_eyes.needed(intent.type_id)
        return WaitingOrder(
            order_id=self._ports.new_id(),
            type_id=intent.type_id,
            department=intent.department,
            office=wish.office or intent.department,
            holders=tuple(holder.holder_id for holder in intent.holders),
            claims=prepared.ordered,
            state=OrderState.WAITING if waits else OrderState.AWAITING_APPROVAL,
            prepared_by=officer,
            created_at=now,
            expires_at=now + timedelta(days=wish.days),
            row_key=wish.row_key,
            row_digest=intent.row_digest,
            ready_at=wish.ready_at,
        )

    def _in_state(self, order_id: str, *states: OrderState) -> WaitingOrder:
        order = self._ports.orders.order(order_id)
        if order.state not in states:
            raise OrderStateChanged(f"order is {order.state}, expected {' or '.join(states)}")
        if order.expires_at <= self._ports.clock():
            raise OrderStateChanged("order has waited longer than it may")
        return order

    def _changed(self, before: WaitingOrder, after: WaitingOrder, act: str, by: Doer, reason: str = "") -> WaitingOrder:
        if len(reason) > _LONGEST_REASON or not reason.isprintable():
            raise OrderRefused([_REASON])
        event = about_order(act, after, by, at=self._ports.clock(), reason=reason.strip())
        self._ports.orders.change(after, expected=before.state, event=event)
        return after

    def _overdue(self, now: datetime, *, without: set[str]) -> list[str]:
        overdue = self._ports.orders.overdue(now=now, limit=_SWEPT + len(without))
        return [order_id for order_id in overdue if order_id not in without]

    def _expired(self, order_id: str, now: datetime, failures: list[EcertError]) -> bool:
        try:
            order = self._ports.orders.order(order_id)
            event = about_order(_EXPIRED, order, SYSTEM, at=now)
            self._ports.orders.change(order.ended(OrderState.EXPIRED, at=now), expected=order.state, event=event)
        except OrderStateChanged:
            return False  # fetched or withdrawn at the last moment
        except EcertError as failure:
            failures.append(failure)  # a record that does not open is in no other's way
            return False
        return True


def _is_of(office_id: str | None, department: str) -> bool:
    if office_id is None:
        return True
    try:
        return office(office_id).department == department
    except UnknownOffice:
        return False
