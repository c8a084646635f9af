"""The audit trail's events about orders: who did what in which department and office; nothing about the holder."""

from datetime import datetime

from issuer.orders.records import WaitingOrder
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
