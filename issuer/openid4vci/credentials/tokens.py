"""What key proofs and key attestations have in common: an explicit type, an asymmetric algorithm, times (appendix F.4).

``keys.jws`` takes a token apart: it refuses ``none``, HMAC, ``jku``, ``x5u``, ``crit`` and members that stand twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from issuer.openid4vci.credentials.metadata import PROOF_ALGORITHMS
from issuer.openid4vci.credentials.policy import AttestationPolicy
from issuer.openid4vci.credentials.ports import Attesters
from issuer.openid4vci.errors import InvalidProof
from keys import jws
from keys.errors import EcertError
from keys.public import PublicKey

LEEWAY = timedelta(seconds=60)
_MAX_BYTES = 32_768  # a proof with an attestation of twenty keys and its chain has about 12 kB


@dataclass(frozen=True, slots=True)
class Expected:
    """What the proofs of a request must fit: the credential issuer's identifier, the client (None is an anonymous
    one), the type's policy, the attesters, the moment."""

    issuer: str
    client_id: str | None
    policy: AttestationPolicy
    attesters: Attesters
    now: datetime


def take_apart(text: Any, *, typ: str, embedded_jwk: bool = False) -> jws.UnverifiedJws:
    """Return a token that nobody has verified yet.

    Raises:
        InvalidProof: no JWS, another type than ``typ``, another algorithm than ``PROOF_ALGORITHMS``.
    """
    if type(text) is not str:
        raise InvalidProof(f"{typ} is no text")
    try:
        token = jws.peek(text, max_bytes=_MAX_BYTES, embedded_jwk=embedded_jwk)
    except EcertError as exc:
        raise refused(typ, exc) from None
    if token.header.typ != typ:
        raise InvalidProof(f"token is not of type {typ}")
    if token.header.alg not in PROOF_ALGORITHMS:
        raise InvalidProof(f"{typ} is signed by an algorithm that this issuer does not take")
    return token


def claims_by(token: jws.UnverifiedJws, key: PublicKey) -> dict[str, Any]:
    """Return the claims of a token that ``key`` signed; raises InvalidProof."""
    try:
        return token.verified_by(key)
    except EcertError as exc:
        raise refused(str(token.header.typ), exc) from None


def refused(what: str, error: EcertError) -> InvalidProof:
    """Return the refusal for an error below; its code says which, its text may say too much."""
    return InvalidProof(f"{what} does not hold: {error.code}")


def check_times(claims: Mapping[str, Any], *, now: datetime, oldest: timedelta | None = None) -> None:
    """Return if a token is in force: issued, not before, not ended (RFC 7519, 4.1.4 to 4.1.6).

    Raises:
        InvalidProof: ``iat`` is missing, ahead, or longer ago than ``oldest``; ``nbf`` is ahead; ``exp`` is past.
    """
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    issued = _number(claims, "iat")
    if issued is None:
        raise InvalidProof("iat is missing")
    if max(issued, _number(claims, "nbf") or 0) > moment + leeway:
        raise InvalidProof("token is for a time to come")
    if oldest is not None and issued < moment - oldest.total_seconds() - leeway:
        raise InvalidProof("token was made too long ago")
    ends = _number(claims, "exp")
    if ends is not None and ends <= moment - leeway:
        raise InvalidProof("token has ended")


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if name in claims and type(value) not in (int, float):
        raise InvalidProof(f"{name} is no number")
    return value
