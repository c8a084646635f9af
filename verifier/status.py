"""The rule about status lists (step 7): missing, stale or not trusted is unknown, and never valid.

A credential refers to its place in a Token Status List, or to its entries in Bitstring Status Lists, or to both. An
issuer of ours publishes both from one ledger, with one index, the bitstrings below the token's URI: so a token list
answers for an entry whose own list is not at hand, and an offline pack needs no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.errors import EcertError
from schemas.formats.bitstring_credential import PURPOSES, BitstringEntry, BitstringList, BitstringStatus
from schemas.formats.errors import BitstringPurposeMismatch
from schemas.formats.status_answer import purpose_uri, value_of
from schemas.report import Check, Outcome
from verifier.documents import Credential, Document
from verifier.evidence import Evidence, StatusEvidence, UnreachedStatus, UntrustedStatus
from verifier.outcomes import failed, passed, skipped, unknown
from verifier.policy import Policy
from verifier.status_lists import accept_status_list

__all__ = [
    "Place",
    "accept_status_list",
    "age_of_status",
    "check_place",
    "check_status",
    "missing_lists",
    "places_of",
    "status_age",
    "too_old",
]

_REASONS = {1: "revoked", 2: "suspended", 3: "replaced"}
_WEIGHT = (3, 1, 2)  # replaced outweighs revoked (``value_of``), and every other value comes last
_Found = StatusEvidence | UntrustedStatus | None
Place = tuple[int, BitstringEntry | str, _Found]
"""Where a credential's status stands: the index, the entry or the token list's URI, and the list that is at hand."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one list says of the credential."""

    value: int
    uri: str
    index: int
    found: StatusEvidence


def check_status(document: Document, places: Sequence[Place], *, policy: Policy, now: datetime) -> Check:
    """Step 7: the issuer's own, fresh status list says 0 at every place. What is not known is not passed."""
    row = _judge(document, places, policy, now)
    if row.outcome is Outcome.UNKNOWN and not policy.require_status:
        return skipped("status", "status_not_required")
    return row


def check_place(uri: str, index: int, *, evidence: Evidence, policy: Policy, now: datetime) -> Check:
    """Return what the list at ``uri`` says of a place, whoever's credential it is: a status looked at again."""
    found = evidence.status_lists.get(uri)
    issuer = next(iter(found.issuers), "") if isinstance(found, StatusEvidence) else ""
    answer = _answer(issuer, (index, uri, found))
    if isinstance(answer, Check):
        return answer
    return _ended([answer], now) if answer.value else _judge_age(answer, policy, now)


def age_of_status(places: Sequence[Place], now: datetime) -> int | None:
    """Return how old the oldest list is that the credential refers to; None when none is at hand."""
    return max((status_age(found, now) for _, _, found in places if isinstance(found, StatusEvidence)), default=None)


def missing_lists(places: Sequence[Place]) -> tuple[str, ...]:
    """Return the URIs of the lists that the credential refers to and that are not at hand, each once."""
    return tuple(dict.fromkeys(_uri(where) for _, where, found in places if found is None))


def status_age(found: StatusEvidence, now: datetime) -> int:
    """Return how many whole seconds old the list is at ``now``."""
    return int((now - found.issued_at).total_seconds())


def _judge(document: Document, places: Sequence[Place], policy: Policy, now: datetime) -> Check:
    answers = [_answer(document.issuer, place) for place in places]
    if not answers:
        return unknown("status", "status_not_referenced")
    ends = [each for each in answers if isinstance(each, _Said) and each.value]
    if ends:
        # A known end is an end, however old the list is, and whatever the other lists are.
        return _ended(ends, now)
    rows = [each if isinstance(each, Check) else _judge_age(each, policy, now) for each in answers]
    return next((row for row in rows if row.outcome is Outcome.UNKNOWN), rows[0])


def places_of(credential: Credential, evidence: Evidence) -> list[Place]:
    """Return each place of the credential: the index, the entry or the token list's URI, and the list."""
    status, lists = credential.status, evidence.status_lists
    own = [] if status is None else [(status.index, status.uri)]
    places: list[Place] = []
    for entry in credential.entries:
        found, base = lists.get(entry.list_credential), _token_uri(entry)
        if found is None and base in lists:
            own.append((entry.index, base))
        else:
            places.append((entry.index, entry, found))
    return places + [(index, uri, lists.get(uri)) for index, uri in dict.fromkeys(own)]


def _token_uri(entry: BitstringEntry) -> str:
    """Return where the token list of an entry of ours stands, or an empty text."""
    uri = entry.list_credential.rpartition("/")[0]
    ours = entry.purpose in PURPOSES and entry.list_credential == purpose_uri(uri, entry.purpose)
    return uri if ours else ""


def _answer(issuer: str, place: Place) -> _Said | Check:
    index, where, found = place
    uri = _uri(where)
    if found is None:
        return unknown("status", "status_list_missing", list=uri, index=index)
    if isinstance(found, UnreachedStatus):
        return unknown("status", "status_list_not_fetched", because=found.reason, list=uri, index=index)
    if isinstance(found, UntrustedStatus):
        return unknown("status", "status_list_untrusted", because=found.reason, list=uri, index=index)
    if issuer not in found.issuers:
        return unknown("status", "status_list_of_another_issuer", list=uri, index=index)
    try:
        return _Said(_value(index, where, found), uri, index, found)
    except EcertError as exc:
        return unknown("status", exc.code, list=uri, index=index)


def _uri(where: BitstringEntry | str) -> str:
    return where if isinstance(where, str) else where.list_credential


def _value(index: int, place: BitstringEntry | str, found: StatusEvidence) -> int:
    statuses = found.statuses
    if isinstance(place, str):
        if isinstance(statuses, BitstringList):
            raise BitstringPurposeMismatch("a bitstring stands where a token list should")
        return statuses[index]
    if not isinstance(statuses, BitstringList):
        raise BitstringPurposeMismatch("a token list stands where a bitstring should")
    status: BitstringStatus = place.look_up(statuses)
    return value_of([status])


def _ended(ends: list[_Said], now: datetime) -> Check:
    heaviest = min(ends, key=lambda said: _WEIGHT.index(said.value) if said.value in _WEIGHT else len(_WEIGHT))
    return failed(
        "status",
        _REASONS.get(heaviest.value, "status_other"),
        age_seconds=status_age(heaviest.found, now),
        list=heaviest.uri,
        index=heaviest.index,
        value=heaviest.value,
    )


def _judge_age(said: _Said, policy: Policy, now: datetime) -> Check:
    reason, seconds = too_old(said.found, policy, now), status_age(said.found, now)
    if reason is None:
        return passed("status", "status_valid", age_seconds=seconds, list=said.uri, index=said.index, value=said.value)
    return unknown("status", reason, age_seconds=seconds, list=said.uri, index=said.index)


def too_old(found: StatusEvidence, policy: Policy, now: datetime) -> str | None:
    """Return why the moment of a list keeps it from being believed at ``now``; None when nothing does."""
    age = now - found.issued_at
    if -age > policy.max_future_skew:
        return "status_list_in_future"
    if age > policy.status_hard_stop:
        return "status_hard_stop"
    if age > policy.status_max_age:
        return "status_list_stale"
    if found.expires_at is not None and now >= found.expires_at:
        return "status_list_expired"
    return None
