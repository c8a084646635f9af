"""Backup, wreck, restore: everything is readable again."""

import sqlite3
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text

from ecert.storage import Options, Storage, open_storage
from ecert.storage.backup import backup, dump_command, restore, restore_command
from ecert.storage.errors import BackupFailed, UnsupportedDatabase
from issuer.errors import UnknownCertificate
from issuer.records import ActKind, State
from tests.support.ledger_contract import an_act, an_intent, identifier_of, issued
from tests.support.postgres import PostgresServer
from wallet_api.records import HolderKind

NOW = datetime(2026, 3, 2, 9, 23, 45, tzinfo=timezone(timedelta(hours=8)))
KEYS = {"data_key": b"d" * 32, "lookup_key": b"l" * 32, "public_url": "https://ecert.example"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "var" / "ecert.db"


@pytest.fixture
def saved(home: Path, tmp_path: Path) -> Path:
    """The backup of a database that was in use; A1 stands in it, B1 came after it."""
    storage = open_storage(f"sqlite:///{home}", **KEYS, options=Options(upgrade=True))
    _fill(storage)
    backup(storage.database.engine, tmp_path / "saved.db")
    issued(storage.ledger, an_intent("B1"))
    storage.close()
    return tmp_path / "saved.db"


def _fill(storage: Storage) -> None:
    issued(storage.ledger, an_intent("A1"))
    act = an_act(ActKind.REVOKE, identifier_of("A1"))
    storage.ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)
    storage.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", "440799199001010011", "陈大文")
    storage.blobs.add("key", b"sealed key")


def _assert_all_is_there(storage: Storage) -> None:
    record = storage.ledger.certificate(identifier_of("A1"))
    assert (record.state, len(record.credentials), len(record.acts)) == (State.REVOKED, 2, 1)
    assert storage.ledger.verify_audit().sequence == 1
    assert [holder.name for holder in storage.wallets.holders(limit=9)] == ["陈大文"]
    assert storage.blobs.read("key") == b"sealed key"
    with pytest.raises(UnknownCertificate):
        storage.ledger.certificate(identifier_of("B1"))


def test_a_wrecked_database_is_whole_again_after_a_restore(home: Path, saved: Path) -> None:
    home.write_bytes(b"wreck" * 1000)
    restore(saved, f"sqlite:///{home}", replace=True)
    storage = open_storage(f"sqlite:///{home}", **KEYS)
    _assert_all_is_there(storage)
    storage.close()


def test_a_lost_database_is_whole_again_after_a_restore(tmp_path: Path, saved: Path) -> None:
    new = f"sqlite:///{tmp_path}/new.db"
    restore(saved, new)
    storage = open_storage(new, **KEYS)
    _assert_all_is_there(storage)
    storage.close()


def test_what_a_restore_replaces_is_put_aside(home: Path, saved: Path) -> None:
    home.write_bytes(b"wreck")
    home.with_name("ecert.db-wal").write_bytes(b"log")
    aside = restore(saved, f"sqlite:///{home}", replace=True, clock=lambda: NOW)
    assert aside == home.with_name("ecert.db.before-restore-20260302T012345Z")
    assert aside.read_bytes() == b"wreck"
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"log"


def test_nothing_is_put_aside_where_nothing_stood(tmp_path: Path, saved: Path) -> None:
    assert restore(saved, f"sqlite:///{tmp_path}/new.db", replace=True) is None


def test_a_second_restore_leaves_what_the_first_one_put_aside(home: Path, saved: Path) -> None:
    """The backup was the wrong one: what was issued since is in the database of before alone."""
    before = home.read_bytes()
    first = restore(saved, f"sqlite:///{home}", replace=True, clock=lambda: NOW)
    second = restore(saved, f"sqlite:///{home}", replace=True, clock=lambda: NOW + timedelta(seconds=1))
    assert first is not None
    assert second not in (None, first)
    assert first.read_bytes() == before


def test_what_was_put_aside_is_not_overwritten_within_a_second(home: Path, saved: Path) -> None:
    home.with_name("ecert.db.before-restore-20260302T012345Z-wal").write_bytes(b"log")
    before = home.read_bytes()
    with pytest.raises(BackupFailed, match="within this second"):
        restore(saved, f"sqlite:///{home}", replace=True, clock=lambda: NOW)
    assert home.read_bytes() == before


def test_a_log_of_the_wrecked_database_does_not_reach_the_restored_one(home: Path, saved: Path) -> None:
    home.with_name("ecert.db-wal").write_bytes(b"a log of another life")
    restore(saved, f"sqlite:///{home}", replace=True)
    storage = open_storage(f"sqlite:///{home}", **KEYS)
    _assert_all_is_there(storage)
    storage.close()


def test_a_backup_is_its_owners_alone(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_a_backup_does_not_overwrite(home: Path, saved: Path) -> None:
    storage = open_storage(f"sqlite:///{home}", **KEYS)
    with pytest.raises(BackupFailed, match="a file stands"):
        backup(storage.database.engine, saved)
    storage.close()


def test_a_backup_that_cannot_be_written_leaves_nothing(home: Path, saved: Path, tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{home}", **KEYS)
    with pytest.raises(BackupFailed, match="cannot be written"):
        backup(storage.database.engine, tmp_path / "nowhere" / "saved.db")
    storage.close()


def test_a_restore_does_not_overwrite_unless_told_to(home: Path, saved: Path) -> None:
    before = home.read_bytes()
    with pytest.raises(BackupFailed, match="a database stands"):
        restore(saved, f"sqlite:///{home}")
    assert home.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:4096] + b"\xff" * 8192 + raw[12288:],
        lambda raw: b"no database at all" * 1000,
    ],
    ids=["cut", "overwritten", "foreign"],
)
def test_a_damaged_backup_is_refused_and_what_stands_stays(home: Path, saved: Path, damage: object) -> None:
    before = home.read_bytes()
    saved.write_bytes(damage(saved.read_bytes()))  # type: ignore[operator]
    with pytest.raises(BackupFailed):
        restore(saved, f"sqlite:///{home}", replace=True)
    assert home.read_bytes() == before
    assert sorted(path.name for path in home.parent.iterdir() if "restored" in path.name) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alembic_version SET version_num = '9999'",
        "DELETE FROM alembic_version",
        "DELETE FROM certificates",
    ],
    ids=["newer", "no version", "rows that refer to nothing"],
)
def test_a_backup_of_something_else_is_refused(home: Path, saved: Path, statement: str) -> None:
    with sqlite3.connect(saved) as other:
        other.execute(statement)
    other.close()
    with pytest.raises(BackupFailed):
        restore(saved, f"sqlite:///{home}", replace=True)


def test_a_backup_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="not there"):
        restore(tmp_path / "none.db", f"sqlite:///{tmp_path}/new.db")


def test_postgresql_is_left_to_its_own_tools(postgres_url: str, tmp_path: Path) -> None:
    storage = open_storage(postgres_url, **KEYS)
    with pytest.raises(UnsupportedDatabase):
        backup(storage.database.engine, tmp_path / "saved.db")
    storage.close()
    with pytest.raises(UnsupportedDatabase):
        restore(tmp_path / "saved.db", postgres_url)


def test_the_commands_for_postgresql_are_not_for_sqlite(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedDatabase):
        dump_command("sqlite:///x.db", tmp_path / "dump")


def test_a_command_holds_no_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://ecert:hidden@db/ecert"
    assert "hidden" not in " ".join(dump_command(url, tmp_path / "d") + restore_command(url, tmp_path / "d"))


@pytest.mark.postgres
def test_a_wrecked_postgresql_database_is_whole_again_after_a_restore(postgres: PostgresServer) -> None:
    url = postgres.database()
    storage = open_storage(url, **KEYS, options=Options(upgrade=True))
    _fill(storage)
    saved = postgres.folder / "saved.dump"
    postgres.run(*dump_command(url, saved))
    issued(storage.ledger, an_intent("B1"))
    with storage.database.write() as connection:
        connection.execute(text("DROP TABLE credentials"))
    storage.close()
    postgres.run(*restore_command(url, saved))
    storage = open_storage(url, **KEYS)
    _assert_all_is_there(storage)
    storage.close()
