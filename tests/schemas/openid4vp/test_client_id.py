"""Client identifiers: the examples of 5.9 in our words, and what is refused."""

import base64
import hashlib

import pytest

from schemas.openid4vp.client_id import MAX_LENGTH, ClientId, Prefix, read_client_id, x509_hash
from schemas.openid4vp.errors import InvalidPresentationRequest

HASH = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk"


@pytest.mark.parametrize(
    ("text", "prefix", "signed"),
    [
        ("redirect_uri:https://client.example.org/cb", Prefix.REDIRECT_URI, False),
        ("x509_san_dns:client.example.org", Prefix.X509_SAN_DNS, True),
        (HASH, Prefix.X509_HASH, True),
        ("decentralized_identifier:did:example:123", Prefix.DECENTRALIZED_IDENTIFIER, True),
        ("decentralized_identifier:did:web:example.org%3A8443:a", Prefix.DECENTRALIZED_IDENTIFIER, True),
        ("example-client", Prefix.PRE_REGISTERED, False),
    ],
)
def test_a_client_id_comes_apart_and_together(text: str, prefix: Prefix, signed: bool) -> None:
    read = read_client_id(text)
    assert (read.prefix, read.prefix.signed, str(read)) == (prefix, signed, text)


def test_the_hash_is_of_the_leafs_der() -> None:
    made = x509_hash(b"der")
    padded = base64.urlsafe_b64encode(hashlib.sha256(b"der").digest()).decode()
    assert (made.prefix, made.name + "=") == (Prefix.X509_HASH, padded)
    assert read_client_id(str(made)) == made


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "no text"),
        (["x"], "no text"),
        ("", "no text"),
        ("x" * (MAX_LENGTH + 1), "no text"),
        (":name", "prefix that is not supported"),
        ("origin:https://a.example", "prefix that is not supported"),
        ("openid_federation:https://a.example", "prefix that is not supported"),
        ("verifier_attestation:a", "prefix that is not supported"),
        ("https://a.example", "prefix that is not supported"),
        ("did:example:123", "prefix that is not supported"),
        ("unknown:a", "prefix that is not supported"),
        ("x509_hash:short", "name that its prefix does not allow"),
        (HASH + "A", "name that its prefix does not allow"),
        ("x509_san_dns:", "name that its prefix does not allow"),
        ("x509_san_dns:UPPER.example", "name that its prefix does not allow"),
        ("x509_san_dns:https://a.example", "name that its prefix does not allow"),
        ("x509_san_dns:" + "a" * 64, "name that its prefix does not allow"),
        ("decentralized_identifier:example", "name that its prefix does not allow"),
        ("decentralized_identifier:did:Bad:1", "name that its prefix does not allow"),
        ("redirect_uri:", "name that its prefix does not allow"),
    ],
)
def test_what_is_no_client_id_is_refused(value: object, why: str) -> None:
    with pytest.raises(InvalidPresentationRequest, match=why):
        read_client_id(value)


def test_a_pre_registered_client_has_no_prefix() -> None:
    assert str(ClientId(Prefix.PRE_REGISTERED, "client")) == "client"
