"""The audit trail: acts on certificates and on the rest, append-only (triggers refuse more), chained by hashes."""

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row


class AuditEntry(Row, table=True):
    """One act; ``digest`` is SHA-256 over ``previous`` and the content that ``sealed`` holds.

    What it was done to: a certificate, or the ``subject_id`` of a ``subject_kind`` (``schemas.audit``).
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    sequence: int = Field(sa_column=Column(Long, primary_key=True, autoincrement=False))
    certificate_id: int | None = Field(sa_column=Column(Long, ForeignKey("certificates.id"), nullable=True, index=True))
    subject_kind: str | None
    subject_id: str | None
    sealed: bytes
    previous: bytes
    digest: bytes


class AuditHead(Row, table=True):
    """The one row that writers of the trail lock: the last entry's number and digest."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(Long, nullable=False))
    digest: bytes
