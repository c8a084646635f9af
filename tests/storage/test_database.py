"""Connections, drivers' errors in our words, and the schema's versions."""

import os
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from ecert.storage import Role, Storage, migrate, open_blobs, open_storage
from ecert.storage.batches import find_rows, insert_rows
from ecert.storage.engine import Database, connect, is_alive
from ecert.storage.errors import (
    SchemaNotCurrent,
    StorageBusy,
    StorageConflict,
    StorageError,
    StorageUnavailable,
    TextNotStored,
    UnsupportedDatabase,
)
from ecert.storage.moments import micros, moment
from ecert.storage.status import StatusLists
from ecert.storage.tables import BLOBS
from tests.support.ledger_contract import an_intent, identifier_of, issued

NOW = datetime(2026, 3, 2, 1, 23, 45, 678901, tzinfo=UTC)
KEYS = {"data_key": b"d" * 32, "lookup_key": b"l" * 32, "public_url": "https://ecert.example"}


@pytest.mark.parametrize("url", ["mysql://h/db", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg://h/db", "no"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedDatabase):
        connect(url)


def test_a_postgresql_url_without_a_driver_means_psycopg() -> None:
    assert connect("postgresql://u@localhost/db").dialect.driver == "psycopg"


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/var/ecert.db")
    assert stat.S_IMODE((tmp_path / "var" / "ecert.db").stat().st_mode) == 0o600


def test_a_sqlite_file_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable):
        connect(f"sqlite:///{tmp_path}/file/ecert.db")


def test_sqlite_writes_ahead_waits_for_the_disk_and_knows_foreign_keys(tmp_path: Path) -> None:
    database = Database(connect(f"sqlite:///{tmp_path}/ecert.db"))
    with database.read() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    database.close()
    assert found == ["wal", 2, 1, 30000]


def test_a_locked_database_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "ecert.db"
    database = Database(connect(f"sqlite:///{path}", wait_seconds=0.01))
    with database.read():
        pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageBusy), database.write():
        pass
    other.close()
    database.close()


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        open_blobs(f"postgresql+psycopg://u@/db?host={tmp_path}")


def test_an_exhausted_pool_is_busy(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted() -> None:
        raise exc.TimeoutError

    monkeypatch.setattr(storage.database.engine.pool, "connect", exhausted)
    with pytest.raises(StorageBusy), storage.database.read():
        pass


def test_a_refused_row_is_a_conflict_and_nothing_remains(storage: Storage) -> None:
    with pytest.raises(StorageConflict), storage.database.write() as connection:
        insert_rows(connection, BLOBS, ["name", "data"], [("a", b"1"), ("b", b"2"), ("a", b"3")])
    assert storage.blobs.names() == []


def test_an_error_holds_no_row(storage: Storage) -> None:
    with pytest.raises(StorageConflict) as refused, storage.database.write() as connection:
        insert_rows(connection, BLOBS, ["name", "data"], [("a", b"secret-value")] * 2)
    assert "secret-value" not in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.parametrize("count", [1, 15, 16, 100])
def test_rows_come_back_as_they_were_inserted(storage: Storage, count: int) -> None:
    rows = [(f"名{number}", bytes([number]) * 3) for number in range(count)]
    with storage.database.write() as connection:
        insert_rows(connection, BLOBS, ["name", "data"], rows)
        found = connection.execute(text("SELECT name, data FROM blobs")).all()
    assert sorted((name, bytes(data)) for name, data in found) == sorted(rows)


def test_of_many_rows_a_refused_one_is_a_conflict_and_nothing_remains(storage: Storage) -> None:
    rows = [(str(number), b"secret-value") for number in range(100)]
    with pytest.raises(StorageConflict) as refused, storage.database.write() as connection:
        insert_rows(connection, BLOBS, ["name", "data"], [*rows, rows[0]])
    assert storage.blobs.names() == []
    assert "secret-value" not in f"{refused.value} {refused.value.__cause__}"


def test_many_rows_that_a_column_cannot_hold_are_our_error_on_postgresql(postgres_url: str) -> None:
    database = Database(connect(postgres_url))
    with pytest.raises(StorageError), database.write() as connection:
        insert_rows(connection, BLOBS, ["name", "data"], [("a\0b", b"")] * 20)
    database.close()


def test_rows_are_found_by_many_values(storage: Storage) -> None:
    with storage.database.write() as connection:
        insert_rows(connection, BLOBS, ["name", "data"], [(str(number), b"x") for number in range(10)])
        found = find_rows(connection, BLOBS, ["name"], "name", [str(number) for number in range(5, 7_000)])
    assert sorted(row.name for row in found) == ["5", "6", "7", "8", "9"]


def test_a_statement_that_is_wrong_is_our_error(storage: Storage) -> None:
    with pytest.raises(StorageError), storage.database.write() as connection:
        connection.execute(text("SELECT * FROM nowhere"))


def test_a_write_is_not_possible_while_reading_on_postgresql(postgres_url: str) -> None:
    database = Database(connect(postgres_url))
    with pytest.raises(StorageError), database.read() as connection:
        connection.execute(text("DELETE FROM blobs"))
    database.close()


def test_a_read_sees_one_moment(storage: Storage) -> None:
    storage.blobs.add("a", b"1")
    with storage.database.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM blobs")).scalar()
        storage.blobs.add("b", b"2")
        after = connection.execute(text("SELECT count(*) FROM blobs")).scalar()
    assert (before, after) == (1, 1)


def test_a_living_database_is_alive(storage: Storage) -> None:
    assert is_alive(storage.database.engine)


def test_a_database_that_does_not_answer_is_not_alive(tmp_path: Path) -> None:
    assert not is_alive(connect(f"postgresql+psycopg://u@/db?host={tmp_path}"))


def test_no_column_is_made_up(storage: Storage) -> None:
    with pytest.raises(ValueError, match="has no column nothing"), storage.database.write() as connection:
        insert_rows(connection, BLOBS, ["name", "nothing"], [])


def test_moments_come_back_exactly() -> None:
    assert moment(micros(NOW)) == NOW


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        micros(NOW.replace(tzinfo=None))


@pytest.mark.parametrize("size", [0, 2**31])
def test_a_list_of_an_impossible_size_is_refused(opened: Callable[..., Storage], size: int) -> None:
    with pytest.raises(ValueError, match="status list size"):
        opened(status_list_size=size)


def test_uris_of_lists_are_random_under_the_public_url(storage: Storage) -> None:
    storage.ledger.record_intents([an_intent("A1"), an_intent("B1", department="mca")])
    first, second = (row.uri for row in storage.ledger.status_lists())
    assert first.startswith("https://ecert.example/status/")
    assert first != second
    assert len(first.rpartition("/")[2]) == 22


def test_a_list_goes_on_where_another_process_stopped(opened: Callable[..., Storage]) -> None:
    (first,) = opened().ledger.record_intents([an_intent("A1")])
    (second,) = opened().ledger.record_intents([an_intent("B1")])
    assert first.statuses[0].uri == second.statuses[0].uri
    assert not set(first.statuses) & set(second.statuses)


def test_orders_of_many_lists_are_not_all_kept(opened: Callable[..., Storage], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.storage.status._MOST_ORDERS", 2)
    ledger = opened(status_list_size=2).ledger
    recorded = ledger.record_intents([an_intent(f"A{n}") for n in range(5)])
    assert isinstance(ledger._lists, StatusLists)
    assert len(ledger._lists._orders) <= 2
    assert len({status for each in recorded for status in each.statuses}) == 10


def test_models_and_migrations_agree(storage: Storage) -> None:
    assert migrate.check(storage.database.engine) == []


def test_a_difference_between_models_and_database_is_found(storage: Storage) -> None:
    with storage.database.write() as connection:
        connection.execute(text("ALTER TABLE blobs ADD COLUMN more INTEGER"))
    found = migrate.check(storage.database.engine)
    with storage.database.write() as connection:
        connection.execute(text("ALTER TABLE blobs DROP COLUMN more"))
    assert len(found) == 1
    assert "more" in found[0]


def test_an_upgrade_keeps_what_is_there_and_can_be_repeated(storage: Storage) -> None:
    credentials = issued(storage.ledger, an_intent("A1"))
    migrate.upgrade(storage.database.engine)
    assert migrate.current(storage.database.engine) == migrate.head()
    assert storage.ledger.certificate(identifier_of("A1")).credentials == tuple(credentials)


def test_an_empty_database_waits_for_an_upgrade(tmp_path: Path) -> None:
    with pytest.raises(SchemaNotCurrent, match="schema is at nothing"):
        open_storage(f"sqlite:///{tmp_path}/ecert.db", **KEYS)


def test_an_empty_database_is_upgraded_when_asked(tmp_path: Path) -> None:
    blobs = open_blobs(f"sqlite:///{tmp_path}/ecert.db", upgrade=True)
    assert blobs.add("a", b"1")
    blobs.close()


def test_a_database_of_a_newer_program_is_refused(storage: Storage) -> None:
    with storage.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaNotCurrent, match="9999"):
        migrate.upgrade(storage.database.engine)
    with storage.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": migrate.head()})


def test_a_closed_storage_leaves_no_file_open(storage: Storage) -> None:
    storage.tokens.issue(Role.OPERATOR, now=NOW, expires_at=NOW + timedelta(days=1))
    storage.close()
    open_files = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _exists(fd)}
    assert storage.database.engine.url.database not in open_files
    assert storage.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def _exists(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")


def test_a_program_without_migrations_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(migrate, "_SCRIPTS", tmp_path)
    with pytest.raises(SchemaNotCurrent, match="no migration"):
        migrate.head()


def test_a_text_that_postgresql_does_not_take_is_named(storage: Storage) -> None:
    if storage.database.engine.dialect.name == "sqlite":
        assert storage.parties.find("water\0") is None
        return
    with pytest.raises(TextNotStored):
        storage.parties.find("water\0")
