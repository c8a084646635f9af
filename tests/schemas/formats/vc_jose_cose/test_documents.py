"""What is asked of a document in every form: members that something defines, and the rules of a presentation."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from keys import jws
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats import vc_jwt
from schemas.formats.errors import (
    RegisteredClaimInvalid,
    VcClaimsConflict,
)
from schemas.formats.vc_jose_cose import cose, jwt, sd_jwt
from schemas.formats.vc_jose_cose.documents import presentation_by
from schemas.formats.vc_jose_cose.errors import EnvelopeInvalid, MemberUndefined, VpModelInvalid
from schemas.formats.vc_jose_cose.kinds import Kind

SIGNER = SoftwareSigner.generate()
KEY = SIGNER.public_key
CREDENTIAL, PRESENTATION = Kind.CREDENTIAL, Kind.PRESENTATION

Issue = Callable[[dict[str, Any], Kind], Any]
ISSUING: dict[str, Issue] = {
    "jwt": lambda document, kind: jwt.issue(document, SIGNER, kind=kind),
    "sd_jwt": lambda document, kind: sd_jwt.issue(document, [], SIGNER, kind=kind, salt=lambda: bytes(16)),
    "cose": lambda document, kind: cose.issue(document, SIGNER, kind=kind),
    "vc_jwt": lambda document, _: vc_jwt.issue(document, SIGNER),
}


@pytest.mark.parametrize("form", ISSUING)
def test_a_member_that_nothing_defines_is_not_signed(document: dict[str, Any], form: str) -> None:
    with pytest.raises(MemberUndefined):
        ISSUING[form](document | {"nickname": "x"}, CREDENTIAL)


@pytest.mark.parametrize("form", ["jwt", "sd_jwt", "cose"])
def test_a_presentation_s_undefined_member_is_not_signed(presentation: dict[str, Any], form: str) -> None:
    with pytest.raises(MemberUndefined):
        ISSUING[form](presentation | {"credentialSubject": {"id": "did:example:1"}}, PRESENTATION)


@pytest.mark.parametrize(
    "context",
    [
        {"nickname": "https://ecert.example/terms#nickname"},
        [{"nickname": {"@id": "https://ecert.example/terms#nickname"}}],
        "https://www.w3.org/2018/credentials/v1",
    ],
    ids=["inline", "nested", "on board"],
)
def test_a_member_that_a_context_defines_is_signed(document: dict[str, Any], context: Any) -> None:
    document["@context"].append(context)
    name = "nickname" if type(context) is not str else "VerifiableCredential"
    assert jwt.issue(document | {name: "x"}, SIGNER, kind=CREDENTIAL)


@pytest.mark.parametrize(
    "context",
    [
        {"@vocab": "https://ecert.example/terms#"},
        {"nickname": None},
        None,
        "https://www.w3.org/ns/credentials/examples/v2",
        "https://ecert.example/unknown",
    ],
    ids=str,
)
def test_a_context_that_does_not_define_the_member_does_not_help(document: dict[str, Any], context: Any) -> None:
    document["@context"].append(context)
    with pytest.raises(MemberUndefined):
        jwt.issue(document | {"nickname": "x"}, SIGNER, kind=CREDENTIAL)


def test_a_member_whose_name_is_an_iri_defines_itself(document: dict[str, Any]) -> None:
    assert jwt.issue(document | {"https://ecert.example/terms#nickname": "x"}, SIGNER, kind=CREDENTIAL)


PRESENTATION_FLAWS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"@context": "https://www.w3.org/ns/credentials/v2"}, VpModelInvalid),
    ({"@context": []}, VpModelInvalid),
    ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, VpModelInvalid),
    ({"type": []}, VpModelInvalid),
    ({"type": "VerifiableCredential"}, VpModelInvalid),
    ({"holder": "somebody"}, VpModelInvalid),
    ({"holder": {"id": 1}}, VpModelInvalid),
    ({"holder": None}, VpModelInvalid),
    ({"id": "not a URL"}, VpModelInvalid),
    ({"verifiableCredential": "e30.e30.AA"}, VpModelInvalid),
    ({"verifiableCredential": [None]}, VpModelInvalid),
    ({"verifiableCredential": [{"type": "Other"}]}, VpModelInvalid),
    ({"verifiableCredential": {"type": "EnvelopedVerifiableCredential"}}, EnvelopeInvalid),
]


@pytest.mark.parametrize(("change", "error"), PRESENTATION_FLAWS, ids=lambda value: str(value))
def test_a_presentation_with_one_flaw_is_refused(
    presentation: dict[str, Any], change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        jwt.issue(presentation | change, SIGNER, kind=PRESENTATION)
    text = jws.sign(json.dumps(presentation | change).encode(), SIGNER, typ="vp+jwt")
    with pytest.raises(error):
        jwt.parse(text, kind=PRESENTATION).secured_by(KEY)


CLAIM_FLAWS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"aud": []}, RegisteredClaimInvalid),
    ({"aud": 1}, RegisteredClaimInvalid),
    ({"aud": ["a", ""]}, RegisteredClaimInvalid),
    ({"nonce": 1}, RegisteredClaimInvalid),
    ({"iat": "now"}, RegisteredClaimInvalid),
    ({"exp": "soon"}, RegisteredClaimInvalid),
    ({"nbf": True}, RegisteredClaimInvalid),
    ({"iss": 1}, RegisteredClaimInvalid),
    ({"iss": "did:example:another"}, VcClaimsConflict),
    ({"id": "urn:uuid:1", "jti": "urn:uuid:2"}, VcClaimsConflict),
]


@pytest.mark.parametrize(("change", "error"), CLAIM_FLAWS, ids=lambda value: str(value))
def test_a_claim_of_a_presentation_with_one_flaw_is_refused(
    presentation: dict[str, Any], change: dict[str, Any], error: type[Exception]
) -> None:
    text = jws.sign(json.dumps(presentation | change).encode(), SIGNER, typ="vp+jwt")
    token = jwt.parse(text, kind=PRESENTATION)
    assert token.secured_by(KEY)
    with pytest.raises(error):
        presentation_by(token, KEY)


def test_a_presentation_may_name_neither_holder_nor_credentials() -> None:
    bare = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiablePresentation", "iss": "x:y"}
    read = presentation_by(jwt.parse(jwt.issue(bare, SIGNER, kind=PRESENTATION), kind=PRESENTATION), KEY)
    assert (read.holder, read.credentials, read.audience, read.nonce) == (None, (), (), None)


def test_a_presentation_holds_credentials_with_a_proof_and_a_holder_that_is_an_object(
    presentation: dict[str, Any], document: dict[str, Any]
) -> None:
    presentation |= {"verifiableCredential": document | {"proof": {}}, "holder": {"id": "did:example:holder"}}
    read = presentation_by(jwt.parse(jwt.issue(presentation, SIGNER, kind=PRESENTATION), kind=PRESENTATION), KEY)
    assert (read.holder, len(read.credentials)) == ("did:example:holder", 1)


def test_the_moments_of_a_presentation_are_read(presentation: dict[str, Any]) -> None:
    text = jwt.issue(presentation | {"nbf": 1_767_200_000, "exp": 1_767_200_060}, SIGNER, kind=PRESENTATION)
    read = presentation_by(jwt.parse(text, kind=PRESENTATION), PublicKey.from_jwk(KEY.jwk))
    assert read.not_before is not None
    assert read.not_after is not None
    assert (read.not_after - read.not_before).total_seconds() == 60
