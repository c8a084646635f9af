"""Background work that every worker shares (``verifier.batches.ports.Jobs``), on SQLite and PostgreSQL alike.

Of several workers one has a piece: it is claimed with its row locked and due again only later, so that it comes back by
itself when the one that claimed it ends (docs/adr/0027).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ecert.storage.engine import Database
from ecert.storage.moments import micros
from ecert.storage.tables import JOBS
from verifier.batches.ports import Job


class SqlJobs:
    """The queue; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, kind: str, keys: Sequence[str], *, due_at: datetime) -> None:
        """Add work; what is there already stays as it is."""
        with self._database.write() as connection:
            add_jobs(connection, kind, keys, due_at=due_at)

    def claim(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Job]:
        """Return work that is due, the longest due first, and make it due again at ``until``."""
        table = JOBS.c
        due = select(JOBS).where(table.due_at <= micros(now)).order_by(table.due_at, table.id).limit(limit)
        with self._database.write() as connection:
            rows = connection.execute(due.with_for_update(skip_locked=True)).all()
            mine = update(JOBS).where(table.id.in_([row.id for row in rows]))
            connection.execute(mine.values(due_at=micros(until), tries=table.tries + 1))
        return [Job(row.kind, row.key, row.tries + 1) for row in rows]

    def done(self, job: Job) -> None:
        """Forget a piece of work."""
        with self._database.write() as connection:
            connection.execute(delete(JOBS).where(JOBS.c.kind == job.kind, JOBS.c.key == job.key))

    def again(self, job: Job, *, due_at: datetime) -> None:
        """Let a piece of work be claimed at ``due_at``."""
        mine = update(JOBS).where(JOBS.c.kind == job.kind, JOBS.c.key == job.key)
        with self._database.write() as connection:
            connection.execute(mine.values(due_at=micros(due_at)))

    def waiting(self) -> int:
        """Return how many pieces of work there are."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(JOBS)).scalar_one())


def add_jobs(connection: Connection, kind: str, keys: Sequence[str], *, due_at: datetime) -> None:
    """Add work in the transaction of what it is for."""
    if not keys:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [{"kind": kind, "key": key, "tries": 0, "due_at": micros(due_at)} for key in keys]
    connection.execute(insert(JOBS).on_conflict_do_nothing(index_elements=["kind", "key"]), rows)


def remove_jobs(connection: Connection, kind: str, keys: Sequence[str]) -> None:
    """Forget work that is not wanted any more."""
    connection.execute(delete(JOBS).where(JOBS.c.kind == kind, JOBS.c.key.in_(list(keys))))
