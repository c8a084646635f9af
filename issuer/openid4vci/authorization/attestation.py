"""Attestation-Based Client Authentication (draft 07; OpenID4VCI 1.0, appendix E; HAIP 1.0, 4.4.1).

Two JWTs: the attester says which key an instance of the client has, and the instance proves that it has it. The steps
are those of the draft's section 9 on verification, attestation first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from issuer.openid4vci.authorization.ports import AttestedClient, Attester, Attesters
from issuer.openid4vci.errors import InvalidClientAttestation, UseFreshAttestation
from issuer.openid4vci.protocol_tokens import Claims, allowed, key_of, peek
from keys.attester_chain import verify_attester_chain
from keys.errors import InvalidSignature, KeysError, MalformedKey, MalformedToken, NotTrusted
from keys.jws import UnverifiedJws
from keys.public import PublicKey

TYP = "oauth-client-attestation+jwt"
POP_TYP = "oauth-client-attestation-pop+jwt"
POP_LIFE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Attestation:
    """The two header fields of a request; the lists hold every field of that name."""

    attestations: Sequence[str]
    proofs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a client that has proved itself; ``challenge`` and ``jti`` are for who remembers."""

    client: AttestedClient
    key: PublicKey
    jti: str
    challenge: str | None
    good_until: datetime


def check_attestation(sent: Attestation, attesters: Attesters, *, audience: str, now: datetime) -> Instance:
    """Return the instance that both JWTs speak of; ``audience`` is the authorization server's identifier.

    Raises:
        InvalidClientAttestation: a field is missing or there more than once, or a rule is broken; the message names it.
        UseFreshAttestation: the attestation is its attester's, and has expired.
    """
    if len(sent.attestations) != 1 or len(sent.proofs) != 1:
        raise InvalidClientAttestation("expected exactly one client attestation and one proof of possession")
    try:
        client, key = _attested(sent.attestations[0], attesters, now)
    except KeysError as exc:
        raise InvalidClientAttestation(f"client attestation: {exc}") from None
    try:
        return _proved(sent.proofs[0], client, key, audience=audience, now=now)
    except KeysError as exc:
        raise InvalidClientAttestation(f"proof of possession of the client attestation: {exc}") from None


def _attested(text: str, attesters: Attesters, now: datetime) -> tuple[AttestedClient, PublicKey]:
    token = peek(text, typ=frozenset({TYP}))
    attester = attesters.find(Claims(token.peek_claims()).text("iss"))
    if attester is None:
        raise NotTrusted("attester is not trusted")
    claims = Claims(_verified(token, attester, now))
    claims.moment("exp")
    if claims.has_expired(now):
        raise UseFreshAttestation("client attestation has expired")
    claims.check_period(now)
    client = _client(claims.text("sub"), attester)
    cnf = claims.members.get("cnf")
    if type(cnf) is not dict or "jwk" not in cnf:
        raise MalformedKey("claim cnf has no jwk")
    return client, key_of(cnf["jwk"])


def _verified(token: UnverifiedJws, attester: Attester, now: datetime) -> dict[str, object]:
    chain = token.header.x5c()
    if chain and attester.anchors:
        return token.verified_by(allowed(verify_attester_chain(chain, anchors=attester.anchors, at=now)))
    return verified_by_one(token, attester.keys)


def verified_by_one(token: UnverifiedJws, keys: Sequence[PublicKey]) -> dict[str, object]:
    """Return the claims of a token that one of ``keys`` signed; raises InvalidSignature when none did."""
    for key in keys:
        if token.header.alg in key.accepted:
            try:
                return token.verified_by(key)
            except InvalidSignature:
                continue
    raise InvalidSignature("token is not signed by a key that is known for its issuer")


def _client(client_id: str, attester: Attester) -> AttestedClient:
    if attester.clients is None:
        return AttestedClient(client_id)
    for client in attester.clients:
        if client.client_id == client_id:
            return client
    raise NotTrusted("attester may not speak for this client")


def _proved(text: str, client: AttestedClient, key: PublicKey, *, audience: str, now: datetime) -> Instance:
    claims = Claims(peek(text, typ=frozenset({POP_TYP})).verified_by(key))
    if claims.members.get("aud") != audience:
        raise MalformedToken("aud is not this authorization server")
    if claims.text("iss") != client.client_id:
        raise MalformedToken("iss is not the client of the attestation")
    claims.check_period(now)
    until = claims.fresh_until(now, life=POP_LIFE)
    challenge = claims.text("challenge") if "challenge" in claims.members else None
    return Instance(client, key, claims.text("jti"), challenge, until)
