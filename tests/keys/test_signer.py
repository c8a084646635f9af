"""Software signers: reading and showing them."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

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
