"""Certificates, their credentials, and the refreshes that added credentials later.

Ids are not drawn by the database: a credential's id is (status list id, counter in the list), a certificate's and a
refresh's is that of its first credential. They are unique because counters are, they
grow, and a batch knows them before it inserts.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row

_OPEN = text("is_open")
_PREPARED = text("state = 'prepared'")
_MARKED = text("value <> 0")
_SIGNED = text("signer_kid IS NOT NULL")
_UNDELIVERED = text("issued_at IS NOT NULL AND delivered = 0")


class Certificate(Row, table=True):
    """One certificate. ``sealed`` is the whole intent; the columns beside it are what is searched for.

    ``row_hash`` stands for (department, row key). A certificate is replaced at most once: ``replaces_id`` is unique.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        Index("ix_certificates_prepared", "planned_at", sqlite_where=_PREPARED, postgresql_where=_PREPARED),
    )

    id: int = Field(sa_column=Column(Long, primary_key=True, autoincrement=False))
    identifier: str = Field(unique=True)
    serial: str = Field(index=True)
    version: int
    type_id: str
    revision: int
    department: str
    state: str
    row_hash: bytes | None = Field(default=None, unique=True)
    planned_at: int = Field(sa_type=BigInteger)
    replaces_id: int | None = Field(
        default=None, sa_column=Column(Long, ForeignKey("certificates.id"), unique=True, nullable=True)
    )
    sealed: bytes


class Refresh(Row, table=True):
    """An intent to add credentials to an issued certificate; ``open`` until all of them are signed."""

    __tablename__ = "refreshes"
    __table_args__ = (Index("ix_refreshes_open", "planned_at", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    id: int = Field(sa_column=Column(Long, primary_key=True, autoincrement=False))
    certificate_id: int = Field(sa_column=Column(Long, ForeignKey("certificates.id"), nullable=False, index=True))
    planned_at: int = Field(sa_type=BigInteger)
    is_open: bool
    sealed: bytes


class Credential(Row, table=True):
    """One credential: its status index for ever, and its signed document once there is one.

    ``value`` is its entry in the status list. ``digest`` is SHA-256 of the issuer-signed JWT, ``signer_kid`` its key.
    """

    __tablename__ = "credentials"
    __table_args__ = (
        UniqueConstraint("list_id", "status_index"),
        Index("ix_credentials_holder", "holder_id", "certificate_id"),
        Index("ix_credentials_marked", "list_id", sqlite_where=_MARKED, postgresql_where=_MARKED),
        Index("ix_credentials_signer_kid", "signer_kid", sqlite_where=_SIGNED, postgresql_where=_SIGNED),
        Index("ix_credentials_undelivered", "issued_at", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED),
    )

    id: int = Field(sa_column=Column(Long, primary_key=True, autoincrement=False))
    certificate_id: int = Field(sa_column=Column(Long, ForeignKey("certificates.id"), nullable=False, index=True))
    refresh_id: int | None = Field(default=None, sa_column=Column(Long, ForeignKey("refreshes.id"), nullable=True))
    credential_id: str = Field(unique=True)
    holder_id: str
    format: str
    short_lived: bool
    list_id: int = Field(foreign_key="status_lists.id")
    status_index: int
    value: int = Field(default=0, sa_type=SmallInteger)
    holder_kid: str | None = None
    token: bytes | None = None
    digest: bytes | None = None
    signer_kid: str | None = None
    issued_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    delivered: int = Field(default=0, sa_type=SmallInteger)  # 1 once the wallet has it, 2: it is fetched
