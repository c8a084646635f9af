"""Answers to requests with an idempotency key: a retried request gets the first answer (invariant 7)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from ecert.storage.crypto import Cipher
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.moments import micros
from ecert.storage.tables import IDEMPOTENCY


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer and the digest of the request that got it; another digest under the same key is another request."""

    request_digest: str
    status: int
    body: bytes


class IdempotencyStore:
    """Answers over the table ``idempotent_answers``, bodies sealed; keys of different actors never meet."""

    def __init__(self, database: Database, *, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def get(self, actor: str, key_digest: str) -> StoredAnswer | None:
        """Return the first answer that ``actor`` got under this key; None when there was none."""
        chosen = select(IDEMPOTENCY).where(IDEMPOTENCY.c.actor == actor, IDEMPOTENCY.c.key_digest == key_digest)
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is None:
            return None
        body = self._cipher.open(IDEMPOTENCY.name, _place(actor, key_digest), row.sealed)
        return StoredAnswer(row.request_digest, row.status, body)

    def put(self, actor: str, key_digest: str, answer: StoredAnswer, *, now: datetime) -> bool:
        """Keep an answer; False, and the first one stays, when the key has one."""
        values = {
            "actor": actor,
            "key_digest": key_digest,
            "request_digest": answer.request_digest,
            "status": answer.status,
            "created_at": micros(now),
            "sealed": self._cipher.seal(IDEMPOTENCY.name, _place(actor, key_digest), answer.body),
        }
        with self._database.write() as connection:
            added = upsert(connection, IDEMPOTENCY).values(values).on_conflict_do_nothing()
            return connection.execute(added.returning(IDEMPOTENCY.c.status)).first() is not None

    def forget(self, *, before: datetime) -> int:
        """Remove the answers made before a moment and return how many there were."""
        with self._database.write() as connection:
            old = delete(IDEMPOTENCY).where(IDEMPOTENCY.c.created_at < micros(before))
            return connection.execute(old).rowcount


def _place(actor: str, key_digest: str) -> str:
    return f"{actor}\0{key_digest}"
