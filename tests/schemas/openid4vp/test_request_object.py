"""Signed request objects: by certificate and by DID, for a wallet's nonce, and every proof broken by itself."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest

from keys import did, jws, strict_json
from keys.algorithms import Algorithm
from keys.jwe import DecryptionKey
from keys.signer import SoftwareSigner
from schemas.openid4vp import request_object
from schemas.openid4vp.client_id import ClientId, Prefix, x509_hash
from schemas.openid4vp.errors import InvalidPresentationRequest, VerifierNotAuthenticated
from schemas.openid4vp.request_object import MAX_WALLET_NONCE, TYP, for_wallet_nonce, peek, peek_alone, sign
from tests.support.vp_requests import HOST, NOW, RESPONSE_URI, SAN_DNS, Pki, request_of

STRANGER = SoftwareSigner.generate()
MINUTE = timedelta(minutes=1)


def by_did(signer: SoftwareSigner) -> ClientId:
    return ClientId(Prefix.DECENTRALIZED_IDENTIFIER, did.to_did_jwk(signer.public_key))


def forged(claims: dict[str, Any], signer: SoftwareSigner, **more: Any) -> str:
    options: dict[str, Any] = {"typ": TYP, "x5c": True, "kid": False} | more
    return jws.sign(strict_json.dumps(claims), signer, **options)


def times(claims: dict[str, Any], **changes: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    merged = claims | {"iat": at, "exp": at + 300, "aud": "https://self-issued.me/v2"} | changes
    return {name: value for name, value in merged.items() if value is not None}


@pytest.mark.parametrize("prefix", [Prefix.X509_HASH, Prefix.X509_SAN_DNS])
def test_a_request_by_certificate_is_authenticated(pki: Pki, key: DecryptionKey, prefix: Prefix) -> None:
    client_id = SAN_DNS if prefix is Prefix.X509_SAN_DNS else x509_hash(pki.signer.chain[0])
    request = request_of(client_id, key)
    token = sign(request, pki.signer, now=NOW)
    assert peek(token, client_id=str(client_id)).verified_by(pki.anchors, now=NOW) == request
    assert peek_alone(token).verified_by(pki.anchors, now=NOW) == request


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.EDDSA])
@pytest.mark.parametrize("to_did", [did.to_did_key, did.to_did_jwk])
def test_a_request_by_did_is_authenticated(
    pki: Pki, key: DecryptionKey, algorithm: Algorithm, to_did: Callable[..., str]
) -> None:
    signer = SoftwareSigner.generate(algorithm)
    request = request_of(ClientId(Prefix.DECENTRALIZED_IDENTIFIER, to_did(signer.public_key)), key)
    token = sign(request, signer, now=NOW)
    header = jws.peek(token).header
    assert (header.kid or "").startswith(to_did(signer.public_key) + "#")
    assert peek(token, client_id=str(request.client_id)).verified_by(pki.anchors, now=NOW) == request


def test_another_library_reads_what_we_sign(pki: Pki, key: DecryptionKey) -> None:
    token = sign(request_of(SAN_DNS, key), pki.signer, now=NOW)
    header = jwt.get_unverified_header(token)
    assert header == {
        "alg": "ES256",
        "typ": "oauth-authz-req+jwt",
        "x5c": [base64.b64encode(pki.signer.chain[0]).decode()],
    }
    public = jwt.PyJWK(dict(pki.signer.public_key.jwk) | {"alg": "ES256"}).key
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, public, ["ES256"], audience="https://self-issued.me/v2", options=options)
    assert claims["exp"] - claims["iat"] == 300
    assert claims["client_id"] == f"x509_san_dns:{HOST}"
    assert not {"iss", "sub", "redirect_uri", "scope", "request_uri", "wallet_nonce"} & claims.keys()


def test_a_wallets_nonce_stands_in_what_is_signed_for_it(pki: Pki, key: DecryptionKey) -> None:
    request = for_wallet_nonce(request_of(SAN_DNS, key), "qPmxiNFCR3QTm19POc8u")
    read = peek(sign(request, pki.signer, now=NOW), client_id=str(SAN_DNS))
    assert read.verified_by(pki.anchors, now=NOW, wallet_nonce="qPmxiNFCR3QTm19POc8u") == request
    for other in ("another", None):
        with pytest.raises(InvalidPresentationRequest, match="wallet's nonce"):
            read.verified_by(pki.anchors, now=NOW, wallet_nonce=other)


@pytest.mark.parametrize("nonce", ["", "a" * (MAX_WALLET_NONCE + 1), "a\n"])
def test_a_nonce_that_is_no_line_is_not_signed(key: DecryptionKey, nonce: str) -> None:
    with pytest.raises(InvalidPresentationRequest, match="wallet_nonce"):
        for_wallet_nonce(request_of(SAN_DNS, key), nonce)


# What is not signed


@pytest.mark.parametrize("client_id", [None, ClientId(Prefix.REDIRECT_URI, RESPONSE_URI), ClientId(Prefix(""), "x")])
def test_who_cannot_sign_does_not(pki: Pki, key: DecryptionKey, client_id: ClientId | None) -> None:
    with pytest.raises(InvalidPresentationRequest, match="cannot be signed"):
        sign(request_of(client_id, key), pki.signer, now=NOW)


@pytest.mark.parametrize(
    "client_id",
    [
        x509_hash(b"another"),
        ClientId(Prefix.X509_SAN_DNS, "other.example"),
        by_did(STRANGER),
        ClientId(Prefix.DECENTRALIZED_IDENTIFIER, "did:web:verifier.example"),
    ],
    ids=lambda client_id: client_id.prefix.value,
)
def test_nobody_signs_for_somebody_else(pki: Pki, key: DecryptionKey, client_id: ClientId) -> None:
    with pytest.raises(VerifierNotAuthenticated):
        sign(request_of(client_id, key, response_uri="https://other.example/"), pki.signer, now=NOW)


def test_a_key_without_certificate_signs_for_no_certificate(key: DecryptionKey) -> None:
    with pytest.raises(VerifierNotAuthenticated, match="no certificate"):
        sign(request_of(SAN_DNS, key), STRANGER, now=NOW)


# What is not authenticated


def test_a_request_of_another_root_is_refused(key: DecryptionKey, pki: Pki) -> None:
    other = Pki.made()
    token = sign(request_of(SAN_DNS, key), other.signer, now=NOW)
    with pytest.raises(VerifierNotAuthenticated, match="invalid_chain"):
        peek(token, client_id=str(SAN_DNS)).verified_by(pki.anchors, now=NOW)


def test_a_certificate_that_is_over_is_refused(key: DecryptionKey, pki: Pki) -> None:
    later = NOW + timedelta(days=1_000)
    token = sign(request_of(SAN_DNS, key), pki.signer, now=later)
    with pytest.raises(VerifierNotAuthenticated, match="invalid_chain"):
        peek(token, client_id=str(SAN_DNS)).verified_by(pki.anchors, now=later)


@pytest.mark.parametrize("client_id", ["x509_san_dns:other.example", str(x509_hash(b"x"))])
def test_a_certificate_that_the_parameter_does_not_name_is_refused(
    key: DecryptionKey, pki: Pki, client_id: str
) -> None:
    token = sign(request_of(SAN_DNS, key), pki.signer, now=NOW)
    with pytest.raises(VerifierNotAuthenticated, match="certificate"):
        peek(token, client_id=client_id).verified_by(pki.anchors, now=NOW)


@pytest.mark.parametrize("chain", [(), (b"no certificate",)], ids=["none", "no certificate"])
def test_a_request_without_a_certificate_is_refused(key: DecryptionKey, pki: Pki, chain: tuple[bytes, ...]) -> None:
    claims = times(request_of(SAN_DNS, key).claims())
    extra = {"x5c": [base64.b64encode(der).decode() for der in chain]} if chain else {}
    head = {"alg": "ES256", "typ": TYP} | extra
    token = ".".join(b64(json.dumps(part).encode()) for part in (head, claims)) + "." + b64(b"0" * 64)
    with pytest.raises(VerifierNotAuthenticated):
        peek(token, client_id=str(SAN_DNS)).verified_by(pki.anchors, now=NOW)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_a_leaf_without_names_has_no_host(pki: Pki) -> None:
    assert request_object._dns_names(pki.root) == []
    assert request_object._dns_names(b"") == []


def test_a_changed_request_is_refused(key: DecryptionKey, pki: Pki) -> None:
    head, _, signature = sign(request_of(SAN_DNS, key), pki.signer, now=NOW).split(".")
    other = b64(strict_json.dumps(times(request_of(SAN_DNS, key, nonce="other").claims())))
    with pytest.raises(VerifierNotAuthenticated, match="invalid_signature"):
        peek(f"{head}.{other}.{signature}", client_id=str(SAN_DNS)).verified_by(pki.anchors, now=NOW)


def test_a_key_of_another_did_is_refused(key: DecryptionKey, pki: Pki) -> None:
    claims = times(request_of(by_did(pki.signer), key).claims())
    for method in (did.verification_method(by_did(STRANGER).name), None):
        extra = () if method is None else (("kid", method),)
        token = forged(claims, STRANGER, x5c=False, extra=extra)
        with pytest.raises(VerifierNotAuthenticated, match="no method of the DID"):
            peek(token, client_id=str(by_did(pki.signer))).verified_by(pki.anchors, now=NOW)


def test_a_did_whose_key_did_not_sign_is_refused(key: DecryptionKey, pki: Pki) -> None:
    name = by_did(pki.signer)
    extra = (("kid", did.verification_method(name.name)),)
    token = forged(times(request_of(name, key).claims()), STRANGER, x5c=False, extra=extra)
    with pytest.raises(VerifierNotAuthenticated, match="invalid_signature"):
        peek(token, client_id=str(name)).verified_by(pki.anchors, now=NOW)


AT = int(NOW.timestamp())
FLAWS: dict[str, tuple[dict[str, Any], str]] = {
    "over": ({"exp": AT - 61}, "is over"),
    "of a time to come": ({"iat": AT + 61}, "of a time to come"),
    "not yet good": ({"nbf": AT + 61}, "of a time to come"),
    "an end that is no number": ({"exp": "later"}, "exp is no number"),
    "a beginning that is no number": ({"iat": True}, "iat is no number"),
    "for somebody else": ({"aud": "https://wallet.example"}, "another audience"),
    "for several": ({"aud": ["https://self-issued.me/v2", "x"]}, "another audience"),
    "of another client": (
        {"client_id": "x509_san_dns:other.example", "response_uri": "https://other.example/"},
        "names another",
    ),
    "a broken rule": ({"nonce": None}, "nonce"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_what_the_right_key_signed_must_hold_too(key: DecryptionKey, pki: Pki, flaw: str) -> None:
    changes, why = FLAWS[flaw]
    token = forged(times(request_of(SAN_DNS, key).claims(), **changes), pki.signer)
    with pytest.raises(InvalidPresentationRequest, match=why):
        peek(token, client_id=str(SAN_DNS)).verified_by(pki.anchors, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": ["https://self-issued.me/v2"]},
        {"exp": None, "iat": None},
        {"exp": AT - 60, "iat": AT - 300},
        {"iat": AT + 60, "nbf": AT + 60},
        {"iss": "ignored"},
    ],
)
def test_what_is_optional_may_be_left_out(key: DecryptionKey, pki: Pki, changes: dict[str, Any]) -> None:
    token = forged(times(request_of(SAN_DNS, key).claims(), **changes), pki.signer)
    assert peek(token, client_id=str(SAN_DNS)).verified_by(pki.anchors, now=NOW) == request_of(SAN_DNS, key)


# What is not looked at further


@pytest.mark.parametrize("read", [lambda text: peek(text, client_id=str(SAN_DNS)), peek_alone])
@pytest.mark.parametrize(
    ("text", "why"), [("{}", "cannot be read"), ("a.b", "cannot be read"), ("x" * 131_073, "cannot be read")]
)
def test_what_is_no_token_is_refused(read: Callable[[str], Any], text: str, why: str) -> None:
    with pytest.raises(InvalidPresentationRequest, match=why):
        read(text)


def test_a_token_of_another_kind_is_refused(key: DecryptionKey, pki: Pki) -> None:
    token = forged(times(request_of(SAN_DNS, key).claims()), pki.signer, typ="JWT")
    with pytest.raises(InvalidPresentationRequest, match="another typ"):
        peek(token, client_id=str(SAN_DNS))


def test_a_request_that_cannot_be_signed_is_not_taken_signed(key: DecryptionKey, pki: Pki) -> None:
    by_name = ClientId(Prefix.REDIRECT_URI, RESPONSE_URI)
    token = forged(times(request_of(by_name, key).claims()), pki.signer)
    for read in (lambda: peek(token, client_id=str(by_name)), lambda: peek_alone(token)):
        with pytest.raises(InvalidPresentationRequest, match="cannot be signed"):
            read()


@pytest.mark.parametrize("payload", [b"[]", b"{"])
def test_a_token_that_holds_no_object_names_nobody(pki: Pki, payload: bytes) -> None:
    with pytest.raises(InvalidPresentationRequest, match="no JSON object"):
        peek_alone(jws.sign(payload, pki.signer, typ=TYP))


def test_a_token_names_a_client_or_nobody(key: DecryptionKey, pki: Pki) -> None:
    claims = times(request_of(SAN_DNS, key).claims(), client_id=None)
    with pytest.raises(InvalidPresentationRequest, match="client_id is no text"):
        peek_alone(forged(claims, pki.signer))


def test_the_token_stays_out_of_what_is_printed(key: DecryptionKey, pki: Pki) -> None:
    unverified = peek(sign(request_of(SAN_DNS, key), pki.signer, now=NOW), client_id=str(SAN_DNS))
    assert "token" not in repr(replace(unverified))
