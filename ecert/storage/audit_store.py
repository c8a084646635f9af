"""The audit trail for those who have no transaction of their own: record an act, read the trail, verify it."""

from collections.abc import Sequence

from ecert.storage.audit import AuditHead, AuditTrail
from ecert.storage.engine import Database
from schemas.audit import AuditEvent, AuditRecord, Subject


class SqlAudit:
    """Every method is one transaction; ``trail`` is for adapters that record an act together with what it changes."""

    def __init__(self, database: Database, trail: AuditTrail) -> None:
        self._database = database
        self.trail = trail

    def record(self, *events: AuditEvent) -> None:
        """Append acts, in the order given; durable when it returns."""
        with self._database.write() as connection:
            self.trail.note(connection, events)

    def records(self, *, after: int = 0, limit: int = 100) -> Sequence[AuditRecord]:
        """Return at most ``limit`` entries that follow number ``after``, oldest first."""
        with self._database.read() as connection:
            return list(self.trail.records(connection, after=after, limit=limit))

    def records_of(self, subject: Subject, subject_id: str) -> Sequence[AuditRecord]:
        """Return the entries of one order, offer, key, token or office, oldest first."""
        with self._database.read() as connection:
            return list(self.trail.records_of(connection, subject, subject_id))

    def verify(self, *, kept: AuditHead | None = None) -> AuditHead:
        """Return the head when every entry fits; raises AuditBroken with the first that does not.

        ``kept`` is a head of an earlier day: the trail must go on from it.
        """
        with self._database.read() as connection:
            return self.trail.verify(connection, kept=kept)
