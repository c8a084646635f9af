"""DPoP proofs (RFC 9449): what a proof must be at the token, PAR and protected endpoints alike.

    proof = proofs.check(DpopRequest("POST", url, fields), now=now)       # nothing is remembered yet
    ...                                                                   # whatever else has to hold
    proofs.record(proof, now=now)                                         # a second use of it is refused from now on

The two steps are apart because a client may send a client attestation's proof of possession again after it was asked
for a DPoP nonce: that must be asked before anything is remembered as used.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from issuer.openid4vci.errors import InvalidDpopProof, UseDpopNonce
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.nonces import Nonces
from issuer.openid4vci.ports import ProtocolState
from issuer.openid4vci.protocol_tokens import LEEWAY, Claims, key_of, peek
from keys.encoding import b64url_text
from keys.errors import KeysError, MalformedToken
from keys.public import PublicKey

TYP = "dpop+jwt"
_PORTS = {"https": 443, "http": 80}
_URL = re.compile(r"[!-~]{1,2048}")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


@dataclass(frozen=True, slots=True)
class DpopRequest:
    """A request as RFC 9449, 4.3 looks at it: method, public address, every ``DPoP`` field; an access token with it."""

    method: str
    url: str
    proofs: Sequence[str]
    access_token: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds: its key, and what has to be remembered of it."""

    key: PublicKey
    jti: str
    good_until: datetime

    @property
    def jkt(self) -> str:
        """The key's thumbprint (RFC 7638), to which tokens and codes are bound."""
        return self.key.kid


class DpopProofs:
    """The check. With ``nonces`` every proof must carry one of them, which then says how fresh it is (RFC 9449, 8);
    without, its ``iat`` does."""

    def __init__(self, state: ProtocolState, *, nonces: Nonces | None) -> None:
        self._state = state
        self.nonces = nonces

    def check(self, request: DpopRequest, *, now: datetime) -> Proof:
        """Return the one proof of ``request``.

        Raises:
            InvalidDpopProof: none, more than one, or one that breaks a rule of RFC 9449, 4.3; the message names it.
            UseDpopNonce: it has no nonce of ours, or an old one; a fresh one comes with the error.
        """
        if len(request.proofs) != 1:
            raise InvalidDpopProof(f"request has {len(request.proofs)} DPoP proofs, expected one")
        try:
            key, claims = _read(request.proofs[0])
            _check_request(claims, request)
            jti = claims.text("jti")
            made = claims.moment("iat")
            until = claims.fresh_until(now, life=timedelta(0)) if self.nonces is None else made
        except KeysError as exc:
            raise InvalidDpopProof(f"DPoP proof: {exc}") from None
        if self.nonces is not None:
            until = self._check_nonce(self.nonces, claims.members.get("nonce"), now)
        return Proof(key, jti, until)

    def record(self, proof: Proof, *, now: datetime) -> None:
        """Remember the proof as used; raises InvalidDpopProof when it was used before (RFC 9449, 11.1)."""
        key = f"dpop {proof.jkt} {proof.jti}"
        if not self._state.add_once(Kind.JTI, key, expires_at=proof.good_until + 2 * LEEWAY, now=now):
            raise InvalidDpopProof("DPoP proof was used before")

    def _check_nonce(self, nonces: Nonces, nonce: Any, now: datetime) -> datetime:
        if type(nonce) is not str or not nonces.is_good(nonce, now):
            raise UseDpopNonce("DPoP proof needs the nonce that comes with this answer", nonce=nonces.fresh(now))
        return now + nonces.life


def _read(text: str) -> tuple[PublicKey, Claims]:
    token = peek(text, typ=frozenset({TYP}), embedded_jwk=True)
    key = key_of(token.header.parameters.get("jwk"))
    return key, Claims(token.verified_by(key))


def _check_request(claims: Claims, request: DpopRequest) -> None:
    if claims.text("htm") != request.method:
        raise MalformedToken("htm names another method")
    if _normal(claims.text("htu")) != _normal(request.url):
        raise MalformedToken("htu names another address")
    if request.access_token is not None:
        digest = hashlib.sha256(request.access_token.encode()).digest()
        if claims.text("ath") != b64url_text(digest):
            raise MalformedToken("ath is not the digest of the access token")


def _normal(url: str) -> tuple[str, str | None, int | None, str]:
    """Return scheme, host, port and path, by RFC 3986, 6.2.2 and 6.2.3; query and fragment do not count."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise MalformedToken("htu is no address") from None
    # urlsplit passes over line breaks; a user part would name another address to a person who reads it.
    if not _URL.fullmatch(url) or "@" in parts.netloc:
        raise MalformedToken("htu is no address")
    path = _ESCAPED.sub(_unescaped, parts.path or "/")
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme), path


def _unescaped(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if _UNRESERVED.fullmatch(character) else found[0].upper()
