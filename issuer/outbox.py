"""The outbox of decisions: asked, signed, published, seen. Nothing here does anything; these are its values.

Every act of the life cycle writes one entry for each status list that it touches, in the transaction that changes the
state. Until the entry is published the certificate is "revocation pending": decided, and not yet to be seen by anybody
who reads the list.

asked      the decision stands in the ledger
signed     an edition of the list that says it is signed and recorded, and shown to nobody
published  that edition (or a later one) is what a GET answers, in every form at once
seen       a verifier has fetched it, or it went into a pack
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from schemas.order import Identifier


class Step(StrEnum):
    """How far a decision has come."""

    ASKED = "asked"
    SIGNED = "signed"
    PUBLISHED = "published"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One decision on its way to one status list; ``sequence`` is the edition that says it, once one is signed."""

    number: int
    identifier: Identifier
    uri: str
    value: int
    asked_at: datetime
    signed_at: datetime | None = None
    published_at: datetime | None = None
    seen_at: datetime | None = None
    sequence: int | None = None

    @property
    def step(self) -> Step:
        """How far it has come."""
        if self.seen_at is not None:
            return Step.SEEN
        if self.published_at is not None:
            return Step.PUBLISHED
        return Step.ASKED if self.signed_at is None else Step.SIGNED

    @property
    def pending(self) -> bool:
        """Whether it is "revocation pending": nobody who reads the list can know it yet."""
        return self.published_at is None

    def lag(self, now: datetime) -> timedelta:
        """How long it took, or takes until ``now``, from the decision to the published list; never negative."""
        return max((self.published_at or now) - self.asked_at, timedelta(0))

    def document(self) -> dict[str, Any]:
        """Return it for JSON, with the moments that it has reached."""
        moments = {
            "asked_at": self.asked_at,
            "signed_at": self.signed_at,
            "published_at": self.published_at,
            "seen_at": self.seen_at,
        }
        reached = {name: moment.isoformat() for name, moment in moments.items() if moment is not None}
        return {"list": self.uri, "value": self.value, "step": str(self.step), "sequence": self.sequence} | reached


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be published: how many decisions, on how many lists, since when."""

    entries: int
    lists: int
    oldest: datetime | None

    def lag(self, now: datetime) -> timedelta:
        """How long the oldest decision has been waiting; zero when none waits."""
        return timedelta(0) if self.oldest is None else max(now - self.oldest, timedelta(0))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A status list as the ledger has it at one moment: what a publisher signs.

    ``values`` are the entries that are not 0; ``sequence`` is the last edition's, published or not (0: none);
    ``waiting`` are the numbers of the outbox entries that are not published; every one of them is in ``values``.
    """

    values: Mapping[int, int] = field(repr=False)
    sequence: int
    waiting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """One form of a published list: ``jwt``, ``cwt``, or a bitstring credential; the bytes that a GET answers."""

    uri: str
    name: str
    body: bytes = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    sequence: int


def is_pending(entries: Iterable[OutboxEntry]) -> bool:
    """Tell whether any of a certificate's decisions is not published."""
    return any(entry.pending for entry in entries)
