"""The independent check: PyLD makes the canonical statements, cryptography checks the signatures, without our code."""

import base64
import hashlib
import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pyld import jsonld

from schemas.formats.data_integrity import ProofOptions, Suite, derive, issue
from schemas.formats.jsonld import contexts

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _load(url: str, _: Any) -> dict[str, Any]:
    document = json.loads(contexts.known(url) or b"")
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}


def _canonical(document: dict[str, Any]) -> bytes:
    said = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    return str(jsonld.normalize(document, said)).encode()


def _base58(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + _ALPHABET.index(character)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _apart(signed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], str]:
    document = {name: value for name, value in signed.items() if name != "proof"}
    config = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
    return document, config | {"@context": document["@context"]}, signed["proof"]["proofValue"]


def _check(key: bytes, signature: bytes, data: bytes) -> None:
    if key[:2] == b"\xed\x01":
        ed25519.Ed25519PublicKey.from_public_bytes(key[2:]).verify(signature, data)
        return
    curve, digest = (ec.SECP256R1(), hashes.SHA256()) if key[:2] == b"\x80\x24" else (ec.SECP384R1(), hashes.SHA384())
    half = len(signature) // 2
    der = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    ec.EllipticCurvePublicKey.from_encoded_point(curve, key[2:]).verify(der, data, ec.ECDSA(digest))


def _key(config: dict[str, Any]) -> bytes:
    return _base58(config["verificationMethod"].partition("#")[2][1:])


@pytest.mark.parametrize(("suite", "kind"), [(Suite.EDDSA_RDFC_2022, "edwards"), (Suite.ECDSA_RDFC_2019, "p256")])
@pytest.mark.parametrize("identified", [True, False])
def test_a_stranger_finds_our_rdfc_proof_good(
    credential: dict[str, Any], suite: Suite, kind: str, identified: bool, request: pytest.FixtureRequest
) -> None:
    issuer = request.getfixturevalue(kind)
    document = credential | ({"id": "urn:uuid:1"} if identified else {})
    signed = issue(document, issuer.signer, suite=suite, verification_method=issuer.method)
    document, config, value = _apart(signed)
    data = hashlib.sha256(_canonical(config)).digest() + hashlib.sha256(_canonical(document)).digest()
    _check(_key(config), _base58(value[1:]), data)


@pytest.mark.parametrize(
    ("suite", "kind"),
    [(Suite.EDDSA_JCS_2022, "edwards"), (Suite.ECDSA_JCS_2019, "p256"), (Suite.ECDSA_JCS_2019, "p384")],
)
def test_a_stranger_finds_our_jcs_proof_good(
    credential: dict[str, Any], suite: Suite, kind: str, request: pytest.FixtureRequest
) -> None:
    issuer = request.getfixturevalue(kind)
    digest = hashlib.sha384 if kind == "p384" else hashlib.sha256
    signed = issue(credential, issuer.signer, suite=suite, verification_method=issuer.method)
    document, config, value = _apart(signed)
    texts = [
        json.dumps(part, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        for part in (config, document)
    ]
    _check(_key(config), _base58(value[1:]), b"".join(digest(text).digest() for text in texts))


def test_a_stranger_finds_our_derived_proof_good(credential: dict[str, Any], p256: Any) -> None:
    base = issue(
        credential | {"issuer": p256.id},
        p256.signer,
        suite=Suite.ECDSA_SD_2023,
        verification_method=p256.method,
        options=ProofOptions(mandatory_pointers=("/issuer",)),
    )
    document, config, value = _apart(derive(base, ("/credentialSubject/fullName", "/validUntil")))
    raw = _base64(value[1:])
    assert raw[:3] == b"\xd9\x5d\x01"
    signature, key, signatures, labels, mandatory = cbor2.loads(raw[3:])
    text = _canonical(document).decode()
    for number, label in labels.items():
        text = text.replace(f"_:c14n{number} ", f"_:u{base64.urlsafe_b64encode(label).decode().rstrip('=')} ")
    lines = sorted(text.splitlines(keepends=True))
    always = "".join(lines[index] for index in mandatory)
    data = hashlib.sha256(_canonical(config)).digest() + key + hashlib.sha256(always.encode()).digest()
    _check(_key(config), signature, data)
    others = [line for index, line in enumerate(lines) if index not in mandatory]
    assert len(others) == len(signatures)
    for each, line in zip(signatures, others, strict=True):
        _check(key, each, line.encode())
