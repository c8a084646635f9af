"""Every format goes through the same nine rows, and each flaw is seen in the row that it belongs to."""

from datetime import timedelta

import pytest

from keys import strict_json
from schemas.formats import data_integrity
from schemas.order import CredentialFormat
from schemas.report import CHECKS, Outcome, Verdict
from tests.support import forms
from tests.support.desk import ANOTHER, CIVIL_KEY, INDEX, LIST, MARRIAGE, NOW, STRANGER, Desk
from tests.support.forms import NONCE, SHOWN, Shown, bare, present

FORMS = tuple(CredentialFormat)
SELECTIVE = {"dc+sd-jwt", "vc+sd-jwt", "ldp_vc", "sd+cwt"}
each_form = pytest.mark.parametrize("form", FORMS)


@each_form
def test_what_is_in_order_passes_every_row(desk: Desk, form: CredentialFormat) -> None:
    report = desk.verify(present(form, desk.certificate()), nonce=NONCE)
    assert desk.flaws(present(form, desk.certificate()), nonce=NONCE) == []
    assert [check.code for check in report.checks] == list(CHECKS)
    assert (report.verdict, report.format) == (Verdict.VALID, form)
    skipped = [check.code for check in report.checks if check.outcome is Outcome.SKIPPED]
    assert skipped == ([] if form in SELECTIVE else ["disclosure"])
    assert report.status_age_seconds == 3600


@each_form
def test_the_claims_have_the_same_names_and_values(desk: Desk, form: CredentialFormat) -> None:
    claims = dict(desk.verify(present(form, desk.certificate())).accepted_claims())
    assert claims[SHOWN] == "示例食品销售和餐饮服务"
    assert claims["issuing_authority_name"] == "江门市市场监督管理局"
    assert ("legal_representative" in claims) is (form not in SELECTIVE)
    assert not {"id", "iss", "cnf", "status", "vct", "_sd", "_sd_alg"} & claims.keys()


@each_form
def test_a_bare_certificate_is_valid_where_nobody_shows_it(desk: Desk, form: CredentialFormat) -> None:
    assert desk.flaws(bare(form, desk.certificate()), require_key_binding=False) == []


@each_form
def test_a_bare_certificate_is_no_presentation(desk: Desk, form: CredentialFormat) -> None:
    assert desk.flaws(bare(form, desk.certificate())) == [("holder_binding", "key_binding_missing")]


@each_form
def test_one_signed_by_a_stranger_is_refused(desk: Desk, form: CredentialFormat) -> None:
    assert desk.flaws(present(form, desk.certificate(signer=STRANGER))) == [("issuer", "unknown_issuer_key")]


@each_form
def test_an_issuer_that_is_not_entitled_is_refused(desk: Desk, form: CredentialFormat) -> None:
    shown = present(form, desk.certificate(issuer="https://ecert.example/issuers/mca", signer=CIVIL_KEY))
    assert desk.flaws(shown) == [("issuer", "issuer_not_entitled")]


@each_form
def test_an_issuer_that_is_not_listed_is_refused(desk: Desk, form: CredentialFormat) -> None:
    shown = present(form, desk.certificate(issuer="https://ecert.example/issuers/nobody"))
    assert desk.flaws(shown) == [("issuer", "unknown_issuer")]


@each_form
def test_one_shown_by_another_holder_is_refused(desk: Desk, form: CredentialFormat) -> None:
    flaws = desk.flaws(present(form, desk.certificate(), Shown(holder=STRANGER)))
    assert flaws == [("holder_binding", "key_binding_signature_invalid")]


@each_form
def test_one_bound_to_another_key_than_the_expected_one_is_refused(desk: Desk, form: CredentialFormat) -> None:
    flaws = desk.flaws(present(form, desk.certificate()), holder_key=STRANGER.public_key)
    assert flaws == [("holder_binding", "holder_key_other")]


@each_form
@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (Shown(audience="https://elsewhere.example"), "audience_mismatch"),
        (Shown(nonce="AAAA"), "nonce_mismatch"),
        (Shown(at=NOW - timedelta(seconds=61)), "presentation_too_old"),
        (Shown(at=NOW + timedelta(seconds=11)), "presentation_in_future"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_presentation_for_another_verifier_or_moment_is_refused(
    desk: Desk, form: CredentialFormat, shown: Shown, reason: str
) -> None:
    assert desk.flaws(present(form, desk.certificate(), shown), nonce=NONCE) == [("presentation", reason)]


@each_form
def test_a_presentation_shown_before_is_refused(desk: Desk, form: CredentialFormat) -> None:
    shown = present(form, desk.certificate())
    desk.remember(shown)
    assert desk.flaws(shown) == [("presentation", "presentation_replayed")]
    assert desk.flaws(present(form, desk.certificate(), Shown(nonce="AAAA"))) == []


@each_form
@pytest.mark.parametrize(("value", "reason"), [(1, "revoked"), (2, "suspended"), (3, "replaced")])
def test_ends_are_told_apart_with_list_index_value_and_age(
    desk: Desk, form: CredentialFormat, value: int, reason: str
) -> None:
    desk.statuses[INDEX] = value
    report = desk.verify(present(form, desk.certificate()))
    row = report.check("status")
    assert (report.verdict, row.reason) == (Verdict.INVALID, reason)
    assert row.facts == {"list": LIST, "index": INDEX, "value": value, "age_seconds": 3600}


@each_form
def test_without_its_list_the_status_is_unreadable_and_nothing_else(desk: Desk, form: CredentialFormat) -> None:
    desk.lists = {}
    report = desk.verify(present(form, desk.certificate()))
    assert report.verdict is Verdict.INDETERMINATE
    assert report.check("status").reason == "status_list_missing"
    assert report.check("status").facts["index"] == INDEX


@each_form
def test_an_expired_one_is_refused(desk: Desk, form: CredentialFormat) -> None:
    shown = present(form, desk.certificate(exp=NOW))
    assert ("validity", "expired") in desk.flaws(shown)


@each_form
def test_one_signed_after_now_is_refused(desk: Desk, form: CredentialFormat) -> None:
    later = NOW + timedelta(minutes=30)
    found = desk.flaws(present(form, desk.certificate(iat=later)))
    assert ("validity", "issued_in_future") in found


@each_form
def test_a_type_that_is_not_accepted_is_refused(desk: Desk, form: CredentialFormat) -> None:
    flaws = desk.flaws(present(form, desk.certificate()), accepted_types=frozenset({MARRIAGE}))
    assert flaws == [("type", "type_not_accepted")]


@each_form
def test_what_a_withdrawn_key_signed_is_refused_unless_it_is_kept(desk: Desk, form: CredentialFormat) -> None:
    certificate = desk.certificate()
    issued = bare(form, certificate)
    desk.withdraw(certificate.signer)
    assert desk.flaws(issued, require_key_binding=False, require_status=False) == [("issuer", "key_withdrawn")]
    desk.keep_issued(form, issued)
    assert desk.flaws(issued, require_key_binding=False, require_status=False) == []


def test_a_kept_one_may_be_shown(desk: Desk) -> None:
    certificate = desk.certificate()
    issued = forms.ldp_vc(certificate)
    desk.withdraw(certificate.signer)
    desk.keep_issued(CredentialFormat.LDP_VC, strict_json.dumps(issued).decode())
    shown = forms.vp_data_integrity(data_integrity.derive(issued, [f"/credentialSubject/{SHOWN}"]), Shown())
    assert desk.flaws(shown, require_status=False) == []


@each_form
def test_a_holder_with_an_ed25519_key_is_as_good(desk: Desk, form: CredentialFormat) -> None:
    if form is CredentialFormat.LDP_VC:
        document = forms.ldp_vc(desk.certificate(holder=ANOTHER), suite=forms.Suite.ECDSA_JCS_2019)
        shown = forms.vp_data_integrity(document, Shown(holder=ANOTHER), suite=forms.Suite.EDDSA_JCS_2022)
    else:
        shown = present(form, desk.certificate(holder=ANOTHER), Shown(holder=ANOTHER))
    assert desk.flaws(shown) == []
