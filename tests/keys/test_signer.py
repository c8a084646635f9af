"""Software signers: reading and showing them."""

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from keys.algorithms import EC, Algorithm
from keys.encoding import b64url_text
from keys.errors import MalformedKey
from keys.signer import SoftwareSigner

_PKCS8 = serialization.PrivateFormat.PKCS8
_DER = serialization.Encoding.DER


def test_a_key_is_read_as_it_was_written() -> None:
    signer = SoftwareSigner.generate()
    again = SoftwareSigner.from_pkcs8(signer.to_pkcs8(), chain=[b"leaf"])
    assert (again.public_key, again.chain) == (signer.public_key, (b"leaf",))


def test_an_rsa_key_is_refused() -> None:
    der = rsa.generate_private_key(65537, 2048).private_bytes(_DER, _PKCS8, serialization.NoEncryption())
    with pytest.raises(MalformedKey, match="not supported"):
        SoftwareSigner.from_pkcs8(der)


def test_another_curve_is_refused() -> None:
    der = ec.generate_private_key(ec.SECP256K1()).private_bytes(_DER, _PKCS8, serialization.NoEncryption())
    with pytest.raises(MalformedKey, match="curve"):
        SoftwareSigner.from_pkcs8(der)


def test_an_encrypted_key_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(_DER, _PKCS8, serialization.BestAvailableEncryption(b"passphrase"))
    with pytest.raises(MalformedKey, match="unencrypted"):
        SoftwareSigner.from_pkcs8(der)


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(MalformedKey, match="unencrypted"):
        SoftwareSigner.from_pkcs8(b"0")


def test_a_signer_shows_its_public_key_alone() -> None:
    signer = SoftwareSigner.generate()
    assert repr(signer) == f"SoftwareSigner({signer.public_key!r})"


# Fixed, because parts of them stand in the names of tests.
ES256 = SoftwareSigner(ec.derive_private_key(0x5EC1, ec.SECP256R1())).public_key
PRIVATE_JWK = {**ES256.jwk, "d": b64url_text((0x5EC1).to_bytes(32, "big"))}
# RFC 8037, appendix A.1.
RFC8037 = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}


@pytest.mark.parametrize("algorithm", EC)
def test_a_private_jwk_of_a_curve_is_read(algorithm: Algorithm) -> None:
    parameters = EC[algorithm]
    key = ec.generate_private_key(parameters.curve)
    d = b64url_text(key.private_numbers().private_value.to_bytes(parameters.size, "big"))
    jwk = {**SoftwareSigner(key).public_key.jwk, "d": d}
    signer = SoftwareSigner.from_jwk(jwk)
    signer.public_key.verify(signer.sign(b"x"), b"x")


def test_the_private_jwk_of_rfc_8037_is_read() -> None:
    private = SoftwareSigner.from_jwk(RFC8037).to_pkcs8()
    key = serialization.load_der_private_key(private, password=None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    assert b64url_text(key.private_bytes_raw()) == RFC8037["d"]


@pytest.mark.parametrize("more", [{"kid": "x"}, {"use": "sig"}, {"key_ops": ["sign"]}, {"alg": "ES256"}], ids=str)
def test_members_of_a_private_jwk_that_fit_are_passed_over(more: dict[str, Any]) -> None:
    assert SoftwareSigner.from_jwk(PRIVATE_JWK | more).public_key == ES256


@pytest.mark.parametrize(
    "change",
    [
        {"d": None},
        {"d": ""},
        {"d": "not base64url"},
        {"d": b64url_text(bytes(32))},
        {"d": b64url_text(b"\xff" * 32)},
        {"d": b64url_text(b"\0" + (0x5EC1).to_bytes(32, "big"))},
        {"d": b64url_text((0x5EC2).to_bytes(32, "big"))},
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"alg": "ES384"},
        {"x": ES256.jwk["y"]},
    ],
    ids=str,
)
def test_a_private_jwk_with_one_flaw_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedKey):
        SoftwareSigner.from_jwk(PRIVATE_JWK | change)


def test_a_private_ed25519_jwk_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedKey):
        SoftwareSigner.from_jwk(RFC8037 | {"d": b64url_text(bytes(31))})


def test_a_public_jwk_is_no_signer() -> None:
    with pytest.raises(MalformedKey, match="private"):
        SoftwareSigner.from_jwk(ES256.jwk)
