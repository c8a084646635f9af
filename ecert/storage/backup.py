"""Backup and restore.

SQLite: ``backup`` copies a database in use with SQLite's online backup; ``restore`` puts a copy back while the program
is stopped. PostgreSQL has tools of its own; ``dump_command`` and ``restore_command`` give the exact commands:

    pg_dump --format=custom --no-owner --file=ecert.dump --dbname=postgresql://ecert@host/ecert
    pg_restore --exit-on-error --single-transaction --clean --if-exists --no-owner --dbname=postgresql://… ecert.dump

A password stands in ``PGPASSWORD`` or ``~/.pgpass``, never in a command.

**The keys are not in it**, unless the key store lives in the table ``blobs``: keep the key store's directory and its
passphrase as well, and apart. Without the key ``claims`` a backup's personal data stays sealed for ever; without
``lookup`` no holder is found by number.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Engine, make_url

from ecert.storage.engine import connect
from ecert.storage.errors import BackupFailed, UnsupportedDatabase
from ecert.storage.migrate import known_revisions

_FILES = ("", "-wal", "-shm")
_KEPT = ".before-restore-%Y%m%dT%H%M%SZ"


def backup(engine: Engine, target: Path) -> None:
    """Write a whole copy of a SQLite database in use to ``target``, readable by its owner alone.

    Raises:
        UnsupportedDatabase: not SQLite.
        BackupFailed: ``target`` is there already, cannot be written, or the copy is damaged; no file is left.
    """
    if engine.dialect.name != "sqlite":
        raise UnsupportedDatabase("backup is for sqlite: use pg_dump for postgresql")
    with _new_file(target) as draft, closing(sqlite3.connect(draft)) as copy:
        source = engine.raw_connection()
        try:
            driver = source.driver_connection
            assert isinstance(driver, sqlite3.Connection)  # noqa: S101 (tells mypy which driver this is)
            driver.backup(copy)
        finally:
            source.close()
        # A copy of a WAL database waits for its own -wal file; as one plain file it can be carried away.
        copy.execute("PRAGMA journal_mode = DELETE")
        _examine(copy)


def restore(
    source: Path, url: str, *, replace: bool = False, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Path | None:
    """Make the SQLite database at ``url`` from a backup. The program must be stopped.

    ``replace`` puts aside what stands there, with its log, as ``<file>.before-restore-<moment>``, which is returned.
    What an earlier restore put aside stays as it is.

    Raises:
        UnsupportedDatabase: not SQLite.
        BackupFailed: the backup is damaged, is no database of ours, something stands there and ``replace`` is off, or
            something was put aside within this second; nothing was changed.
    """
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite") or not parsed.database:
        raise UnsupportedDatabase("restore is for sqlite: use pg_restore for postgresql")
    target = Path(parsed.database)
    if target.exists() and not replace:
        raise BackupFailed("a database stands where the backup is to go")
    aside = _free_name(target, clock())
    draft_name = target.with_name(target.name + ".restored")
    with _readable(source) as original, _new_file(draft_name) as draft, closing(sqlite3.connect(draft)) as copy:
        original.backup(copy)
        _examine(copy)
    moved = _put_aside(target, aside)
    draft_name.replace(target)
    _sync(target.parent)
    connect(url).dispose()
    return aside if moved else None


def dump_command(url: str, target: Path) -> list[str]:
    """Return the command that writes a PostgreSQL database to ``target``; the password is left out."""
    return ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={_libpq(url)}"]


def restore_command(url: str, source: Path) -> list[str]:
    """Return the command that makes a PostgreSQL database's content from ``source``, whole or not at all."""
    options = ["--exit-on-error", "--single-transaction", "--clean", "--if-exists", "--no-owner"]
    return ["pg_restore", *options, f"--dbname={_libpq(url)}", str(source)]


def _libpq(url: str) -> str:
    parsed = make_url(url)
    if not parsed.drivername.startswith("postgresql"):
        raise UnsupportedDatabase("pg_dump and pg_restore are for postgresql")
    # Built anew: ``URL.set(password=None)`` keeps the password.
    bare = URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, query=parsed.query
    )
    return bare.render_as_string(hide_password=False)


def _free_name(target: Path, now: datetime) -> Path:
    """Return the name under which ``target`` is put aside now."""
    aside = target.with_name(target.name + now.astimezone(UTC).strftime(_KEPT))
    # Not one of the three: a log does not name its database, and would be played into the next one beside it.
    if any(aside.with_name(aside.name + suffix).exists() for suffix in _FILES):
        raise BackupFailed("another database was put aside within this second")
    return aside


def _put_aside(target: Path, aside: Path) -> bool:
    """Move a database with its log; tell whether there was anything."""
    found = [suffix for suffix in _FILES if target.with_name(target.name + suffix).exists()]
    for suffix in found:
        target.with_name(target.name + suffix).rename(aside.with_name(aside.name + suffix))
    return bool(found)


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Give a draft beside ``target``; it becomes ``target`` when the block ends, and is removed when it raises."""
    draft = target.with_name(target.name + ".draft")
    try:
        if target.exists():
            raise BackupFailed("a file stands where the copy is to go")
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        yield draft
        _sync(draft)
        draft.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise BackupFailed(f"copy cannot be written ({error.strerror})") from error
    except sqlite3.Error as error:
        raise BackupFailed(f"copy is not whole ({type(error).__name__})") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _readable(source: Path) -> Iterator[sqlite3.Connection]:
    if not source.is_file():
        raise BackupFailed("backup is not there")
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def _examine(copy: sqlite3.Connection) -> None:
    if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise BackupFailed("database is damaged")
    if copy.execute("PRAGMA foreign_key_check").fetchall():
        raise BackupFailed("database holds rows that refer to nothing")
    revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision is None or revision[0] not in known_revisions():
        raise BackupFailed("database is not of a version that this program knows")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
