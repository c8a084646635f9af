"""Items of a batch, judged by the evidence of now.

A presentation in a batch was collected before: it is judged whether it holds now (signature, issuer, validity, status)
and whether the holder made it for this audience, whenever that was and however often it was shown. Who stands at the
counter now shows what ``POST /v1/verifications/present`` judges.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from schemas.report import Outcome as State
from schemas.report import Verdict
from verifier.api.in_hand import Judged, matched
from verifier.batches.model import Batch, Item, Outcome
from verifier.batches.ports import EvidenceIn, Found, PurposesOf
from verifier.errors import PartySuspended, PurposeNotAllowed, UnknownParty
from verifier.evidence import Evidence
from verifier.judging import judge
from verifier.outcomes import unknown
from verifier.parties.model import Access
from verifier.policy import COUNTER_AUDIENCE, Policy
from verifier.purposes.model import Purpose
from verifier.results import TEXTS, ResultCheck, result_of
from verifier.status import check_place

# How long ago a holder may have made it: a file is kept for years.
_ANY_AGE = timedelta(days=36_500)
_NOT_THERE = ResultCheck("status", State.UNKNOWN, "unknown_verification", TEXTS["unknown_verification"])

_NOT_JUDGED = ResultCheck("format", State.UNKNOWN, "not_judged", TEXTS["not_judged"])


@dataclass(frozen=True, slots=True)
class _Known:
    """What items are judged by; ``wanted`` gathers the lists that verified certificates name and that are not here."""

    evidence: Evidence
    now: datetime
    wanted: dict[str, None] = field(default_factory=dict)

    @property
    def lists(self) -> Container[str]:
        return self.evidence.status_lists


class Judging:
    """Judges items; what it knows comes by its ports."""

    def __init__(self, purposes: PurposesOf, verifications: Found, evidence: EvidenceIn) -> None:
        self._purposes = purposes
        self._verifications = verifications
        self._evidence = evidence

    def judge(self, batch: Batch, items: Sequence[Item], *, now: datetime) -> list[Outcome]:
        """Return the outcome of each item."""
        purpose = self._purpose(batch)
        known = self._known(batch, now)
        outcomes = [self._one(batch, item, purpose, known) for item in items]
        if known.wanted:
            known = self._known(batch, now, list(known.wanted))
            outcomes = [self._one(batch, item, purpose, known) for item in items]
        return outcomes

    def _known(self, batch: Batch, now: datetime, wanted: Sequence[str] = ()) -> _Known:
        # What was seen at counters a moment ago is no replay here.
        evidence = self._evidence(batch.owner.environment, wanted)
        return _Known(replace(evidence, seen=MappingProxyType({}).keys()), now)

    def _purpose(self, batch: Batch) -> Purpose | None:
        if batch.purpose_id is None:
            return None
        try:
            return self._purposes.purpose(Access(batch.owner.party_id, batch.owner.environment), batch.purpose_id)
        except (UnknownParty, PartySuspended, PurposeNotAllowed):  # taken away since it was handed in
            return None

    def _one(self, batch: Batch, item: Item, purpose: Purpose | None, known: _Known) -> Outcome:
        if item.text is not None:
            return _presented(item, item.text, batch.purpose_id, purpose, known)
        if item.verification_id is not None:
            return self._again(batch, item, item.verification_id, known)
        # Nobody verified what names this place: a list elsewhere is looked at if it is here, and never fetched.
        return _of_checks(item.item_id, [_place(item.uri or "", item.index or 0, known)])

    def _again(self, batch: Batch, item: Item, verification_id: str, known: _Known) -> Outcome:
        found = self._verifications.find(batch.owner, verification_id)
        unreached = found is not None and item.within is not None and found.purpose_id not in item.within
        if found is None or found.result is None or unreached:
            return _of_checks(item.item_id, [_NOT_THERE])
        places = found.result.get("status_places") or ()
        known.wanted.update(dict.fromkeys(each["list"] for each in places if each["list"] not in known.lists))
        checks = [_place(each["list"], each["index"], known) for each in places]
        none = unknown("status", "status_not_referenced")
        return _of_checks(item.item_id, checks or [ResultCheck("status", none.outcome, none.reason, none.text)])


def not_judged(item_id: str) -> Outcome:
    """Return the outcome of an item that could not be judged, by no fault that is known of it."""
    return _of_checks(item_id, [_NOT_JUDGED])


def _presented(item: Item, text: str, purpose_id: str | None, purpose: Purpose | None, known: _Known) -> Outcome:
    policy = Policy(
        accepted_types=None,
        audience=item.audience or COUNTER_AUDIENCE,
        nonce=item.nonce,
        max_presentation_age=_ANY_AGE,
    )
    found = judge(text, policy=policy, evidence=known.evidence, now=known.now, purpose=purpose_id)
    known.wanted.update(dict.fromkeys(found.report.wanted_lists))
    query_id, match = matched(Judged(text, found.report, known.evidence), purpose)
    result = result_of({query_id: [found.report]}, match=match, verified_at=found.report.verified_at)
    return Outcome(item.item_id, result.verdict.value, [each.document() for each in result.checks])


def _place(uri: str, index: int, known: _Known) -> ResultCheck:
    row = check_place(uri, index, evidence=known.evidence, policy=Policy(accepted_types=None), now=known.now)
    return ResultCheck("status", row.outcome, row.reason, row.text, row.facts)


def _of_checks(item_id: str, checks: Iterable[ResultCheck]) -> Outcome:
    found = list(checks)
    states = {each.state for each in found}
    verdict = Verdict.VALID if states == {State.PASSED} else Verdict.INDETERMINATE
    if State.FAILED in states:
        verdict = Verdict.INVALID
    return Outcome(item_id, verdict.value, [each.document() for each in found])
