"""Where certificates came from, and what is needed to fetch them again (``wallet_api.openid4vci.sources``)."""

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field

from ecert.storage.tables.base import Long, Row

_LIVE = text("state <> 'over'")


class ReceivingRow(Row, table=True):
    """One source; ``sealed`` holds the tokens and all that says what it is of."""

    __tablename__ = "receivings"
    __table_args__ = (
        Index("ix_receivings_due", "due_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_receivings_holder_id", "holder_id", "changed_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(Long, primary_key=True, autoincrement=True))
    source_id: str = Field(unique=True)
    holder_id: str = Field(foreign_key="holders.holder_id")
    state: str
    due_at: int = Field(sa_type=BigInteger)
    changed_at: int = Field(sa_type=BigInteger)
    sealed: bytes
