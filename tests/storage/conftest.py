"""Databases for the tests: every test that asks for ``url`` or ``storage`` runs on SQLite and on PostgreSQL."""

import itertools
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
def postgres_url(postgres: PostgresServer) -> str:
    """A database for the module, with the schema."""
    url = postgres.database()
    database = Database(connect(url))
    migrate.upgrade(database.engine)
    database.close()
    return url


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
    empty(url)
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


@pytest.fixture
def numbers() -> Iterator[int]:
    """Numbers from 1 on, for names that must differ."""
    return itertools.count(1)


def empty(url: str) -> None:
    """Take every row out of a PostgreSQL database that has the schema."""
    database = Database(connect(url))
    names = ", ".join(table for table in METADATA.tables if table not in ("audit_head", "audit_entries"))
    with database.write() as connection:
        connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {names}, audit_entries RESTART IDENTITY CASCADE"))
        connection.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))
        connection.execute(text("UPDATE audit_head SET sequence = 0, digest = :start"), {"start": bytes(32)})
    database.close()
