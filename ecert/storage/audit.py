"""The audit trail: each entry's digest covers the one before it, so a change anywhere shows (``verify``).

    digest(n) = SHA-256(digest(n-1) ‖ content(n))          digest(0) = 32 zero bytes

``content`` is JSON with the entry's number, the act and a random salt, and is stored sealed: without the data key no
entry can be made up, and a digest says nothing about an officer or a case. Whoever keeps ``AuditHead`` elsewhere finds
a trail that was cut short, too.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ecert.storage.batches import chunks
from ecert.storage.crypto import Cipher
from ecert.storage.documents import act_members, act_of
from ecert.storage.errors import AuditBroken, RecordDamaged
from ecert.storage.tables import AUDIT, AUDIT_HEAD, CERTIFICATES
from issuer.records import Act
from keys import strict_json

_TABLE = AUDIT.name
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
        pairs = list(acts)
        if not pairs:
            return
        head = connection.execute(select(AUDIT_HEAD).with_for_update()).one()
        sequence, previous = head.sequence, head.digest
        rows = []
        for certificate_id, act in pairs:
            sequence += 1
            content = _content(sequence, act, self._random(16))
            digest = hashlib.sha256(previous + content).digest()
            sealed = self._cipher.seal(_TABLE, str(sequence), content)
            rows.append(
                {
                    "sequence": sequence,
                    "certificate_id": certificate_id,
                    "sealed": sealed,
                    "previous": previous,
                    "digest": digest,
                }
            )
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

    def verify(self, connection: Connection) -> AuditHead:
        """Return the head of a trail in which every entry fits.

        Raises:
            AuditBroken: an entry was changed, moved, removed or added by another hand.
        """
        reached = AuditHead(0, START)
        columns = (*AUDIT.c, CERTIFICATES.c.identifier)
        joined = AUDIT.join(CERTIFICATES, AUDIT.c.certificate_id == CERTIFICATES.c.id)
        for row in connection.execute(select(*columns).select_from(joined).order_by(AUDIT.c.sequence)):
            reached = self._fitting(row, reached)
        head = connection.execute(select(AUDIT_HEAD)).one()
        if (head.sequence, head.digest) != (reached.sequence, reached.digest):
            raise AuditBroken(reached.sequence + 1, "the trail does not end where its head says")
        return reached

    def _fitting(self, row: Row[Any], before: AuditHead) -> AuditHead:
        sequence = before.sequence + 1
        if row.sequence != sequence:
            raise AuditBroken(sequence, "is missing")
        try:
            content = self._cipher.open(_TABLE, str(sequence), row.sealed)
        except RecordDamaged:
            raise AuditBroken(sequence, "content was changed") from None
        if row.previous != before.digest or row.digest != hashlib.sha256(before.digest + content).digest():
            raise AuditBroken(sequence, "does not follow from the one before")
        if strict_json.loads_object(content)["act"]["identifier"] != row.identifier:
            raise AuditBroken(sequence, "stands at another certificate than its content names")
        return AuditHead(sequence, row.digest)


def _content(sequence: int, act: Act, salt: bytes) -> bytes:
    return strict_json.dumps({"sequence": sequence, "act": act_members(act), "salt": salt.hex()})
