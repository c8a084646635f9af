"""An OpenID provider in memory, behind an httpx transport; a test changes one thing and so makes one flaw."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from keys.encoding import b64url_text

ISSUER = "https://id.example"
CLIENT, SECRET = "ecert:city", "p%ss word"
SUBJECT = "subject-1"


@dataclass
class ProviderKey:
    """A signing key with its id."""

    kid: str
    algorithm: str = "ES256"
    private: Any = None

    def __post_init__(self) -> None:
        if self.private is None:
            rsa_key = self.algorithm == "RS256"
            self.private = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())

    def jwk(self) -> dict[str, Any]:
        """Return the public key."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        return {**algorithm.to_jwk(self.private.public_key(), as_dict=True), "kid": self.kid, "use": "sig"}


@dataclass
class OpenIdProvider:
    """The provider: ``claims`` go into the ID token, ``info`` is what UserInfo answers, ``asked`` what came in."""

    now: Callable[[], Any]
    keys: list[ProviderKey] = field(default_factory=lambda: [ProviderKey("k1")])
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    token_requests: list[httpx.Request] = field(default_factory=list)
    nonce: str = ""
    challenge: str = ""

    def client(self) -> httpx.AsyncClient:
        """Return a client that reaches this provider alone."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def log_in(self, location: str) -> dict[str, str]:
        """Be the browser and the person at the provider: return the parameters of the way back."""
        asked = dict(parse_qsl(location.partition("?")[2]))
        self.nonce, self.challenge = asked["nonce"], asked["code_challenge"]
        return {"code": "code-1", "state": asked["state"]}

    def id_token(self, **header: Any) -> str:
        """Return an ID token by the first key."""
        now = int(self.now().timestamp())
        whole = {
            "iss": ISSUER,
            "sub": SUBJECT,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "acr": "urn:example:l3",
            "id_number": "440799199001010011",
            "name": "陈示例",
            "id_type": "RESIDENT_ID",
        } | self.claims
        claims = {name: value for name, value in whole.items() if value is not ...}
        key = self.keys[0]
        return jwt.encode(claims, key.private, key.algorithm, headers={"kid": key.kid, **header})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        own = self.answers.get(request.url.path)
        if own is not None:
            return own(request)
        return {
            "/.well-known/openid-configuration": self._discovery,
            "/jwks": self._jwks,
            "/token": self._token,
            "/userinfo": self._userinfo,
        }[request.url.path](request)

    def _discovery(self, request: httpx.Request) -> httpx.Response:
        whole = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
        } | self.metadata
        return httpx.Response(200, json={name: value for name, value in whole.items() if value is not ...})

    def _jwks(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"keys": [key.jwk() for key in self.keys]})

    def _token(self, request: httpx.Request) -> httpx.Response:
        self.token_requests.append(request)
        form = parameters_of(request)
        made = b64url_text(hashlib.sha256(form["code_verifier"].encode()).digest())
        if form["code"] != "code-1" or made != self.challenge:
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": "at-1", "token_type": "Bearer", "id_token": self.id_token()})

    def _userinfo(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer at-1"
        return httpx.Response(200, json={"sub": SUBJECT} | self.info)


def parameters_of(request: httpx.Request) -> Mapping[str, str]:
    """Return the form of a token request."""
    return dict(parse_qsl(request.content.decode(), strict_parsing=True))


def basic_of(request: httpx.Request) -> str:
    """Return the user and password of a request."""
    return base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()


def answering(status: int, body: Any = None) -> Callable[[httpx.Request], httpx.Response]:
    """Return a way to answer with this status and JSON."""
    return lambda request: httpx.Response(status, content=json.dumps(body if body is not None else {}))
