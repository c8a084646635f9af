"""The audit trail's events about orders and proposals: who did what in which department; nothing of holders."""

from datetime import datetime

from issuer.orders.records import Proposal, WaitingOrder
from schemas.audit import AuditEvent, Detail, Doer, Subject


def about_order(act: str, order: WaitingOrder, by: Doer, *, at: datetime, **details: Detail) -> AuditEvent:
    """Return the event of an act on an order; empty details are left out."""
    said: dict[str, Detail] = {"type_id": order.type_id, "office": order.office, **details}
    return AuditEvent(
        subject=Subject.ORDER,
        subject_id=order.order_id,
        act=act,
        by=by,
        at=at,
        department=order.department,
        details={name: value for name, value in said.items() if value != ""},
    )


def about_proposal(act: str, proposal: Proposal, by: Doer, *, at: datetime) -> AuditEvent:
    """Return the event of an act on a proposal."""
    return AuditEvent(
        subject=Subject.PROPOSAL,
        subject_id=proposal.proposal_id,
        act=act,
        by=by,
        at=at,
        department=proposal.department,
        details={"type_id": proposal.type_id, "kind": str(proposal.kind), "identifier": proposal.identifier},
    )
