"""Short-lived state of the protocols, and how often somebody asked; what has expired is swept."""

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field

from ecert.storage.tables.base import Row


class ProtocolStateRow(Row, table=True):
    """A value by kind and SHA-256 of its key; ``sealed`` is NULL where the key alone is remembered."""

    __tablename__ = "protocol_state"

    kind: str = Field(primary_key=True)
    key_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    group_digest: bytes | None = Field(default=None, index=True)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    sealed: bytes | None


class RateWindowRow(Row, table=True):
    """How often one subject, by its keyed hash, asked under a rule: in the window ``number``, and in the one before."""

    __tablename__ = "rate_windows"

    rule: str = Field(primary_key=True)
    subject_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    number: int = Field(sa_type=BigInteger)
    asked: int = Field(sa_type=BigInteger)
    before: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)
