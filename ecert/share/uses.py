"""What the audit trail says of a use of the share interface, one that found nothing among them."""

import hmac
from dataclasses import asdict, dataclass
from datetime import datetime

from ecert.share.grants import Operation
from issuer.records import CertificateRecord
from schemas.audit import AuditEvent, Detail, Doer, Subject


@dataclass(frozen=True, slots=True)
class Duty:
    """Who looks up by duty, and in which case."""

    account: str
    body: str
    item_code: str
    case_number: str


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the interface: who, as what, why. ``caller`` is the name in the grants."""

    by: Doer
    caller: str
    operation: Operation
    cause: str = ""
    duty: Duty | None = None

    def found(self, record: CertificateRecord, *, now: datetime) -> AuditEvent:
        """Return the event of a certificate that is answered about."""
        return self._event({"certificate": record.intent.identifier}, now, record.intent.department)

    def found_nothing(self, type_id: str, holder: tuple[str, str], *, key: bytes, now: datetime) -> AuditEvent:
        """Return the event of a question that named no certificate: "none" is an answer about a person as well.

        The number stands in it as a keyed hash, so that questions about the same one are seen to be so (invariant 9).
        """
        asked = hmac.digest(key, "\0".join((type_id, *holder)).encode(), "sha256").hex()[:32]
        return self._event({"type": type_id, "found": 0, "holder_hash": asked}, now, "")

    def _event(self, said: dict[str, Detail], now: datetime, department: str) -> AuditEvent:
        details = said | {"caller": self.caller, "cause": self.cause}
        if self.duty is not None:
            details |= asdict(self.duty)
        return AuditEvent(Subject.TOKEN, self.by.actor, f"share_{self.operation}", self.by, now, department, details)
