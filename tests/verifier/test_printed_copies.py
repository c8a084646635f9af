"""A code on paper is never more than "compare": what it says, and what no policy makes of it."""

from typing import Any

import pytest

from schemas.errors import NotAccepted
from schemas.formats.errors import HolderKeyMissing
from schemas.formats.sd_cwt import kbt
from schemas.formats.sd_cwt.credential import PrintedCopy
from schemas.order import CredentialFormat
from schemas.report import Outcome, Verdict
from schemas.report import PrintedCopy as Said
from tests.support import forms
from tests.support.desk import DAY, INDEX, NOW, Desk, seconds
from verifier.documents import open_document
from verifier.rendering import render

MARK = PrintedCopy("江门市示例打印社", "办理示例事项", seconds(NOW - DAY), seconds(NOW + DAY))


def _paper(desk: Desk, **changes: Any) -> str:
    parts: dict[str, Any] = {"redacted": frozenset(), "holder_key": None, "printed_copy": MARK}
    return kbt.to_text(forms.full_sd_cwt(desk.certificate(**changes), **parts))


@pytest.mark.parametrize("policy", [{}, {"require_key_binding": False}, {"require_status": False}], ids=str)
def test_a_printed_copy_is_to_be_compared_whatever_the_policy(desk: Desk, policy: dict[str, Any]) -> None:
    report = desk.verify(_paper(desk), **policy)
    assert report.verdict is Verdict.INDETERMINATE
    row = report.check("holder_binding")
    assert (row.outcome, row.reason) == (Outcome.UNKNOWN, "printed_copy")
    assert row.text.en == "printed copy: compare with the person's document"
    assert report.check("presentation").outcome is Outcome.SKIPPED


def test_it_says_who_made_it_why_and_until_when(desk: Desk) -> None:
    report = desk.verify(_paper(desk))
    said = Said("江门市示例打印社", "办理示例事项", "2026-03-01T02:30:00Z", "2026-03-03T02:30:00Z")
    assert report.printed_copy == said
    assert report.to_dict()["printed_copy"]["cause"] == "办理示例事项"


def test_its_claims_come_out_for_comparing_and_not_as_accepted(desk: Desk) -> None:
    report = desk.verify(_paper(desk))
    assert report.claims_to_compare()["legal_representative"] == "陈大文"
    with pytest.raises(NotAccepted, match="holder_binding: printed_copy"):
        report.accepted_claims()
    shown = report.to_dict(include_claims=True)
    assert "claims" not in shown
    assert shown["claims_to_compare"]["legal_representative"] == "陈大文"


def test_a_revoked_one_has_nothing_to_compare(desk: Desk) -> None:
    desk.statuses[INDEX] = 1
    report = desk.verify(_paper(desk))
    assert report.verdict is Verdict.INVALID
    with pytest.raises(NotAccepted):
        report.claims_to_compare()
    assert "claims_to_compare" not in report.to_dict(include_claims=True)


def test_a_presentation_is_no_printed_copy(desk: Desk) -> None:
    report = desk.verify(forms.present(CredentialFormat.SD_CWT, desk.certificate()))
    assert report.printed_copy is None
    with pytest.raises(NotAccepted):
        report.claims_to_compare()


def test_a_person_reads_that_it_has_to_be_compared(desk: Desk) -> None:
    text = render(desk.verify(_paper(desk)))
    assert "加注件，请与本人证件核对  printed copy: compare with the person's document:" in text
    assert "江门市示例打印社，办理示例事项" in text
    assert "陈大文" in text


def test_a_printed_copy_is_bound_to_nobodys_key(desk: Desk) -> None:
    document = open_document(_paper(desk), max_bytes=10_000)
    credential = document.verified_by(desk.certificate().signer.public_key)
    with pytest.raises(HolderKeyMissing):
        document.holder_key(credential)
