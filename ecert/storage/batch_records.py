"""Batches and their items (``verifier.batches.ports.BatchRecords``).

Presentations stand sealed until they were judged, and are gone with their outcome, which has no claims. The jobs of a
batch are written in the transaction that closes it, the webhook's deliveries in the one of its last outcome.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from ecert.storage.crypto import Cipher
from ecert.storage.dialects import one_at_a_time
from ecert.storage.engine import Database
from ecert.storage.jobs import add_jobs, remove_jobs
from ecert.storage.moments import micros, moment
from ecert.storage.tables import BATCH_ITEMS, BATCHES
from ecert.storage.webhooks import enqueue_event
from keys import strict_json
from verifier.api.model import Owner
from verifier.batches.model import (
    EVENT,
    JOB,
    KEPT,
    MAX_ITEMS,
    MAX_RUNNING,
    Batch,
    BatchItemsOutOfOrder,
    BatchNotOpen,
    BatchState,
    BatchTooLarge,
    Item,
    Outcome,
    UnknownBatch,
    body_of,
)
from verifier.parties.model import Environment

_UNENDED = (BatchState.OPEN.value, BatchState.RUNNING.value)
_ITEM = BATCH_ITEMS.c
_BATCH = BATCHES.c
_FORGOTTEN_AT_ONCE = 100


class SqlBatches:
    """Batches by their ids; every method is one transaction."""

    def __init__(
        self, database: Database, *, cipher: Cipher, new_id: Callable[[], str] = lambda: secrets.token_hex(16)
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._new_id = new_id

    def add(self, batch: Batch, items: Sequence[Item], *, close: bool) -> Batch:
        """Keep a new batch, its jobs with it when it is closed; raises BatchTooLarge."""
        values = {
            "batch_id": batch.batch_id,
            "party_id": batch.owner.party_id,
            "environment": batch.owner.environment.value,
            "purpose_id": batch.purpose_id,
            "reference": batch.reference,
            "state": BatchState.OPEN.value,
            "created_at": micros(batch.created_at),
        } | dict.fromkeys(("total", "valid", "invalid", "indeterminate"), 0)
        with self._database.write() as connection:
            one_at_a_time(connection, BATCHES, batch.owner.party_id, batch.owner.environment.value)
            running = select(func.count()).select_from(BATCHES).where(*_of(batch.owner), _BATCH.state.in_(_UNENDED))
            if connection.execute(running).scalar_one() >= MAX_RUNNING:
                raise BatchTooLarge(f"relying party has {MAX_RUNNING} batches that have not ended")
            connection.execute(insert(BATCHES).values(values))
            return self._grown(connection, batch.owner, batch.batch_id, items, offset=0, close=close)

    def append(self, owner: Owner, batch_id: str, items: Sequence[Item], *, offset: int, close: bool) -> Batch:
        """Add items to an open batch.

        Raises:
            UnknownBatch, BatchNotOpen, BatchTooLarge, BatchItemsOutOfOrder.
        """
        with self._database.write() as connection:
            return self._grown(connection, owner, batch_id, items, offset=offset, close=close)

    def find(self, owner: Owner, batch_id: str) -> Batch | None:
        """Return one of ``owner``'s, None when there is none."""
        chosen = select(BATCHES).where(*_of(owner), _BATCH.batch_id == batch_id)
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        return None if row is None else _batch(row)

    def list(self, owner: Owner, *, after: int | None, limit: int) -> tuple[Sequence[Batch], int | None]:
        """Return some of ``owner``'s, the newest first, and where to go on."""
        chosen = select(BATCHES).where(*_of(owner)).order_by(_BATCH.id.desc()).limit(limit + 1)
        if after is not None:
            chosen = chosen.where(_BATCH.id < after)
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        return [_batch(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None

    def cancel(self, owner: Owner, batch_id: str, *, now: datetime) -> Batch:
        """End a batch that has not ended; what waits is forgotten. Raises UnknownBatch."""
        with self._database.write() as connection:
            found = _locked(connection, owner, batch_id)
            if found.state.value in _UNENDED:
                ended = {"state": BatchState.CANCELLED.value, "ended_at": micros(now)}
                connection.execute(update(BATCHES).where(_BATCH.batch_id == batch_id).values(ended))
                waits = (_ITEM.batch_id == batch_id, _ITEM.verdict.is_(None))
                connection.execute(update(BATCH_ITEMS).where(*waits).values(sealed=None))
                remove_jobs(connection, JOB, _keys(found))
            return _locked(connection, owner, batch_id)

    def outcomes(self, batch_id: str, *, after: int, limit: int) -> tuple[Sequence[Outcome], int | None]:
        """Return outcomes by the items' order, from the number after ``after`` on, and where to go on."""
        chosen = select(_ITEM.number, _ITEM.item_id, _ITEM.verdict, _ITEM.checks)
        chosen = chosen.where(_ITEM.batch_id == batch_id, _ITEM.number > after, _ITEM.verdict.is_not(None))
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(_ITEM.number).limit(limit + 1)).all()
        found = [Outcome(row.item_id, row.verdict, strict_json.loads(row.checks.encode())) for row in rows[:limit]]
        return found, rows[limit - 1].number if len(rows) > limit else None

    def waiting(self, batch_id: str, numbers: range) -> tuple[Batch, Sequence[tuple[int, Item]]] | None:
        """Return a running batch with those items that have no outcome, None when it does not run."""
        running = select(BATCHES).where(_BATCH.batch_id == batch_id, _BATCH.state == BatchState.RUNNING.value)
        chosen = select(_ITEM.number, _ITEM.sealed).where(_ITEM.batch_id == batch_id, _ITEM.verdict.is_(None))
        chosen = chosen.where(_ITEM.number >= numbers.start, _ITEM.number < numbers.stop).order_by(_ITEM.number)
        with self._database.read() as connection:
            row = connection.execute(running).one_or_none()
            rows = connection.execute(chosen).all()
        if row is None:
            return None
        return _batch(row), [(each.number, self._opened(batch_id, each.number, each.sealed)) for each in rows]

    def left(self, batch_id: str, numbers: range) -> Sequence[tuple[int, str]]:
        """Return the numbers and ids of items that have no outcome; nothing is opened."""
        chosen = select(_ITEM.number, _ITEM.item_id).where(_ITEM.batch_id == batch_id, _ITEM.verdict.is_(None))
        chosen = chosen.where(_ITEM.number >= numbers.start, _ITEM.number < numbers.stop).order_by(_ITEM.number)
        with self._database.read() as connection:
            return [(row.number, row.item_id) for row in connection.execute(chosen)]

    def record(self, batch_id: str, outcomes: Sequence[tuple[int, Outcome]], *, now: datetime) -> None:
        """Keep outcomes; with the last one the batch is done, and its webhooks are on their way."""
        changed = update(BATCH_ITEMS).where(
            _ITEM.batch_id == batch_id, _ITEM.number == bindparam("of"), _ITEM.verdict.is_(None)
        )
        rows = [
            {"of": number, "said": each.verdict, "rows": strict_json.dumps(list(each.checks)).decode()}
            for number, each in outcomes
        ]
        running = select(BATCHES).where(_BATCH.batch_id == batch_id, _BATCH.state == BatchState.RUNNING.value)
        with self._database.write() as connection:
            # Locked first: of two workers with the last slices, the second one sees what the first one wrote.
            if connection.execute(running.with_for_update()).one_or_none() is None:
                return
            if rows:
                values: dict[str, Any] = {"verdict": bindparam("said"), "checks": bindparam("rows"), "sealed": None}
                connection.execute(changed.values(values), rows)
            self._counted(connection, batch_id, now)

    def sweep(self, *, now: datetime) -> int:
        """Remove batches that began 30 days ago, with their items; return how many there were."""
        old = select(_BATCH.batch_id).where(_BATCH.created_at < micros(now - KEPT)).limit(_FORGOTTEN_AT_ONCE)
        with self._database.write() as connection:
            ids = connection.scalars(old).all()
            connection.execute(delete(BATCH_ITEMS).where(_ITEM.batch_id.in_(ids)))
            return connection.execute(delete(BATCHES).where(_BATCH.batch_id.in_(ids))).rowcount

    def _grown(
        self, connection: Connection, owner: Owner, batch_id: str, items: Sequence[Item], *, offset: int, close: bool
    ) -> Batch:
        found = _locked(connection, owner, batch_id)
        total = offset + len(items)
        if total > MAX_ITEMS:
            raise BatchTooLarge(f"batch has {total} items, at most {MAX_ITEMS} are taken")
        if offset != found.total:
            return _repeated(connection, found, items, offset=offset, close=close)
        if found.state is not BatchState.OPEN:
            raise BatchNotOpen("batch takes no more items")
        rows = [self._row(batch_id, number, item) for number, item in enumerate(items, start=offset)]
        if rows:
            connection.execute(insert(BATCH_ITEMS), rows)
        state = BatchState.RUNNING if close else BatchState.OPEN
        grown = {"total": total, "state": state.value}
        connection.execute(update(BATCHES).where(_BATCH.batch_id == batch_id).values(grown))
        made = _locked(connection, owner, batch_id)
        if close:
            add_jobs(connection, JOB, _keys(made), due_at=made.created_at)
        if close and not total:
            self._counted(connection, batch_id, made.created_at)
            made = _locked(connection, owner, batch_id)
        return made

    def _row(self, batch_id: str, number: int, item: Item) -> dict[str, Any]:
        plain = strict_json.dumps(item.document())
        sealed = self._cipher.seal(BATCH_ITEMS.name, f"{batch_id}/{number}", plain)
        return {"batch_id": batch_id, "number": number, "item_id": item.item_id, "sealed": sealed}

    def _opened(self, batch_id: str, number: int, sealed: bytes) -> Item:
        return Item(**strict_json.loads_object(self._cipher.open(BATCH_ITEMS.name, f"{batch_id}/{number}", sealed)))

    def _counted(self, connection: Connection, batch_id: str, now: datetime) -> None:
        counted = select(_ITEM.verdict, func.count()).where(_ITEM.batch_id == batch_id).group_by(_ITEM.verdict)
        counts: dict[str | None, int] = {verdict: count for verdict, count in connection.execute(counted)}
        values: dict[str, Any] = {name: counts.get(name, 0) for name in ("valid", "invalid", "indeterminate")}
        done = None not in counts
        values |= {"state": BatchState.DONE.value, "ended_at": micros(now)} if done else {}
        connection.execute(update(BATCHES).where(_BATCH.batch_id == batch_id).values(values))
        if done:
            batch = _batch(connection.execute(select(BATCHES).where(_BATCH.batch_id == batch_id)).one())
            subject, body = batch.batch_id, body_of(batch)
            enqueue_event(connection, batch.owner, EVENT, (subject, body), self._new_id, now=now)


def _repeated(connection: Connection, found: Batch, items: Sequence[Item], *, offset: int, close: bool) -> Batch:
    """A request that was sent twice is answered as the first time; anything else does not follow what is there."""
    numbers = range(offset, offset + len(items))
    there = select(_ITEM.item_id).where(_ITEM.batch_id == found.batch_id, _ITEM.number.in_(list(numbers)))
    ids = connection.scalars(there.order_by(_ITEM.number)).all()
    if not items or list(ids) != [each.item_id for each in items] or close is (found.state is BatchState.OPEN):
        raise BatchItemsOutOfOrder(f"batch has {found.total} items, and the next ones were said to follow {offset}")
    return found


def _locked(connection: Connection, owner: Owner, batch_id: str) -> Batch:
    chosen = select(BATCHES).where(*_of(owner), _BATCH.batch_id == batch_id).with_for_update()
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise UnknownBatch("relying party has no batch of this id")
    return _batch(row)


def _keys(batch: Batch) -> list[str]:
    return [f"{batch.batch_id}/{number}" for number in range(batch.slices)]


def _of(owner: Owner) -> tuple[Any, ...]:
    return _BATCH.party_id == owner.party_id, _BATCH.environment == owner.environment.value


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        batch_id=row.batch_id,
        owner=Owner(row.party_id, Environment(row.environment)),
        created_at=moment(row.created_at),
        purpose_id=row.purpose_id,
        reference=row.reference,
        state=BatchState(row.state),
        total=row.total,
        counts={name: getattr(row, name) for name in ("valid", "invalid", "indeterminate")},
        ended_at=None if row.ended_at is None else moment(row.ended_at),
    )
