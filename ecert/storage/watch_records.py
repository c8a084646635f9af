"""Watches (``verifier.watches.ports.WatchRecords``): what changed, and who is told of it, is one transaction."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from ecert.storage.dialects import one_at_a_time
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.tables import WATCHES
from ecert.storage.webhooks import enqueue_event
from verifier.api.model import Owner
from verifier.parties.model import Environment
from verifier.watches.model import EVENT, MAX_WATCHES, Edition, TooManyWatches, Watch, body_of

_WATCH = WATCHES.c


class SqlWatches:
    """Watches by their places; every method is one transaction."""

    def __init__(self, database: Database, *, new_id: Callable[[], str] = lambda: secrets.token_hex(16)) -> None:
        self._database = database
        self._new_id = new_id

    def add(self, watches: Sequence[Watch], *, now: datetime) -> Sequence[Watch]:
        """Keep new ones; a place that is watched already keeps its watch, with the later end; raises TooManyWatches."""
        with self._database.write() as connection:
            owner = watches[0].owner
            one_at_a_time(connection, WATCHES, owner.party_id, owner.environment.value)
            count = select(func.count()).select_from(WATCHES).where(*_of(owner))
            if connection.execute(count).scalar_one() + len(watches) > MAX_WATCHES:
                raise TooManyWatches(f"relying party watches as many as {MAX_WATCHES} places")
            kept = {}
            # In the order in which ``looked`` locks them, so that neither waits for the other for ever.
            for each in sorted(watches, key=_at):
                place = (*_of(owner), _WATCH.uri == each.uri, _WATCH.place == each.index)
                row = connection.execute(select(WATCHES).where(*place).with_for_update()).one_or_none()
                if row is None:
                    connection.execute(insert(WATCHES).values(_values(each, now)))
                else:
                    later = {"expires_at": max(row.expires_at, micros(each.expires_at))}
                    connection.execute(update(WATCHES).where(_WATCH.id == row.id).values(later))
                kept[_at(each)] = _watch(connection.execute(select(WATCHES).where(*place)).one())
        return [kept[_at(each)] for each in watches]

    def list(self, owner: Owner, *, after: int | None, limit: int) -> tuple[Sequence[Watch], int | None]:
        """Return some of ``owner``'s, the newest first, and where to go on."""
        chosen = select(WATCHES).where(*_of(owner)).order_by(_WATCH.id.desc()).limit(limit + 1)
        if after is not None:
            chosen = chosen.where(_WATCH.id < after)
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        return [_watch(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None

    def remove(self, owner: Owner, watch_id: str) -> bool:
        """End one; False when there is none."""
        with self._database.write() as connection:
            return connection.execute(delete(WATCHES).where(*_of(owner), _WATCH.watch_id == watch_id)).rowcount == 1

    def lists(self, environment: Environment) -> Sequence[str]:
        """Return the URIs of the lists that are watched."""
        chosen = select(_WATCH.uri).where(_WATCH.environment == environment.value).distinct().order_by(_WATCH.uri)
        with self._database.read() as connection:
            return connection.scalars(chosen).all()

    def due(self, environment: Environment, uri: str, issued_at: datetime, *, limit: int) -> Sequence[int]:
        """Return indexes that were not looked at in the edition of ``issued_at``."""
        chosen = select(_WATCH.place).where(*_in(environment, uri), _WATCH.looked_at < micros(issued_at)).distinct()
        with self._database.read() as connection:
            return connection.scalars(chosen.order_by(_WATCH.place).limit(limit)).all()

    def looked(self, environment: Environment, edition: Edition, *, now: datetime) -> int:
        """Keep the values of an edition; of what changed, webhooks are on their way. Return how many changed."""
        values, at = dict(edition.values), micros(edition.issued_at)
        if not values:
            return 0
        unseen = (*_in(environment, edition.uri), _WATCH.looked_at < at, _WATCH.place.in_(values))
        changed = 0
        with self._database.write() as connection:
            # Locked: of two workers with the same edition, the second one finds nothing that it has not.
            rows = select(WATCHES).where(*unseen).order_by(_WATCH.place, _WATCH.id).with_for_update()
            for row in connection.execute(rows).all():
                value = values[row.place]
                now_known = {"value": value, "looked_at": at}
                connection.execute(update(WATCHES).where(_WATCH.id == row.id).values(now_known))
                if value == row.value or row.expires_at <= micros(now):
                    continue
                watch = _watch(row)
                said = watch.watch_id, body_of(watch, value, at=edition.issued_at)
                enqueue_event(connection, watch.owner, EVENT, said, self._new_id, now=now)
                changed += 1
        return changed

    def sweep(self, *, now: datetime) -> int:
        """Remove watches that are over."""
        with self._database.write() as connection:
            return connection.execute(delete(WATCHES).where(_WATCH.expires_at <= micros(now))).rowcount


def _at(watch: Watch) -> tuple[str, int]:
    return watch.uri, watch.index


def _values(watch: Watch, now: datetime) -> dict[str, Any]:
    return {
        "watch_id": watch.watch_id,
        "party_id": watch.owner.party_id,
        "environment": watch.owner.environment.value,
        "uri": watch.uri,
        "place": watch.index,
        "value": watch.value,
        "reference": watch.reference,
        "verification_id": watch.verification_id,
        "created_at": micros(now),
        "expires_at": micros(watch.expires_at),
        # An edition of a moment ago is looked at once more, which costs nothing when it says the same.
        "looked_at": 0,
    }


def _of(owner: Owner) -> tuple[Any, ...]:
    return _WATCH.party_id == owner.party_id, _WATCH.environment == owner.environment.value


def _in(environment: Environment, uri: str) -> tuple[Any, ...]:
    return _WATCH.environment == environment.value, _WATCH.uri == uri


def _watch(row: Row[Any]) -> Watch:
    return Watch(
        watch_id=row.watch_id,
        owner=Owner(row.party_id, Environment(row.environment)),
        uri=row.uri,
        index=row.place,
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        value=row.value,
        reference=row.reference,
        verification_id=row.verification_id,
    )
