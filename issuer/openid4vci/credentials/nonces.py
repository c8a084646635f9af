"""``c_nonce`` values (OpenID4VCI 1.0, 7 and 13.8): good for five minutes, at one credential issuer, once.

Nothing is kept of a nonce that nobody uses (``issuer.openid4vci.nonces``); one that was used is remembered for as long
as it could be good.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from issuer.openid4vci.errors import InvalidNonce
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.nonces import LIFE, Nonces, Random
from issuer.openid4vci.ports import ProtocolState

_REMEMBERED = LIFE + timedelta(minutes=2)  # a nonce may be ahead of our clock by a minute


@dataclass(frozen=True, slots=True)
class ProofNonces:
    """The ``c_nonce`` values of every credential issuer; ``secret`` is a key that every worker has."""

    secret: bytes = field(repr=False)
    state: ProtocolState
    random: Random = field(repr=False)

    def fresh(self, issuer: str, *, now: datetime) -> str:
        """Return a new nonce of a credential issuer (its identifier)."""
        return self._of(issuer).fresh(now)

    def check(self, nonces: Iterable[str], *, issuer: str, now: datetime) -> None:
        """Return if the nonces are the issuer's and have not ended; whether one was used is not looked at.

        Raises:
            InvalidNonce: one is not.
        """
        ours = self._of(issuer)
        if not all(ours.is_good(nonce, now) for nonce in nonces):
            raise InvalidNonce("nonce is none of this issuer's, or has ended")

    def spend(self, nonces: Iterable[str], *, now: datetime) -> None:
        """Use the nonces of a request, which were checked, once and for all; raises InvalidNonce for a used one."""
        for nonce in sorted(nonces):
            if not self.state.add_once(Kind.NONCE_SPENT, nonce, expires_at=now + _REMEMBERED, now=now):
                raise InvalidNonce("nonce was used before")

    def _of(self, issuer: str) -> Nonces:
        return Nonces(self.secret, f"c_nonce {issuer}", self.random)
