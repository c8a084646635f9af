"""Many rows at once: inserts straight to the driver's ``executemany``, and look-ups by long lists of values."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

_T = TypeVar("_T")
# SQLite takes 32,766 parameters a statement, PostgreSQL 65,535.
_CHUNK = 5_000


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert ``rows``, whose members are those of ``columns`` in order, as the driver wants them."""
    marks = ", ".join([_mark(connection)] * len(columns))
    # Every name was compared with the table's own; values go beside the text.
    statement = f"INSERT INTO {table.name} ({', '.join(_known(table, columns))}) VALUES ({marks})"  # noqa: S608
    if rows:
        connection.exec_driver_sql(statement, rows)


def update_rows(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Set ``columns`` in the rows whose ``id`` is the last member of each of ``rows``."""
    mark = _mark(connection)
    changes = ", ".join(f"{name} = {mark}" for name in _known(table, columns))
    statement = f"UPDATE {table.name} SET {changes} WHERE id = {mark}"  # noqa: S608 (as above)
    if rows:
        connection.exec_driver_sql(statement, rows)


def chunks(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Cut ``values`` into lists that fit into one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _known(table: Table, columns: Sequence[str]) -> Sequence[str]:
    unknown = set(columns) - set(table.columns.keys())
    if unknown:
        raise ValueError(f"table {table.name} has no column {min(unknown)}")
    return columns


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"
