"""Key attestations as JWT (OpenID4VCI 1.0, appendix D): who says of which keys how they are kept.

Accepted is a statement of type ``key-attestation+jwt`` by an attester that this installation trusts (``x5c``, or
``iss`` and ``kid``; a ``jwk`` of its own gives no trust), in force, with a ``c_nonce``, at a level that the policy
takes (D.2). Its ``status`` is not looked at: attestations are made anew for each nonce.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.openid4vci.credentials.policy import AttestationPolicy
from issuer.openid4vci.credentials.ports import Attesters
from issuer.openid4vci.errors import InvalidProof
from issuer.openid4vci.protocol_tokens import LEEWAY, Claims, allowed, key_of, peek
from keys.errors import KeysError
from keys.jws import UnverifiedJws
from keys.public import PublicKey

TYP = "key-attestation+jwt"
_MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class Expected:
    """What the proofs of a request must fit: the credential issuer's identifier, the client (None is an anonymous
    one), the type's policy, the attesters, the moment."""

    issuer: str
    client_id: str | None
    policy: AttestationPolicy
    attesters: Attesters
    now: datetime


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
    if type(text) is not str:
        raise InvalidProof("key attestation is no text")
    try:
        return _attested(text, expected, beside_proof)
    except KeysError as exc:
        raise InvalidProof(f"key attestation: {exc}") from None


def _attested(text: str, expected: Expected, beside_proof: bool) -> Attested:
    token = peek(text, typ=frozenset({TYP}))
    claims = Claims(token.verified_by(allowed(_attester(token, expected))))
    if claims.moment("iat") > expected.now + LEEWAY:
        raise InvalidProof("key attestation is of a time to come")
    claims.check_period(expected.now)
    if beside_proof:
        claims.moment("exp")  # D.1: compulsory there
    _check_levels(claims.members, expected.policy)
    return Attested(_keys(claims.members.get("attested_keys")), claims.text("nonce"))


def _attester(token: UnverifiedJws, expected: Expected) -> PublicKey:
    iss = token.peek_claims().get("iss")
    named = iss if type(iss) is str else None
    return expected.attesters.key_of(named, token.header.x5c(), kid=token.header.kid, now=expected.now)


def _check_levels(claims: Mapping[str, Any], policy: AttestationPolicy) -> None:
    for name, accepted in policy.accepted().items():
        shown = claims.get(name)
        if type(shown) is not list or not any(level in accepted for level in shown):
            raise InvalidProof(f"key attestation shows no {name} that the credential needs")


def _keys(jwks: Any) -> tuple[PublicKey, ...]:
    if type(jwks) is not list or not 1 <= len(jwks) <= _MAX_KEYS:
        raise InvalidProof(f"key attestation does not hold 1 to {_MAX_KEYS} attested_keys")
    return tuple(dict.fromkeys(key_of(jwk) for jwk in jwks))
