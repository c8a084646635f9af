"""The stores of orders and proposals in memory (``issuer.orders.ports``), with the events that went with them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from issuer.errors import RowKeyConflict
from issuer.orders.errors import OrderStateChanged, ProposalStateChanged, UnknownOrder, UnknownProposal
from issuer.orders.records import OrderState, Proposal, ProposalState, Query, WaitingOrder
from schemas.audit import AuditEvent
from schemas.order import HolderId

OPEN = (OrderState.AWAITING_APPROVAL, OrderState.WAITING)


class MemoryAudit:
    """A trail that remembers."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

    def record(self, *events: AuditEvent) -> None:
        self.events += events

    @property
    def acts(self) -> list[str]:
        return [f"{event.subject}.{event.act}" for event in self.events]


class MemoryOrders:
    """Orders in memory."""

    def __init__(self, audit: MemoryAudit | None = None) -> None:
        self.audit = audit or MemoryAudit()
        self.kept: dict[str, WaitingOrder] = {}

    def add(self, order: WaitingOrder, event: AuditEvent) -> WaitingOrder:
        for known in self.kept.values():
            if order.row_key is not None and (known.department, known.row_key) == (order.department, order.row_key):
                if known.row_digest != order.row_digest:
                    raise RowKeyConflict("row key was used before for another content")
                return known
        self.kept[order.order_id] = order
        self.audit.record(event)
        return order

    def order(self, order_id: str) -> WaitingOrder:
        if order_id not in self.kept:
            raise UnknownOrder("no order has this id")
        return self.kept[order_id]

    def change(self, order: WaitingOrder, *, expected: OrderState, event: AuditEvent | None) -> None:
        before = self.order(order.order_id)
        if before.state is not expected:
            raise OrderStateChanged(f"order is {before.state}, expected {expected}")
        self.kept[order.order_id] = replace(order, holders=before.holders, claims=before.claims)
        if event is not None:
            self.audit.record(event)

    def of_holder(
        self,
        holder_id: HolderId,
        *,
        department: str,
        limit: int,
        after: str | None = None,
        order_ids: Collection[str] = (),
    ) -> Sequence[WaitingOrder]:
        states = (OrderState.WAITING, OrderState.ISSUED)
        names = list(self.kept)
        older = names if after is None else names[: names.index(after) if after in names else 0]
        mine = [self.kept[name] for name in reversed(older) if not order_ids or name in order_ids]
        held = [one for one in mine if holder_id in one.holders and one.department == department]
        return [one for one in held if one.state in states][:limit]

    def page(self, query: Query) -> Sequence[WaitingOrder]:
        return _page(self.kept, query)

    def overdue(self, *, now: datetime, limit: int) -> Sequence[str]:
        return [one.order_id for one in self.kept.values() if one.state in OPEN and one.expires_at <= now][:limit]

    def forget(self, *, before: datetime, limit: int) -> int:
        ended = [one for one in self.kept.values() if one.ended_at is not None and one.ended_at < before and one.claims]
        for one in ended[:limit]:
            self.kept[one.order_id] = replace(one, claims={})
        return len(ended[:limit])


class MemoryProposals:
    """Proposals in memory."""

    def __init__(self, audit: MemoryAudit | None = None) -> None:
        self.audit = audit or MemoryAudit()
        self.kept: dict[str, Proposal] = {}

    def add(self, proposal: Proposal, event: AuditEvent) -> None:
        self.kept[proposal.proposal_id] = proposal
        self.audit.record(event)

    def proposal(self, proposal_id: str) -> Proposal:
        if proposal_id not in self.kept:
            raise UnknownProposal("no proposal has this id")
        return self.kept[proposal_id]

    def change(self, proposal: Proposal, *, expected: ProposalState, event: AuditEvent | None) -> None:
        before = self.proposal(proposal.proposal_id)
        if before.state is not expected:
            raise ProposalStateChanged(f"proposal is {before.state}, expected {expected}")
        self.kept[proposal.proposal_id] = proposal
        if event is not None:
            self.audit.record(event)

    def page(self, query: Query) -> Sequence[Proposal]:
        return _page(self.kept, query)


def _page(kept: dict[str, Any], query: Query) -> list[Any]:
    newest_first = list(reversed(kept.items()))
    if query.after is not None:
        names = [name for name, _ in newest_first]
        newest_first = newest_first[names.index(query.after) + 1 :] if query.after in names else []
    found = [
        one
        for _, one in newest_first
        if query.department in (None, one.department) and query.state in (None, one.state)
    ]
    return found[: query.limit]
