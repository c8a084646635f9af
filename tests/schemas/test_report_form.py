"""The report: a verdict from rows, claims only when valid, words for every reason, JSON that can be relied on."""

import unicodedata

import pytest

from schemas.errors import NotAccepted
from schemas.report import CHECKS, Check, Outcome, Report, Verdict
from schemas.report_texts import CHECK_NAMES, OUTCOMES, REASONS, REASONS_BY_CHECK, VERDICTS

AT = "2026-03-02T02:30:00Z"
CLAIMS = {"enterprise_name": "江门市示例贸易有限公司"}
PASSED = Check("format", Outcome.PASSED, "well_formed")
FAILED = Check("status", Outcome.FAILED, "revoked", {"age_seconds": 60})
UNKNOWN = Check("status", Outcome.UNKNOWN, "status_list_missing")
SKIPPED = Check("disclosure", Outcome.SKIPPED, "not_selective")


def _report(*checks: Check) -> Report:
    return Report(checks, AT, _claims=CLAIMS)


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ((PASSED, SKIPPED), Verdict.VALID),
        ((PASSED, FAILED), Verdict.INVALID),
        ((PASSED, UNKNOWN), Verdict.INDETERMINATE),
        ((UNKNOWN, FAILED), Verdict.INVALID),
        ((), Verdict.INDETERMINATE),
    ],
)
def test_the_verdict_follows_from_the_rows(checks: tuple[Check, ...], verdict: Verdict) -> None:
    assert _report(*checks).verdict is verdict


def test_claims_come_out_of_a_valid_report() -> None:
    assert _report(PASSED).accepted_claims() == CLAIMS


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ((PASSED, FAILED), "status: revoked"),
        ((PASSED, UNKNOWN), "status: status_list_missing"),
        ((), "nothing was checked"),
    ],
)
def test_otherwise_the_first_hindrance_is_named(checks: tuple[Check, ...], message: str) -> None:
    with pytest.raises(NotAccepted) as caught:
        _report(*checks).accepted_claims()
    assert str(caught.value) == message


def test_a_report_is_no_boolean() -> None:
    with pytest.raises(TypeError, match=r"compare report\.verdict"):
        bool(_report(PASSED))


def test_a_row_is_found_by_its_code() -> None:
    assert _report(PASSED, FAILED).check("status") is FAILED
    with pytest.raises(KeyError):
        _report(PASSED).check("status")


def test_claims_do_not_show_in_a_log() -> None:
    assert CLAIMS["enterprise_name"] not in repr(_report(PASSED))


def test_json_has_claims_only_on_demand_and_only_when_valid() -> None:
    assert "claims" not in _report(PASSED).to_dict()
    assert _report(PASSED).to_dict(include_claims=True)["claims"] == CLAIMS
    assert "claims" not in _report(PASSED, FAILED).to_dict(include_claims=True)


def test_json_has_these_members() -> None:
    report = Report((FAILED,), AT, format="dc+sd-jwt", issuer="i", issuer_name_zh="局", issuer_name_en="B", vct="v")
    assert report.to_dict() == {
        "verdict": "invalid",
        "verdict_text": {"zh": "无效", "en": "invalid"},
        "verified_at": AT,
        "format": "dc+sd-jwt",
        "issuer": "i",
        "issuer_name": {"zh": "局", "en": "B"},
        "vct": "v",
        "type_id": None,
        "type_name": None,
        "status_age_seconds": None,
        "printed_copy": None,
        "checks": [
            {
                "check": "status",
                "outcome": "failed",
                "reason": "revoked",
                "text": {"zh": "已吊销、撤销或注销", "en": "revoked or cancelled"},
                "facts": {"age_seconds": 60},
            }
        ],
    }


def test_every_word_of_a_report_has_both_languages() -> None:
    assert set(VERDICTS) == {verdict.value for verdict in Verdict}
    assert set(OUTCOMES) == {outcome.value for outcome in Outcome}
    assert tuple(CHECK_NAMES) == tuple(REASONS_BY_CHECK) == CHECKS
    texts = [*VERDICTS.values(), *OUTCOMES.values(), *CHECK_NAMES.values(), *REASONS.values()]
    assert all(any(unicodedata.east_asian_width(c) == "W" for c in text.zh) for text in texts)
    assert all(text.en.isascii() and text.en for text in texts)


def test_a_reason_means_the_same_at_every_check() -> None:
    for reasons in REASONS_BY_CHECK.values():
        assert all(REASONS[code] == text for code, text in reasons.items())


def test_sentences_are_short() -> None:
    assert max(len(text.zh) for text in REASONS.values()) <= 30
    assert max(len(text.en) for text in REASONS.values()) <= 80


def test_a_reason_without_words_is_shown_as_it_is() -> None:
    assert Check("status", Outcome.FAILED, "of_a_later_revision").text.zh == "of_a_later_revision"
