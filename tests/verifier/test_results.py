"""The result for relying parties: one verdict, the same nine checks every time, claims only when all is valid."""

from typing import Any

import pytest

from schemas.report import Outcome, Report, Verdict
from tests.support.delegations import PLACE, Showing
from tests.support.desk import CIVIL, CIVIL_KEY, INDEX, LIST, NOW, RECALL_LIST, STRANGER, Desk
from verifier import Policy
from verifier.basis import basis_of
from verifier.judging import judge
from verifier.results import CHECKS, MATCHED, NOT_ASKED, TEXTS, VerificationResult, result_of

AT = "2026-03-02T02:30:00Z"


def judged(*reports: Report, match: Any = MATCHED) -> VerificationResult:
    return result_of({f"q{number}": [each] for number, each in enumerate(reports)}, match=match, verified_at=AT)


def shown(desk: Desk, **changes: Any) -> Report:
    return desk.verify(desk.certificate(**changes).present("business_scope"))


def states(result: VerificationResult) -> dict[str, tuple[str, str]]:
    return {each.check: (each.state.value, each.code) for each in result.checks}


def test_what_is_in_order_is_valid_with_what_was_disclosed(desk: Desk) -> None:
    result = judged(shown(desk))
    assert [each.check for each in result.checks] == list(CHECKS)
    assert result.verdict is Verdict.VALID
    assert states(result) == {
        "format": ("passed", "well_formed"),
        "signature": ("passed", "signature_valid"),
        "trust": ("passed", "issuer_listed"),
        "entitlement": ("passed", "issuer_entitled"),
        "type": ("passed", "type_accepted"),
        "validity": ("passed", "in_force"),
        "status": ("passed", "status_valid"),
        "holder": ("passed", "holder_bound"),
        "request_match": ("passed", "request_matched"),
    }
    (credential,) = result.credentials
    assert (credential.query_id, credential.type_id) == ("q0", "business_licence")
    assert credential.claims["business_scope"] == "示例食品销售和餐饮服务"
    status = result.checks[6]
    assert status.evidence == {"list": LIST, "index": INDEX, "value": 0, "age_seconds": 3600}


def test_a_result_is_the_same_document_with_and_without_claims(desk: Desk) -> None:
    result = judged(shown(desk))
    document = result.document()
    assert document["credentials"][0]["issuer_name"]["zh"] == "江门市市场监督管理局"
    bare = result.document(include_claims=False)
    assert bare == {name: value for name, value in document.items() if name != "credentials"}
    assert "示例食品" not in str(bare)
    assert all(check["text"]["zh"] and check["text"]["en"] for check in bare["checks"])
    assert "示例食品" not in repr(result)


def test_what_failed_discloses_nothing(desk: Desk) -> None:
    desk.statuses[INDEX] = 2
    result = judged(shown(desk))
    assert (result.verdict, result.credentials) == (Verdict.INVALID, ())
    assert states(result)["status"] == ("failed", "suspended")


def test_what_is_unknown_discloses_nothing(desk: Desk) -> None:
    desk.lists = {}
    result = judged(shown(desk))
    assert (result.verdict, result.credentials) == (Verdict.INDETERMINATE, ())
    assert states(result)["status"][0] == "unknown"


def test_a_trusted_issuer_of_another_type_is_told_from_one_that_nobody_trusts(desk: Desk) -> None:
    other = states(judged(shown(desk, issuer=CIVIL, signer=CIVIL_KEY)))
    assert (other["trust"], other["entitlement"]) == (("passed", "issuer_trusted"), ("failed", "issuer_not_entitled"))
    nobody = states(judged(shown(desk, signer=STRANGER)))
    assert (nobody["trust"], nobody["entitlement"]) == (("failed", "unknown_issuer_key"), ("skipped", "not_reached"))


def test_a_trust_list_that_is_too_old_leaves_both_unknown(desk: Desk) -> None:
    desk.trust_next = NOW - (NOW - NOW.replace(minute=0))
    found = states(judged(shown(desk)))
    assert found["trust"][0] == found["entitlement"][0] == "unknown"


def test_past_a_gate_nothing_is_reached(desk: Desk) -> None:
    found = states(judged(desk.verify("no certificate")))
    assert found.pop("format")[0] == "failed"
    assert found.pop("request_match") == ("passed", "request_matched")
    assert set(found.values()) == {("skipped", "not_reached")}


def test_each_check_has_the_worst_state_of_all_presentations(desk: Desk) -> None:
    good = shown(desk)
    desk.statuses[INDEX] = 1
    both = judged(good, shown(desk))
    assert states(both)["status"] == ("failed", "revoked")
    assert both.credentials == ()
    assert states(judged(good, good))["status"] == ("passed", "status_valid")


@pytest.mark.parametrize(("state", "verdict"), [(Outcome.FAILED, Verdict.INVALID), (Outcome.SKIPPED, Verdict.VALID)])
def test_what_was_asked_for_counts_too(desk: Desk, state: Outcome, verdict: Verdict) -> None:
    assert judged(shown(desk), match=(state, "mismatch")).verdict is verdict


def test_an_answer_without_a_report_was_not_looked_at() -> None:
    result = result_of({}, match=(Outcome.FAILED, "missing"), verified_at=AT)
    assert result.verdict is Verdict.INVALID
    assert states(result)["format"] == ("skipped", "not_reached")
    assert NOT_ASKED == (Outcome.SKIPPED, "not_asked")


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(text.zh and text.en for text in TEXTS.values())


def agents(desk: Desk) -> Report:
    """The report on what an agent shows."""
    policy = Policy(accepted_types=None)
    return judge(Showing().shown(), policy=policy, evidence=desk.evidence(), now=NOW).report


def test_what_an_agent_shows_has_one_check_more(desk: Desk) -> None:
    result = judged(agents(desk))
    assert [each.check for each in result.checks] == [*CHECKS, "delegation"]
    assert states(result)["delegation"] == ("passed", "delegation_valid")
    assert states(result)["holder"] == ("skipped", "by_delegation")
    assert result.checks[-1].text.zh
    assert result.verdict is Verdict.VALID
    assert result.places == ((LIST, INDEX),)
    assert "陈小文" not in str(result.document())


def test_of_several_the_worst_delegation_is_told(desk: Desk) -> None:
    good = agents(desk)
    desk.recalled[PLACE] = 1
    result = judged(good, shown(desk), agents(desk))
    assert states(result)["delegation"] == ("failed", "delegation_recalled")
    assert (result.verdict, result.credentials) == (Verdict.INVALID, ())


def test_what_a_delegation_rests_on_is_named_by_its_own_list(desk: Desk) -> None:
    basis = basis_of([("q", "text")], [agents(desk)], evidence=desk.evidence(), salt=b"0" * 16)
    assert set(basis.status_lists) == {LIST, RECALL_LIST}
    desk.recall_lists = {}
    basis = basis_of([("q", "text")], [agents(desk)], evidence=desk.evidence(), salt=b"0" * 16)
    assert set(basis.status_lists) == {LIST}
