"""A province's unified identity by OpenID Connect: authorization code with PKCE, state and nonce; the ID token checked.

    begin    discovery; the browser goes to the provider                      OpenID Connect Core 1.0, 3.1.2; RFC 7636
    finish   state, issuer (RFC 9207), code; then the ID token: signature, ``iss``, ``aud``, ``azp``, times, ``nonce``,
             and ``acr`` as an assurance level (3.1.3.7)

What the level of an ``acr`` is, is the configuration's to say; one that it does not name is nobody's identity.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from ecert.identity.configuration import Authentication, OidcConfiguration
from ecert.identity.provider import Discovered, Provider
from ecert.jwks import Expected, JwtRefused, verified
from issuer.openid4vci.errors import IdentityRefused, LoginCancelled
from issuer.openid4vci.ports import AssuranceLevel, Begun, Identity, Login
from keys.encoding import b64url_text
from keys.fields import is_text

_ENTROPY = 32  # bytes


class OidcProofing:
    """Identity proofing by an OpenID provider (``IdentityProofing``). ``secret`` is the client's, "" for none."""

    def __init__(
        self,
        configuration: OidcConfiguration,
        client: httpx.AsyncClient,
        *,
        secret: str,
        clock: Callable[[], datetime],
        randomness: Callable[[int], bytes],
    ) -> None:
        self._configuration = configuration
        self._provider = Provider(configuration.issuer, client, clock=clock)
        self._secret = secret
        self._clock = clock
        self._randomness = randomness

    async def begin(self, login: Login) -> Begun:
        """Return the provider's address to log in at; raises IdentityUnavailable."""
        found = await self._provider.discovered()
        kept = {name: b64url_text(self._randomness(_ENTROPY)) for name in ("state", "nonce", "verifier")}
        asked = {
            "response_type": "code",
            "client_id": self._configuration.client_id,
            "redirect_uri": login.return_uri,
            "scope": self._configuration.scope,
            "state": kept["state"],
            "nonce": kept["nonce"],
            "code_challenge": b64url_text(hashlib.sha256(kept["verifier"].encode()).digest()),
            "code_challenge_method": "S256",
        }
        wanted = [acr for acr, level in self._configuration.levels.items() if level >= login.level]
        if wanted:
            asked["acr_values"] = " ".join(wanted)
        joint = "&" if "?" in found.authorization_endpoint else "?"
        return Begun(f"{found.authorization_endpoint}{joint}{urlencode(asked, quote_via=quote)}", None, kept)

    async def finish(self, parameters: Mapping[str, str], login: Login) -> Identity:
        """Return who the provider says it is; raises LoginCancelled, IdentityRefused, IdentityUnavailable."""
        found = await self._provider.discovered()
        code = self._code(parameters, login, found)
        answer = await self._provider.ask("POST", found.token_endpoint, **self._token_request(code, login))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IdentityRefused("provider gave no ID token")
        claims = await self._claims(token, str(login.kept["nonce"]))
        level = self._configuration.levels.get(str(claims.get("acr")))
        if level is None:
            raise IdentityRefused("acr of the ID token stands for no assurance level")
        if self._configuration.userinfo:
            claims = claims | await self._userinfo(found, answer, claims.get("sub"))
        return self._identity(claims, level)

    def _code(self, parameters: Mapping[str, str], login: Login, found: Discovered) -> str:
        if not hmac.compare_digest(parameters.get("state", "").encode(), str(login.kept["state"]).encode()):
            raise IdentityRefused("state is not that of this login")
        issuer = parameters.get("iss", None if found.names_itself else self._configuration.issuer)
        if issuer != self._configuration.issuer:
            raise IdentityRefused("answer is of another issuer")  # RFC 9207, 2.4
        if parameters.get("error") == "access_denied":
            raise LoginCancelled("the person went back at the identity provider")
        if "code" not in parameters:
            raise IdentityRefused("provider gave no code")
        return parameters["code"]

    def _token_request(self, code: str, login: Login) -> dict[str, Any]:
        client_id, method = self._configuration.client_id, self._configuration.authentication
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": login.return_uri,
            "code_verifier": str(login.kept["verifier"]),
        }
        request: dict[str, Any] = {"data": form, "headers": {"Accept": "application/json"}}
        if method is Authentication.BASIC:
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            request["auth"] = (quote(client_id, safe=""), quote(self._secret, safe=""))
        else:
            form["client_id"] = client_id
        if method is Authentication.POST:
            form["client_secret"] = self._secret
        return request

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        key = await self._provider.key(token)
        expected = Expected(self._configuration.issuer, self._configuration.client_id)
        try:
            claims = verified(token, key, expected, now=self._clock())
        except JwtRefused as error:
            raise IdentityRefused(f"ID token: {error}") from None
        given = claims.get("nonce")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
            raise IdentityRefused("nonce of the ID token is not that of this login")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._configuration.client_id) != self._configuration.client_id:
            raise IdentityRefused("azp of the ID token is another client")
        return claims

    async def _userinfo(self, found: Discovered, answer: Mapping[str, Any], subject: object) -> dict[str, Any]:
        token = answer.get("access_token")
        if found.userinfo_endpoint is None or not is_text(token, 8192) or not str(token).isascii():
            raise IdentityRefused("provider gives no way to the UserInfo endpoint")
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        claims = await self._provider.ask("GET", found.userinfo_endpoint, headers=headers)
        # OpenID Connect Core 1.0, 5.3.2: the same subject, and nothing that the ID token is to say.
        if subject is None or claims.get("sub") != subject:
            raise IdentityRefused("UserInfo is of another subject")
        return {name: claims[name] for name in self._names() if name in claims}

    def _names(self) -> list[str]:
        names = self._configuration.claims
        return [name for name in (names.code, names.name, names.code_type) if name is not None]

    def _identity(self, claims: Mapping[str, Any], level: AssuranceLevel) -> Identity:
        names = self._configuration.claims
        code, name = claims.get(names.code), claims.get(names.name)
        if not is_text(code, 64) or not is_text(name, 200):
            raise IdentityRefused("claims hold no number or no name")
        return Identity(self._code_type(claims), str(code), str(name), level)

    def _code_type(self, claims: Mapping[str, Any]) -> str:
        names = self._configuration.claims
        if names.fixed is not None:
            return names.fixed
        word = str(claims.get(str(names.code_type)))
        found = self._configuration.code_types.get(word)
        if found is None:
            raise IdentityRefused("code type of the claims is not configured")
        return found
