"""Answers to requests with an idempotency key: a retried request gets the first answer (invariant 7).

A key is reserved before the request is worked on, in the database, where every worker sees it; the answer is put into
the reservation. What was reserved and never answered (its worker died) is free again after ``RUNNING_FOR``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, delete, select, update

from ecert.storage.crypto import Cipher
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.moments import micros
from ecert.storage.tables import IDEMPOTENCY

RUNNING_FOR = timedelta(minutes=15)
"""How long a request that was not answered keeps its key: longer than any is worked on."""
_RUNNING = 0  # in place of a status


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer and the digest of the request that got it; another digest under the same key is another request."""

    request_digest: str
    status: int
    body: bytes

    @property
    def is_running(self) -> bool:
        """Whether there is no answer yet: the first request is being worked on."""
        return self.status == _RUNNING


class IdempotencyStore:
    """Answers over the table ``idempotent_answers``, bodies sealed; keys of different actors never meet."""

    def __init__(self, database: Database, *, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def reserve(self, actor: str, key_digest: str, request_digest: str, *, now: datetime) -> StoredAnswer | None:
        """Reserve a key for a request: None when it is the caller's to work on, and what is there when it is not."""
        reserved = {"request_digest": request_digest, "status": _RUNNING, "created_at": micros(now), "sealed": b""}
        values = {"actor": actor, "key_digest": key_digest, **reserved}
        with self._database.write() as connection:
            added = upsert(connection, IDEMPOTENCY).values(values).on_conflict_do_nothing()
            if connection.execute(added.returning(IDEMPOTENCY.c.status)).first() is not None:
                return None
            chosen = select(IDEMPOTENCY).where(_at(actor, key_digest)).with_for_update()
            row = connection.execute(chosen).one_or_none()
            if row is None:  # released since the insert met it
                return StoredAnswer(request_digest, _RUNNING, b"")
            if _is_left(row, request_digest, now):
                connection.execute(update(IDEMPOTENCY).where(_at(actor, key_digest)).values(reserved))
                return None
        return self._answer(row)

    def complete(self, actor: str, key_digest: str, answer: StoredAnswer, *, now: datetime) -> StoredAnswer:
        """Put the answer into a reservation and return the one that counts: the first, if there is one already."""
        values = {
            "actor": actor,
            "key_digest": key_digest,
            "request_digest": answer.request_digest,
            "status": answer.status,
            "created_at": micros(now),
            "sealed": self._cipher.seal(IDEMPOTENCY.name, _place(actor, key_digest), answer.body),
        }
        with self._database.write() as connection:
            added = upsert(connection, IDEMPOTENCY).values(values)
            added = added.on_conflict_do_update(
                index_elements=["actor", "key_digest"], set_=values, where=IDEMPOTENCY.c.status == _RUNNING
            )
            if connection.execute(added.returning(IDEMPOTENCY.c.status)).first() is not None:
                return answer
            row = connection.execute(select(IDEMPOTENCY).where(_at(actor, key_digest))).one()
        return self._answer(row)

    def release(self, actor: str, key_digest: str) -> None:
        """Give a reservation up: nothing is kept, so that a retry is a retry. An answer stays."""
        with self._database.write() as connection:
            connection.execute(delete(IDEMPOTENCY).where(_at(actor, key_digest), IDEMPOTENCY.c.status == _RUNNING))

    def forget(self, *, before: datetime) -> int:
        """Remove the answers made before a moment and return how many there were."""
        with self._database.write() as connection:
            old = delete(IDEMPOTENCY).where(IDEMPOTENCY.c.created_at < micros(before))
            return connection.execute(old).rowcount

    def _answer(self, row: Row[tuple[object, ...]]) -> StoredAnswer:
        if row.status == _RUNNING:
            return StoredAnswer(row.request_digest, row.status, b"")
        body = self._cipher.open(IDEMPOTENCY.name, _place(row.actor, row.key_digest), row.sealed)
        return StoredAnswer(row.request_digest, row.status, body)


def _is_left(row: Row[tuple[object, ...]], request_digest: str, now: datetime) -> bool:
    """Tell whether the same request was begun so long ago that nobody works on it any more."""
    old = row.created_at <= micros(now - RUNNING_FOR)
    return bool(row.status == _RUNNING and row.request_digest == request_digest and old)


def _at(actor: str, key_digest: str) -> ColumnElement[bool]:
    return (IDEMPOTENCY.c.actor == actor) & (IDEMPOTENCY.c.key_digest == key_digest)


def _place(actor: str, key_digest: str) -> str:
    return f"{actor}\0{key_digest}"
