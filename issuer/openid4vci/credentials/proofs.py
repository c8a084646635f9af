"""Key proofs (OpenID4VCI 1.0, 8.2 and appendix F): from the ``proofs`` of a request to the keys that they prove.

jwt           a JWT by each key (F.1); with a ``key_attestation`` in its header, every key of that is proved with it
attestation   one key attestation; its keys sign nothing (F.3)

A credential is made for every key, ``BATCH_SIZE`` of them at most (8.3: a request may get fewer than it has keys).
Nonces are given back unchecked: whether they are ours is asked when everything else holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from issuer.openid4vci.credentials.key_attestation import Attested, Expected, attested_keys
from issuer.openid4vci.credentials.metadata import BATCH_SIZE
from issuer.openid4vci.errors import InvalidProof
from issuer.openid4vci.protocol_tokens import Claims, allowed, key_of, peek
from keys.chain import MAX_CHAIN, load_certificate
from keys.did import from_did
from keys.errors import KeysError
from keys.jws import Header
from keys.public import PublicKey

TYP = "openid4vci-proof+jwt"
LIFE = timedelta(minutes=5)
"""How long after its ``iat`` a proof is taken."""
_NAMES_OF_KEYS = ("jwk", "kid", "x5c")


@dataclass(frozen=True, slots=True)
class Proven:
    """The keys that a request proves, each once, and the nonces that its proofs were made for."""

    keys: tuple[PublicKey, ...]
    nonces: frozenset[str]


def prove(proofs: Any, expected: Expected) -> Proven:
    """Return what the ``proofs`` of a request prove.

    Raises:
        InvalidProof: they are missing, or one of them does not hold.
    """
    if type(proofs) is not dict or len(proofs) != 1:
        raise InvalidProof("proofs is not an object of exactly one proof type")
    ((kind, values),) = proofs.items()
    if type(values) is not list or not 1 <= len(values) <= BATCH_SIZE:
        raise InvalidProof(f"proofs does not hold 1 to {BATCH_SIZE} proofs")
    if kind == "jwt":
        return _by_jwt(values, expected)
    if kind == "attestation" and expected.policy.taken:
        return _by_attestation(values, expected)
    raise InvalidProof("proofs is of a type that this credential does not take")


def _by_attestation(values: list[Any], expected: Expected) -> Proven:
    if len(values) != 1:
        raise InvalidProof("attestation does not hold exactly one key attestation")
    found = attested_keys(values[0], expected, beside_proof=False)
    return Proven(found.keys[:BATCH_SIZE], frozenset({found.nonce}))


def _by_jwt(values: list[Any], expected: Expected) -> Proven:
    keys: dict[PublicKey, None] = {}
    nonces: set[str] = set()
    attestations: dict[str, Attested] = {}
    for value in values:
        key, nonce = _proof(value, expected, attestations)
        if key in keys:
            raise InvalidProof("two proofs are by one key")
        keys[key] = None
        nonces.add(nonce)
    for attested in attestations.values():
        # F.1: a credential for every key of an attestation, after those that signed.
        keys |= dict.fromkeys(attested.keys)
        nonces.add(attested.nonce)
    return Proven(tuple(keys)[:BATCH_SIZE], frozenset(nonces))


def _proof(text: Any, expected: Expected, attestations: dict[str, Attested]) -> tuple[PublicKey, str]:
    if type(text) is not str:
        raise InvalidProof("proof is no text")
    try:
        token = peek(text, typ=frozenset({TYP}), embedded_jwk=True)
        key = _key_of(token.header)
        claims = Claims(token.verified_by(key))
        claims.fresh_until(expected.now, life=LIFE)
        claims.check_period(expected.now)
        nonce = claims.text("nonce")
    except KeysError as exc:
        raise InvalidProof(f"proof: {exc}") from None
    _check_parties(claims.members, expected)
    attested = _attestation(token.header, expected, attestations)
    if attested is not None and key not in attested.keys:
        raise InvalidProof("proof is by a key that its key attestation does not hold")  # D.1
    return key, nonce


def _key_of(header: Header) -> PublicKey:
    named = [name for name in _NAMES_OF_KEYS if name in header.parameters]
    if len(named) != 1:
        raise InvalidProof("header of the proof does not hold exactly one of jwk, kid, x5c")
    if named == ["jwk"]:
        return key_of(header.parameters["jwk"])
    if named == ["kid"]:
        return allowed(from_did(header.kid or ""))  # a name that is no key itself could be anybody's
    chain = header.x5c()
    if not 1 <= len(chain) <= MAX_CHAIN:
        raise InvalidProof(f"x5c has {len(chain)} certificates, expected 1 to {MAX_CHAIN}")
    # F.1: the first certificate holds the key; nothing else of the chain is believed.
    return allowed(PublicKey.from_certificate(load_certificate(chain[0])))


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("aud") != expected.issuer:
        raise InvalidProof("proof is not for this credential issuer")
    # F.1: the client's id, and nothing at all where the token was given to an anonymous client.
    if "iss" in claims and (expected.client_id is None or claims["iss"] != expected.client_id):
        raise InvalidProof("proof is by another client")


def _attestation(header: Header, expected: Expected, known: dict[str, Attested]) -> Attested | None:
    text = header.parameters.get("key_attestation")
    if text is None and expected.policy.required:
        raise InvalidProof("proof holds no key attestation")
    if text is None or not expected.policy.taken:
        return None  # by nobody whom this installation knows: the proof stands for itself
    name = str(text)  # the proofs of a batch mostly come with the same one
    if name not in known:
        known[name] = attested_keys(text, expected, beside_proof=True)
    return known[name]
