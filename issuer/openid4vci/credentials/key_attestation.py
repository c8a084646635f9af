"""Key attestations as JWT (OpenID4VCI 1.0, appendix D): who says of which keys how they are kept.

    attested = attested_keys(text, expected, beside_proof=False)

Accepted is a statement of type ``key-attestation+jwt`` by an attester that this installation trusts (``x5c``, or
``iss`` and ``kid``; a ``jwk`` of its own gives no trust), in force, with a ``c_nonce``, at a level that the policy
takes (D.2).
Its ``status`` is not looked at: attestations are made anew for each nonce.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from issuer.openid4vci.credentials.policy import AttestationPolicy
from issuer.openid4vci.credentials.tokens import Expected, check_times, claims_by, refused, take_apart
from issuer.openid4vci.errors import InvalidProof
from keys.algorithms import Algorithm
from keys.errors import EcertError
from keys.jws import UnverifiedJws
from keys.public import PublicKey

TYP = "key-attestation+jwt"
HOLDER_KEYS = frozenset({Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA})
"""The algorithms of keys that credentials are bound to."""
_MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class Attested:
    """The keys of an attestation, each once, in its order, and the ``c_nonce`` that it was made for."""

    keys: tuple[PublicKey, ...]
    nonce: str


def attested_keys(text: Any, expected: Expected, *, beside_proof: bool) -> Attested:
    """Return what an attestation says; ``beside_proof``: it stands in the header of a ``jwt`` proof.

    Raises:
        InvalidProof: a rule of this module's docstring is broken.
    """
    token = take_apart(text, typ=TYP)
    claims = claims_by(token, _attester(token, expected))
    check_times(claims, now=expected.now)
    if beside_proof and "exp" not in claims:
        raise InvalidProof("key attestation beside a proof has no exp")  # D.1
    nonce = claims.get("nonce")
    if type(nonce) is not str:
        raise InvalidProof("key attestation holds no c_nonce")
    _check_levels(claims, expected.policy)
    return Attested(_keys(claims.get("attested_keys")), nonce)


def _attester(token: UnverifiedJws, expected: Expected) -> PublicKey:
    try:
        iss = token.peek_claims().get("iss")
        named = iss if type(iss) is str else None
        return expected.attesters.key_of(named, token.header.x5c(), kid=token.header.kid, now=expected.now)
    except EcertError as exc:
        raise refused(TYP, exc) from None


def _check_levels(claims: Mapping[str, Any], policy: AttestationPolicy) -> None:
    for name, accepted in policy.accepted().items():
        shown = claims.get(name)
        if type(shown) is not list or not any(level in accepted for level in shown):
            raise InvalidProof(f"key attestation shows no {name} that the credential needs")


def _keys(jwks: Any) -> tuple[PublicKey, ...]:
    if type(jwks) is not list or not 1 <= len(jwks) <= _MAX_KEYS:
        raise InvalidProof(f"key attestation does not hold 1 to {_MAX_KEYS} attested_keys")
    try:
        keys = tuple(dict.fromkeys(PublicKey.from_jwk(jwk) for jwk in jwks))
    except EcertError as exc:
        raise refused("an attested key", exc) from None
    if any(key.algorithm not in HOLDER_KEYS for key in keys):
        raise InvalidProof("an attested key is of a kind that this issuer does not take")
    return keys
