"""Orders that wait for their holders, whose they are, and acts that a second officer has to confirm."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row

_OPEN = text("state IN ('awaiting_approval', 'waiting')")
_ENDED = text("ended_at IS NOT NULL")


class OrderRow(Row, table=True):
    """One order. ``sealed`` is the whole of it; the columns beside it are what is searched for.

    ``row_hash`` stands for (department, row key). ``ended_at`` is there from the end of an order until its claims are
    forgotten.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_department_state", "department", "state"),
        Index("ix_orders_open", "expires_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_orders_ended", "ended_at", sqlite_where=_ENDED, postgresql_where=_ENDED),
    )

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True, autoincrement=True))
    order_id: str = Field(unique=True)
    department: str
    state: str
    row_hash: bytes | None = Field(default=None, unique=True)
    expires_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    sealed: bytes


class OrderHolderRow(Row, table=True):
    """A holder of an order."""

    __tablename__ = "order_holders"

    order_number: int = Field(sa_column=Column(Long, ForeignKey("orders.id"), primary_key=True, autoincrement=False))
    holder_id: str = Field(primary_key=True, index=True)


class ActProposalRow(Row, table=True):
    """An act on a certificate that was proposed; ``sealed`` is the whole of it."""

    __tablename__ = "act_proposals"
    __table_args__ = (Index("ix_act_proposals_department_state", "department", "state"),)

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True, autoincrement=True))
    proposal_id: str = Field(unique=True)
    department: str
    state: str
    sealed: bytes
