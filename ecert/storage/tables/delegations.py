"""Delegations (授权用证), and the recall lists in which each has a place."""

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row


class DelegationListRow(Row, table=True):
    """A recall list: ``taken`` of its ``size`` places are given out, in an order that ``sealed`` hides."""

    __tablename__ = "delegation_lists"

    number: int | None = Field(default=None, sa_column=Column(Long, primary_key=True))
    size: int
    taken: int
    sealed: bytes


class DelegationRow(Row, table=True):
    """One delegation; ``sealed`` holds what was signed, the names and the purposes."""

    __tablename__ = "delegations"
    __table_args__ = (
        UniqueConstraint("list_number", "place"),
        Index(None, "holder_id", "until"),
        Index(None, "agent_id", "until"),
    )

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True))
    delegation_id: str = Field(unique=True)
    holder_id: str = Field(foreign_key="holders.holder_id")
    agent_id: str = Field(foreign_key="holders.holder_id")
    relation: str
    under: str | None = Field(default=None, foreign_key="delegations.delegation_id", index=True)
    list_number: int = Field(sa_column=Column(Long, nullable=False))
    place: int
    since: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    recalled_at: int | None = Field(default=None, sa_type=BigInteger)
    sealed: bytes
