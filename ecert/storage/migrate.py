"""The schema's versions: Alembic by its API, with the migrations inside the package and no file beside it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from ecert.storage.engine import Database
from ecert.storage.errors import SchemaNotCurrent
from ecert.storage.tables import METADATA

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x6563657274  # "ecert": one upgrade at a time on a PostgreSQL database


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Bring the schema to this program's version, in one transaction; data stays. Repeating it changes nothing.

    ``to`` stops at an earlier version.

    Raises:
        SchemaNotCurrent: the database was made by a newer program.
        StorageError: the database refused; nothing was changed.
    """
    with Database(engine).write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        revision = _revision(connection)
        if revision is not None and revision not in known_revisions():
            raise SchemaNotCurrent(f"schema is at {revision}, which this program does not know")
        with _config(connection) as config:
            command.upgrade(config, to)


def current(engine: Engine) -> str | None:
    """Return the schema's version; None for an empty database."""
    with Database(engine).read() as connection:
        return _revision(connection)


def head() -> str:
    """Return the version that this program expects."""
    revision = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    if revision is None:
        raise SchemaNotCurrent("program holds no migration")
    return revision


def require_current(engine: Engine) -> None:
    """Return if the schema is this program's; raises SchemaNotCurrent."""
    found = current(engine)
    if found != head():
        raise SchemaNotCurrent(f"schema is at {found or 'nothing'}, expected {head()}: run ecert db upgrade")


def check(engine: Engine) -> list[str]:
    """Return the differences between the database and the models, a line each; empty when they agree."""
    with Database(engine).read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(difference) for difference in compare_metadata(context, METADATA)]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def known_revisions() -> set[str]:
    """Return every version that this program knows."""
    return {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}


@contextmanager
def _config(connection: Connection) -> Iterator[Config]:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    yield config
