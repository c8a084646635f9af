"""The examples that draft-ietf-spice-sd-cwt publishes: each parses, verifies, and says what the draft says."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from keys.errors import InvalidSignature
from keys.public import PublicKey
from schemas.formats.errors import KeyBindingSignatureInvalid
from schemas.formats.sd_cwt import kbt, redaction, token

pytestmark = pytest.mark.vectors

ISSUED = {
    "issuer_cwt": {
        500: True,
        501: "ABCD-123456",
        502: [1549560720, 1612560720, 1674004740],
        503: {"country": "us", "region": "ca", "postal_code": "94188"},
    },
    "decoy": {98: ["fr"], 500: True},
    "nested_cwt": {
        504: [
            {500: True, 501: "DCBA-101777", 502: 1549560720, 503: {1: "us"}},
            {500: True, 501: "ABCD-123456", 502: 1674004740, 503: {1: "us", 2: "ca"}},
        ]
    },
    "nested_issuer_cwt": {
        504: [
            {500: True, 501: "DCBA-101777", 502: 1549560720, 503: {1: "us", 2: "co", 3: "80302"}},
            {500: True, 501: "EFGH-789012", 502: 1612560720, 503: {1: "us", 2: "nv", 3: "89155"}},
            {500: True, 501: "ABCD-123456", 502: 1674004740, 503: {1: "us", 2: "ca", 3: "94188"}},
        ]
    },
}
SHOWN = {
    "kbt": {
        500: True,
        501: "ABCD-123456",
        502: [1549560720, 1674004740],
        503: {"country": "us", "region": "ca"},
    },
    "nested_kbt": ISSUED["nested_cwt"],
}


@pytest.fixture
def folder(vectors: Path) -> Path:
    return vectors / "sd-cwt"


def key(folder: Path, name: str) -> PublicKey:
    loaded = load_pem_public_key((folder / f"{name}_public.pem").read_bytes())
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    return PublicKey(loaded)


def about_the_device(claims: dict[Any, Any]) -> dict[Any, Any]:
    return {label: value for label, value in claims.items() if label >= 98}


@pytest.mark.parametrize("name", ISSUED)
def test_an_issued_example_verifies_and_discloses_what_it_should(folder: Path, name: str) -> None:
    placed = token.peek((folder / f"{name}.cbor").read_bytes()).verified_by(key(folder, "issuer"))
    assert about_the_device(placed.claims) == ISSUED[name]


@pytest.mark.parametrize("name", ISSUED)
def test_an_issued_example_is_written_as_it_was_read(folder: Path, name: str) -> None:
    data = (folder / f"{name}.cbor").read_bytes()
    assert token.peek(data).to_bytes() == data


@pytest.mark.parametrize("name", SHOWN)
def test_a_key_binding_example_verifies_by_both_keys(folder: Path, name: str) -> None:
    opened = kbt.peek((folder / f"{name}.cbor").read_bytes())
    placed = opened.sd_cwt.verified_by(key(folder, "issuer"))
    assert about_the_device(placed.claims) == SHOWN[name]
    assert opened.message is not None
    binding = kbt.binding_by(opened.message, key(folder, "holder"), placed.claims)
    assert binding == kbt.KbtBinding(
        "https://verifier.example/app", 1725244237, bytes.fromhex("8c0f5f523b95bea44a9a48c649240803")
    )


def test_the_example_is_not_the_holders_under_another_key(folder: Path) -> None:
    opened = kbt.peek((folder / "kbt.cbor").read_bytes())
    assert opened.message is not None
    another = PublicKey(ec.generate_private_key(ec.SECP256R1()).public_key())
    with pytest.raises(KeyBindingSignatureInvalid):
        kbt.binding_by(opened.message, another, {})


@pytest.mark.parametrize("name", ISSUED)
def test_one_changed_byte_of_the_payload_is_noticed(folder: Path, name: str) -> None:
    data = (folder / f"{name}.cbor").read_bytes().replace(b"device.example", b"device.examplE")
    with pytest.raises(InvalidSignature):
        token.peek(data).verified_by(key(folder, "issuer"))


def test_a_redacted_claim_hash_is_over_the_disclosure_with_its_header(folder: Path) -> None:
    read = (folder / "first-disclosure.cborseq").read_bytes()
    # draft, 3.1: the hash of the first disclosure, as it stands in the example's payload.
    assert redaction.digest(read[2:] if read[0] == 0x58 else read).hex() == (
        "af375dc3fba1d082448642c00be7b2f7bb05c9d8fb61cfc230ddfdfb4616a693"
    )
