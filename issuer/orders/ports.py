"""What orders need from outside: their store, the store of proposals, the audit trail. Each call is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from issuer.orders.records import OrderState, Proposal, ProposalState, Query, WaitingOrder
from schemas.audit import AuditEvent
from schemas.catalogue import TypeId
from schemas.holders import HolderClaim
from schemas.order import HolderId


class Orders(Protocol):
    """The orders. What changes one records its event in the audit trail in the same transaction."""

    def add(self, order: WaitingOrder, event: AuditEvent) -> WaitingOrder:
        """Keep a new order and return it; for a known (department, row key) the order of the first time comes back, and
        nothing is recorded.

        Raises:
            RowKeyConflict: a known row key with another ``row_digest``.
        """

    def order(self, order_id: str) -> WaitingOrder:
        """Return an order; raises UnknownOrder."""

    def change(self, order: WaitingOrder, *, expected: OrderState, event: AuditEvent | None) -> None:
        """Put ``order`` in the place of the one with its id; its holders and claims stay as they were.

        Raises:
            UnknownOrder: no order has this id.
            OrderStateChanged: the state was no longer ``expected``; nothing is recorded.
        """

    def of_holder(
        self,
        holder_id: HolderId,
        *,
        department: str,
        limit: int,
        after: str | None = None,
        order_ids: Collection[str] = (),
    ) -> Sequence[WaitingOrder]:
        """Return the holder's orders at a department that wait or are issued, the newest first.

        None after an id that is unknown; where ``order_ids`` name some, those alone.
        """

    def page(self, query: Query) -> Sequence[WaitingOrder]:
        """Return orders, the newest first; none after an id that is unknown."""

    def overdue(self, *, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of orders that await approval or wait, and whose end has come, the oldest first."""

    def forget(self, *, before: datetime, limit: int) -> int:
        """Empty the claims of ``limit`` orders that ended before a moment and return how many there were.

        All else stays: an order can be looked up, and a row key is answered, as before.
        """


class Proposals(Protocol):
    """The proposed acts; as ``Orders``."""

    def add(self, proposal: Proposal, event: AuditEvent) -> None:
        """Keep a new proposal."""

    def proposal(self, proposal_id: str) -> Proposal:
        """Return a proposal; raises UnknownProposal."""

    def change(self, proposal: Proposal, *, expected: ProposalState, event: AuditEvent | None) -> None:
        """Put ``proposal`` in the place of the one with its id; raises UnknownProposal, ProposalStateChanged."""

    def page(self, query: Query) -> Sequence[Proposal]:
        """Return proposals, the newest first."""


class Audit(Protocol):
    """The audit trail, for acts that change no order: an offer was made."""

    def record(self, *events: AuditEvent) -> None:
        """Append events, in the order given."""


class Registers(Protocol):
    """The departments' registers, as far as they answer at once."""

    def snapshot(self, type_id: TypeId, holder: HolderClaim) -> Mapping[str, Any] | None:
        """Return the claims of today's certificate of facts about a holder; None: there is nothing about them."""
