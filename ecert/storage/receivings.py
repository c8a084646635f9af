"""Where certificates came from (``wallet_api.openid4vci.ports.Sources``) over the table ``receivings``.

Tokens and what they are of are sealed. Of several workers one gets what is due: it is claimed with its row locked, and
comes back by itself when the one that claimed it ends.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from ecert.storage.crypto import Cipher
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.tables import RECEIVINGS
from keys import strict_json
from schemas.order import HolderId
from wallet_api.openid4vci.sources import Source, SourceState

_MAX_OF_HOLDER = 500


class SqlSources:
    """Sources by their ids; every method is one transaction."""

    def __init__(self, database: Database, *, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def put(self, source: Source) -> None:
        """Keep a source, in place of the one with its id; raises StorageConflict when nobody is its holder."""
        changed = {
            "state": source.state.value,
            "due_at": micros(source.due_at),
            "changed_at": micros(source.changed_at),
            "sealed": self._cipher.seal(RECEIVINGS.name, source.source_id, strict_json.dumps(source.content())),
        }
        fixed = {"source_id": source.source_id, "holder_id": source.asked.holder_id}
        with self._database.write() as connection:
            added = upsert(connection, RECEIVINGS).values(**fixed, **changed)
            connection.execute(added.on_conflict_do_update(index_elements=["source_id"], set_=changed))

    def source(self, holder_id: HolderId, source_id: str) -> Source | None:
        """Return one source of a holder."""
        chosen = select(RECEIVINGS).where(RECEIVINGS.c.holder_id == holder_id, RECEIVINGS.c.source_id == source_id)
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        return None if row is None else self._source(row)

    def of_holder(self, holder_id: HolderId) -> Sequence[Source]:
        """Return a holder's sources, the last changed first; at most 500."""
        chosen = select(RECEIVINGS).where(RECEIVINGS.c.holder_id == holder_id)
        chosen = chosen.order_by(RECEIVINGS.c.changed_at.desc(), RECEIVINGS.c.id.desc()).limit(_MAX_OF_HOLDER)
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        return [self._source(row) for row in rows]

    def claim(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Source]:
        """Return sources that are due, the longest due first, and make them due at ``until``."""
        due = select(RECEIVINGS).where(*_due(now)).order_by(RECEIVINGS.c.due_at, RECEIVINGS.c.id).limit(limit)
        with self._database.write() as connection:
            rows = connection.execute(due.with_for_update(skip_locked=True)).all()
            mine = update(RECEIVINGS).where(RECEIVINGS.c.id.in_([row.id for row in rows]))
            connection.execute(mine.values(due_at=micros(until)))
        return [self._source(row) for row in rows]

    def claim_one(self, source_id: str, *, now: datetime, until: datetime) -> Source | None:
        """As ``claim`` for one source; None when it is not due, or another worker has it."""
        one = update(RECEIVINGS).where(RECEIVINGS.c.source_id == source_id, *_due(now))
        with self._database.write() as connection:
            row = connection.execute(one.values(due_at=micros(until)).returning(*RECEIVINGS.c)).one_or_none()
        return None if row is None else self._source(row)

    def hasten(self, source_id: str, *, now: datetime) -> None:
        """Make a source due now if it is kept and is due later; nothing that is sealed is written."""
        later = RECEIVINGS.c.state == SourceState.KEPT.value, RECEIVINGS.c.due_at > micros(now)
        with self._database.write() as connection:
            one = update(RECEIVINGS).where(RECEIVINGS.c.source_id == source_id, *later)
            connection.execute(one.values(due_at=micros(now)))

    def _source(self, row: Row[Any]) -> Source:
        content = strict_json.loads_object(self._cipher.open(RECEIVINGS.name, row.source_id, row.sealed))
        due_at, changed_at = moment(row.due_at), moment(row.changed_at)
        return Source.of(row.source_id, row.state, content, due_at=due_at, changed_at=changed_at)


def _due(now: datetime) -> tuple[Any, ...]:
    return RECEIVINGS.c.due_at <= micros(now), RECEIVINGS.c.state != SourceState.OVER.value
