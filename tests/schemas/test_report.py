"""The report: a verdict from its rows, claims only from a valid one, and never a yes or a no."""

import pytest

from schemas.errors import NotAccepted
from schemas.report import Check, Outcome, Report, Verdict

PASSED = Check("format", Outcome.PASSED, "sd_jwt_vc")
SKIPPED = Check("status", Outcome.SKIPPED, "not_reached")
UNKNOWN = Check("status", Outcome.UNKNOWN, "status_too_old")
FAILED = Check("signature", Outcome.FAILED, "signature_invalid")


def _report(*checks: Check) -> Report:
    return Report(checks, "2019-06-18T00:00:00Z", _claims={"name": "示例"})


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ((PASSED,), Verdict.VALID),
        ((PASSED, SKIPPED), Verdict.VALID),
        ((PASSED, UNKNOWN), Verdict.INDETERMINATE),
        ((PASSED, UNKNOWN, FAILED), Verdict.INVALID),
        ((), Verdict.INDETERMINATE),
    ],
)
def test_the_worst_row_decides(checks: tuple[Check, ...], verdict: Verdict) -> None:
    assert _report(*checks).verdict is verdict


def test_a_valid_report_gives_its_claims() -> None:
    assert _report(PASSED).accepted_claims() == {"name": "示例"}


@pytest.mark.parametrize(
    ("checks", "why"),
    [
        ((PASSED, FAILED), "signature: signature_invalid"),
        ((UNKNOWN,), "status: status_too_old"),
        ((), "nothing was checked"),
    ],
)
def test_claims_of_another_report_are_refused_with_the_reason(checks: tuple[Check, ...], why: str) -> None:
    with pytest.raises(NotAccepted, match=why):
        _report(*checks).accepted_claims()


def test_a_report_is_not_a_boolean() -> None:
    with pytest.raises(TypeError):
        bool(_report(PASSED))


def test_a_row_is_found_by_its_code() -> None:
    assert _report(PASSED, FAILED).check("signature") is FAILED


def test_claims_are_not_shown_by_repr() -> None:
    assert "示例" not in repr(_report(PASSED))


def test_a_report_as_json_has_a_row_for_each_check() -> None:
    assert [row["check"] for row in _report(PASSED, FAILED).to_dict()["checks"]] == ["format", "signature"]


def test_a_report_as_json_holds_claims_on_demand_alone() -> None:
    assert "claims" not in _report(PASSED).to_dict()
    assert _report(PASSED).to_dict(include_claims=True)["claims"] == {"name": "示例"}


def test_a_report_as_json_holds_no_claims_of_a_refused_one() -> None:
    assert "claims" not in _report(FAILED).to_dict(include_claims=True)


def test_a_report_as_json_names_the_type_in_both_languages() -> None:
    report = Report((PASSED,), "2019-06-18T00:00:00Z", type_name_zh="营业执照", type_name_en="Business Licence")
    assert report.to_dict()["type_name"] == {"zh": "营业执照", "en": "Business Licence"}


def test_a_reason_without_words_stands_for_itself() -> None:
    assert (Check("format", Outcome.PASSED, "new_reason").text.zh) == "new_reason"
