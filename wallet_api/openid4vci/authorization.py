"""The authorization code flow as a client: pushed request (RFC 9126), PKCE S256 (RFC 7636), ``iss`` (RFC 9207).

begin    → the address for the holder's browser, and what to remember under ``state``
finish   ← what the browser brought back; only of the server that was asked, only under a ``state`` that waits
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from keys import strict_json
from keys.encoding import b64url_text
from wallet_api.openid4vci.client import Client, Instance
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.discovery import ServerMetadata
from wallet_api.openid4vci.errors import (
    AuthorizationResponseInvalid,
    ServerMetadataInvalid,
    TokenRefused,
    TokenResponseInvalid,
    error_word,
)
from wallet_api.openid4vci.offers import ByLogin
from wallet_api.parts import Randomness

MAX_PARAMETER = 4_096


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what finishes it: ``state`` finds it again, ``verifier`` is PKCE's secret."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Came:
    """What the browser brought back to the redirect URI."""

    state: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    iss: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """What the holder logs in for: configurations of an issuer, under an offer's grant."""

    issuer: str
    chosen: Sequence[Configuration]
    grant: ByLogin
    redirect_uri: str


async def begin(
    client: Client, server: ServerMetadata, login: Login, *, instance: Instance, randomness: Randomness
) -> Begun:
    """Push the authorization request, where the server takes that, and return where the browser goes.

    Raises:
        ServerMetadataInvalid: the server has no authorization endpoint, or no way to say what is wanted.
        TokenRefused, TokenResponseInvalid: its answer to the pushed request.
    """
    if server.authorization_endpoint is None:
        raise ServerMetadataInvalid("server has no authorization endpoint")
    client_id = client.named_at(server, pre_authorized=False) or client.client_id
    state, verifier = b64url_text(randomness(32)), b64url_text(randomness(32))
    request = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": login.redirect_uri,
        "state": state,
        "code_challenge": b64url_text(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        **_wanted(server, login),
    }
    if login.grant.issuer_state is not None:
        request["issuer_state"] = login.grant.issuer_state
    if client.binds(server, instance):
        request["dpop_jkt"] = instance.dpop.public_key.kid  # RFC 9449, 10: the code is bound to the key
    if server.par_endpoint is not None:
        uri = await _pushed(client, server, server.par_endpoint, request, instance=instance)
        request = {"client_id": client_id, "request_uri": uri}
    separator = "&" if "?" in server.authorization_endpoint else "?"
    return Begun(f"{server.authorization_endpoint}{separator}{urlencode(request)}", state, verifier)


def check_response(came: Came, server: ServerMetadata) -> str:
    """Return the code of an answer that is this server's.

    Raises:
        AuthorizationResponseInvalid: ``iss`` is another server's, or missing where it was promised (RFC 9207, 2.4).
        TokenRefused: the server, or the holder there, said no.
    """
    if came.iss is None and server.named:
        raise AuthorizationResponseInvalid("iss is missing, which the server promises")
    if came.iss is not None and came.iss != server.issuer:
        raise AuthorizationResponseInvalid("iss is another server than was asked")
    if came.error is not None:
        raise TokenRefused("authorization was refused", word=error_word(came.error))
    if not came.code or len(came.code) > MAX_PARAMETER:
        raise AuthorizationResponseInvalid("answer has neither code nor error")
    return came.code


async def _pushed(
    client: Client, server: ServerMetadata, endpoint: str, request: Mapping[str, str], *, instance: Instance
) -> str:
    answer = await client.post(server, endpoint, request, instance=instance, client_id=request["client_id"])
    if answer.status not in (200, 201):
        raise TokenRefused("pushed authorization request was refused", word=error_word(answer.error))
    uri = (answer.members or {}).get("request_uri")
    if not isinstance(uri, str) or not 0 < len(uri) <= MAX_PARAMETER:
        raise TokenResponseInvalid("pushed authorization response has no request_uri")
    return uri


def _wanted(server: ServerMetadata, login: Login) -> dict[str, str]:
    """``scope`` where every configuration has one (VCI 5.1.2), else ``authorization_details`` (5.1.1)."""
    scopes = [each.scope for each in login.chosen]
    if all(scopes):
        return {"scope": " ".join(dict.fromkeys(scope for scope in scopes if scope))}
    if not server.rar:
        raise ServerMetadataInvalid("configuration has no scope, and the server takes no authorization_details")
    details: list[dict[str, Any]] = [
        {"type": "openid_credential", "credential_configuration_id": each.id, "locations": [login.issuer]}
        for each in login.chosen
    ]
    return {"authorization_details": strict_json.dumps(details).decode()}
