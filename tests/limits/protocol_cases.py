"""Limits of OpenID4VCI's authorization server: forms, the tokens of clients, authorization details."""

import json
from typing import Any

from issuer.openid4vci import answers, protocol_tokens
from issuer.openid4vci.authorization import details
from issuer.openid4vci.authorization.client_auth import Client, Method
from issuer.openid4vci.authorization.front import redirects, requests
from tests.limits.case import Case
from tests.limits.keys_cases import token

_MODULE = "issuer.openid4vci"
_DETAIL = {"type": "openid_credential", "credential_configuration_id": "business_licence.dc+sd-jwt"}


def _form(body: bytes) -> answers.Form:
    return answers.read_form(body, "application/x-www-form-urlencoded")


def _peeked(text: str) -> Any:
    return protocol_tokens.peek(text, typ=frozenset({None}))


def _details(text: str) -> tuple[str, ...]:
    return details.ids_of_details(text, department="amr", issuer="https://ecert.example/issuers/amr")


def _request(state: str) -> Any:
    form = {
        "response_type": "code",
        "redirect_uri": "https://wallet.example/back",
        "scope": "business_licence.dc+sd-jwt",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
        "state": state,
    }
    place = requests.Place("amr", "https://ecert.example/issuers/amr")
    return requests.read(answers.Form(form), client=Client("c", Method.ATTESTATION), place=place, proof_jkt=None)


CASES = (
    Case(f"{_MODULE}.answers.MAX_FORM", "oauth_invalid_request", lambda n: b"a=" + b"1" * (n - 2), _form),
    Case(
        f"{_MODULE}.answers.MAX_PARAMETERS",
        "oauth_invalid_request",
        lambda n: b"&".join(b"p%d=1" % index for index in range(n)),
        _form,
    ),
    Case(f"{_MODULE}.protocol_tokens.MAX_TOKEN", "too_large", token, _peeked),
    Case(
        f"{_MODULE}.protocol_tokens._MAX_TEXT",
        "malformed_token",
        lambda n: protocol_tokens.Claims({"jti": "x" * n}),
        lambda claims: claims.text("jti"),
    ),
    Case(
        f"{_MODULE}.authorization.details._MAX_DETAILS",
        "oauth_invalid_authorization_details",
        lambda n: json.dumps([_DETAIL] * n),
        _details,
    ),
    Case(
        f"{_MODULE}.authorization.front.redirects.MAX_LENGTH",
        "oauth_invalid_request",
        lambda n: "https://wallet.example/".ljust(n, "x"),
        lambda uri: redirects.check(uri, registered=None),
    ),
    Case(f"{_MODULE}.authorization.front.requests.MAX_STATE", "oauth_invalid_request", lambda n: "x" * n, _request),
)
