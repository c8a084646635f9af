"""Items of a batch, judged by the evidence of now.

A presentation in a batch was collected before: it is judged whether it holds now (signature, issuer, validity, status)
and whether the holder made it for this audience, whenever that was and however often it was shown. Who stands at the
counter now shows what ``POST /v1/verifications/present`` judges.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from schemas.report import Check, Verdict
from schemas.report import Outcome as State
from verifier.api.in_hand import Judged, matched
from verifier.batches.again import Row, looked_at_again, places_of, shown
from verifier.batches.model import Batch, Item, Outcome
from verifier.batches.ports import EvidenceIn, Found, PurposesOf
from verifier.errors import PartySuspended, PurposeNotAllowed, UnknownParty
from verifier.evidence import Evidence
from verifier.judging import judge
from verifier.parties.model import Access
from verifier.policy import COUNTER_AUDIENCE, Policy
from verifier.purposes.model import Purpose
from verifier.results import TEXTS, ResultCheck, result_of
from verifier.status import check_place

# How long ago a holder may have made it: a file is kept for years.
_ANY_AGE = timedelta(days=36_500)
# Not compared is not matched: a purpose that was taken away, or a party that is suspended, makes nothing valid.
_NOT_COMPARED = (State.UNKNOWN, "purpose_not_allowed")
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

    def place(self, uri: str, index: int) -> Check:
        """Return what the list at ``uri`` says of a place."""
        return check_place(uri, index, evidence=self.evidence, policy=Policy(accepted_types=None), now=self.now)


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
        return _of_rows(item.item_id, [shown(known.place(item.uri or "", item.index or 0)).document()])

    def _again(self, batch: Batch, item: Item, verification_id: str, known: _Known) -> Outcome:
        found = self._verifications.find(batch.owner, verification_id)
        unreached = found is not None and item.within is not None and found.purpose_id not in item.within
        if found is None or found.result is None or unreached:
            return _of_rows(item.item_id, [_NOT_THERE.document()])
        named = (each["list"] for each in places_of(found.result))
        known.wanted.update(dict.fromkeys(each for each in named if each not in known.lists))
        return _of_rows(item.item_id, looked_at_again(found.result, known.place, now=known.now))


def not_judged(item_id: str) -> Outcome:
    """Return the outcome of an item that could not be judged, by no fault that is known of it."""
    return _of_rows(item_id, [_NOT_JUDGED.document()])


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
    if purpose is None and purpose_id is not None:
        match = _NOT_COMPARED
    result = result_of({query_id: [found.report]}, match=match, verified_at=found.report.verified_at)
    return Outcome(item.item_id, result.verdict.value, [each.document() for each in result.checks])


def _of_rows(item_id: str, rows: Sequence[Row]) -> Outcome:
    states = {each["state"] for each in rows}
    verdict = Verdict.VALID if states == {State.PASSED.value} else Verdict.INDETERMINATE
    if State.FAILED.value in states:
        verdict = Verdict.INVALID
    return Outcome(item_id, verdict.value, rows)
