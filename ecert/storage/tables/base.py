"""What every table shares: how constraints are named, and the 64-bit key that SQLite can use as its row id."""

from sqlalchemy import BigInteger, Integer
from sqlmodel import SQLModel

# Names are fixed, so that a migration can drop what an earlier one made.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

Long = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; on SQLite only a column declared INTEGER is the row id itself."""


class Row(SQLModel):
    """The base of every table."""
