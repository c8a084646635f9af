"""Background work, batches with their items, and watches (``verifier.batches``, ``verifier.watches``)."""

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row


def _number() -> Column[int]:
    return Column(Long, primary_key=True, autoincrement=True)


class JobRow(Row, table=True):
    """A piece of background work: due at a moment, later when a worker has it."""

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: int | None = Field(default=None, sa_column=_number())
    kind: str
    key: str
    tries: int
    due_at: int = Field(sa_type=BigInteger, index=True)


class BatchRow(Row, table=True):
    """A batch of a relying party."""

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_party_id_environment_id", "party_id", "environment", "id"),)

    id: int | None = Field(default=None, sa_column=_number())
    batch_id: str = Field(unique=True)
    party_id: str
    environment: str
    purpose_id: str | None
    reference: str | None
    state: str
    total: int
    valid: int
    invalid: int
    indeterminate: int
    created_at: int = Field(sa_type=BigInteger, index=True)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)


class BatchItemRow(Row, table=True):
    """An item: ``sealed`` until it has an outcome, ``checks`` afterwards, which have no claims."""

    __tablename__ = "batch_items"
    __table_args__ = (UniqueConstraint("batch_id", "number"),)

    id: int | None = Field(default=None, sa_column=_number())
    batch_id: str
    number: int
    item_id: str
    sealed: bytes | None = None
    verdict: str | None = None
    checks: str | None = None


class WatchRow(Row, table=True):
    """A watched place; ``looked_at`` is when the edition was signed that ``value`` is of."""

    __tablename__ = "watches"
    __table_args__ = (
        UniqueConstraint("party_id", "environment", "uri", "place"),
        Index("ix_watches_uri_looked_at", "environment", "uri", "looked_at"),
    )

    id: int | None = Field(default=None, sa_column=_number())
    watch_id: str = Field(unique=True)
    party_id: str
    environment: str
    uri: str
    place: int = Field(sa_type=BigInteger)
    value: int | None = None
    reference: str | None
    verification_id: str | None
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    looked_at: int = Field(sa_type=BigInteger)
