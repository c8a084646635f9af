"""Public keys: what a JWK must be, thumbprints, equality."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keys.algorithms import Algorithm
from keys.encoding import b64url_text
from keys.errors import InvalidSignature, MalformedKey
from keys.public import _P, _SMALL_ORDER, PublicKey
from keys.signer import SoftwareSigner

# Fixed, because parts of them stand in the names of tests.
SIGNERS = {
    Algorithm.ES256: SoftwareSigner(ec.derive_private_key(0x5EC1, ec.SECP256R1())),
    Algorithm.ES384: SoftwareSigner(ec.derive_private_key(0x5EC1, ec.SECP384R1())),
    Algorithm.ES512: SoftwareSigner(ec.derive_private_key(0x5EC1, ec.SECP521R1())),
    Algorithm.EDDSA: SoftwareSigner(Ed25519PrivateKey.from_private_bytes(b"\x5e" * 32)),
}
ES256 = SIGNERS[Algorithm.ES256].public_key
EDDSA = SIGNERS[Algorithm.EDDSA].public_key
# RFC 8037, appendix A.2 and A.3.
RFC8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def test_the_thumbprint_is_the_one_of_rfc_8037() -> None:
    assert PublicKey.from_jwk(RFC8037).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_jwk_is_read_as_it_was_written(algorithm: Algorithm) -> None:
    key = SIGNERS[algorithm].public_key
    again = PublicKey.from_jwk(key.jwk)
    assert (again, again.jwk, again.algorithm) == (key, key.jwk, algorithm)


@pytest.mark.parametrize("more", [{"kid": "x"}, {"use": "sig"}, {"key_ops": ["verify"]}, {"alg": "ES256"}, {"x5c": []}])
def test_members_that_fit_are_passed_over(more: dict[str, Any]) -> None:
    assert PublicKey.from_jwk(ES256.jwk | more) == ES256


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
def test_both_names_of_ed25519_fit(alg: str) -> None:
    assert PublicKey.from_jwk(EDDSA.jwk | {"alg": alg}) == EDDSA


@pytest.mark.parametrize(
    "change",
    [
        {"d": "AA"},
        {"k": "AA"},
        {"kty": "RSA"},
        {"kty": 1},
        {"kty": None},
        {"crv": "P-521"},
        {"crv": "secp256k1"},
        {"crv": "P-384"},
        {"x": ""},
        {"x": ES256.jwk["x"] + "A"},
        {"x": ES256.jwk["x"][:-1] + "="},
        {"x": "证"},
        {"x": ES256.jwk["y"]},
        {"y": ""},
        {"y": b64url_text(b"\0" + bytes(32))},
        {"x": b64url_text(b"\xff" * 32)},
        {"x": b64url_text(bytes(32)), "y": b64url_text(bytes(32))},
        {"alg": "ES384"},
        {"alg": "none"},
        {"alg": []},
        {"use": "enc"},
        {"use": 1},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
    ],
    ids=str,
)
def test_one_flaw_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedKey):
        PublicKey.from_jwk(ES256.jwk | change)


@pytest.mark.parametrize("value", ["text", [], None, 1])
def test_what_is_no_object_is_no_key(value: Any) -> None:
    with pytest.raises(MalformedKey):
        PublicKey.from_jwk(value)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_an_ed25519_key_has_32_bytes(length: int) -> None:
    with pytest.raises(MalformedKey):
        PublicKey.from_jwk(RFC8037 | {"x": b64url_text(b"\x02" * length)})


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", sorted(_SMALL_ORDER | {_P, _P + 1, _P + 5}))
def test_a_point_of_small_order_or_of_two_names_is_refused(y: int, sign: int) -> None:
    x = (y | sign << 255).to_bytes(32, "little")
    with pytest.raises(MalformedKey):
        PublicKey.from_jwk(RFC8037 | {"x": b64url_text(x)})


def test_a_key_of_small_order_would_verify_what_nobody_signed() -> None:
    """Why they are refused: R = identity, S = 0 is a signature of the identity over every message."""
    identity = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), b"anything")


def test_a_key_verifies_nothing_of_another() -> None:
    with pytest.raises(InvalidSignature):
        ES256.verify(SoftwareSigner.generate().sign(b"x"), b"x")


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\0" * 96, b"\xff" * 64, b"\xff" * 96, b"x" * 1000])
def test_no_bytes_are_a_signature_by_chance(algorithm: Algorithm, signature: bytes) -> None:
    with pytest.raises(InvalidSignature):
        SIGNERS[algorithm].public_key.verify(signature, b"x")


def test_a_curve_that_is_not_ours_is_refused() -> None:
    with pytest.raises(MalformedKey, match="curve"):
        PublicKey(ec.generate_private_key(ec.SECP256K1()).public_key())


def test_keys_compare_by_thumbprint() -> None:
    assert len({ES256, PublicKey.from_jwk(ES256.jwk), EDDSA}) == 2
    assert ES256.kid != ES256


def test_the_der_form_is_read_by_others() -> None:
    loaded = serialization.load_der_public_key(ES256.spki())
    assert PublicKey(loaded) == ES256  # type: ignore[arg-type]


def test_a_key_shows_its_algorithm_and_name() -> None:
    assert repr(ES256) == f"PublicKey(ES256, {ES256.kid})"


def test_a_y_beside_an_ed25519_key_is_not_kept() -> None:
    """Keys that were read are kept: what strangers may write at any length must not be kept with them."""
    assert PublicKey.from_jwk(RFC8037 | {"y": "A" * 1000}) is PublicKey.from_jwk(RFC8037)
