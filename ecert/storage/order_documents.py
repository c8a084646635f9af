"""Orders and proposals as sealed JSON and back. The forms are private to the storage."""

from typing import Any

from ecert.storage.moments import micros, moment
from issuer.lifecycle import Decision
from issuer.orders.records import OrderState, Proposal, ProposalState, WaitingOrder
from issuer.records import ActKind
from keys import strict_json
from schemas.catalogue import TypeId
from schemas.order import HolderId, Identifier


def order_document(order: WaitingOrder) -> bytes:
    """Return a whole order as JSON, for ``order_of``."""
    members: dict[str, Any] = {
        "order_id": order.order_id,
        "type_id": order.type_id,
        "department": order.department,
        "office": order.office,
        "holders": list(order.holders),
        "claims": dict(order.claims),
        "state": order.state,
        "prepared_by": order.prepared_by,
        "created_at": micros(order.created_at),
        "expires_at": micros(order.expires_at),
        "approved_by": order.approved_by,
        "identifier": order.identifier,
        "row_key": order.row_key,
        "row_digest": order.row_digest,
        "ready_at": None if order.ready_at is None else micros(order.ready_at),
        "ended_at": None if order.ended_at is None else micros(order.ended_at),
    }
    return strict_json.dumps(members)


def order_of(document: bytes) -> WaitingOrder:
    """Return the order that ``order_document`` wrote."""
    members = strict_json.loads_object(document)
    return WaitingOrder(
        order_id=members["order_id"],
        type_id=TypeId(members["type_id"]),
        department=members["department"],
        office=members["office"],
        holders=tuple(HolderId(each) for each in members["holders"]),
        claims=members["claims"],
        state=OrderState(members["state"]),
        prepared_by=members["prepared_by"],
        created_at=moment(members["created_at"]),
        expires_at=moment(members["expires_at"]),
        approved_by=members["approved_by"],
        identifier=None if members["identifier"] is None else Identifier(members["identifier"]),
        row_key=members["row_key"],
        row_digest=members["row_digest"],
        ready_at=None if members["ready_at"] is None else moment(members["ready_at"]),
        ended_at=None if members.get("ended_at") is None else moment(members["ended_at"]),  # older ones have none
    )


def proposal_document(proposal: Proposal) -> bytes:
    """Return a whole proposal as JSON, for ``proposal_of``."""
    decision = proposal.decision
    members: dict[str, Any] = {
        "proposal_id": proposal.proposal_id,
        "kind": proposal.kind,
        "identifier": proposal.identifier,
        "decision": [decision.legal_reason, decision.officer, decision.case_number, decision.note],
        "type_id": proposal.type_id,
        "department": proposal.department,
        "state": proposal.state,
        "proposed_by": proposal.proposed_by,
        "created_at": micros(proposal.created_at),
        "expires_at": micros(proposal.expires_at),
        "decided_by": proposal.decided_by,
        "claims": None if proposal.claims is None else dict(proposal.claims),
    }
    return strict_json.dumps(members)


def proposal_of(document: bytes) -> Proposal:
    """Return the proposal that ``proposal_document`` wrote."""
    members = strict_json.loads_object(document)
    return Proposal(
        proposal_id=members["proposal_id"],
        kind=ActKind(members["kind"]),
        identifier=Identifier(members["identifier"]),
        decision=Decision(*members["decision"]),
        type_id=TypeId(members["type_id"]),
        department=members["department"],
        state=ProposalState(members["state"]),
        proposed_by=members["proposed_by"],
        created_at=moment(members["created_at"]),
        expires_at=moment(members["expires_at"]),
        decided_by=members["decided_by"],
        claims=members["claims"],
    )
