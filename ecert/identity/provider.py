"""An OpenID provider over HTTP: its discovery document, keys, token and UserInfo endpoints. No redirects, limited."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from ecert.identity.configuration import is_safe
from ecert.jwks import JwksRefused, JwtRefused, RotatingKeys, VerificationKey, peek_header
from issuer.openid4vci.errors import IdentityRefused, IdentityUnavailable
from keys import strict_json
from keys.errors import MalformedToken

MAX_ANSWER = 262_144  # bytes
SECONDS = 5.0
"""How long an identity provider may take for a whole answer."""
FRESH = timedelta(hours=1)
PAUSE = timedelta(seconds=5)
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the discovery document says (OpenID Connect Discovery 1.0, 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    names_itself: bool  # RFC 9207, 3: every answer carries ``iss``


class Provider:
    """The provider; the discovery document is asked for once an hour, keys as ``RotatingKeys`` says."""

    def __init__(self, issuer: str, client: httpx.AsyncClient, *, clock: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._client = client
        self._clock = clock
        self._keys = RotatingKeys()
        self._discovered: Discovered | None = None
        self._asked_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def discovered(self) -> Discovered:
        """Return the endpoints; an old document serves while no new one can be had. Raises IdentityUnavailable."""
        async with self._lock:
            now = self._clock()
            if self._is_due(now):
                try:
                    self._discovered = await self._discover()
                    self._asked_at, self._failed_at = now, None
                except IdentityUnavailable:
                    self._failed_at = now
            if self._discovered is None:
                raise IdentityUnavailable("provider's discovery document cannot be had")
            return self._discovered

    async def key(self, token: str) -> VerificationKey:
        """Return the key that signed ``token`` by its header: an unknown one is asked for at most once a minute.

        Raises:
            IdentityRefused: no such key. IdentityUnavailable: the keys cannot be had.
        """
        try:
            header = peek_header(token)
        except JwtRefused:
            raise IdentityRefused("ID token is no signed JWT") from None
        now = self._clock()
        failure: IdentityUnavailable | None = None
        if self._keys.due(header, now=now):
            failure = await self._renew(now)
        found = self._keys.find(header, now=now)
        if found is None:
            raise failure or IdentityRefused("ID token names no key of the provider")
        return found

    async def ask(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        """Return the JSON object that ``url`` answers with.

        Raises:
            IdentityRefused: the provider refuses. IdentityUnavailable: no answer, or none that it may give.
        """
        status, body = await self._answer(method, url, **more)
        if 400 <= status < 500 and status != 429:
            raise IdentityRefused(f"provider refuses with status {status}")
        return self._object(status, body)

    def _is_due(self, now: datetime) -> bool:
        if self._failed_at is not None and now - self._failed_at < PAUSE:
            return False
        return self._asked_at is None or now - self._asked_at > FRESH

    async def _discover(self) -> Discovered:
        url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = self._object(*await self._answer("GET", url, headers=_JSON))
        if document.get("issuer") != self._issuer:
            raise IdentityUnavailable("discovery document is of another issuer")  # 4.3
        return Discovered(
            _endpoint(document, "authorization_endpoint"),
            _endpoint(document, "token_endpoint"),
            _endpoint(document, "jwks_uri"),
            _endpoint(document, "userinfo_endpoint") if "userinfo_endpoint" in document else None,
            document.get("authorization_response_iss_parameter_supported") is True,
        )

    async def _renew(self, now: datetime) -> IdentityUnavailable | None:
        try:
            status, body = await self._answer("GET", (await self.discovered()).jwks_uri, headers=_JSON)
            if status != 200:
                return IdentityUnavailable(f"provider's keys answer with status {status}")
            self._keys.take(body, now=now)
        except JwksRefused:
            return IdentityUnavailable("provider's keys are no JWK set")
        except IdentityUnavailable as error:
            return error
        return None

    async def _answer(self, method: str, url: str, **more: Any) -> tuple[int, bytes]:
        try:
            # The client's own time is for each read: bytes that drip would hold every login.
            async with (
                asyncio.timeout(SECONDS),
                self._client.stream(method, url, follow_redirects=False, **more) as got,
            ):
                return got.status_code, await _limited(got)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise IdentityUnavailable(f"provider does not answer ({type(error).__name__})") from None

    def _object(self, status: int, body: bytes) -> Mapping[str, Any]:
        if status != 200:
            raise IdentityUnavailable(f"provider answers with status {status}")
        try:
            return strict_json.loads_object(body)
        except MalformedToken:
            raise IdentityUnavailable("provider answers with what is no JSON object") from None


async def _limited(answer: httpx.Response) -> bytes:
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MAX_ANSWER:
            raise IdentityUnavailable(f"provider answers with more than {MAX_ANSWER} bytes")
    return body


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not is_safe(url):
        raise IdentityUnavailable(f"discovery document has no {name}, or not by https")
    return url
