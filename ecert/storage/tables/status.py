"""Status lists: whose, how far their indexes are given out, what was published, and what waits to be."""

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, text
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row

_UNSEEN = text("seen_at IS NULL")


class IssuingDepartment(Row, table=True):
    """The one row that writers of a department's status indexes lock; it names the list with room left."""

    __tablename__ = "issuing_departments"

    department: str = Field(primary_key=True)
    open_list_id: int | None = Field(default=None, foreign_key="status_lists.id")


class StatusList(Row, table=True):
    """One list: ``taken`` counters of ``size`` are given out; ``sealed`` is the secret key of their order."""

    __tablename__ = "status_lists"

    id: int | None = Field(default=None, primary_key=True)
    uri: str = Field(unique=True)
    department: str = Field(index=True)
    size: int
    taken: int
    sealed: bytes


class StatusEdition(Row, table=True):
    """A signed edition of a list; the newest with ``published_at`` is what a GET answers, older ones are history.

    Public, so it stands in the clear. Its other forms are documents of the same sequence.
    """

    __tablename__ = "status_editions"

    uri: str = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    token: str
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    published_at: int | None = Field(default=None, sa_type=BigInteger)
    content: str | None = None  # a digest of the statuses


class StatusDocument(Row, table=True):
    """Another form of an edition: a CWT, a bitstring credential."""

    __tablename__ = "status_documents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["uri", "sequence"], ["status_editions.uri", "status_editions.sequence"], name="fk_status_documents_uri"
        ),
    )

    uri: str = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    name: str = Field(primary_key=True)
    body: bytes


class StatusOutboxEntry(Row, table=True):
    """A decision on its way to one list; written with the state that it changes (``issuer.outbox``)."""

    __tablename__ = "status_outbox"
    __table_args__ = (Index("ix_status_outbox_unseen", "list_id", sqlite_where=_UNSEEN, postgresql_where=_UNSEEN),)

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True, autoincrement=True))
    certificate_id: int = Field(sa_column=Column(Long, ForeignKey("certificates.id"), nullable=False, index=True))
    list_id: int = Field(foreign_key="status_lists.id")
    value: int = Field(sa_type=SmallInteger)
    asked_at: int = Field(sa_type=BigInteger)
    signed_at: int | None = Field(default=None, sa_type=BigInteger)
    published_at: int | None = Field(default=None, sa_type=BigInteger)
    seen_at: int | None = Field(default=None, sa_type=BigInteger)
    sequence: int | None = Field(default=None, sa_type=BigInteger)
