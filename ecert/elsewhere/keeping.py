"""What was fetched: bounded by count and bytes, and each list good for as long as it says, within limits.

A list is given out until ``fresh_until`` (its ``ttl``, an hour at most, never past ``exp``) and fetched anew in the
background from ``refresh_at`` on. When that fails it stays until ``ends_at``: its age is shown, the policy judges it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from schemas.formats.bitstring_credential import BitstringList
from verifier.evidence import StatusEvidence

MAX_LISTS = 256
MAX_KEPT = 128 << 20
"""Bytes of all lists together, as they came and as they are read."""
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
"""Whatever ``ttl`` says: a revocation is seen within an hour, and nobody makes us ask all the time."""
WITHOUT_END = timedelta(hours=24)
"""How long a list without ``exp`` may stand in for one that cannot be had."""
REMEMBERED = timedelta(hours=24)
"""How long after it was wanted last a list is refreshed in the background."""


@dataclass(frozen=True, slots=True)
class FetchedList:
    """A list that was believed when it came, and its times."""

    document: str | bytes = field(repr=False)
    issued_at: datetime
    weight: int
    refresh_at: datetime
    fresh_until: datetime
    ends_at: datetime
    wanted_at: datetime

    def again_later(self, pause: timedelta, now: datetime) -> "FetchedList":
        """Return it for when a newer one could not be had: good for a little longer, but not past its end."""
        until = min(max(self.fresh_until, now + 2 * pause), self.ends_at)
        return replace(self, fresh_until=until, refresh_at=now + pause)


def fetched(document: str | bytes, found: StatusEvidence, *, now: datetime, wanted_at: datetime) -> FetchedList:
    """Return a list as it came at ``now``, with its times."""
    seconds = LONGEST.total_seconds() if found.ttl is None else min(found.ttl, LONGEST.total_seconds())
    good_for = max(timedelta(seconds=seconds), SHORTEST)
    ends_at = min(found.expires_at or now + WITHOUT_END, now + WITHOUT_END)
    fresh_until = min(now + good_for, ends_at)
    refresh_at = now + (fresh_until - now) * 0.75
    statuses = found.statuses
    packed = statuses.bits.packed if isinstance(statuses, BitstringList) else statuses.packed
    weight = len(document) + len(packed)
    return FetchedList(document, found.issued_at, weight, refresh_at, fresh_until, ends_at, wanted_at)


class KeptLists:
    """Lists by URI. Not for several threads at once: its owner has the lock."""

    def __init__(self) -> None:
        self._lists: dict[str, FetchedList] = {}

    def get(self, uri: str) -> FetchedList | None:
        """Return the list, None when it is not here."""
        return self._lists.get(uri)

    def put(self, uri: str, made: FetchedList) -> None:
        """Keep a list; of the others, those that nobody has wanted for longest give way."""
        self._lists[uri] = made
        others = sorted((each.wanted_at, name) for name, each in self._lists.items() if name != uri)
        for _, name in others:
            if len(self._lists) <= MAX_LISTS and sum(each.weight for each in self._lists.values()) <= MAX_KEPT:
                return
            del self._lists[name]

    def wanted(self, uri: str, now: datetime) -> None:
        """Remember that somebody wants the list, if it is here."""
        if uri in self._lists:
            self._lists[uri] = replace(self._lists[uri], wanted_at=now)

    def fresh(self, now: datetime) -> Iterator[tuple[str, FetchedList]]:
        """Give the lists that are good now, and forget those that are over."""
        self._lists = {uri: each for uri, each in self._lists.items() if now < each.ends_at}
        return ((uri, each) for uri, each in list(self._lists.items()) if now < each.fresh_until)
