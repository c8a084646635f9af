"""``c_nonce`` values (OpenID4VCI 1.0, 7 and 13.8): self-contained, good for five minutes, spent once.

    base64url(seconds, 8 bytes || random, 16 bytes || tag, 16 bytes)

The tag is an HMAC-SHA-256 over purpose, credential issuer, seconds and random, cut to 16 bytes. Nothing is kept of a
nonce that nobody uses; one that was used is remembered until it would have ended.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from issuer.openid4vci.errors import InvalidNonce
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.ports import ProtocolState
from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken

LIFETIME = timedelta(minutes=5)
RANDOM = 16  # bytes
_SECONDS = 8
_TAG = 16
_LENGTH = _SECONDS + RANDOM + _TAG
_AHEAD = timedelta(seconds=60)  # how far the clock of another of our machines may be ahead


@dataclass(frozen=True, slots=True)
class Nonces:
    """The nonces of an installation's credential issuers; ``key`` is a secret of the key store, the same for all."""

    key: bytes = field(repr=False)
    state: ProtocolState

    def issue(self, issuer: str, *, now: datetime, random: bytes) -> str:
        """Return a new nonce of a credential issuer (its identifier); ``random`` are ``RANDOM`` unpredictable bytes."""
        body = int(now.timestamp()).to_bytes(_SECONDS, "big") + random
        return b64url_text(body + self._tag(issuer, body))

    def check(self, nonce: str, *, issuer: str, now: datetime) -> datetime:
        """Return when a nonce ends.

        Raises:
            InvalidNonce: it is not this issuer's, or has ended. Whether it was used is not looked at.
        """
        try:
            raw = b64url_decode(nonce)
        except MalformedToken:
            raise InvalidNonce("nonce is none of this issuer's") from None
        body, tag = raw[:-_TAG], raw[-_TAG:]
        if len(raw) != _LENGTH or not hmac.compare_digest(tag, self._tag(issuer, body)):
            raise InvalidNonce("nonce is none of this issuer's")
        begins = datetime.fromtimestamp(int.from_bytes(body[:_SECONDS], "big"), UTC)
        if not begins - _AHEAD <= now < begins + LIFETIME:
            raise InvalidNonce("nonce has ended")
        return begins + LIFETIME

    def spend(self, nonces: Iterable[str], *, issuer: str, now: datetime) -> None:
        """Use the nonces of a request, once and for all.

        Raises:
            InvalidNonce: as ``check``, or one was used before.
        """
        ends = {nonce: self.check(nonce, issuer=issuer, now=now) for nonce in sorted(nonces)}
        for nonce, expires_at in ends.items():
            if not self.state.add_once(Kind.NONCE_SPENT, nonce, expires_at=expires_at, now=now):
                raise InvalidNonce("nonce was used before")

    def _tag(self, issuer: str, body: bytes) -> bytes:
        return hmac.digest(self.key, b"c_nonce\0" + issuer.encode() + b"\0" + body, hashlib.sha256)[:_TAG]
