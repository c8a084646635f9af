"""Events of the audit trail as JSON members and back. What is written here stays readable: the digests cover it."""

from collections.abc import Mapping
from typing import Any

from ecert.storage.documents import act_of
from ecert.storage.moments import micros, moment
from schemas.audit import AuditEvent, AuditRecord, Doer, Subject


def event_members(event: AuditEvent) -> dict[str, Any]:
    """Return an event as JSON members, for ``record_of``."""
    return {
        "subject": event.subject,
        "subject_id": event.subject_id,
        "act": event.act,
        "by": [event.by.actor, event.by.role],
        "at": micros(event.at),
        "department": event.department,
        "details": dict(event.details),
    }


def record_of(content: Mapping[str, Any], digest: bytes) -> AuditRecord:
    """Return an entry's content as it is read: an event, or a decision on a certificate without its free note."""
    if "act" in content:
        return _decision(content, digest)
    event = content["event"]
    return AuditRecord(
        sequence=content["sequence"],
        subject=Subject(event["subject"]),
        subject_id=event["subject_id"],
        act=event["act"],
        by=Doer(*event["by"]),
        at=moment(event["at"]),
        department=event["department"],
        details=event["details"],
        digest=digest,
    )


def _decision(content: Mapping[str, Any], digest: bytes) -> AuditRecord:
    act = act_of(content["act"])
    return AuditRecord(
        sequence=content["sequence"],
        subject=Subject.CERTIFICATE,
        subject_id=act.identifier,
        act=act.kind.value,
        by=Doer(act.officer, "officer"),
        at=act.at,
        department="",
        details={"legal_reason": act.legal_reason, "case_number": act.case_number},
        digest=digest,
    )
