"""Many rows at once: straight to the driver, and look-ups by long lists of values.

PostgreSQL takes many rows by COPY in its binary format: a third of what text costs, on both sides. It is a statement
like any other, inside the caller's transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, exc

_T = TypeVar("_T")
# SQLite takes 32,766 parameters a statement, PostgreSQL 65,535.
_CHUNK = 5_000
_COPIED = 16  # rows; fewer are inserted sooner than COPY has begun


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert ``rows``, whose members are those of ``columns`` in order, as the driver wants them."""
    # Every name was compared with the table's own; values go beside the text.
    names = ", ".join(_known(table, columns))
    if len(rows) >= _COPIED and connection.dialect.name == "postgresql":
        _copy(
            connection,
            f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)",
            _types(connection, table, columns),
            rows,
        )
    elif rows:
        marks = ", ".join([mark(connection)] * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def update_rows(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Set ``columns`` in the rows whose ``id`` is the last member of each of ``rows``."""
    value = mark(connection)
    changes = ", ".join(f"{name} = {value}" for name in _known(table, columns))
    statement = f"UPDATE {table.name} SET {changes} WHERE id = {value}"  # noqa: S608 (as above)
    if rows:
        connection.exec_driver_sql(statement, rows)


def find_rows(
    connection: Connection, table: Table, columns: Sequence[str], by: str, values: Iterable[Any], *, lock: bool = False
) -> list[Row[Any]]:
    """Return ``columns`` of the rows whose column ``by`` is one of ``values``.

    ``lock`` keeps them for this transaction where the database locks rows, in the order of their ids.
    """
    start = f"SELECT {', '.join(_known(table, columns))} FROM {table.name} WHERE {_known(table, [by])[0]}"  # noqa: S608
    postgresql = connection.dialect.name == "postgresql"
    end = (" ORDER BY id FOR UPDATE" if postgresql else " ORDER BY id") if lock else ""
    found: list[Row[Any]] = []
    for some in chunks(values):
        if postgresql:
            found += connection.exec_driver_sql(f"{start} = ANY(%s){end}", (some,)).all()
        else:
            found += connection.exec_driver_sql(f"{start} IN ({', '.join('?' * len(some))}){end}", tuple(some)).all()
    return found


def chunks(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Cut ``values`` into lists that fit into one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _copy(connection: Connection, statement: str, types: list[str], rows: list[tuple[Any, ...]]) -> None:
    dialect = connection.dialect
    errors: Any = dialect.loaded_dbapi.Error
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
    except errors as error:
        # What SQLAlchemy makes of a driver's error where it runs the statement itself; no row stands in it.
        raise exc.DBAPIError.instance(statement, None, error, errors, hide_parameters=True, dialect=dialect) from error


def _types(connection: Connection, table: Table, columns: Sequence[str]) -> list[str]:
    """Return PostgreSQL's names of the columns' types: the binary format converts nothing."""
    return [table.columns[name].type.compile(connection.dialect).lower() for name in columns]


def _known(table: Table, columns: Sequence[str]) -> Sequence[str]:
    unknown = set(columns) - set(table.columns.keys())
    if unknown:
        raise ValueError(f"table {table.name} has no column {min(unknown)}")
    return columns


def mark(connection: Connection) -> str:
    """Return what stands for a value in the text of a statement."""
    return "?" if connection.dialect.name == "sqlite" else "%s"
