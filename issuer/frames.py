"""What surrounds the claims of one document."""

from dataclasses import dataclass
from datetime import datetime

from issuer.records import CopyMark
from keys.public import PublicKey
from schemas.catalogue import CertificateType
from schemas.order import CredentialFormat, LegalDates, StatusRef

DRAFT_STATUS = StatusRef("urn:ecert:draft", 0)
"""Stands in a draft in place of the status that the ledger gives."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the claims of one document: who signs, for which key, from when to when, with which status.

    ``fields`` are those of the purpose that the document is for, None when it is for every one; ``copy`` makes it a
    printed copy.
    """

    certificate_type: CertificateType
    format: CredentialFormat
    short_lived: bool
    issuer: str  # the URI ``iss``
    holder_key: PublicKey | None
    dates: LegalDates
    issued_at: datetime
    expires_at: datetime
    status: StatusRef = DRAFT_STATUS
    fields: frozenset[str] | None = None
    copy: CopyMark | None = None
