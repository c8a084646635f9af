"""Holders, their keys, their credentials, what they showed, and presentations that wait for one fetch."""

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row


class HolderRow(Row, table=True):
    """A holder under an opaque id; ``code_hash`` finds the number, ``sealed`` holds number and name."""

    __tablename__ = "holders"

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True))
    holder_id: str = Field(unique=True)
    kind: str
    code_type: str
    code_hash: bytes = Field(unique=True)
    sealed: bytes


class HolderKeyRow(Row, table=True):
    """A public key of a holder; the one with the highest ``turn`` is the present one."""

    __tablename__ = "holder_keys"
    __table_args__ = (UniqueConstraint("holder_id", "kid"),)

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True))
    holder_id: str = Field(foreign_key="holders.holder_id")
    kid: str
    jwk: str
    place: str
    store_name: str | None
    turn: int


class HoldingRow(Row, table=True):
    """A credential in a wallet; ``sealed`` holds it whole."""

    __tablename__ = "holdings"
    __table_args__ = (UniqueConstraint("holder_id", "credential_id"),)

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True))
    holder_id: str = Field(foreign_key="holders.holder_id")
    credential_id: str
    issued_at: int = Field(sa_type=BigInteger)
    received_at: int = Field(sa_type=BigInteger)
    sealed: bytes


class ShownRow(Row, table=True):
    """One presentation in a holder's history."""

    __tablename__ = "shown"
    __table_args__ = (Index(None, "holder_id", "at"),)

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True))
    presentation_id: str = Field(unique=True)
    holder_id: str = Field(foreign_key="holders.holder_id")
    at: int = Field(sa_type=BigInteger)
    sealed: bytes


class ReferenceRow(Row, table=True):
    """A presentation that waits for one fetch."""

    __tablename__ = "presentation_references"

    token_digest: str = Field(primary_key=True)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    sealed: bytes
