"""The three forms of VC-JOSE-COSE: headers, types, and what neither form lets through."""

from collections.abc import Callable
from typing import Any

import cbor2
import jwt as pyjwt
import pytest

from keys import jws, strict_json
from keys.errors import AlgorithmNotAllowed, DuplicateMember, InvalidSignature, MalformedToken
from keys.signer import SoftwareSigner
from schemas.formats import key_binding
from schemas.formats.cose import sign1
from schemas.formats.errors import (
    NeverSelective,
    RegisteredClaimInvalid,
    UnknownClaimPath,
    VcClaimForbidden,
    VcModelInvalid,
    WrongType,
)
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.vc_jose_cose import cose, jwt, sd_jwt
from schemas.formats.vc_jose_cose.documents import credential_by, presentation_by
from schemas.formats.vc_jose_cose.errors import MemberUndefined
from schemas.formats.vc_jose_cose.kinds import KeyHints, Kind

Salt = Callable[[], bytes]
SIGNER = SoftwareSigner.generate()
KEY = SIGNER.public_key
CREDENTIAL, PRESENTATION = Kind.CREDENTIAL, Kind.PRESENTATION
NAME = ("credentialSubject", "name")


# JWT


def test_a_credential_goes_both_ways_as_jwt(document: dict[str, Any], signer: SoftwareSigner) -> None:
    read = jwt.parse(jwt.issue(document, signer, kind=CREDENTIAL), kind=CREDENTIAL)
    assert read.peek_document() == read.secured_by(signer.public_key) == document
    assert credential_by(read, signer.public_key).issuer == document["issuer"]


def test_a_presentation_goes_both_ways_as_jwt(presentation: dict[str, Any], signer: SoftwareSigner) -> None:
    presentation |= {"aud": "https://verifier.example", "nonce": "123456789", "iat": 1_767_200_000}
    read = presentation_by(
        jwt.parse(jwt.issue(presentation, signer, kind=PRESENTATION), kind=PRESENTATION), signer.public_key
    )
    assert (read.holder, read.audience, read.nonce) == (
        "did:example:holder",
        ("https://verifier.example",),
        "123456789",
    )
    assert read.credentials == tuple(presentation["verifiableCredential"])


@pytest.mark.parametrize("kind", Kind)
def test_the_header_of_a_jwt_says_what_it_is(
    kind: Kind, document: dict[str, Any], presentation: dict[str, Any]
) -> None:
    text = jwt.issue(document if kind is CREDENTIAL else presentation, SIGNER, kind=kind)
    assert pyjwt.get_unverified_header(text) == {"alg": "ES256", "typ": f"{kind}+jwt", "cty": kind, "kid": KEY.kid}


def test_another_implementation_verifies_the_jwt(document: dict[str, Any], signer: SoftwareSigner) -> None:
    text = jwt.issue(document, signer, kind=CREDENTIAL)
    key = pyjwt.PyJWK.from_dict(dict(signer.public_key.jwk), algorithm=signer.public_key.algorithm)
    assert pyjwt.decode(text, key, algorithms=[signer.public_key.algorithm]) == document


def test_a_kid_and_a_chain_are_written_when_asked_for(document: dict[str, Any]) -> None:
    hints = KeyHints("did:example:1#key", chain=True)
    header = jwt.parse(
        jwt.issue(document, SIGNER.with_chain([b"leaf"]), kind=CREDENTIAL, hints=hints), kind=CREDENTIAL
    ).token.header
    assert (header.kid, header.x5c()) == ("did:example:1#key", (b"leaf",))


TYPES = [("JWT", "vc"), ("vp+jwt", "vp"), ("vc+sd-jwt", "vc"), ("application/vc+jwt", "vc"), ("vc+jwt", "vp")]


@pytest.mark.parametrize(("typ", "cty"), TYPES)
def test_a_jwt_of_another_type_is_refused(document: dict[str, Any], typ: str, cty: str) -> None:
    text = jws.sign(strict_json.dumps(document), SIGNER, typ=typ, extra=(("cty", cty),))
    with pytest.raises(WrongType):
        jwt.parse(text, kind=CREDENTIAL)


def test_a_content_type_is_not_required(document: dict[str, Any]) -> None:
    text = jws.sign(strict_json.dumps(document), SIGNER, typ="vc+jwt")
    assert jwt.parse(text, kind=CREDENTIAL).secured_by(KEY) == document


def test_another_key_verifies_no_jwt(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidSignature):
        jwt.parse(jwt.issue(document, SIGNER, kind=CREDENTIAL), kind=CREDENTIAL).secured_by(
            SoftwareSigner.generate().public_key
        )


@pytest.mark.parametrize("name", ["vc", "vp"])
@pytest.mark.parametrize("kind", Kind)
def test_vc_and_vp_claims_are_refused_under_the_new_types(
    kind: Kind, name: str, document: dict[str, Any], presentation: dict[str, Any]
) -> None:
    claims = (document if kind is CREDENTIAL else presentation) | {name: {}}
    text = jws.sign(strict_json.dumps(claims), SIGNER, typ=kind.jwt)
    with pytest.raises(VcClaimForbidden):
        jwt.parse(text, kind=kind).secured_by(KEY)
    with pytest.raises(VcClaimForbidden):
        jwt.issue(claims, SIGNER, kind=kind)


def test_a_date_of_another_kind_does_not_hinder_the_securing_but_a_verifier(document: dict[str, Any]) -> None:
    text = jws.sign(strict_json.dumps(document | {"iat": "2026-01-01T00:00:00Z"}), SIGNER, typ="vc+jwt")
    token = jwt.parse(text, kind=CREDENTIAL)
    assert token.secured_by(KEY)["iat"] == "2026-01-01T00:00:00Z"
    with pytest.raises(RegisteredClaimInvalid):
        credential_by(token, KEY)


def test_a_payload_that_is_no_credential_is_refused() -> None:
    text = jws.sign(b'{"hello":"world"}', SIGNER, typ="vc+jwt")
    with pytest.raises(VcModelInvalid):
        jwt.parse(text, kind=CREDENTIAL).secured_by(KEY)


# SD-JWT


def test_a_credential_goes_both_ways_as_sd_jwt(document: dict[str, Any], signer: SoftwareSigner, salt: Salt) -> None:
    selective = [NAME, ("credentialSubject", "address", "street"), ("credentialSubject", "phones", 0)]
    text = sd_jwt.issue(document, selective, signer, kind=CREDENTIAL, salt=salt).text()
    read = sd_jwt.parse(text, kind=CREDENTIAL)
    assert len(read.shown.disclosures) == 3
    assert read.peek_document() == read.secured_by(signer.public_key) == document


def test_what_is_not_disclosed_is_not_there(document: dict[str, Any], salt: Salt) -> None:
    issued = sd_jwt.issue(document, [NAME, ("credentialSubject", "phones", 0)], SIGNER, kind=CREDENTIAL, salt=salt)
    read = credential_by(sd_jwt.parse(issued.present([]).text(), kind=CREDENTIAL), KEY)
    subject = read.document["credentialSubject"]
    assert ("name" in subject, subject["phones"]) == (False, ["0750-0000002"])


def test_a_presentation_goes_both_ways_as_sd_jwt(presentation: dict[str, Any], salt: Salt) -> None:
    selective = [("holder",), ("verifiableCredential", 0)]
    text = sd_jwt.issue(presentation, selective, SIGNER, kind=PRESENTATION, salt=salt).text()
    assert presentation_by(sd_jwt.parse(text, kind=PRESENTATION), KEY).document == presentation


@pytest.mark.parametrize("kind", Kind)
def test_the_header_of_an_sd_jwt_says_what_it_is(
    kind: Kind, document: dict[str, Any], presentation: dict[str, Any], salt: Salt
) -> None:
    shown = document if kind is CREDENTIAL else presentation
    issued = sd_jwt.issue(shown, [], SIGNER, kind=kind, salt=salt)
    header = issued.issuer_jws.header
    assert (header.typ, header.parameters["cty"], header.kid) == (f"{kind}+sd-jwt", kind, KEY.kid)


def test_a_holder_binds_the_sd_jwt_by_rfc_9901(document: dict[str, Any], salt: Salt) -> None:
    holder = SoftwareSigner.generate()
    document["cnf"] = {"jwk": dict(holder.public_key.jwk)}
    issued = sd_jwt.issue(document, [NAME], SIGNER, kind=CREDENTIAL, salt=salt)
    bound = key_binding.bind(issued, holder, audience="https://verifier.example", nonce="1", iat=1_767_200_000)
    read = sd_jwt.parse(bound.text(), kind=CREDENTIAL)
    claims = credential_by(read, KEY).document
    assert key_binding.verified_by(read.shown, key_binding.holder_key(claims)).nonce == "1"


@pytest.mark.parametrize(
    ("typ", "cty"), [("dc+sd-jwt", "vc"), ("vc+jwt", "vc"), ("vp+sd-jwt", "vp"), ("vc+sd-jwt", "")]
)
def test_an_sd_jwt_of_another_type_is_refused(document: dict[str, Any], typ: str, cty: str) -> None:
    text = jws.sign(strict_json.dumps(document), SIGNER, typ=typ, extra=(("cty", cty),)) + "~"
    with pytest.raises(WrongType):
        sd_jwt.parse(text, kind=CREDENTIAL)


CLEAR = ["@context", "type", "issuer", "validFrom", "credentialSchema", "relatedResource", "credentialStatus", "exp"]


@pytest.mark.parametrize("name", CLEAR)
@pytest.mark.parametrize("path", [str, lambda name: (name,), lambda name: (name, "id")], ids=["name", "path", "part"])
def test_what_validating_needs_is_never_hidden(document: dict[str, Any], salt: Salt, name: str, path: Any) -> None:
    with pytest.raises(NeverSelective):
        sd_jwt.issue(document, [path(name)], SIGNER, kind=CREDENTIAL, salt=salt)


def test_a_path_that_leads_nowhere_is_refused(document: dict[str, Any], salt: Salt) -> None:
    with pytest.raises(UnknownClaimPath):
        sd_jwt.issue(document, [()], SIGNER, kind=CREDENTIAL, salt=salt)


def test_a_hidden_limit_is_refused_when_it_is_shown(document: dict[str, Any], salt: Salt) -> None:
    from schemas.formats import sd_jwt_build

    payload, disclosures = sd_jwt_build.build(document, ["validFrom"], salt=salt)
    issuer_jwt = jws.sign(strict_json.dumps(payload), SIGNER, typ="vc+sd-jwt")
    with pytest.raises(NeverSelective):
        sd_jwt.parse(SdJwt(issuer_jwt, disclosures).text(), kind=CREDENTIAL).secured_by(KEY)


# COSE


def test_a_credential_goes_both_ways_as_cose(document: dict[str, Any], signer: SoftwareSigner) -> None:
    read = cose.parse(cose.issue(document, signer, kind=CREDENTIAL), kind=CREDENTIAL)
    assert read.peek_document() == read.secured_by(signer.public_key) == document
    assert credential_by(read, signer.public_key).issuer == document["issuer"]


def test_a_presentation_goes_both_ways_as_cose(presentation: dict[str, Any]) -> None:
    data = cose.issue(presentation, SIGNER, kind=PRESENTATION)
    assert presentation_by(cose.parse(data, kind=PRESENTATION), KEY).holder == "did:example:holder"


@pytest.mark.parametrize("kind", Kind)
def test_the_header_of_a_cose_message_says_what_it_is(
    kind: Kind, document: dict[str, Any], presentation: dict[str, Any]
) -> None:
    data = cose.issue(document if kind is CREDENTIAL else presentation, SIGNER, kind=kind)
    assert cbor2.loads(cbor2.loads(data).value[0]) == {
        1: -7,
        3: f"application/{kind}",
        4: KEY.kid.encode(),
        16: f"application/{kind}+cose",
    }


def test_a_kid_and_a_chain_are_written_into_cose_when_asked_for(document: dict[str, Any]) -> None:
    hints = KeyHints("key-1", chain=True)
    header = sign1.peek(cose.issue(document, SIGNER.with_chain([b"leaf"]), kind=CREDENTIAL, hints=hints)).header
    assert (header.kid, header.x5chain) == (b"key-1", (b"leaf",))


def test_a_signer_without_chain_writes_none_into_cose(document: dict[str, Any]) -> None:
    data = cose.issue(document, SIGNER, kind=CREDENTIAL, hints=KeyHints(chain=True))
    assert sign1.peek(data).header.x5chain == ()


COSE_TYPES: list[dict[int, Any]] = [
    {},
    {16: "application/vp+cose", 3: "application/vp"},
    {16: "vc+cose"},
    {16: 61},
    {3: "application/vc"},
    {16: "application/vc+cose", 3: "application/vp"},
    {16: "application/vc+cose", 3: 50},
]


@pytest.mark.parametrize("headers", COSE_TYPES, ids=str)
def test_a_cose_message_of_another_type_is_refused(document: dict[str, Any], headers: Any) -> None:
    with pytest.raises(WrongType):
        cose.parse(sign1.sign(strict_json.dumps(document), SIGNER, protected=headers), kind=CREDENTIAL)


def test_a_member_that_stands_twice_in_a_cose_payload_is_refused() -> None:
    data = sign1.sign(b'{"a":1,"a":2}', SIGNER, protected={16: "application/vc+cose"})
    with pytest.raises(DuplicateMember):
        cose.parse(data, kind=CREDENTIAL).secured_by(KEY)


def test_a_detached_cose_message_shows_no_document(document: dict[str, Any]) -> None:
    data = sign1.sign(strict_json.dumps(document), SIGNER, protected={16: "application/vc+cose"}, detached=True)
    with pytest.raises(MalformedToken):
        cose.parse(data, kind=CREDENTIAL).peek_document()


def test_the_key_decides_the_algorithm_of_a_cose_message(document: dict[str, Any], signer: SoftwareSigner) -> None:
    if signer.public_key.algorithm == KEY.algorithm:
        return
    with pytest.raises(AlgorithmNotAllowed):
        cose.parse(cose.issue(document, signer, kind=CREDENTIAL), kind=CREDENTIAL).secured_by(KEY)


def test_a_jwt_claim_that_no_context_defines_is_no_member_of_a_cose_payload(document: dict[str, Any]) -> None:
    document["nonce"] = "x"
    assert jwt.issue(document, SIGNER, kind=CREDENTIAL)
    with pytest.raises(MemberUndefined):
        cose.issue(document, SIGNER, kind=CREDENTIAL)
