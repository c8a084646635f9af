"""The one statement that both databases have and standard SQL lacks: insert unless it is there."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> Any:
    """Return the database's own ``insert(table)``, which knows ``on_conflict_do_nothing`` and ``…_do_update``."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
