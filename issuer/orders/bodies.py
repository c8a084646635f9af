"""The bodies of the orders' routes, and their answers. An order's holders are opaque ids; lists hold no claims."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from issuer.orders.desk import MAX_DAYS, Wish
from issuer.orders.errors import OfferRefused
from issuer.orders.offers import MAX_ORDERS, Flow, MadeOffer, OfferWish, TxWish
from issuer.orders.records import Proposal, WaitingOrder
from schemas.order import HolderId
from schemas.qr import drawing

_MAX_CONFIGURATIONS = 60
_FLOWS = {"authorization_code": Flow.AUTHORIZATION_CODE, "pre-authorized_code": Flow.PRE_AUTHORIZED}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OrderBody(_Body):
    """A certificate that waits for its holders: type, claims, the office that hands it in, and for how many days.

    ``row_key`` makes it repeatable. Before ``ready_at`` nothing is signed: a wallet gets a promise (deferred issuance).
    """

    type_id: str = Field(max_length=64)
    claims: dict[str, Any]
    office: str | None = Field(default=None, max_length=64)
    row_key: str | None = Field(default=None, min_length=1, max_length=200)
    days: int = Field(default=90, ge=1, le=MAX_DAYS)
    ready_at: Annotated[AwareDatetime | None, Field(strict=False)] = None

    def wish(self, row_key: str | None, *, office: str | None) -> Wish:
        """Return it in the desk's terms; ``row_key`` and ``office`` are used where it names none."""
        return Wish(self.type_id, self.claims, self.office or office, self.row_key or row_key, self.days, self.ready_at)


class ReasonBody(_Body):
    """Why an order is declined or withdrawn: a line without anybody's name or number."""

    reason: str = Field(default="", max_length=200)


class TxCodeBody(_Body):
    """The form of the transaction code that goes with a pre-authorized code."""

    input_mode: str = Field(default="numeric", pattern="^(numeric|text)$")
    length: int = Field(default=6, ge=4, le=12)


class OfferBody(_Body):
    """How an order is offered: the grants, the code, by reference or by value, for how many minutes, in which formats.

    ``holder_id`` names one of the holders where there are several.
    """

    grants: list[str] = Field(default=["authorization_code"], min_length=1, max_length=2)
    tx_code: TxCodeBody | None = None
    by_reference: bool = True
    minutes: int = Field(default=60, ge=1, le=30 * 24 * 60)
    holder_id: str | None = Field(default=None, max_length=64)
    configuration_ids: list[str] = Field(default=[], max_length=_MAX_CONFIGURATIONS)

    def wish(self, order_ids: tuple[str, ...]) -> OfferWish:
        """Return it in the desk's terms; raises OfferRefused for a grant that there is none of."""
        if not set(self.grants) <= _FLOWS.keys():
            raise OfferRefused(f"grants are {' and '.join(_FLOWS)}")
        code = self.tx_code
        return OfferWish(
            order_ids=order_ids,
            holder_id=None if self.holder_id is None else HolderId(self.holder_id),
            configuration_ids=tuple(self.configuration_ids),
            flows=frozenset(_FLOWS[name] for name in self.grants),
            tx_code=None if code is None else TxWish(code.input_mode, code.length),
            by_reference=self.by_reference,
            good_for=timedelta(minutes=self.minutes),
        )


class SeveralBody(OfferBody):
    """An offer for several orders of one holder and department."""

    order_ids: list[str] = Field(min_length=1, max_length=MAX_ORDERS)


def described(order: WaitingOrder) -> dict[str, Any]:
    """Return an order for JSON, without its claims."""
    return {
        "order_id": order.order_id,
        "type_id": order.type_id,
        "department": order.department,
        "office": order.office,
        "holders": list(order.holders),
        "state": order.state,
        "prepared_by": order.prepared_by,
        "approved_by": order.approved_by,
        "identifier": order.identifier,
        "created_at": order.created_at,
        "expires_at": order.expires_at,
        "ready_at": order.ready_at,
    }


def offered(offer: MadeOffer) -> dict[str, Any]:
    """Return a new offer for its maker's eyes: the link, its QR code, and the transaction code, which is in no other
    answer."""
    return {
        "offer_id": offer.offer_id,
        "link": offer.link,
        "page": offer.page,
        "qr": drawing.data_uri(offer.svg()),
        "tx_code": offer.tx_code,
        "expires_at": offer.expires_at,
        "credential_offer": dict(offer.document),
    }


PROPOSED = {"proposal_id": "…", "kind": "revoke", "identifier": "1.2.156.3005.2.…", "state": "proposed"}
"""An example of ``proposed``, for descriptions."""


def proposed(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal for JSON."""
    decision = proposal.decision
    return {
        "proposal_id": proposal.proposal_id,
        "kind": proposal.kind,
        "identifier": proposal.identifier,
        "type_id": proposal.type_id,
        "department": proposal.department,
        "state": proposal.state,
        "legal_reason": decision.legal_reason,
        "officer": decision.officer,
        "case_number": decision.case_number,
        "note": decision.note,
        "proposed_by": proposal.proposed_by,
        "decided_by": proposal.decided_by,
        "created_at": proposal.created_at,
        "expires_at": proposal.expires_at,
    }


def page_of(name: str, items: list[dict[str, Any]], *, last: str, limit: int) -> Mapping[str, Any]:
    """Return a page of a list; ``next`` is the cursor of the following one, None at the end."""
    return {name: items, "next": items[-1][last] if len(items) == limit else None}
