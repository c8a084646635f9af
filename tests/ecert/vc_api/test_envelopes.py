"""Enveloped credentials and presentations: JWT, SD-JWT, COSE, and the old claims vc and vp."""

from typing import Any

import cbor2
import pytest

from keys import jws, strict_json
from schemas.formats.vc_jose_cose import cose, enveloped, jwt, sd_jwt
from schemas.formats.vc_jose_cose.kinds import Kind
from tests.support.vc_api import EXAMPLES, REMOVED, V1, V2, VcApi, assert_refused, assert_verified, changed

CREDENTIAL = "EnvelopedVerifiableCredential"
PRESENTATION = "EnvelopedVerifiablePresentation"


def signed(vc_api: VcApi, claims: Any, *, typ: str = "JWT", name: str = "vc-jwt", kid: str | None = None) -> str:
    """Return a JWT by an instance, its method as ``kid`` unless another is given."""
    issuer = vc_api.issuer(name)
    named = issuer.verification_method if kid is None else kid
    return jws.sign(strict_json.dumps(claims), issuer.signer, typ=typ, kid=False, extra=(("kid", named),))


def envelope(token: str, media_type: str = "application/jwt", kind: str = CREDENTIAL) -> dict[str, Any]:
    return {"@context": V2, "type": kind, "id": f"data:{media_type},{token}"}


def old_presentation(vc_api: VcApi, **claims: Any) -> dict[str, Any]:
    """Return a presentation in the claim vp, around a credential in the claim vc."""
    holder, issuer = vc_api.issuer("eddsa-rdfc-2022").id, vc_api.issuer("vc-jwt").id
    inner = signed(vc_api, {"iss": issuer, "sub": "did:example:subject", "vc": vc_api.credential("vc-jwt")})
    document = vc_api.presentation(envelope(inner))
    said = {"iss": holder, "aud": "example.com", "nonce": "123456789", "vp": document} | claims
    token = signed(vc_api, {k: v for k, v in said.items() if v is not REMOVED}, name="eddsa-rdfc-2022")
    return envelope(token, kind=PRESENTATION)


def new_presentation(vc_api: VcApi, *credentials: Any, **claims: Any) -> dict[str, Any]:
    """Return a presentation as vp+jwt."""
    token = signed(vc_api, vc_api.presentation(*credentials) | claims, typ="vp+jwt", name="eddsa-rdfc-2022")
    return envelope(token, "application/vp+jwt", PRESENTATION)


def test_the_enveloping_instance_answers_an_envelope(vc_api: VcApi) -> None:
    issued = vc_api.issued("vc-jwt")
    assert (issued["@context"], issued["type"]) == (V2, CREDENTIAL)
    assert issued["id"].startswith("data:application/vc+jwt,ey")


def test_the_enveloped_credential_is_the_one_that_was_sent(vc_api: VcApi) -> None:
    token = jws.peek(vc_api.issued("vc-jwt")["id"].partition(",")[2])
    assert token.peek_claims() == vc_api.credential("vc-jwt")
    assert token.header.kid == vc_api.issuer("vc-jwt").verification_method


@pytest.mark.parametrize("options", [None, {}, {"checks": ["proof"]}])
def test_an_enveloped_credential_verifies(vc_api: VcApi, options: Any) -> None:
    assert_verified(vc_api.verify(vc_api.issued("vc-jwt"), options))


@pytest.mark.parametrize("members", [{"context": [V2]}, {"type": [CREDENTIAL]}, {"context": [EXAMPLES, V2]}])
def test_an_envelopes_context_and_type_may_be_arrays(vc_api: VcApi, members: dict[str, Any]) -> None:
    assert_verified(vc_api.verify(changed(vc_api.issued("vc-jwt"), **members)))


@pytest.mark.parametrize(
    "members",
    [
        {"context": []},
        {"context": REMOVED},
        {"context": None},
        {"context": EXAMPLES},
        {"context": [EXAMPLES]},
        {"context": [V1]},
        {"type": REMOVED},
        {"type": "VerifiableCredential"},
        {"type": []},
        {"type": PRESENTATION},
        {"id": REMOVED},
        {"id": None},
        {"id": "data:application/vc+jwt,"},
        {"id": "data:text/plain,ey.ey.ey"},
        {"id": "https://example.org/credentials/1"},
        {"id": ["data:application/vc+jwt,ey.ey.ey"]},
        {"credentialSubject": {"id": "did:example:nobody signed this"}},
    ],
)
def test_a_flawed_envelope_does_not_verify(vc_api: VcApi, members: dict[str, Any]) -> None:
    assert_refused(vc_api.verify(changed(vc_api.issued("vc-jwt"), **members)))


def test_a_bare_token_is_no_envelope(vc_api: VcApi) -> None:
    issued = vc_api.issued("vc-jwt")
    assert_refused(vc_api.verify(issued | {"id": issued["id"].partition(",")[2]}))


def test_an_enveloped_credential_that_was_changed_does_not_verify(vc_api: VcApi) -> None:
    issued = vc_api.issued("vc-jwt")
    head, _, tail = issued["id"].rpartition(".")
    other = vc_api.issued("vc-jwt", id="urn:uuid:1")["id"].rpartition(".")[2]
    assert tail != other
    assert_refused(vc_api.verify(issued | {"id": f"{head}.{other}"}), "invalid_signature")


@pytest.mark.parametrize("claim", ["vc", "vp"])
def test_the_old_claims_are_refused_under_the_new_media_type(vc_api: VcApi, claim: str) -> None:
    # T2
    token = signed(vc_api, vc_api.credential("vc-jwt") | {claim: {}}, typ="vc+jwt")
    assert_refused(vc_api.verify(envelope(token, "application/vc+jwt")), "vc_claim_forbidden")


def test_an_old_token_is_refused_under_the_new_media_type(vc_api: VcApi) -> None:
    token = signed(vc_api, {"vc": vc_api.credential("vc-jwt")})
    assert_refused(vc_api.verify(envelope(token, "application/vc+jwt")), "wrong_type")


@pytest.mark.parametrize("make", ["credential", "credential_v1"])
def test_a_credential_in_the_old_claim_verifies(vc_api: VcApi, make: str) -> None:
    # T2
    document = getattr(vc_api, make)("vc-jwt")
    assert_verified(vc_api.verify(envelope(signed(vc_api, {"vc": document}))))


def test_an_issuer_that_only_the_old_claims_name_is_the_credentials(vc_api: VcApi) -> None:
    claims = {"iss": vc_api.issuer("vc-jwt").id, "vc": vc_api.credential("vc-jwt", issuer=REMOVED)}
    assert_verified(vc_api.verify(envelope(signed(vc_api, claims))))


def test_what_only_the_old_claims_say_belongs_to_the_credential(vc_api: VcApi) -> None:
    document = vc_api.credential_v1("vc-jwt", issuer=REMOVED, issuanceDate=REMOVED)
    claims = {"iss": vc_api.issuer("vc-jwt").id, "jti": "urn:uuid:1", "nbf": 1_767_225_600, "vc": document}
    assert_verified(vc_api.verify(envelope(signed(vc_api, claims))))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "did:example:another"},
        {"iss": 7},
        {"jti": "urn:uuid:2"},
        {"sub": "did:example:another"},
        {"exp": 1_767_225_600},
        {"exp": "later"},
        {"nbf": 4_102_444_800},
        {"vc": REMOVED},
        {"vc": {}},
        {"vc": []},
        {"vc": "eyJ"},
    ],
)
def test_old_claims_that_do_not_fit_the_credential_do_not_verify(vc_api: VcApi, claims: dict[str, Any]) -> None:
    said = {"vc": vc_api.credential("vc-jwt", id="urn:uuid:1")} | claims
    token = signed(vc_api, {name: value for name, value in said.items() if value is not REMOVED})
    assert_refused(vc_api.verify(envelope(token)))


@pytest.mark.parametrize("flaw", [{"type": ["Unknown"]}, {"context": [EXAMPLES]}, {"credentialSubject": {}}])
def test_a_flawed_credential_in_the_old_claim_does_not_verify(vc_api: VcApi, flaw: dict[str, Any]) -> None:
    assert_refused(vc_api.verify(envelope(signed(vc_api, {"vc": vc_api.credential("vc-jwt", **flaw)}))))


def test_a_credential_in_another_issuers_name_does_not_verify(vc_api: VcApi) -> None:
    token = signed(vc_api, vc_api.credential(issuer="https://vc.example/issuers/1"), typ="vc+jwt")
    assert_refused(vc_api.verify(envelope(token, "application/vc+jwt")), "issuer_not_controller")


def test_a_credential_in_another_issuers_name_verifies_when_the_policy_does_not_ask(lenient: VcApi) -> None:
    token = signed(lenient, lenient.credential(issuer="https://vc.example/issuers/1"), typ="vc+jwt")
    assert_verified(lenient.verify(envelope(token, "application/vc+jwt")))


@pytest.mark.parametrize("form", ["did", "fragment", "hash", "thumbprint"])
def test_a_key_may_be_named_in_each_of_its_ways(vc_api: VcApi, form: str) -> None:
    issuer = vc_api.issuer("vc-jwt")
    fragment = issuer.id.removeprefix("did:key:")
    kid = {
        "did": issuer.id,
        "fragment": fragment,
        "hash": f"#{fragment}",
        "thumbprint": issuer.signer.public_key.kid,
    }[form]
    token = signed(vc_api, vc_api.credential("vc-jwt"), typ="vc+jwt", kid=kid)
    assert_verified(vc_api.verify(envelope(token, "application/vc+jwt")))


@pytest.mark.parametrize("kid", ["key-1", "did:key:zabc#zabc", "did:key:zabc", "did:web:example.org#1"])
def test_a_key_that_the_issuer_does_not_have_is_not_resolved(vc_api: VcApi, kid: str) -> None:
    token = signed(vc_api, vc_api.credential("vc-jwt"), typ="vc+jwt", kid=kid)
    assert_refused(vc_api.verify(envelope(token, "application/vc+jwt")), "vc_api_method_not_resolved")


def test_an_issuer_without_a_did_key_is_not_resolved(vc_api: VcApi) -> None:
    token = signed(vc_api, vc_api.credential(issuer="https://vc.example/1"), typ="vc+jwt", kid="key-1")
    assert_refused(vc_api.verify(envelope(token, "application/vc+jwt")), "vc_api_method_not_resolved")


def test_a_credential_as_sd_jwt_verifies(vc_api: VcApi) -> None:
    issuer = vc_api.issuer("vc-jwt")
    made = sd_jwt.issue(
        vc_api.credential("vc-jwt", name="示例"),
        [("name",)],
        issuer.signer,
        kind=Kind.CREDENTIAL,
        salt=lambda: b"0" * 16,
    )
    assert_verified(vc_api.verify(envelope(made.text(), "application/vc+sd-jwt")))


def test_a_credential_as_cose_verifies(vc_api: VcApi) -> None:
    data = cose.issue(vc_api.credential("vc-jwt"), vc_api.issuer("vc-jwt").signer, kind=Kind.CREDENTIAL)
    assert_verified(vc_api.verify(enveloped.wrap("application/vc+cose", data)))


def test_a_token_with_a_status_list_of_a_stranger_is_unknown_and_so_not_valid(vc_api: VcApi) -> None:
    claims = {"status": {"status_list": {"idx": 7, "uri": "https://elsewhere.example/status/1"}}}
    token = signed(vc_api, vc_api.credential("vc-jwt") | claims, typ="vc+jwt")
    assert_refused(vc_api.verify(envelope(token, "application/vc+jwt")), "vc_api_status_unknown")


def test_a_cose_message_without_its_payload_does_not_verify(vc_api: VcApi) -> None:
    issuer = vc_api.issuer("vc-jwt")
    data = cose.issue(vc_api.credential("vc-jwt"), issuer.signer, kind=Kind.CREDENTIAL)
    whole = list(cbor2.loads(data).value)
    whole[2] = None
    detached = cbor2.dumps(cbor2.CBORTag(18, whole))
    assert_refused(vc_api.verify(enveloped.wrap("application/vc+cose", detached)))


def test_a_presentation_in_the_old_claim_verifies_for_its_nonce(vc_api: VcApi) -> None:
    # T2, and no domain is asked for although the claim aud names one.
    assert_verified(vc_api.verify_presentation(old_presentation(vc_api), {"challenge": "123456789"}))


def test_a_presentation_as_jwt_verifies(vc_api: VcApi) -> None:
    presented = new_presentation(vc_api, vc_api.issued("vc-jwt"), nonce="n", aud="example.com")
    assert_verified(vc_api.verify_presentation(presented, {"challenge": "n", "domain": "example.com"}))


@pytest.mark.parametrize("options", [{"challenge": "other"}, {"domain": "example.org"}])
@pytest.mark.parametrize("make", [old_presentation, new_presentation])
def test_an_enveloped_presentation_made_for_another_does_not_verify(
    vc_api: VcApi, make: Any, options: dict[str, str]
) -> None:
    assert_refused(vc_api.verify_presentation(make(vc_api), options))


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": REMOVED},
        {"nonce": 123456789},
        {"aud": [7]},
        {"exp": 1_767_225_600},
        {"iss": "did:example:another"},
        {"vp": REMOVED},
        {"vp": {}},
        {"vp": []},
    ],
)
def test_an_old_presentation_with_flawed_claims_does_not_verify(vc_api: VcApi, claims: dict[str, Any]) -> None:
    assert_refused(vc_api.verify_presentation(old_presentation(vc_api, **claims), {"challenge": "123456789"}))


@pytest.mark.parametrize(
    "members",
    [
        {"context": []},
        {"context": [EXAMPLES]},
        {"type": ["VerifiablePresentation"]},
        {"type": CREDENTIAL},
        {"id": "ey.ey.ey"},
    ],
)
def test_a_flawed_envelope_of_a_presentation_does_not_verify(vc_api: VcApi, members: dict[str, Any]) -> None:
    assert_refused(vc_api.verify_presentation(changed(old_presentation(vc_api), **members), {"challenge": "123456789"}))


def test_an_enveloped_presentation_in_anothers_name_does_not_verify(vc_api: VcApi) -> None:
    presented = new_presentation(vc_api, holder="did:example:another")
    assert_refused(vc_api.verify_presentation(presented), "holder_not_controller")


def test_an_enveloped_credential_inside_that_is_no_data_url_does_not_verify(vc_api: VcApi) -> None:
    inner = vc_api.issued("vc-jwt") | {"id": "https://example.org/credentials/1"}
    assert_refused(vc_api.verify_presentation(new_presentation(vc_api, inner)))


def test_a_presentation_inside_the_envelope_of_a_credential_does_not_verify(vc_api: VcApi) -> None:
    issuer = vc_api.issuer("eddsa-rdfc-2022")
    token = jwt.issue(vc_api.presentation(), issuer.signer, kind=Kind.PRESENTATION)
    assert_refused(vc_api.verify(envelope(token, "application/vc+jwt")))
