"""Which editions of status lists verifiers have: noted when one is fetched or packed, written to the outbox later.

A GET must not wait for a write, and who fetched is nobody's business: what is kept is the list and the sequence.
"""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from issuer.ports import StatusStore


class Sightings:
    """Editions that were handed out by this process; safe for threads."""

    def __init__(self, store: StatusStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._noted: dict[str, int] = {}
        self._written: dict[str, int] = {}

    def note(self, uri: str, sequence: int) -> None:
        """Remember that a verifier has this edition. Never waits for the database."""
        with self._lock:
            if sequence > max(self._noted.get(uri, 0), self._written.get(uri, 0)):
                self._noted[uri] = sequence

    def flush(self) -> int:
        """Write what was noted since the last time; return how many decisions were seen by it for the first time."""
        with self._lock:
            noted, self._noted = self._noted, {}
        seen = 0
        for uri, sequence in noted.items():
            seen += self._store.mark_seen(uri, sequence, at=self._clock())
            self._written[uri] = sequence
        return seen
