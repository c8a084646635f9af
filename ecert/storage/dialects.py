"""What both databases have and standard SQL lacks: insert unless it is there, and one after the other by a name."""

from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> Any:
    """Return the database's own ``insert(table)``, which knows ``on_conflict_do_nothing`` and ``…_do_update``."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def one_at_a_time(connection: Connection, table: Table, *whose: str) -> None:
    """Let one transaction at a time go on for ``whose`` rows of a table, until it ends: to count before it adds.

    On SQLite every transaction that writes is alone already.
    """
    if connection.dialect.name == "postgresql":
        name = "\n".join((table.name, *whose))
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
