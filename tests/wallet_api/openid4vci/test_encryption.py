"""Requests and answers that only the wallet and the issuer read (OpenID4VCI 1.0, 10)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from keys import jwe, strict_json
from keys.jwe import DecryptionKey
from tests.support.vci_issuer import FakeIssuer, answer, saying
from tests.support.vci_wallet import ReceivingWallet
from wallet_api.openid4vci.encryption import MAX_KEYS, Encryption, read_encryption
from wallet_api.openid4vci.errors import CredentialResponseInvalid, IssuerMetadataInvalid
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse
from wallet_api.openid4vci.progress import Stage
from wallet_api.openid4vci.sources import SourceState
from wallet_api.openid4vci.web import Answer

REQUEST, RESPONSE = "credential_request_encryption", "credential_response_encryption"


@pytest.fixture
def sealed(wallet: ReceivingWallet) -> ReceivingWallet:
    wallet.issuer.encryption = DecryptionKey.generate()
    wallet.issuer.wants_encryption = True
    return wallet


def requests(issuer: FakeIssuer, name: str) -> list[HttpRequest]:
    return [each for each in issuer.asked if each.url.endswith(f"/{name}")]


def opened(issuer: FakeIssuer, request: HttpRequest) -> dict[str, Any]:
    assert issuer.encryption is not None
    return strict_json.loads_object(jwe.decrypt(request.body.decode(), keys=[issuer.encryption]).plaintext)


def test_a_certificate_comes_encrypted_where_the_issuer_requires_it(sealed: ReceivingWallet) -> None:
    """4.9.1, 4.9.2"""
    assert sealed.accept().stage is Stage.RECEIVED
    (request,) = requests(sealed.issuer, "credential")
    assert request.headers["Content-Type"] == "application/jwt"
    asked = opened(sealed.issuer, request)[RESPONSE]
    assert (asked["enc"], asked["jwk"]["alg"], "d" in asked["jwk"]) == ("A256GCM", "ECDH-ES", False)


def test_it_comes_encrypted_where_that_is_offered_alone(sealed: ReceivingWallet) -> None:
    sealed.issuer.wants_encryption = False
    assert sealed.accept().stage is Stage.RECEIVED
    assert requests(sealed.issuer, "credential")[0].headers["Content-Type"] == "application/jwt"


def test_an_issuer_without_encryption_is_asked_in_the_clear(wallet: ReceivingWallet) -> None:
    assert wallet.accept().stage is Stage.RECEIVED
    assert requests(wallet.issuer, "credential")[0].headers["Content-Type"] == "application/json"


def test_what_was_deferred_comes_encrypted_under_another_key(sealed: ReceivingWallet) -> None:
    sealed.issuer.deferrals = 1
    assert sealed.accept().stage is Stage.DEFERRED
    sealed.town.later(seconds=10)
    sealed.round()
    assert sealed.only_source().state is SourceState.KEPT
    first, second = (
        opened(sealed.issuer, requests(sealed.issuer, name)[0])[RESPONSE]["jwk"]["kid"]
        for name in ("credential", "deferred_credential")
    )
    assert first != second


def test_a_later_answer_may_be_promised_in_the_clear(sealed: ReceivingWallet) -> None:
    """4.9.4"""
    sealed.issuer.lies["credential"] = lambda *_: answer(202, {"transaction_id": "t", "interval": 5})
    assert sealed.accept().stage is Stage.DEFERRED


def test_a_refusal_in_the_clear_is_one(sealed: ReceivingWallet) -> None:
    sealed.issuer.lies["credential"] = lambda *_: answer(400, {"error": "credential_request_denied"})
    assert sealed.accept().results[0].reason == "credential_request_refused:credential_request_denied"


def in_jwt(body: bytes) -> Callable[[HttpRequest, HttpResponse], HttpResponse]:
    return lambda _, honest: replace(honest, body=body)


def for_another_key(request: HttpRequest, honest: HttpResponse) -> HttpResponse:
    token = jwe.encrypt(b'{"credentials":[]}', to=DecryptionKey.generate().jwk, enc="A256GCM")
    return replace(honest, body=token.encode())


@pytest.mark.parametrize(
    "lie",
    [
        lambda _, honest: answer(200, {"credentials": [{"credential": "x"}]}),
        lambda _, honest: answer(202, {"credentials": [{"credential": "x"}]}),
        lambda _, honest: replace(honest, headers={"content-type": "text/plain"}),
        in_jwt(b""),
        in_jwt(b"a.b.c.d.e"),
        in_jwt("证".encode()),
        for_another_key,
    ],
)
def test_an_answer_that_was_to_be_encrypted_and_is_not_is_not_believed(sealed: ReceivingWallet, lie: Any) -> None:
    sealed.issuer.lies["credential"] = lie
    (result,) = sealed.accept().results
    assert (result.state, result.reason) == (SourceState.OVER, "credential_response_invalid")
    assert sealed.holdings() == []


def test_what_is_inside_must_be_an_object() -> None:
    asked = Encryption(DecryptionKey.generate().jwk, "A256GCM", "A256GCM").sealed({})
    assert asked.answer_key is not None
    token = jwe.encrypt(b"[]", to=asked.answer_key.jwk, enc="A256GCM")
    with pytest.raises(CredentialResponseInvalid, match="decrypted"):
        asked.opened(Answer(200, {}, None, token))


# --- what the metadata say


def metadata(**changes: Any) -> dict[str, Any]:
    """The members of an issuer that requires encryption; a change of ``request_x`` is one inside the first."""
    issuer = ReceivingWallet().issuer
    issuer.wants_encryption = True
    made = issuer.encryptions(DecryptionKey.generate())
    for name, value in changes.items():
        which, _, member = name.partition("_")
        made[REQUEST if which == "request" else RESPONSE][member] = value
    return made


def key(**changes: Any) -> dict[str, Any]:
    return {n: v for n, v in (dict(DecryptionKey.generate().jwk) | changes).items() if v is not None}


def test_the_longer_key_is_taken_where_both_are_offered() -> None:
    found = read_encryption(metadata())
    assert found is not None
    assert (found.enc, found.response_enc) == ("A256GCM", "A256GCM")
    shorter = read_encryption(metadata(request_enc_values_supported=["A128GCM"]))
    assert shorter is not None
    assert (shorter.enc, shorter.response_enc) == ("A128GCM", "A256GCM")


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"request_enc_values_supported": ["A256CBC-HS512"]}, REQUEST),
        ({"request_enc_values_supported": "A256GCM"}, REQUEST),
        ({"request_jwks": None}, REQUEST),
        ({"request_jwks": {"keys": {}}}, REQUEST),
        ({"request_jwks": {"keys": []}}, REQUEST),
        ({"request_jwks": {"keys": [7]}}, REQUEST),
        ({"request_jwks": {"keys": [key(kid=None)]}}, REQUEST),
        ({"request_jwks": {"keys": [key(kid=7)]}}, REQUEST),
        ({"request_jwks": {"keys": [key(alg="RSA-OAEP")]}}, REQUEST),
        ({"request_jwks": {"keys": [key(use="sig")]}}, REQUEST),
        ({"request_jwks": {"keys": [key(x="AA")]}}, REQUEST),
        ({"response_enc_values_supported": ["A256CBC-HS512"]}, RESPONSE),
        ({"response_alg_values_supported": ["ECDH-ES+A256KW"]}, RESPONSE),
        ({"response_alg_values_supported": None}, RESPONSE),
    ],
)
def test_an_issuer_that_requires_what_we_have_not_is_refused(changes: dict[str, Any], names: str) -> None:
    """VCI 12.2.4"""
    with pytest.raises(IssuerMetadataInvalid, match=f"{names} is required"):
        read_encryption(metadata(**changes))
    relaxed = {"request_encryption_required": False, "response_encryption_required": False}
    found = read_encryption(metadata(**relaxed, **changes))
    assert (found is None) == (names == REQUEST)


def test_encrypted_answers_need_encrypted_requests() -> None:
    """8.2: without the issuer's key an answer's key could be exchanged on the way."""
    with pytest.raises(IssuerMetadataInvalid, match=RESPONSE):
        read_encryption({RESPONSE: metadata()[RESPONSE]})
    assert read_encryption({RESPONSE: metadata(response_encryption_required=False)[RESPONSE]}) is None


def test_a_request_can_be_encrypted_alone(wallet: ReceivingWallet) -> None:
    wallet.issuer.encryption = DecryptionKey.generate()
    wallet.issuer.lies["openid-credential-issuer"] = saying(**{RESPONSE: None})
    assert wallet.accept().stage is Stage.RECEIVED
    assert RESPONSE not in opened(wallet.issuer, requests(wallet.issuer, "credential")[0])


@pytest.mark.parametrize(("before", "taken"), [(MAX_KEYS - 1, True), (MAX_KEYS, False)])
def test_keys_are_looked_at_up_to_a_limit(before: int, taken: bool) -> None:
    keys = [key(alg="RSA-OAEP")] * before + [key()]
    found = read_encryption(
        metadata(request_jwks={"keys": keys}, request_encryption_required=False, response_encryption_required=False)
    )
    assert (found is not None) == taken
