"""Nonces that need no memory: their time and some randomness, sealed with a key that every worker has.

A nonce says when it was made, so it is known again by every worker for as long as it is good. It says nothing about
whether it was used; who needs that remembers it (``Kind.NONCE_SPENT``).
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken

Random = Callable[[int], bytes]
"""So many random bytes; ``secrets.token_bytes`` outside tests."""

LIFE = timedelta(minutes=5)
_SKEW = timedelta(seconds=60)  # between the clocks of two workers
_TIME, _RANDOM, _SEAL = 8, 16, 16  # bytes


@dataclass(frozen=True, slots=True)
class Nonces:
    """The nonces of one purpose (``dpop``, ``challenge`` ...): one of another purpose is none."""

    secret: bytes = field(repr=False)
    purpose: str
    random: Random = field(repr=False)
    life: timedelta = LIFE

    def fresh(self, now: datetime) -> str:
        """Return a new nonce: 54 characters of base64url."""
        body = int(now.timestamp()).to_bytes(_TIME, "big") + self.random(_RANDOM)
        return b64url_text(body + self._seal(body))

    def is_good(self, nonce: str, now: datetime) -> bool:
        """Tell whether ``nonce`` is one of these, and not older than ``life``."""
        try:
            raw = b64url_decode(nonce)
        except MalformedToken:
            return False
        body, seal = raw[:-_SEAL], raw[-_SEAL:]
        if len(body) != _TIME + _RANDOM or not hmac.compare_digest(seal, self._seal(body)):
            return False
        made = datetime.fromtimestamp(int.from_bytes(body[:_TIME], "big"), UTC)
        return made - _SKEW <= now <= made + self.life

    def _seal(self, body: bytes) -> bytes:
        return hmac.digest(self.secret, self.purpose.encode() + b"\0" + body, hashlib.sha256)[:_SEAL]
