"""The audit trail: decisions on certificates, append-only (triggers refuse more), chained by hashes."""

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row


class AuditEntry(Row, table=True):
    """One decision; ``digest`` is SHA-256 over ``previous`` and the content that ``sealed`` holds."""

    __tablename__ = "audit_entries"

    sequence: int = Field(sa_column=Column(Long, primary_key=True, autoincrement=False))
    certificate_id: int = Field(sa_column=Column(Long, ForeignKey("certificates.id"), nullable=False, index=True))
    sealed: bytes
    previous: bytes
    digest: bytes


class AuditHead(Row, table=True):
    """The one row that writers of the trail lock: the last entry's number and digest."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(Long, nullable=False))
    digest: bytes
