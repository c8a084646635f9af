"""What is in order passes every row."""

import pytest

from schemas.errors import NotAccepted
from schemas.report import CHECKS, Outcome, Verdict
from tests.support.desk import ANOTHER, LICENCE, MARKET, Desk
from verifier import Policy, verify


def test_a_presentation_in_order_is_valid(desk: Desk) -> None:
    report = desk.verify(desk.certificate().present("business_scope"))
    assert report.verdict is Verdict.VALID
    assert [check.code for check in report.checks] == list(CHECKS)
    assert {check.outcome for check in report.checks} == {Outcome.PASSED}


def test_only_what_was_disclosed_comes_out(desk: Desk) -> None:
    claims = desk.verify(desk.certificate().present("business_scope")).accepted_claims()
    assert dict(claims) == {
        "certificate_version": 1,
        "issuing_authority_name": "江门市市场监督管理局",
        "issue_date": "2025-06-01",
        "effective_date": "2025-06-01",
        "expiring_date": "2026-12-31",
        "business_scope": "示例食品销售和餐饮服务",
    }


def test_showing_no_field_at_all_is_in_order(desk: Desk) -> None:
    assert desk.flaws(desk.certificate().present()) == []


def test_the_report_says_what_and_who_and_when(desk: Desk) -> None:
    report = desk.verify(desk.certificate().present())
    assert (report.format, report.issuer, report.vct) == ("dc+sd-jwt", MARKET, LICENCE)
    assert (report.type_id, report.type_name_zh, report.type_name_en) == (
        "business_licence",
        "营业执照",
        "Business licence",
    )
    assert report.issuer_name_zh == "江门市市场监督管理局"
    assert report.status_age_seconds == 3600
    assert report.verified_at == "2026-03-02T02:30:00Z"


def test_a_holder_with_an_ed25519_key_is_as_good(desk: Desk) -> None:
    assert desk.flaws(desk.certificate(holder=ANOTHER).present()) == []


def test_a_credential_itself_is_valid_where_nobody_shows_it(desk: Desk) -> None:
    report = desk.verify(desk.certificate().sd_jwt().text(), require_key_binding=False)
    assert report.verdict is Verdict.VALID
    assert report.check("holder_binding").outcome is Outcome.SKIPPED
    assert report.check("presentation").outcome is Outcome.SKIPPED
    assert report.accepted_claims()["legal_representative"] == "陈大文"


def test_a_vc_jwt_is_valid_where_nobody_shows_it(desk: Desk) -> None:
    report = desk.verify(desk.certificate().vc_jwt(), require_key_binding=False)
    assert report.verdict is Verdict.VALID
    assert (report.format, report.type_id) == ("vc+jwt", "business_licence")
    assert report.check("disclosure").reason == "not_selective"
    assert report.accepted_claims()["business_scope"] == "示例食品销售和餐饮服务"


def test_a_vc_jwt_about_several_subjects_keeps_them_apart(desk: Desk) -> None:
    subjects = [{"id": "urn:uuid:1", "name": "陈大文"}, {"id": "urn:uuid:2", "name": "李小明"}]
    report = desk.verify(desk.certificate().vc_jwt(credentialSubject=subjects), require_key_binding=False)
    assert dict(report.accepted_claims()) == {"credentialSubject": subjects}


def test_a_vc_jwt_without_iat_was_signed_from_its_valid_from_on(desk: Desk) -> None:
    token = desk.certificate().vc_jwt(iat=None)
    assert desk.flaws(token, require_key_binding=False) == []


def test_claims_of_a_refused_presentation_do_not_come_out(desk: Desk) -> None:
    desk.statuses[4711] = 1
    report = desk.verify(desk.certificate().present("business_scope"))
    with pytest.raises(NotAccepted, match=r"^status: revoked$"):
        report.accepted_claims()


def test_a_moment_without_time_zone_is_the_callers_mistake(desk: Desk) -> None:
    evidence = desk.evidence()
    with pytest.raises(ValueError, match="no time zone"):
        verify("x", policy=Policy(accepted_types=None), evidence=evidence, now=desk.now.replace(tzinfo=None))
