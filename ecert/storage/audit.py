"""The audit trail: each entry's digest covers the one before it, so a change anywhere shows (``verify``).

    digest(n) = SHA-256(digest(n-1) ‖ content(n))          digest(0) = 32 zero bytes

``content`` is JSON with the entry's number, what was done (the ``act`` on a certificate, or an ``event``) and a random
salt, and is stored sealed: without the data key no entry can be made up, and a digest says nothing about an officer or
a case. Whoever keeps ``AuditHead`` elsewhere finds a trail that was cut short or written anew, too.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ecert.storage.audit_documents import event_members, record_of
from ecert.storage.batches import chunks
from ecert.storage.crypto import Cipher
from ecert.storage.documents import act_members, act_of
from ecert.storage.errors import AuditBroken, RecordDamaged, UnknownDataKey
from ecert.storage.tables import AUDIT, AUDIT_HEAD, CERTIFICATES
from issuer.records import Act
from keys import strict_json
from schemas.audit import AuditEvent, AuditRecord, Subject

_TABLE = AUDIT.name
_ROWS_AT_ONCE = 1_000
START = bytes(32)
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The trail's length and its last digest; kept elsewhere, it proves the trail of that day."""

    sequence: int
    digest: bytes


class AuditTrail:
    """Appends and reads entries inside the caller's transaction."""

    def __init__(self, cipher: Cipher, *, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._cipher = cipher
        self._random = random

    def append(self, connection: Connection, acts: Iterable[tuple[int, Act]]) -> None:
        """Append (certificate id, act) pairs; other writers wait from here to the end of the transaction."""
        self._append(connection, [({"certificate_id": each}, {"act": act_members(act)}) for each, act in acts])

    def note(self, connection: Connection, events: Iterable[AuditEvent]) -> None:
        """Append acts on what is no certificate; other writers wait from here to the end of the transaction."""
        self._append(connection, [(_place(event), {"event": event_members(event)}) for event in events])

    def _append(self, connection: Connection, entries: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        if not entries:
            return
        head = connection.execute(select(AUDIT_HEAD).with_for_update()).one()
        sequence, previous = head.sequence, head.digest
        rows = []
        for place, done in entries:
            sequence += 1
            content = strict_json.dumps({"sequence": sequence, **done, "salt": self._random(16).hex()})
            digest = hashlib.sha256(previous + content).digest()
            sealed = self._cipher.seal(_TABLE, str(sequence), content)
            rows.append({"sequence": sequence, **place, "sealed": sealed, "previous": previous, "digest": digest})
            previous = digest
        connection.execute(insert(AUDIT), rows)
        connection.execute(update(AUDIT_HEAD).values(sequence=sequence, digest=previous))

    def acts(self, connection: Connection, certificate_ids: Iterable[int]) -> dict[int, tuple[Act, ...]]:
        """Return the acts on each certificate, oldest first."""
        found: defaultdict[int, list[Act]] = defaultdict(list)
        for ids in chunks(certificate_ids):
            entries = select(AUDIT).where(AUDIT.c.certificate_id.in_(ids)).order_by(AUDIT.c.sequence)
            for row in connection.execute(entries):
                content = self._cipher.open(_TABLE, str(row.sequence), row.sealed)
                found[row.certificate_id].append(act_of(strict_json.loads_object(content)["act"]))
        return {certificate_id: tuple(acts) for certificate_id, acts in found.items()}

    def records(self, connection: Connection, *, after: int, limit: int) -> Iterator[AuditRecord]:
        """Give the entries that follow number ``after``, oldest first."""
        chosen = select(AUDIT).where(AUDIT.c.sequence > after).order_by(AUDIT.c.sequence).limit(limit)
        yield from (self._record(row) for row in connection.execute(chosen))

    def records_of(self, connection: Connection, subject: Subject, subject_id: str) -> Iterator[AuditRecord]:
        """Give the entries of one order, offer, key, token or office, oldest first."""
        chosen = select(AUDIT).where(AUDIT.c.subject_kind == subject.value, AUDIT.c.subject_id == subject_id)
        yield from (self._record(row) for row in connection.execute(chosen.order_by(AUDIT.c.sequence)))

    def _record(self, row: Row[Any]) -> AuditRecord:
        content = strict_json.loads_object(self._cipher.open(_TABLE, str(row.sequence), row.sealed))
        return record_of(content, row.digest)

    def verify(self, connection: Connection, *, kept: AuditHead | None = None) -> AuditHead:
        """Return the head of a trail in which every entry fits, and which goes on from ``kept`` if that is given.

        Raises:
            AuditBroken: an entry was changed, moved, removed or added by another hand.
        """
        reached = AuditHead(0, START)
        columns = (*AUDIT.c, CERTIFICATES.c.identifier)
        joined = AUDIT.outerjoin(CERTIFICATES, AUDIT.c.certificate_id == CERTIFICATES.c.id)
        chosen = select(*columns).select_from(joined).order_by(AUDIT.c.sequence)
        with connection.execute(chosen, execution_options={"yield_per": _ROWS_AT_ONCE}) as rows:
            for row in rows:
                reached = self._fitting(row, reached)
                if kept is not None and kept.sequence == reached.sequence and kept.digest != reached.digest:
                    raise AuditBroken(reached.sequence, "is not the one of the head that was kept")
        head = connection.execute(select(AUDIT_HEAD)).one()
        if (head.sequence, head.digest) != (reached.sequence, reached.digest):
            raise AuditBroken(reached.sequence + 1, "the trail does not end where its head says")
        if kept is not None and kept.sequence > reached.sequence:
            raise AuditBroken(reached.sequence + 1, f"is missing: the head that was kept has {kept.sequence} entries")
        return reached

    def _fitting(self, row: Row[Any], before: AuditHead) -> AuditHead:
        sequence = before.sequence + 1
        if row.sequence != sequence:
            raise AuditBroken(sequence, "is missing")
        try:
            content = self._cipher.open(_TABLE, str(sequence), row.sealed)
        except RecordDamaged:
            raise AuditBroken(sequence, "content was changed") from None
        except UnknownDataKey:
            raise AuditBroken(sequence, "content is sealed with a data key that was not given") from None
        if row.previous != before.digest or row.digest != hashlib.sha256(before.digest + content).digest():
            raise AuditBroken(sequence, "does not follow from the one before")
        if not _stands_where_it_says(row, strict_json.loads_object(content)):
            raise AuditBroken(sequence, "stands at something else than its content names")
        return AuditHead(sequence, row.digest)


def _place(event: AuditEvent) -> dict[str, Any]:
    return {"subject_kind": event.subject.value, "subject_id": event.subject_id}


def _stands_where_it_says(row: Row[Any], content: dict[str, Any]) -> bool:
    place = (row.identifier, row.subject_kind, row.subject_id)
    if "act" in content:
        return place == (content["act"]["identifier"], None, None)
    event = content["event"]
    return row.certificate_id is None and place == (None, event["subject"], event["subject_id"])
