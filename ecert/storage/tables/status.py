"""Status lists: whose, how far their indexes are given out, and what was published."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from ecert.storage.tables.base import Row


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


class PublishedStatusList(Row, table=True):
    """The newest signed token of a list; public, so it stands in the clear."""

    __tablename__ = "published_status_lists"

    uri: str = Field(primary_key=True)
    token: str
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    sequence: int = Field(sa_type=BigInteger)
