"""An agent shows a certificate for its holder: what holds, and every flaw, one at a time."""

from datetime import timedelta
from typing import Any

import pytest

from keys.signer import SoftwareSigner
from schemas.errors import NotAccepted
from schemas.formats.delegation import Relation
from schemas.formats.status_claim import StatusReference
from schemas.report import Outcome, Verdict
from schemas.report_texts_delegation import DELEGATION
from tests.support.delegations import PLACE, PURPOSE, Showing
from tests.support.desk import (
    CIVIL,
    CIVIL_KEY,
    DAY,
    HOUR,
    LIST,
    MARRIAGE,
    NOW,
    OTHER_LIST,
    RECALL_LIST,
    Certificate,
    Desk,
)
from verifier.delegated import DelegatedReport, verify_delegated
from verifier.policy import Policy


@pytest.fixture
def desk() -> Desk:
    return Desk()


def judged(desk: Desk, shown: str, purpose: str | None = None, **policy: Any) -> DelegatedReport:
    rules: dict[str, Any] = {"accepted_types": None} | policy
    report = verify_delegated(shown, policy=Policy(**rules), evidence=desk.evidence(), now=desk.now, purpose=purpose)
    assert report.text == DELEGATION[report.delegation.reason]
    return report


def test_a_counter_learns_who_acts_for_whom_for_what_until_when(desk: Desk) -> None:
    report = judged(desk, Showing().shown(), PURPOSE)
    assert (report.verdict, report.delegation.reason) == (Verdict.VALID, "delegation_valid")
    said = report.accepted_delegation()
    assert (said.agent_name, said.relation, said.until) == ("陈小文", Relation.AGENT, NOW + 30 * DAY)
    assert PURPOSE in said.purposes
    claims = report.report.accepted_claims()
    assert "business_scope" in claims
    assert "legal_representative" not in claims
    assert report.shown is not None


def test_without_a_place_for_a_recall_it_is_good_for_a_day(desk: Desk) -> None:
    day = Showing(status=None, until=NOW + 23 * HOUR)
    assert judged(desk, day.shown()).verdict is Verdict.VALID
    longer = day.but(until=NOW + 24 * HOUR)
    assert judged(desk, longer.shown()).delegation.reason == "delegation_not_recallable"


FLAWS: dict[str, tuple[dict[str, Any], str]] = {
    "not begun": ({"since": NOW + HOUR}, "delegation_not_begun"),
    "over": ({"until": NOW}, "delegation_over"),
    "too long": ({"until": NOW + 367 * DAY}, "delegation_too_long"),
    "for another verifier": ({"audience": "https://other.example"}, "audience_mismatch"),
    "made too long ago": ({"at": NOW - timedelta(seconds=61)}, "presentation_too_old"),
    "made in the future": ({"at": NOW + timedelta(seconds=11)}, "presentation_in_future"),
    "by somebody who does not hold the certificate": (
        {"holder": SoftwareSigner.generate()},
        "delegation_signature_invalid",
    ),
    "by a guardian of a company": ({"relation": Relation.GUARDIAN}, "delegation_not_allowed_for_type"),
}


@pytest.mark.parametrize(("changes", "reason"), FLAWS.values(), ids=FLAWS.keys())
def test_a_flaw_is_refused_for_its_own_reason(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    report = judged(desk, Showing().but(**changes).shown())
    assert (report.verdict, report.delegation.reason) == (Verdict.INVALID, reason)
    with pytest.raises(NotAccepted, match=reason):
        report.accepted_delegation()


def test_a_request_is_answered_with_its_nonce(desk: Desk) -> None:
    assert judged(desk, Showing().shown(), nonce="q7Zk").verdict is Verdict.VALID
    assert judged(desk, Showing().shown(), nonce="other").delegation.reason == "nonce_mismatch"


def test_it_is_for_the_purposes_that_it_names(desk: Desk) -> None:
    assert judged(desk, Showing().shown(), "银行开户").delegation.reason == "delegation_other_purpose"


def test_a_type_that_cannot_be_delegated(desk: Desk) -> None:
    marriage = Certificate(issuer=CIVIL, signer=CIVIL_KEY, vct=MARRIAGE).sd_jwt()
    report = judged(desk, Showing(certificate=marriage, fields=()).shown())
    assert report.delegation.reason == "delegation_not_allowed_for_type"


def test_it_is_shown_by_its_agent_and_nobody_else(desk: Desk) -> None:
    report = judged(desk, Showing().shown(by=SoftwareSigner.generate()))
    assert report.delegation.reason == "delegation_proof_invalid"


def test_it_is_for_one_certificate(desk: Desk) -> None:
    other = Showing(certificate=Certificate().saying(certificate_version=2).sd_jwt())
    report = judged(desk, Showing().shown(certificate=other.handed_over()))
    assert report.delegation.reason == "delegation_of_another_certificate"


def test_more_is_not_added_to_what_the_agent_showed(desk: Desk) -> None:
    more = Showing(fields=("business_scope", "registered_capital")).handed_over()
    _, _, delegated = Showing().shown().partition("~~")
    report = judged(desk, f"{more}~{delegated}")
    assert report.delegation.reason == "delegation_proof_invalid"


def test_it_is_not_taken_twice(desk: Desk) -> None:
    shown = Showing().shown()
    digest = judged(desk, shown).shown
    assert digest is not None
    desk.seen.add(digest)
    assert judged(desk, shown).delegation.reason == "presentation_replayed"


def test_a_recall_is_seen_at_once(desk: Desk) -> None:
    desk.recalled[PLACE] = 1
    report = judged(desk, Showing().shown())
    assert (report.verdict, report.delegation.reason) == (Verdict.INVALID, "delegation_recalled")


@pytest.mark.parametrize("place", [(OTHER_LIST, 1), (LIST, 1), (RECALL_LIST, 1 << 20)])
def test_a_place_that_is_not_known_is_never_valid(desk: Desk, place: tuple[str, int]) -> None:
    report = judged(desk, Showing(status=StatusReference(*place)).shown())
    assert report.delegation.outcome is Outcome.UNKNOWN
    assert report.verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize(
    "changes", [{"recall_iat": NOW - 25 * HOUR}, {"recall_iat": NOW + timedelta(seconds=11)}, {"recall_exp": NOW}]
)
def test_an_old_list_leaves_it_open(desk: Desk, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(desk, name, value)
    assert judged(desk, Showing().shown()).delegation.reason == "delegation_status_unknown"


def test_a_list_that_is_not_believed_leaves_it_open(desk: Desk) -> None:
    desk.recall_lists = {RECALL_LIST: desk.recall_list_token(signer=SoftwareSigner.generate())}
    assert judged(desk, Showing().shown()).delegation.reason == "delegation_status_unknown"


def test_a_certificate_that_does_not_hold_is_not_mended_by_a_delegation(desk: Desk) -> None:
    revoked = Desk(statuses={4711: 1})
    report = judged(revoked, Showing().shown())
    assert (report.verdict, report.delegation.reason) == (Verdict.INVALID, "delegation_valid")
    with pytest.raises(NotAccepted):
        report.accepted_delegation()


def test_a_certificate_of_a_stranger_stops_everything(desk: Desk) -> None:
    forged = Certificate(signer=SoftwareSigner.generate()).sd_jwt()
    report = judged(desk, Showing(certificate=forged).shown())
    assert (report.verdict, report.delegation.reason) == (Verdict.INVALID, "not_reached")


def test_a_certificate_that_is_bound_to_nobody(desk: Desk) -> None:
    report = judged(desk, Showing(certificate=Certificate(holder=None).sd_jwt()).shown())
    assert report.delegation.reason == "delegation_malformed"


def test_a_type_that_nobody_knows(desk: Desk) -> None:
    unknown = "urn:ecert:passport_of_mars:1"
    desk.entry_changes = {"types": frozenset({unknown})}
    report = judged(desk, Showing(certificate=Certificate(vct=unknown).sd_jwt()).shown())
    assert report.delegation.reason == "delegation_not_allowed_for_type"


@pytest.mark.parametrize("text", ["", "~~", "a~~b", "no", Certificate().present("business_scope")])
def test_what_is_no_delegated_certificate_gives_a_report(desk: Desk, text: str) -> None:
    report = judged(desk, text)
    assert (report.verdict, report.delegation.reason) == (Verdict.INVALID, "delegation_malformed")


def test_an_ordinary_verifier_does_not_take_one_for_a_presentation(desk: Desk) -> None:
    assert desk.flaws(Showing().shown()) == [("format", "malformed_sd_jwt")]
