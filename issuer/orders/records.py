"""What orders, offers and proposals are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from issuer.lifecycle import Decision
from issuer.records import ActKind
from issuer.row_keys import ORDER
from schemas.catalogue import TypeId
from schemas.order import HolderId, Identifier

MAX_PAGE = 200


class OrderState(StrEnum):
    """Where an order stands."""

    AWAITING_APPROVAL = "awaiting_approval"  # 待复核
    WAITING = "waiting"  # 待领取
    ISSUED = "issued"  # 已签发
    WITHDRAWN = "withdrawn"  # 已撤回
    DECLINED = "declined"  # 复核未通过
    EXPIRED = "expired"  # 逾期未领


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits for its holders.

    ``claims`` are in normal form. ``identifier`` is the certificate's, as it was first issued; an order that is issued
    without one was fetched for the first time at this very moment, or a crash came between. ``row_digest`` tells
    whether an order with a known row key is the same one. Before ``ready_at`` nothing is signed (deferred issuance).
    Nobody needs the claims any more after ``ended_at``; they are empty once they are forgotten.
    """

    order_id: str
    type_id: TypeId
    department: str
    office: str
    holders: tuple[HolderId, ...]
    claims: Mapping[str, Any] = field(repr=False)
    state: OrderState
    prepared_by: str
    created_at: datetime
    expires_at: datetime
    approved_by: str | None = None
    identifier: Identifier | None = None
    row_key: str | None = field(default=None, repr=False)
    row_digest: str | None = None
    ready_at: datetime | None = None
    ended_at: datetime | None = None

    def ended(self, state: OrderState, *, at: datetime) -> "WaitingOrder":
        """Return the order as it ends, in that state."""
        return replace(self, state=state, ended_at=at)

    def made(self, identifier: Identifier, *, at: datetime) -> "WaitingOrder":
        """Return the order with its certificate, which has the claims from here on."""
        return replace(self, identifier=identifier, ended_at=at)


def row_key_of(order_id: str) -> str:
    """Return the row key by which the ledger knows the certificate of an order."""
    return f"{ORDER}{order_id}"


@dataclass(frozen=True, slots=True)
class Query:
    """Which orders or proposals to list: of a department, in a state, those after an id; newest first."""

    department: str | None = None
    state: str | None = None
    after: str | None = None
    limit: int = 50


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    CONFIRMING = "confirming"  # approved; the act is being done, or a crash came between
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act on a certificate that a second officer has to confirm; ``claims`` are those of one that replaces it."""

    proposal_id: str
    kind: ActKind
    identifier: Identifier
    decision: Decision
    type_id: TypeId
    department: str
    state: ProposalState
    proposed_by: str
    created_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    claims: Mapping[str, Any] | None = field(default=None, repr=False)
