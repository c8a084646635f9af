"""Which editions of a status list need not be kept: those that are over, and those that an earlier one speaks for.

Lists are signed anew every half hour, and mostly nothing has changed. An edition is superfluous when an earlier one
that is kept says the same statuses and holds until the next one was signed: whoever asks what was valid then gets the
earlier one, and the same answer. So a list that does not change keeps one edition for each of its lifetimes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """An edition without its documents; equal ``content`` is equal statuses, an empty one is unknown."""

    sequence: int
    issued_at: datetime
    expires_at: datetime
    shown: bool
    content: str


def forgettable(editions: Iterable[EditionFacts], *, before: datetime) -> frozenset[int]:
    """Return the sequences of the editions of one list that need not be kept; never that of the newest shown one.

    ``before`` is how far back the history goes: what ended by then is over. Editions that were signed and never shown
    go when a later one was.
    """
    known = sorted(editions, key=lambda edition: edition.sequence)
    shown = [edition for edition in known if edition.shown]
    if not shown:
        return frozenset()
    gone = {edition.sequence for edition in known if not edition.shown and edition.sequence < shown[-1].sequence}
    gone |= {edition.sequence for edition in shown[:-1] if edition.expires_at <= before}
    return frozenset(gone | _spoken_for(shown))


def _spoken_for(shown: list[EditionFacts]) -> set[int]:
    found: set[int] = set()
    kept = shown[0]
    for edition, following in pairwise(shown[1:]):
        if edition.content and edition.content == kept.content and following.issued_at <= kept.expires_at:
            found.add(edition.sequence)
        else:
            kept = edition
    return found
