"""The use cases of watches, and one round of looking."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keys.errors import EcertError
from schemas.formats.status_list import StatusList
from verifier.api.errors import UnknownVerification
from verifier.api.model import Owner
from verifier.api.service import cursor_of, position_of
from verifier.batches.ports import EvidenceIn, Found
from verifier.evidence import StatusEvidence
from verifier.parties.model import Access, Environment
from verifier.watches.model import Edition, NothingToWatch, UnknownWatch, Watch
from verifier.watches.ports import WatchRecords

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be watched: places, or those of a verification."""

    places: Sequence[tuple[str, int]] = ()
    verification_id: str | None = None
    reference: str | None = None
    good_for: timedelta = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the use cases work with."""

    records: WatchRecords
    verifications: Found
    evidence: EvidenceIn
    clock: Callable[[], datetime]
    new_id: Callable[[], str]


class Watches:
    """Watches of relying parties; another party's, and the other environment's, are not there."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def create(self, access: Access, wanted: Wanted) -> Sequence[Watch]:
        """Begin watching, with the value of now.

        Raises:
            UnknownVerification: it is not this relying party's, or forgotten.
            NothingToWatch: there is no place, or one is on no list that is known and trusted here.
            TooManyWatches: as many as may be.
        """
        parts, now = self._parts, self._parts.clock()
        owner = Owner(access.party_id, access.environment)
        places = wanted.places
        if wanted.verification_id is not None:
            places = self._places(access, wanted.verification_id)
        if not places:
            raise NothingToWatch("there is no place in a status list to watch")
        # Only what a verification names is fetched; a place that comes as text must be on a list that is here.
        verified = [uri for uri, _ in places] if wanted.verification_id is not None else []
        lists = _lists(parts.evidence, access.environment, verified)
        made = [
            Watch(
                watch_id=parts.new_id(),
                owner=owner,
                uri=uri,
                index=index,
                created_at=now,
                expires_at=now + wanted.good_for,
                value=_value(lists.get(uri), index),
                reference=wanted.reference,
                verification_id=wanted.verification_id,
            )
            for uri, index in dict.fromkeys(places)
        ]
        return parts.records.add(made, now=now)

    def list(self, access: Access, *, cursor: str | None, limit: int) -> tuple[Sequence[Watch], str | None]:
        """Return a page, the newest first, and the next one's cursor; raises InvalidCursor."""
        after = None if cursor is None else position_of(cursor)
        owner = Owner(access.party_id, access.environment)
        found, following = self._parts.records.list(owner, after=after, limit=limit)
        return found, None if following is None else cursor_of(following)

    def remove(self, access: Access, watch_id: str) -> None:
        """End a watch; raises UnknownWatch."""
        if not self._parts.records.remove(Owner(access.party_id, access.environment), watch_id):
            raise UnknownWatch("relying party has no watch of this id")

    def look(self) -> int:
        """Look at every watched list that has a new edition; return how many places changed."""
        return sum(self._look_in(environment) for environment in Environment)

    def _look_in(self, environment: Environment) -> int:
        records, changed = self._parts.records, 0
        watched = records.lists(environment)
        # Each of them was at hand, and believed, when its watch began.
        lists = _lists(self._parts.evidence, environment, watched) if watched else {}
        for uri in watched:
            found = lists.get(uri)
            if isinstance(found, StatusEvidence):
                changed += self._look_at(environment, uri, found)
        return changed

    def _look_at(self, environment: Environment, uri: str, found: StatusEvidence) -> int:
        records, changed = self._parts.records, 0
        while indexes := records.due(environment, uri, found.issued_at, limit=AT_ONCE):
            values = [(index, value) for index in indexes if (value := _known(found, index)) is not None]
            edition = Edition(uri, found.issued_at, values)
            changed += records.looked(environment, edition, now=self._parts.clock())
            if len(values) < len(indexes):
                break  # the list became shorter: what it does not say is not guessed
        return changed

    def _places(self, access: Access, verification_id: str) -> Sequence[tuple[str, int]]:
        found = self._parts.verifications.find(Owner(access.party_id, access.environment), verification_id)
        if found is None or not access.reaches(found.purpose_id):
            raise UnknownVerification("relying party has no verification of this id")
        places = (found.result or {}).get("status_places") or ()
        return [(each["list"], each["index"]) for each in places]


def _lists(evidence: EvidenceIn, environment: Environment, verified: Sequence[str]) -> Mapping[str, object]:
    lists = evidence(environment).status_lists
    missing = [uri for uri in verified if uri not in lists]
    return evidence(environment, missing).status_lists if missing else lists


def _value(found: object, index: int) -> int:
    value = _known(found, index) if isinstance(found, StatusEvidence) else None
    if value is None:
        raise NothingToWatch("place is on no status list that is known and trusted here")
    return value


def _known(found: StatusEvidence, index: int) -> int | None:
    if not isinstance(found.statuses, StatusList):
        return None
    try:
        return found.statuses[index]
    except EcertError:
        return None
