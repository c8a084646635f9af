"""What the holder did not disclose is nowhere: not in the report, not in its text, not in a log, not in an error."""

import json
import logging
from collections.abc import Callable

import pytest

from schemas.report import Verdict
from tests.support.desk import NOW, STRANGER, Certificate, Desk, p256
from verifier.rendering import render

HIDDEN = ("陈大文", "1000000", "legal_representative", "registered_capital")
SHOWN = "示例食品销售和餐饮服务"


def _everything(desk: Desk, shown: str) -> str:
    report = desk.verify(shown)
    return render(report) + repr(report) + json.dumps(report.to_dict(include_claims=True), ensure_ascii=False)


def _revoked(desk: Desk, certificate: Certificate) -> str:
    desk.statuses[4711] = 1
    return certificate.present("business_scope")


FLAWS: dict[str, Callable[[Desk, Certificate], str]] = {
    "revoked": _revoked,
    "expired": lambda desk, certificate: certificate.but(exp=NOW).present("business_scope"),
    "stranger": lambda desk, certificate: certificate.but(signer=STRANGER).present("business_scope"),
    "other holder": lambda desk, certificate: certificate.present("business_scope", holder=p256(99)),
    "twice": lambda desk, certificate: certificate.present("business_scope").replace("~", "~YQ~", 1),
    "cut": lambda desk, certificate: certificate.present("business_scope")[:-20],
}


def test_undisclosed_values_are_nowhere_in_a_valid_report(desk: Desk) -> None:
    text = _everything(desk, desk.certificate().present("business_scope"))
    assert SHOWN in text
    assert not [value for value in HIDDEN if value in text]


@pytest.mark.parametrize("flaw", FLAWS)
def test_no_value_at_all_is_in_a_report_that_is_not_valid(
    desk: Desk, flaw: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        shown = FLAWS[flaw](desk, desk.certificate())
        text = _everything(desk, shown) + caplog.text
    assert desk.verify(shown).verdict is Verdict.INVALID
    assert not [value for value in (*HIDDEN, SHOWN) if value in text]


def test_a_failed_gate_repeats_nothing_of_the_document(desk: Desk) -> None:
    certificate = desk.certificate(issuer="https://ecert.example/issuers/陈大文")
    assert "陈大文" not in _everything(desk, certificate.present())
