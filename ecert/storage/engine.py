"""Connections: SQLite (WAL) and PostgreSQL (psycopg 3), with the same two words for both, ``read`` and ``write``.

A write on SQLite takes the write lock at once (BEGIN IMMEDIATE), so that what it reads cannot change before it writes;
on PostgreSQL the adapters lock the rows that they decide on. A read sees one moment on both. Drivers' exceptions become
``ecert.storage.errors`` here, without the parameters of the statement.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection

from ecert.storage.errors import (
    StorageBusy,
    StorageConflict,
    StorageError,
    StorageUnavailable,
    TextNotStored,
    UnsupportedDatabase,
)

_WAIT_SECONDS = 30
_BUSY = ("database is locked", "database table is locked", "deadlock detected", "lock timeout", "could not serialize")


def connect(url: str, *, wait_seconds: float = _WAIT_SECONDS) -> Engine:
    """Return an engine for ``sqlite:///file`` or ``postgresql+psycopg://…``; nothing is opened yet on PostgreSQL.

    A lock is waited for during ``wait_seconds``. A SQLite file that is new is readable by its owner alone.

    Raises:
        UnsupportedDatabase: another database or driver, or SQLite in memory.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise UnsupportedDatabase("database URL cannot be read") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return _sqlite(parsed, wait_seconds)
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return _postgresql(parsed.set(drivername="postgresql+psycopg"), wait_seconds)
    raise UnsupportedDatabase(f"database {parsed.drivername} is not served, expected sqlite or postgresql+psycopg")


class Database:
    """Transactions on one engine."""

    __slots__ = ("_reader", "_writer", "engine")

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(ecert_write=True)
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._reader = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment."""
        with translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are durable together when the block ends, or gone when it raises."""
        with translated(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLAlchemy raises inside the block into ``StorageError``."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _ours(error) from error


def _ours(error: exc.SQLAlchemyError) -> StorageError:
    if isinstance(error, exc.IntegrityError):
        return StorageConflict("database refused a row by a constraint")
    if isinstance(error, exc.TimeoutError) or any(word in str(error) for word in _BUSY):
        return StorageBusy("database was locked for too long")
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        return StorageUnavailable("database does not answer or cannot write")
    if isinstance(error, exc.DataError) and "NUL (0x00)" in str(error):
        return TextNotStored("text holds U+0000")
    return StorageError(f"database refused a statement ({type(error).__name__})")


def _postgresql(url: URL, wait_seconds: float) -> Engine:
    options = f"-c lock_timeout={int(wait_seconds * 1000)}"
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"options": options})


def _sqlite(url: URL, wait_seconds: float) -> Engine:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UnsupportedDatabase("sqlite in memory is not served, expected a file")
    _own(Path(url.database))
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: DBAPIConnection, _: object) -> None:
        # The driver begins no transaction by itself: _on_begin does, with the kind that is wanted.
        assert isinstance(connection, sqlite3.Connection)  # noqa: S101 (tells mypy which driver this is)
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(wait_seconds * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # durable when commit returns, in WAL too
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("ecert_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _own(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Never open a file that is there: to close it would drop the locks of every connection of this process (POSIX),
        # and another process that ends would then throw away the write-ahead log that is still in use.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        _check_usable(path)
    except OSError as error:
        raise StorageUnavailable(f"database file cannot be opened ({error.strerror})") from error


def _check_usable(path: Path) -> None:
    if not os.access(path, os.R_OK | os.W_OK) or not path.is_file():
        raise StorageUnavailable("database file cannot be opened (not a file that can be read and written)")


def is_alive(engine: Engine) -> bool:
    """Tell whether the database answers a question now."""
    try:
        with Database(engine).read() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar() == 1)
    except StorageError:
        return False
