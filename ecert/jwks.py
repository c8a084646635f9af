"""Key sets of other parties (RFC 7517) with rotation, and the JWTs that they sign: ID tokens, officers' tokens.

    keys = RotatingKeys()
    claims = verified(token, key_for(keys, token, fetch=lambda: fetch_document(url), now=now), expected, now=now)

The core asks for nothing: ``RotatingKeys.due`` tells whether a document has to be fetched, ``take`` takes one in,
``find`` gives a key; an asynchronous caller awaits its own fetch between them, ``key_for`` does the three for others.

A key decides its algorithm (RFC 8725, 3.1). RS256 and PS256 are taken here, with 2048 bits and more, because OpenID
Connect providers sign with them (OpenID Connect Core 1.0, 15.1); nothing else of ecert takes RSA.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import httpx
import jwt

from ecert.errors import CompositionError
from keys import strict_json
from keys.errors import EcertError, MalformedToken

_log = logging.getLogger("ecert.jwks")
MAX_DOCUMENT = 262_144  # bytes
MAX_KEYS = 64
LEEWAY = timedelta(seconds=60)
_MIN_RSA_BITS = 2048
_BY_KIND = {("EC", "P-256"): "ES256", ("EC", "P-384"): "ES384", ("OKP", "Ed25519"): "EdDSA"}
_RSA = ("RS256", "PS256")
_MALFORMED = "malformed"
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class JwksRefused(CompositionError):
    """A key set is no key set, too large, or holds private keys."""

    code = "jwks_refused"


class JwksUnavailable(CompositionError):
    """A key set cannot be fetched, and none that is kept is young enough."""

    code = "jwks_unavailable"


class JwtRefused(CompositionError):
    """A JWT is not signed by a key of the set, is another party's or for another one, or is out of its time."""

    code = "jwt_refused"


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key of a set and the one algorithm that it takes."""

    kid: str | None
    algorithm: str
    key: jwt.PyJWK = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of a document that can verify."""

    keys: tuple[VerificationKey, ...]

    @classmethod
    def of(cls, document: bytes) -> "KeySet":
        """Return the signing keys of a JWK set; keys of other kinds and uses, and malformed ones, are passed over
        (RFC 7517, 5).

        Raises:
            JwksRefused: no JWK set, larger than the limits, a private key in it, or nothing but malformed keys.
        """
        if len(document) > MAX_DOCUMENT:
            raise JwksRefused(f"key set has {len(document)} bytes, limit {MAX_DOCUMENT}")
        try:
            entries = strict_json.loads_object(document).get("keys")
        except MalformedToken:
            raise JwksRefused("key set is no JSON object") from None
        if not isinstance(entries, list) or len(entries) > MAX_KEYS:
            raise JwksRefused(f"key set names no keys, or more than {MAX_KEYS}")
        found = [_key(entry) for entry in entries]
        malformed = found.count(_MALFORMED)
        if malformed:
            _log.warning("jwks_keys_malformed", extra={"facts": {"keys": malformed}})
        if malformed and malformed == len(found):
            raise JwksRefused("key set holds malformed keys alone")
        return cls(tuple(key for key in found if isinstance(key, VerificationKey)))

    def find(self, header: Mapping[str, Any]) -> VerificationKey | None:
        """Return the key that a JOSE header names by ``kid``; without one, the only key of its algorithm."""
        kid = header.get("kid")
        fitting = [key for key in self.keys if key.algorithm == header.get("alg")]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == kid), None)


@dataclass(frozen=True, slots=True)
class Expected:
    """Who must have signed a JWT, for whom, and how much two clocks may differ."""

    issuer: str
    audience: str
    leeway: timedelta = LEEWAY


class RotatingKeys:
    """The newest key set that was fetched, and when another one is due.

    It is fetched anew when it is older than ``fresh``, or when a key is asked for that it does not hold, then at most
    once in ``pause``: whoever sends unknown ``kid`` values makes us ask no oftener. A set that cannot be renewed serves
    until it is older than ``stale``.
    """

    def __init__(
        self,
        *,
        fresh: timedelta = timedelta(hours=1),
        stale: timedelta = timedelta(hours=24),
        pause: timedelta = timedelta(minutes=1),
    ) -> None:
        self._fresh, self._stale, self._pause = fresh, stale, pause
        self._keys: KeySet | None = None
        self._taken_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._lock = Lock()

    def find(self, header: Mapping[str, Any], *, now: datetime) -> VerificationKey | None:
        """Return the key that a header names, None when no set that may serve holds it."""
        with self._lock:
            if self._keys is None or self._taken_at is None or now - self._taken_at > self._stale:
                return None
            return self._keys.find(header)

    def due(self, header: Mapping[str, Any], *, now: datetime) -> bool:
        """Tell whether a document has to be fetched for this header; True counts as a try."""
        known = self.find(header, now=now) is not None
        with self._lock:
            old = self._taken_at is None or now - self._taken_at > self._fresh
            tried = self._tried_at is not None and now - self._tried_at < self._pause
            if tried or (known and not old):
                return False
            self._tried_at = now
            return True

    def take(self, document: bytes, *, now: datetime) -> None:
        """Take a fetched document in; raises JwksRefused, and what was there stays."""
        keys = KeySet.of(document)
        with self._lock:
            self._keys, self._taken_at = keys, now


def key_for(keys: RotatingKeys, token: str, *, fetch: Callable[[], bytes], now: datetime) -> VerificationKey:
    """Return the key that signed ``token`` by its header, fetching a document where one is due.

    Raises:
        JwtRefused: the token is malformed, or no key of the set is named.
        JwksUnavailable: no set could be had.
    """
    header = peek_header(token)
    failure: EcertError | None = None
    if keys.due(header, now=now):
        try:
            keys.take(fetch(), now=now)
        except (JwksUnavailable, JwksRefused) as error:
            failure = error
    found = keys.find(header, now=now)
    if found is not None:
        return found
    if failure is not None:
        raise JwksUnavailable("key set cannot be had") from failure
    raise JwtRefused("no key of the key set is named by the token")


def peek_header(token: str) -> Mapping[str, Any]:
    """Return a JWT's header, believed for nothing but choosing a key; raises JwtRefused."""
    try:
        # It refuses critical parameters that nobody here understands, too (RFC 7515, 4.1.11).
        return jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise JwtRefused("token is no signed JWT, or has critical header parameters") from None


def verified(token: str, key: VerificationKey, expected: Expected, *, now: datetime) -> dict[str, Any]:
    """Return the claims of a JWT that ``key`` signed, by ``expected`` and in its time (RFC 7519, 4.1; RFC 8725, 3).

    Raises:
        JwtRefused: signature, ``iss``, ``aud`` or a time does not hold; ``exp`` and ``iat`` are compulsory.
    """
    peek_header(token)
    checks = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False, "verify_iss": False}
    try:
        claims = jwt.decode(token, key.key, algorithms=[key.algorithm], options=checks)  # type: ignore[arg-type]
    except jwt.PyJWTError:
        raise JwtRefused("signature of the token does not hold") from None
    audience = claims.get("aud")
    if claims.get("iss") != expected.issuer:
        raise JwtRefused("token is of another issuer")
    if expected.audience not in (audience if isinstance(audience, list) else [audience]):
        raise JwtRefused("token is for another audience")
    _check_times(claims, leeway=expected.leeway.total_seconds(), now=now.timestamp())
    return claims


def fetch_document(url: str, *, client: httpx.Client | None = None, seconds: float = 5.0) -> bytes:
    """Return the document at ``url``: no redirects, within the time and the size; raises JwksUnavailable."""
    with client or httpx.Client(timeout=seconds, follow_redirects=False) as session:
        try:
            with session.stream("GET", url, headers={"Accept": "application/json"}) as answer:
                if answer.status_code != 200:
                    raise JwksUnavailable(f"key set answers with status {answer.status_code}")
                return _limited(answer)
        except httpx.HTTPError as error:
            raise JwksUnavailable(f"key set cannot be fetched ({type(error).__name__})") from None


def _limited(answer: httpx.Response) -> bytes:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > MAX_DOCUMENT:
            raise JwksUnavailable(f"key set has more than {MAX_DOCUMENT} bytes")
    return body


def _key(entry: object) -> VerificationKey | str | None:
    """Return the key of an entry, None for one of another kind or use, ``_MALFORMED`` for what is none."""
    if not isinstance(entry, dict):
        return _MALFORMED
    if not _PRIVATE.isdisjoint(entry) and entry.get("kty") != "oct":
        raise JwksRefused("key set holds a private key")
    algorithm = _algorithm(entry)
    if algorithm is None or entry.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(entry, algorithm)
    except jwt.PyJWTError:
        return _MALFORMED
    if algorithm in _RSA and key.key.key_size < _MIN_RSA_BITS:
        return None
    kid = entry.get("kid")
    return VerificationKey(kid if isinstance(kid, str) else None, algorithm, key)


def _algorithm(entry: Mapping[str, Any]) -> str | None:
    """Return the algorithm that a key decides; None where it is none that is taken."""
    named = entry.get("alg")
    if entry.get("kty") == "RSA":
        wanted = named or _RSA[0]
        return wanted if wanted in _RSA else None
    own = _BY_KIND.get((str(entry.get("kty")), str(entry.get("crv"))))
    return own if named in (None, own) else None


def _check_times(claims: Mapping[str, Any], *, leeway: float, now: float) -> None:
    if now >= _moment(claims, "exp") + leeway:
        raise JwtRefused("token has expired")
    starts = [_moment(claims, name) for name in ("iat", "nbf") if name == "iat" or name in claims]
    if max(starts) > now + leeway:
        raise JwtRefused("token is of a time to come")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise JwtRefused("token does not say when it was made and when it ends")
    return value
