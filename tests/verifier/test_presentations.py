"""Presentations around a credential: what they must say, what they must hold, and what each flaw is called."""

from datetime import timedelta
from typing import Any

import pytest

from keys import did, strict_json
from keys.signer import SoftwareSigner
from schemas.formats import data_integrity, key_binding
from schemas.formats.jsonld.errors import JsonLdProcessorMissing
from schemas.formats.vc_jose_cose import cose, enveloped, jwt_vc_json, sd_jwt
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.order import CredentialFormat
from schemas.qr import compact
from schemas.report import Outcome, Verdict
from tests.support import forms
from tests.support.desk import ANOTHER, HOLDER, MARKET_KEY, NOW, STRANGER, Desk, seconds
from tests.support.forms import SHOWN, Shown, Suite
from verifier import presentation_digest

SHOW = Shown()
POINTER = f"/credentialSubject/{SHOWN}"


def _derived(desk: Desk, *pointers: str, **made: Any) -> dict[str, Any]:
    return data_integrity.derive(forms.ldp_vc(desk.certificate(), **made), pointers or (POINTER,))


def _envelope(desk: Desk, form: CredentialFormat = CredentialFormat.VC_JWT) -> dict[str, Any]:
    return forms.envelope(form, desk.certificate())


# Forms that carry the same


def test_a_vc_sd_jwt_may_be_bound_by_itself(desk: Desk) -> None:
    shown = forms.bound_sd_jwt(desk.certificate())
    assert desk.flaws(shown) == []
    assert presentation_digest(shown) is not None


@pytest.mark.parametrize("suite", [Suite.ECDSA_JCS_2019, Suite.ECDSA_RDFC_2019])
def test_a_data_integrity_presentation_holds_in_either_canonical_form(desk: Desk, suite: Suite) -> None:
    assert desk.flaws(forms.vp_data_integrity(_derived(desk), SHOW, suite=suite)) == []


@pytest.mark.parametrize("suite", [Suite.ECDSA_JCS_2019, Suite.ECDSA_RDFC_2019])
def test_a_credential_of_a_suite_without_choice_shows_all_of_it(desk: Desk, suite: Suite) -> None:
    report = desk.verify(forms.vp_data_integrity(forms.ldp_vc(desk.certificate(), suite=suite), SHOW))
    assert report.verdict is Verdict.VALID
    assert report.check("disclosure").outcome is Outcome.SKIPPED
    assert report.accepted_claims()["legal_representative"] == "陈大文"


def test_a_data_integrity_presentation_may_envelop_a_credential(desk: Desk) -> None:
    assert desk.flaws(forms.vp_data_integrity(_envelope(desk), SHOW)) == []


def test_a_jwt_presentation_may_hold_a_credential_with_its_proof(desk: Desk) -> None:
    assert desk.flaws(forms.vp_jwt(_derived(desk), SHOW)) == []


def test_a_presentation_may_be_an_sd_jwt(desk: Desk) -> None:
    claims = forms.vp_claims(_envelope(desk), SHOW)
    shown = sd_jwt.issue(claims, [("holder",)], HOLDER, kind=Kind.PRESENTATION, salt=forms.salts())
    assert desk.flaws(shown.text()) == []
    assert presentation_digest(shown.text()) is not None


def test_a_presentation_may_be_of_the_first_version(desk: Desk) -> None:
    assert desk.flaws(_old(desk)) == []


def test_a_presentation_may_come_in_an_envelope_itself(desk: Desk) -> None:
    wrapped = enveloped.wrap("application/vp+jwt", forms.vp_jwt(_envelope(desk), SHOW), kind=Kind.PRESENTATION)
    assert desk.flaws(strict_json.dumps(wrapped).decode()) == []


@pytest.mark.parametrize(
    "form",
    [CredentialFormat.VC_JWT, CredentialFormat.VC_SD_JWT, CredentialFormat.VC_COSE, CredentialFormat.JWT_VC_JSON],
)
def test_a_credential_may_come_in_an_envelope_alone(desk: Desk, form: CredentialFormat) -> None:
    text = strict_json.dumps(_envelope(desk, form)).decode()
    assert desk.flaws(text, require_key_binding=False) == []


def test_a_packed_code_is_read(desk: Desk) -> None:
    packed = compact.PREFIX + compact.pack(forms.present(CredentialFormat.SD_CWT, desk.certificate()))
    assert desk.flaws(packed) == []


def test_a_code_of_an_unknown_dictionary_is_refused(desk: Desk) -> None:
    assert desk.flaws(compact.PREFIX + "ZZ0000") == [("format", "unknown_dictionary")]


def _old(desk: Desk, *, credentials: list[Any] | None = None, signer: SoftwareSigner = HOLDER, **changes: Any) -> str:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [forms.old_jwt(desk.certificate())] if credentials is None else credentials,
    }
    claims = {"vp": document, "aud": SHOW.audience, "nonce": SHOW.nonce, "iat": seconds(SHOW.at)} | changes
    return jwt_vc_json.issue_presentation({k: v for k, v in claims.items() if v is not None}, signer)


# Flaws of a presentation


@pytest.mark.parametrize("count", [0, 2])
def test_a_presentation_of_none_or_several_is_refused(desk: Desk, count: int) -> None:
    shown = forms.vp_jwt(None, SHOW, verifiableCredential=[_envelope(desk)] * count)
    assert desk.flaws(shown) == [("format", "one_credential_expected")]


def test_a_presentation_inside_a_presentation_is_refused(desk: Desk) -> None:
    inner = enveloped.wrap("application/jwt", _old(desk))
    assert desk.flaws(forms.vp_jwt(inner, SHOW)) == [("format", "wrong_type")]


def test_a_presentation_in_cose_says_no_moment_and_is_refused(desk: Desk) -> None:
    claims = forms.vp_claims(_envelope(desk), SHOW, aud=None, nonce=None, iat=None)
    data = cose.issue(claims, HOLDER, kind=Kind.PRESENTATION)
    wrapped = enveloped.wrap("application/vp+cose", data, kind=Kind.PRESENTATION)
    assert desk.flaws(strict_json.dumps(wrapped).decode()) == [("format", "wrong_type")]


def test_a_bound_credential_inside_a_presentation_is_refused(desk: Desk) -> None:
    inner = enveloped.wrap("application/vc+sd-jwt", forms.bound_sd_jwt(desk.certificate()))
    assert desk.flaws(forms.vp_jwt(inner, SHOW)) == [("format", "key_binding_unexpected")]


def test_a_bound_presentation_as_sd_jwt_is_refused(desk: Desk) -> None:
    claims = forms.vp_claims(_envelope(desk), SHOW)
    shown = sd_jwt.issue(claims, [("holder",)], HOLDER, kind=Kind.PRESENTATION, salt=forms.salts())
    bound = key_binding.bind(shown, HOLDER, audience=SHOW.audience, nonce=SHOW.nonce, iat=seconds(SHOW.at))
    assert desk.flaws(bound.text()) == [("format", "key_binding_unexpected")]


@pytest.mark.parametrize(
    "changes",
    [{"aud": None}, {"aud": [SHOW.audience, "https://elsewhere.example"]}, {"nonce": None}, {"iat": None}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_jwt_presentation_that_does_not_say_for_whom_or_when_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    flaws = [("holder_binding", "key_binding_claim_invalid")]
    assert desk.flaws(forms.vp_jwt(_envelope(desk), SHOW, **changes)) == flaws
    assert desk.flaws(_old(desk, **changes)) == flaws


def test_a_jwt_presentation_that_names_another_holder_is_refused(desk: Desk) -> None:
    for name in (did.to_did_key(STRANGER.public_key), "did:example:somebody"):
        shown = forms.vp_jwt(_envelope(desk), SHOW, holder=name)
        assert desk.flaws(shown) == [("holder_binding", "key_binding_claim_invalid")]


def test_a_holder_may_have_another_name_or_none(desk: Desk) -> None:
    for name in ("https://wallet.example/holders/7", None):
        assert desk.flaws(forms.vp_jwt(_envelope(desk), SHOW, holder=name)) == []


def test_a_jwt_presentation_by_another_kind_of_key_is_refused(desk: Desk) -> None:
    shown = forms.vp_jwt(_envelope(desk), Shown(holder=ANOTHER))
    assert desk.flaws(shown) == [("holder_binding", "key_binding_algorithm_refused")]


def test_a_jwt_presentations_own_dates_count(desk: Desk) -> None:
    shown = forms.vp_jwt(_envelope(desk), SHOW, exp=seconds(NOW))
    assert desk.flaws(shown) == [("presentation", "presentation_too_old")]
    shown = forms.vp_jwt(_envelope(desk), SHOW, nbf=seconds(NOW) + 1)
    assert desk.flaws(shown) == [("presentation", "presentation_in_future")]


@pytest.mark.parametrize("said", [{"domain": None}, {"challenge": None}, {"created": None}], ids=lambda said: str(said))
def test_a_data_integrity_presentation_that_does_not_say_for_whom_or_when_is_refused(
    desk: Desk, said: dict[str, Any]
) -> None:
    shown = forms.vp_data_integrity(_derived(desk), SHOW, **said)
    assert desk.flaws(shown) == [("holder_binding", "key_binding_claim_invalid")]


def test_a_data_integrity_presentations_end_counts(desk: Desk) -> None:
    shown = forms.vp_data_integrity(_derived(desk), SHOW, expires=NOW)
    assert desk.flaws(shown) == [("presentation", "presentation_too_old")]


def test_an_assertion_is_no_proof_of_who_presents(desk: Desk) -> None:
    shown = forms.vp_data_integrity(_derived(desk), SHOW, purpose=data_integrity.ASSERTION)
    assert desk.flaws(shown) == [("holder_binding", "key_binding_malformed")]


def test_a_presentation_changed_after_the_holder_signed_is_refused(desk: Desk) -> None:
    shown = strict_json.loads_object(forms.vp_data_integrity(_derived(desk), SHOW).encode())
    shown["verifiableCredential"] = [_derived(desk, "/credentialSubject/legal_representative")]
    flaws = desk.flaws(strict_json.dumps(shown).decode())
    assert flaws == [("holder_binding", "key_binding_signature_invalid")]


def test_a_data_integrity_replay_written_otherwise_is_noticed(desk: Desk) -> None:
    shown = strict_json.loads_object(
        forms.vp_data_integrity(_derived(desk), SHOW, suite=Suite.ECDSA_RDFC_2019).encode()
    )
    desk.remember(strict_json.dumps(shown).decode())
    shown["verifiableCredential"] = shown["verifiableCredential"][0]
    assert desk.flaws(strict_json.dumps(shown).decode()) == [("presentation", "presentation_replayed")]


def test_what_is_no_presentation_has_no_digest() -> None:
    assert presentation_digest("{}") is None


# Flaws of a credential with a proof


def test_a_base_proof_is_not_what_a_holder_shows(desk: Desk) -> None:
    shown = forms.vp_data_integrity(forms.ldp_vc(desk.certificate()), SHOW)
    assert desk.flaws(shown) == [("disclosure", "sd_header_wrong")]


def test_a_statement_changed_after_the_issuer_signed_is_refused(desk: Desk) -> None:
    derived = _derived(desk)
    derived["credentialSubject"][SHOWN] = "示例药品销售"
    assert desk.flaws(forms.vp_data_integrity(derived, SHOW)) == [("disclosure", "sd_statement_signature_invalid")]


def test_a_mandatory_statement_changed_is_another_signature(desk: Desk) -> None:
    derived = _derived(desk)
    derived["credentialSubject"]["issue_date"] = "2024-06-01"
    assert desk.flaws(forms.vp_data_integrity(derived, SHOW)) == [("signature", "invalid_signature")]


def test_an_undefined_member_is_refused_because_nobody_signed_it(desk: Desk) -> None:
    derived = _derived(desk)
    derived["credentialSubject"]["nickname"] = "示例"
    assert desk.flaws(forms.vp_jwt(derived, SHOW)) == [("format", "term_undefined")]


def test_a_proof_with_another_issuers_method_is_refused(desk: Desk) -> None:
    derived = _derived(desk)
    derived["proof"]["verificationMethod"] = f"https://ecert.example/issuers/mca#{MARKET_KEY.public_key.kid}"
    assert desk.flaws(forms.vp_data_integrity(derived, SHOW)) == [("format", "issuer_not_controller")]


def test_a_further_proof_by_another_method_is_refused(desk: Desk) -> None:
    signed = forms.ldp_vc(desk.certificate(), suite=Suite.ECDSA_JCS_2019)
    name = did.to_did_key(STRANGER.public_key)
    both = data_integrity.issue(
        signed, STRANGER, suite=Suite.ECDSA_JCS_2019, verification_method=did.verification_method(name), created=NOW
    )
    assert desk.flaws(forms.vp_data_integrity(both, SHOW)) == [("signature", "unknown_issuer_key")]


def test_a_key_that_the_suite_does_not_take_is_refused(desk: Desk) -> None:
    signed = forms.ldp_vc(desk.certificate(), suite=Suite.ECDSA_JCS_2019)
    signed["proof"]["cryptosuite"] = "eddsa-jcs-2022"
    assert desk.flaws(forms.vp_data_integrity(signed, SHOW)) == [("signature", "key_unfit_for_cryptosuite")]


def test_a_credential_with_an_unknown_kind_of_status_is_refused(desk: Desk) -> None:
    document = forms.bound_vcdm(desk.certificate(), credentialStatus=[{"type": "BitstringStatusListEntry"}])
    shown = forms.vp_jwt(enveloped.wrap("application/vc+cose", _cose(desk, document)), SHOW)
    assert desk.flaws(shown) == [("format", "bitstring_entry_invalid")]


def _cose(desk: Desk, document: dict[str, Any]) -> bytes:
    return cose.issue(document, MARKET_KEY, kind=Kind.CREDENTIAL)


@pytest.mark.parametrize(
    ("name", "outcome", "reason"),
    [
        (None, Outcome.UNKNOWN, "holder_key_missing"),
        ("https://wallet.example/holders/7", Outcome.FAILED, "holder_key_unsupported"),
    ],
)
def test_a_subject_that_is_no_key_cannot_be_confirmed(
    desk: Desk, name: str | None, outcome: Outcome, reason: str
) -> None:
    document = forms.bound_vcdm(desk.certificate())
    document["credentialSubject"] |= {"id": name}
    if name is None:
        del document["credentialSubject"]["id"]
    shown = forms.vp_jwt(enveloped.wrap("application/vc+cose", _cose(desk, document)), SHOW)
    row = desk.verify(shown).check("holder_binding")
    assert (row.outcome, row.reason) == (outcome, reason)


def test_without_the_extra_a_document_of_foreign_contexts_cannot_be_confirmed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise JsonLdProcessorMissing("the extra is not installed")

    shown = forms.vp_data_integrity(_derived(desk), SHOW)
    monkeypatch.setattr(data_integrity, "verify", missing)
    report = desk.verify(shown)
    assert report.verdict is Verdict.INDETERMINATE
    assert (report.check("signature").outcome, report.check("signature").reason) == (
        Outcome.UNKNOWN,
        "jsonld_processor_missing",
    )


# Issuers that are their own key


def _own(desk: Desk, name: str) -> str:
    certificate = desk.certificate(issuer=name, signer=STRANGER)
    return forms.present(CredentialFormat.VC_JWT, certificate)


def test_an_issuer_that_is_its_own_key_is_not_trusted(desk: Desk) -> None:
    assert desk.flaws(_own(desk, did.to_did_key(STRANGER.public_key))) == [("issuer", "unknown_issuer")]


def test_it_is_accepted_where_the_policy_says_so(desk: Desk) -> None:
    report = desk.verify(_own(desk, did.to_did_key(STRANGER.public_key)), did_issuers=True, require_status=False)
    assert report.verdict is Verdict.VALID
    assert report.check("issuer").reason == "issuer_is_its_own_key"
    assert (report.issuer_name_zh, report.issuer) == (None, did.to_did_key(STRANGER.public_key))


def test_one_that_is_no_key_is_refused_even_there(desk: Desk) -> None:
    assert desk.flaws(_own(desk, "did:key:zNoKey"), did_issuers=True) == [("issuer", "malformed_key")]


def test_an_issuer_with_a_url_still_needs_the_list_there(desk: Desk) -> None:
    shown = _own(desk, "https://ecert.example/issuers/nobody")
    assert desk.flaws(shown, did_issuers=True) == [("issuer", "unknown_issuer")]


def test_a_presentation_with_an_age_says_it(desk: Desk) -> None:
    shown = forms.vp_jwt(_envelope(desk), Shown(at=NOW - timedelta(seconds=30)))
    assert desk.verify(shown).check("presentation").facts == {"age_seconds": 30}


def test_a_presentation_with_a_disclosure_that_nobody_signed_is_refused(desk: Desk) -> None:
    claims = forms.vp_claims(_envelope(desk), SHOW)
    shown = sd_jwt.issue(claims, [("holder",)], HOLDER, kind=Kind.PRESENTATION, salt=forms.salts())
    assert desk.flaws(shown.text() + "WyJzIiwgIm4iLCAxXQ~") == [("format", "disclosure_unreferenced")]


def test_a_disclosure_that_the_issuer_did_not_sign_is_refused(desk: Desk) -> None:
    text = forms.vc_sd_jwt(desk.certificate()).text() + "WyJzIiwgIm4iLCAxXQ~"
    assert desk.flaws(text, require_key_binding=False) == [("disclosure", "disclosure_unreferenced")]
