"""VCDM 1.1 as JWT: the rules of its 6.3.1, both ways, and what contradicts itself."""

import json
from datetime import UTC, datetime
from typing import Any

import jwt as pyjwt
import pytest

from keys import jws
from keys.errors import InvalidSignature
from keys.signer import SoftwareSigner
from schemas.formats.errors import (
    FormatError,
    RegisteredClaimInvalid,
    StatusClaimInvalid,
    VcClaimForbidden,
    VcClaimsConflict,
    VcModelInvalid,
    WrongType,
)
from schemas.formats.vc_jose_cose import jwt_vc_json
from schemas.formats.vc_jose_cose.errors import VpModelInvalid
from schemas.formats.vc_jose_cose.kinds import KeyHints
from schemas.formats.vc_jwt import parse as parse_vc_jwt

SIGNER = SoftwareSigner.generate()
KEY = SIGNER.public_key
V1 = "https://www.w3.org/2018/credentials/v1"
# VCDM 1.1, example 31, with fictional names: what JWT has names for stands outside.
EXAMPLE: dict[str, Any] = {
    "iss": "https://ecert.example/issuers/amr",
    "jti": "urn:uuid:1",
    "sub": "did:example:1",
    "nbf": 1_541_493_724,
    "iat": 1_541_493_724,
    "exp": 1_573_029_723,
    "vc": {"@context": [V1], "type": ["VerifiableCredential"], "credentialSubject": {"name": "陈大文"}},
}
PRESENTED: dict[str, Any] = {
    "iss": "did:example:holder",
    "jti": "urn:uuid:2",
    "aud": "example.com",
    "nonce": "123456789",
    "vp": {"@context": [V1], "type": ["VerifiablePresentation"], "verifiableCredential": ["e30.e30.AA"]},
}


def signed(claims: dict[str, Any], *, typ: str = "JWT") -> str:
    return jws.sign(json.dumps(claims).encode(), SIGNER, typ=typ)


def test_a_credential_goes_both_ways(old: dict[str, Any], signer: SoftwareSigner) -> None:
    claims = jwt_vc_json.claims_of(old) | {"iat": 1_767_225_600}
    read = jwt_vc_json.parse(jwt_vc_json.issue(claims, signer)).verified_by(signer.public_key)
    assert (read.document, read.claims, read.issuer, read.iat) == (old, claims, old["issuer"], 1_767_225_600)
    assert read.not_before == datetime(2026, 1, 1, tzinfo=UTC)
    assert read.not_after == datetime(2027, 1, 1, tzinfo=UTC)


def test_the_claims_are_those_of_6_3_1(old: dict[str, Any]) -> None:
    claims = jwt_vc_json.claims_of(old)
    assert claims == {
        "iss": old["issuer"],
        "nbf": 1_767_225_600,
        "exp": 1_798_761_600,
        "jti": old["id"],
        "sub": "did:example:1",
        "vc": old,
    }


def test_what_the_credential_does_not_say_is_no_claim(old: dict[str, Any]) -> None:
    for name in ("id", "expirationDate"):
        del old[name]
    del old["credentialSubject"]["id"]
    old |= {"issuer": {"id": old["issuer"], "name": "示例局"}, "issuanceDate": "2026-01-01T00:00:00.25Z"}
    claims = jwt_vc_json.claims_of(old)
    assert (claims.keys(), claims["nbf"]) == ({"iss", "nbf", "vc"}, 1_767_225_600.25)
    assert jwt_vc_json.check(claims).document == old


def test_the_header_is_the_old_one(old: dict[str, Any]) -> None:
    text = jwt_vc_json.issue(jwt_vc_json.claims_of(old), SIGNER)
    assert pyjwt.get_unverified_header(text) == {"alg": "ES256", "typ": "JWT", "kid": KEY.kid}


def test_a_kid_is_written_when_asked_for(old: dict[str, Any]) -> None:
    text = jwt_vc_json.issue(jwt_vc_json.claims_of(old), SIGNER, hints=KeyHints("did:example:1#key"))
    assert pyjwt.get_unverified_header(text)["kid"] == "did:example:1#key"


def test_what_stands_in_the_claims_alone_is_put_in_its_place() -> None:
    read = jwt_vc_json.parse(signed(EXAMPLE)).verified_by(KEY)
    assert read.document == {
        "@context": [V1],
        "type": ["VerifiableCredential"],
        "id": "urn:uuid:1",
        "issuer": "https://ecert.example/issuers/amr",
        "issuanceDate": "2018-11-06T08:42:04Z",
        "expirationDate": "2019-11-06T08:42:03Z",
        "credentialSubject": {"id": "did:example:1", "name": "陈大文"},
    }


def test_one_subject_in_an_array_is_one_subject() -> None:
    claims = EXAMPLE | {"vc": EXAMPLE["vc"] | {"credentialSubject": [{"name": "陈大文"}]}}
    assert jwt_vc_json.check(claims).document["credentialSubject"]["id"] == "did:example:1"


def test_several_subjects_without_sub_stay_several() -> None:
    claims = {**EXAMPLE, "vc": EXAMPLE["vc"] | {"credentialSubject": [{"name": "陈大文"}, {"name": "李小明"}]}}
    del claims["sub"]
    assert len(jwt_vc_json.check(claims).document["credentialSubject"]) == 2


def test_a_token_that_names_no_type_is_read() -> None:
    head = jws.b64url(json.dumps({"alg": "ES256"}).encode())
    signing_input = head + b"." + jws.b64url(json.dumps(EXAMPLE).encode())
    text = (signing_input + b"." + jws.b64url(SIGNER.sign(signing_input))).decode()
    assert jwt_vc_json.parse(text).verified_by(KEY).issuer == EXAMPLE["iss"]


@pytest.mark.parametrize("typ", ["vc+jwt", "vp+jwt", "dc+sd-jwt", "kb+jwt", "jwt"])
def test_a_token_of_another_type_is_refused(typ: str) -> None:
    with pytest.raises(WrongType):
        jwt_vc_json.parse(signed(EXAMPLE, typ=typ))


def test_a_content_type_is_refused() -> None:
    with pytest.raises(WrongType):
        jwt_vc_json.parse(jws.sign(b"{}", SIGNER, typ="JWT", extra=(("cty", "vc"),)))


def test_the_claim_stays_forbidden_under_the_new_type() -> None:
    claims = EXAMPLE | EXAMPLE["vc"]
    with pytest.raises(VcClaimForbidden):
        parse_vc_jwt(signed(claims, typ="vc+jwt")).verified_by(KEY)


def test_another_key_verifies_nothing() -> None:
    with pytest.raises(InvalidSignature):
        jwt_vc_json.parse(signed(EXAMPLE)).verified_by(SoftwareSigner.generate().public_key)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in EXAMPLE.items() if name not in names}


FLAWS: list[tuple[dict[str, Any], type[FormatError]]] = [
    (without("vc"), VcModelInvalid),
    (EXAMPLE | {"vc": "e30"}, VcModelInvalid),
    (without("iss"), VcModelInvalid),
    (without("nbf"), VcModelInvalid),
    (EXAMPLE | {"iss": ""}, RegisteredClaimInvalid),
    (EXAMPLE | {"iss": "amr"}, VcModelInvalid),
    (EXAMPLE | {"jti": 1}, RegisteredClaimInvalid),
    (EXAMPLE | {"nbf": "2018-11-06T08:42:04Z"}, RegisteredClaimInvalid),
    (EXAMPLE | {"iat": "now"}, RegisteredClaimInvalid),
    (EXAMPLE | {"exp": 1}, VcModelInvalid),
    (EXAMPLE | {"status": {}}, StatusClaimInvalid),
]
IN_VC: list[tuple[dict[str, Any], type[FormatError]]] = [
    ({"@context": V1}, VcModelInvalid),
    ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, VcModelInvalid),
    ({"type": ["Other"]}, VcModelInvalid),
    ({"issuer": "https://ecert.example/issuers/other"}, VcClaimsConflict),
    ({"issuer": {"id": "https://ecert.example/issuers/other"}}, VcClaimsConflict),
    ({"issuer": {}}, VcClaimsConflict),
    ({"id": "urn:uuid:3"}, VcClaimsConflict),
    ({"issuanceDate": "2018-11-06T08:42:05Z"}, VcClaimsConflict),
    ({"issuanceDate": "6 November"}, VcModelInvalid),
    ({"expirationDate": "2020-11-06T08:42:03Z"}, VcClaimsConflict),
    ({"credentialSubject": {"id": "did:example:2"}}, VcClaimsConflict),
    ({"credentialSubject": [{"id": "did:example:1"}, {"id": "did:example:2"}]}, VcClaimsConflict),
    ({"credentialSubject": None}, VcClaimsConflict),
]


@pytest.mark.parametrize(("claims", "error"), FLAWS, ids=[str(number) for number in range(len(FLAWS))])
def test_a_claims_set_with_one_flaw_is_refused(claims: dict[str, Any], error: type[FormatError]) -> None:
    with pytest.raises(error):
        jwt_vc_json.parse(signed(claims)).verified_by(KEY)
    with pytest.raises(error):
        jwt_vc_json.issue(claims, SIGNER)


@pytest.mark.parametrize(("change", "error"), IN_VC, ids=lambda value: str(value))
def test_a_credential_with_one_flaw_is_refused(change: dict[str, Any], error: type[FormatError]) -> None:
    with pytest.raises(error):
        jwt_vc_json.check(EXAMPLE | {"vc": EXAMPLE["vc"] | change})


def test_the_same_moment_in_other_words_is_no_conflict() -> None:
    same = {"issuanceDate": "2018-11-06T16:42:04.5+08:00", "issuer": EXAMPLE["iss"], "id": "urn:uuid:1"}
    assert jwt_vc_json.check(EXAMPLE | {"vc": EXAMPLE["vc"] | same})


def test_a_presentation_goes_both_ways() -> None:
    text = jwt_vc_json.issue_presentation(PRESENTED, SIGNER)
    read = jwt_vc_json.parse(text).presentation_by(KEY)
    assert (read.holder, read.audience, read.nonce) == ("did:example:holder", ("example.com",), "123456789")
    assert (read.credentials, read.document["id"]) == (("e30.e30.AA",), "urn:uuid:2")


PRESENTATION_FLAWS: list[tuple[dict[str, Any], type[FormatError]]] = [
    ({"vp": None}, VpModelInvalid),
    ({"vp": PRESENTED["vp"] | {"@context": []}}, VpModelInvalid),
    ({"vp": PRESENTED["vp"] | {"@context": ["https://www.w3.org/ns/credentials/v2"]}}, VpModelInvalid),
    ({"vp": PRESENTED["vp"] | {"type": "VerifiableCredential"}}, VpModelInvalid),
    ({"vp": PRESENTED["vp"] | {"verifiableCredential": [1]}}, VpModelInvalid),
    ({"vp": PRESENTED["vp"] | {"holder": "did:example:other"}}, VcClaimsConflict),
    ({"iss": 1}, RegisteredClaimInvalid),
    ({"iss": "nobody"}, VpModelInvalid),
    ({"nonce": 1}, RegisteredClaimInvalid),
    ({"aud": 1}, RegisteredClaimInvalid),
]


@pytest.mark.parametrize(("change", "error"), PRESENTATION_FLAWS, ids=lambda value: str(value))
def test_a_presentation_with_one_flaw_is_refused(change: dict[str, Any], error: type[FormatError]) -> None:
    with pytest.raises(error):
        jwt_vc_json.parse(signed(PRESENTED | change)).presentation_by(KEY)


def test_a_credential_is_no_presentation() -> None:
    with pytest.raises(VpModelInvalid):
        jwt_vc_json.parse(signed(EXAMPLE)).presentation_by(KEY)
