"""did:key and did:jwk: the examples of their specifications, both ways, and every other form refused; DID documents."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import base58
from keys.algorithms import Algorithm
from keys.did import from_did, from_document, from_multikey, to_did_jwk, to_did_key, to_multikey, verification_method
from keys.encoding import b64url_text
from keys.errors import MalformedKey
from keys.public import PublicKey
from keys.signer import SoftwareSigner

# W3C CCG, The did:key Method, test vectors: Ed25519, P-256, P-384.
PUBLISHED = {
    "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK": {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "Lm_M42cB3HkUiODQsXRcweM6TByfzEHGO9ND274JcOY",
    },
    "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169": {
        "kty": "EC",
        "crv": "P-256",
        "x": "fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI",
        "y": "hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU",
    },
    "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv": {
        "kty": "EC",
        "crv": "P-256",
        "x": "igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns",
        "y": "efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM",
    },
    "did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9": {
        "kty": "EC",
        "crv": "P-384",
        "x": "lInTxl8fjLKp_UCrxI0WDklahi-7-_6JbtiHjiRvMvhedhKVdHBfi2HCY8t_QJyc",
        "y": "y6N1IC-2mXxHreETBW7K3mBcw0qGr3CWHCs-yl09yCQRLcyfGv7XhqAngHOu51Zv",
    },
}
# The did:jwk method, examples: P-256.
DID_JWK = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5"
    "IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)
P256 = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"


@pytest.mark.parametrize("did", PUBLISHED)
def test_a_published_did_key_is_read(did: str) -> None:
    assert from_did(did).jwk == PUBLISHED[did]


@pytest.mark.parametrize("did", PUBLISHED)
def test_a_published_did_key_is_written(did: str) -> None:
    assert to_did_key(PublicKey.from_jwk(PUBLISHED[did])) == did


def test_the_published_did_jwk_is_read_and_written() -> None:
    key = from_did(DID_JWK)
    assert (key.jwk["x"], to_did_jwk(key)) == ("acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0", DID_JWK)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_new_key_goes_both_ways(algorithm: Algorithm) -> None:
    key = SoftwareSigner.generate(algorithm).public_key
    assert from_did(to_did_key(key)) == from_did(to_did_jwk(key)) == key


@pytest.mark.parametrize("did", [f"{P256}#{P256[8:]}", f"{DID_JWK}#0"])
def test_a_verification_method_names_its_key(did: str) -> None:
    assert from_did(did) == from_did(did.partition("#")[0])


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:web:example.com",
        P256[4:],
        P256.upper(),
        f"{P256}#0",
        f"{DID_JWK}#1",
        "did:key:",
        "did:key:z",
        "did:key:" + P256[9:],
        "did:key:z1" + P256[9:],
        "did:key:z0OIl",
        P256[:-1],
        P256 + "2",
        "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
        "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
        "did:key:z" + "a" * 1024,
        "did:jwk:",
        "did:jwk:e30",
        "did:jwk:e30=",
        "did:jwk:" + b64url_text(b"[]"),
        "did:jwk:" + b64url_text(b'{"kty":"oct","k":"AA"}'),
    ],
)
def test_another_form_is_refused(did: str) -> None:
    with pytest.raises(MalformedKey):
        from_did(did)


def test_a_compressed_point_off_the_curve_is_refused() -> None:
    with pytest.raises(MalformedKey, match="point of its curve"):
        from_did("did:key:z" + base58.encode(b"\x80\x24\x02" + b"\xff" * 32))


def test_an_uncompressed_point_is_refused() -> None:
    raw = from_did(P256).spki()[-65:]
    with pytest.raises(MalformedKey, match="compressed"):
        from_did("did:key:z" + base58.encode(b"\x80\x24" + raw))


@given(st.text(max_size=60), st.sampled_from(["did:key:z", "did:jwk:", "did:", ""]))
def test_any_text_is_refused_with_our_error(text: str, start: str) -> None:
    with pytest.raises(MalformedKey):
        from_did(start + text)


@pytest.mark.parametrize("did", PUBLISHED)
def test_a_multikey_is_what_did_key_writes_in_base58(did: str) -> None:
    raw = base58.decode(did[9:])
    assert (to_multikey(from_did(did)), to_multikey(from_multikey(raw))) == (raw, raw)


def test_the_verification_method_of_did_key_repeats_the_key() -> None:
    assert verification_method(P256) == f"{P256}#{P256[8:]}"


def test_the_verification_method_of_did_jwk_is_number_zero() -> None:
    assert verification_method(DID_JWK) == f"{DID_JWK}#0"


def test_another_method_of_identifiers_has_no_verification_method_of_its_own() -> None:
    with pytest.raises(MalformedKey, match="neither"):
        verification_method("did:web:ecert.example")


WEB = "did:web:ecert.example"
METHOD = f"{WEB}#k1"


def _document(**changes: Any) -> dict[str, Any]:
    method = {"id": "#k1", "type": "Multikey", "controller": WEB, "publicKeyMultibase": P256[8:]}
    return {"id": WEB, "verificationMethod": [method], "assertionMethod": ["#k1"]} | changes


def test_a_document_gives_the_key_of_its_verification_method() -> None:
    assert from_document(_document(), METHOD, purpose="assertionMethod") == from_did(P256)


def test_a_document_may_give_its_key_as_a_jwk() -> None:
    method = {"id": METHOD, "type": "JsonWebKey", "controller": WEB, "publicKeyJwk": PUBLISHED[P256]}
    document = _document(verificationMethod=method, assertionMethod=METHOD)
    assert from_document(document, METHOD, purpose="assertionMethod") == from_did(P256)


def test_a_verification_method_may_stand_in_its_relationship() -> None:
    method = _document()["verificationMethod"][0]
    document = {"id": WEB, "authentication": [method]}
    assert from_document(document, METHOD, purpose="authentication") == from_did(P256)


@pytest.mark.parametrize(
    "document",
    [
        _document(id="did:web:other.example"),
        _document(assertionMethod=[]),
        _document(assertionMethod=["#k2"]),
        _document(verificationMethod=[]),
        _document(verificationMethod=["#k1"]),
        _document(verificationMethod=_document()["verificationMethod"] * 2),
        _document(verificationMethod=[{"id": "#k1", "controller": "did:web:o", "publicKeyMultibase": P256[8:]}]),
        _document(verificationMethod=[{"id": "#k1", "controller": WEB}]),
        _document(verificationMethod=[{"id": "#k1", "controller": WEB, "publicKeyMultibase": "zO"}]),
        _document(verificationMethod=[{"id": "#k1", "controller": WEB, "publicKeyMultibase": 1}]),
        _document(verificationMethod=[{"id": 1, "controller": WEB, "publicKeyMultibase": P256[8:]}]),
    ],
)
def test_a_document_that_does_not_give_the_method_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(MalformedKey):
        from_document(document, METHOD, purpose="assertionMethod")


def test_a_method_for_another_purpose_is_refused() -> None:
    with pytest.raises(MalformedKey, match="authentication"):
        from_document(_document(), METHOD, purpose="authentication")
