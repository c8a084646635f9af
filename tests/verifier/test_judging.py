"""One entry for holders, agents and PDFs; and the words for who acts for a holder."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.formats import delegation
from schemas.formats.delegation import Relation
from schemas.order import CredentialFormat
from schemas.qr import compact
from schemas.report import CHECKS, Outcome, Verdict
from tests.support import forms
from tests.support.delegations import PURPOSE, Showing
from tests.support.desk import DAY, INDEX, NOW, Certificate, Desk
from verifier import Policy, acting, verify
from verifier.judging import Judgement, judge
from verifier.pdf_reading import PdfCopy, verify_copy
from verifier.purposes.shipped import shipped
from verifier.rendering import render

POLICY = Policy(accepted_types=None)


def judged(desk: Desk, given: str | PdfCopy, **more: Any) -> Judgement:
    return judge(given, policy=POLICY, evidence=desk.evidence(), now=desk.now, **more)


def test_a_holders_presentation_is_judged_as_ever(desk: Desk) -> None:
    shown = Certificate().present("business_scope")
    found = judged(desk, shown, purpose="bank.personal-account")
    assert found.report == verify(shown, policy=POLICY, evidence=desk.evidence(), now=NOW)
    assert (found.verdict, found.delegation) == (Verdict.VALID, None)
    assert acting.member(found.delegation) == {}


def test_json_that_holds_the_mark_of_an_agents_text_is_a_holders(desk: Desk) -> None:
    certificate = Certificate().saying(business_scope="示例~~范围")
    shown = forms.present(CredentialFormat.LDP_VC, certificate)
    found = judge(shown, policy=Policy(accepted_types=None, nonce=forms.NONCE), evidence=desk.evidence(), now=desk.now)
    assert "~~" in shown
    assert tuple(row.code for row in found.report.checks) == CHECKS
    assert found.verdict is Verdict.VALID


def test_a_pdf_is_judged_by_its_two_credentials(desk: Desk) -> None:
    copy = PdfCopy(Showing().shown(), "no")
    found = judged(desk, copy)
    assert found.report == verify_copy(copy, policy=POLICY, evidence=desk.evidence(), now=NOW)
    assert (found.verdict, found.delegation) == (Verdict.INVALID, None)


def test_an_agents_text_has_one_row_more_and_says_who_acts(desk: Desk) -> None:
    found = judged(desk, Showing().shown(), purpose=PURPOSE)
    assert tuple(row.code for row in found.report.checks) == (*CHECKS, "delegation")
    rows = {row.code: (row.outcome, row.reason) for row in found.report.checks}
    assert rows["holder_binding"] == rows["presentation"] == (Outcome.SKIPPED, "by_delegation")
    assert found.delegation is not None
    assert found.delegation.agent_name == "陈小文"
    assert found.report.accepted_claims()["business_scope"]


def test_an_agents_text_is_judged_as_its_code_packs_it(desk: Desk) -> None:
    shown = Showing().shown()
    found, packed = judged(desk, shown), judged(desk, f"ZK1:{compact.pack(shown)}")
    assert packed == found
    assert packed.verdict is Verdict.VALID


@pytest.mark.parametrize("text", ["ZK1:", "ZK1:!", "ZK1:ABC"])
def test_a_code_that_packs_nothing_is_judged_as_ever(desk: Desk, text: str) -> None:
    report = verify(text, policy=POLICY, evidence=desk.evidence(), now=NOW)
    assert judged(desk, text) == Judgement(report)


def test_a_holders_code_is_judged_as_ever(desk: Desk) -> None:
    token = forms.present(CredentialFormat.SD_CWT, Certificate())
    shown = f"ZK1:{compact.pack(token)}"
    report = verify(shown, policy=POLICY, evidence=desk.evidence(), now=NOW)
    assert judged(desk, shown) == Judgement(report)


@pytest.mark.parametrize(
    ("showing", "purpose"),
    [(Showing(until=NOW), None), (Showing(), "bank.personal-account"), (Showing(at=NOW - timedelta(minutes=2)), None)],
    ids=["over", "another purpose", "too old"],
)
def test_a_delegation_that_does_not_hold_gives_neither_names_nor_claims(
    desk: Desk, showing: Showing, purpose: str | None
) -> None:
    found = judged(desk, showing.shown(), purpose=purpose)
    assert (found.verdict, found.delegation) == (Verdict.INVALID, None)
    assert found.report.check("delegation").outcome is Outcome.FAILED
    text = str(found.report.to_dict(include_claims=True)) + render(found.report, found.delegation)
    assert "陈小文" not in text
    assert "示例食品" not in text


def test_a_certificate_that_does_not_hold_gives_no_names(desk: Desk) -> None:
    desk.statuses[INDEX] = 1
    assert judged(desk, Showing().shown()).delegation is None


def test_names_do_not_show_in_a_log(desk: Desk) -> None:
    assert "陈小文" not in repr(judged(desk, Showing().shown()))


# Words


def said(**changes: Any) -> delegation.Delegation:
    shown = Showing(**{"until": NOW + 30 * DAY} | changes).shown()
    return delegation.parse(shown).verified_by(Showing().holder.public_key)


def test_the_sentence_says_who_for_whom_until_when_for_what() -> None:
    words = acting.sentence(said())
    assert words.zh == "陈小文（代理人）代 持证人 用证，至 2026-04-01 10:30：办理食品经营许可、年报"
    assert words.en == "陈小文 (agent) for the holder, until 2026-04-01 10:30: 办理食品经营许可; 年报"


def test_a_purpose_that_is_shipped_goes_by_its_name() -> None:
    words = acting.sentence(said(purposes=("bank.personal-account", "bank.of-nobody")))
    known = shipped()["bank.personal-account"]
    assert words.zh.endswith(f"：{known.name_zh}、bank.of-nobody")
    assert words.en.endswith(f": {known.name_en}; bank.of-nobody")


def test_every_relation_has_words_in_both_languages() -> None:
    assert set(acting.RELATIONS) == set(Relation)
    assert all(words.en.isascii() and not words.zh.isascii() for words in acting.RELATIONS.values())


def test_the_member_of_an_answer_has_these_members() -> None:
    assert acting.member(said()) == {
        "delegation": {
            "agent_name": "陈小文",
            "relation": "agent",
            "relation_zh": "代理人",
            "relation_en": "agent",
            "purposes": ["办理食品经营许可", "年报"],
            "since": "2026-03-02T01:30:00Z",
            "until": "2026-04-01T02:30:00Z",
            "sentence_zh": "陈小文（代理人）代 持证人 用证，至 2026-04-01 10:30：办理食品经营许可、年报",
            "sentence_en": "陈小文 (agent) for the holder, until 2026-04-01 10:30: 办理食品经营许可; 年报",
        }
    }
