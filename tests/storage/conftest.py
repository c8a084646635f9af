"""Databases for the tests: every test that asks for ``url`` or ``storage`` runs on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ecert.storage import Options, Storage, migrate, open_storage
from ecert.storage.engine import Database, connect
from ecert.storage.tables import METADATA
from tests.support.postgres import PostgresServer

DATA_KEY = b"d" * 32
LOOKUP_KEY = b"l" * 32
PUBLIC_URL = "https://ecert.example"
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for the session; loud skip (failure in CI) without the binaries."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postgres_database(postgres: PostgresServer) -> Iterator[Database]:
    """A database for the module, with the schema."""
    database = Database(connect(postgres.database()))
    migrate.upgrade(database.engine)
    yield database
    database.close()


@pytest.fixture
def postgres_url(postgres_database: Database) -> str:
    """The URL of the module's PostgreSQL database, emptied."""
    empty(postgres_database)
    return postgres_database.engine.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a SQLite database with the schema."""
    path = tmp_path_factory.mktemp("template") / "ecert.db"
    database = Database(connect(f"sqlite:///{path}"))
    migrate.upgrade(database.engine)
    database.close()
    return path.read_bytes()


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the schema and nothing in it."""
    if request.param == "sqlite":
        path = tmp_path / "ecert.db"
        path.write_bytes(request.getfixturevalue("sqlite_template"))
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def opened(url: str) -> Iterator[Callable[..., Storage]]:
    """Opens the database with ``Options`` of the test's choice; everything is closed at the end."""
    storages: list[Storage] = []

    def opening(*, data_key: bytes = DATA_KEY, **options: Any) -> Storage:
        keys = {"data_key": data_key, "lookup_key": LOOKUP_KEY}
        storages.append(open_storage(url, **keys, public_url=PUBLIC_URL, options=Options(**options)))
        return storages[-1]

    yield opening
    for storage in storages:
        storage.close()


@pytest.fixture
def storage(opened: Callable[..., Storage]) -> Storage:
    """Every adapter over an empty database."""
    return opened()


def empty(database: Database) -> None:
    """Take every row out of a PostgreSQL database that has the schema, quicker than TRUNCATE does."""
    statements = [f"DELETE FROM {table}" for table in METADATA.tables if table != "audit_head"]  # noqa: S608
    with database.write() as connection:
        # Neither foreign keys nor the audit trail's triggers hold in a session of this role.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql("; ".join(statements))
        connection.execute(text("UPDATE audit_head SET sequence = 0, digest = :start"), {"start": bytes(32)})
