"""Limits of OpenID4VP: what a request and a response may hold."""

from typing import Any

from keys import strict_json
from keys.encoding import b64url_text
from keys.jwe import DecryptionKey
from schemas.openid4vp import client_id, metadata, request, request_object, response, transaction_data
from schemas.openid4vp.client_id import ClientId, Prefix
from tests.limits.case import Case
from tests.limits.keys_cases import token
from tests.support.vp_requests import RESPONSE_URI, SAN_DNS, request_of
from verifier.openid4vp import endpoint

_MODULE, _VERIFIER = "schemas.openid4vp", "verifier.openid4vp"
_REQUEST, _RESPONSE = "invalid_presentation_request", "invalid_presentation_response"
_ASKED = request_of(SAN_DNS, DecryptionKey.derive(bytes(range(32)), "limits of openid4vp")).claims()
_ENTRY = {
    "type": transaction_data.AUTHORISATION,
    "credential_ids": ["a"],
    "subject_zh": "开户",
    "subject_en": "Opening",
}
_FORM = "application/x-www-form-urlencoded"


def _request(**changed: Any) -> Any:
    return request.read_request(_ASKED | changed)


def _keys(size: int) -> dict[str, Any]:
    return {"jwks": {"keys": [{"kid": str(number)} for number in range(size)]}}


def _entry(size: int) -> str:
    return b64url_text(strict_json.dumps(_ENTRY | {"reference": "x" * size}))


def _form(most: int) -> Any:
    return lambda body: endpoint._fields(endpoint.Posted(body, _FORM), most)


def _nonce(text: str) -> Any:
    return request_object.for_wallet_nonce(request_of(ClientId(Prefix.REDIRECT_URI, RESPONSE_URI), None), text)


CASES = (
    Case(f"{_MODULE}.client_id.MAX_LENGTH", _REQUEST, lambda n: "x" * n, client_id.read_client_id),
    Case(f"{_MODULE}.metadata._MAX_KEYS", _REQUEST, _keys, metadata.read_metadata),
    Case(
        f"{_MODULE}.request.MAX_URI",
        _REQUEST,
        lambda n: "https://verifier.example/".ljust(n, "x"),
        lambda uri: _request(response_uri=uri),
    ),
    Case(
        f"{_MODULE}.request._MAX_ENTRIES",
        _REQUEST,
        lambda n: [{"format": "jwt", "data": "a.b.c"}] * n,
        lambda infos: _request(verifier_info=infos),
    ),
    Case(
        f"{_MODULE}.request._MAX_TEXT",
        _REQUEST,
        lambda n: ["x" * n],
        lambda texts: _request(transaction_data=texts),
    ),
    Case(f"{_MODULE}.request_object.MAX_REQUEST", _REQUEST, token, request_object.peek_alone, "too_large", False),
    Case(f"{_MODULE}.request_object.MAX_WALLET_NONCE", _REQUEST, lambda n: "x" * n, _nonce),
    Case(
        f"{_MODULE}.response.MAX_PRESENTATIONS",
        _RESPONSE,
        lambda n: {"vp_token": {"a": ["x"] * n}},
        response.read_members,
    ),
    Case(
        f"{_MODULE}.transaction_data.MAX_TEXT",
        "invalid_transaction_data",
        _entry,
        lambda text: transaction_data.read_transaction_data(text, asked=frozenset({"a"})),
    ),
    Case(f"{_VERIFIER}.endpoint.MAX_FORM", _RESPONSE, lambda n: b"a=".ljust(n, b"1"), _form(endpoint.MAX_FORM)),
    Case(
        f"{_VERIFIER}.endpoint.MAX_REQUEST_FORM",
        _RESPONSE,
        lambda n: b"a=".ljust(n, b"1"),
        _form(endpoint.MAX_REQUEST_FORM),
    ),
    Case(
        f"{_VERIFIER}.endpoint.MAX_PARAMETERS",
        _RESPONSE,
        lambda n: b"&".join(b"p%d=1" % number for number in range(n)),
        _form(endpoint.MAX_FORM),
    ),
)
