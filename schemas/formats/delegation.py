"""Delegation (授权用证): a holder gives a named agent the use of one certificate, for named purposes, until a moment.

    prepared = delegation.prepare(grant, holder_key)                 the holder's key signs prepared.signing_input
    granted = prepared.completed(signature)                          an SD-JWT VC of type VCT, bound to the agent's key
    shown = delegation.present(certificate, granted, agent_key, audience=…, nonce=…, iat=…).completed(signature)
    delegation.parse(shown).verified_by(holder_key)                  Delegation: "X for Y until …"

What is shown is one text: the certificate with the disclosures that the holder handed over, ``~``, and the delegation
with the agent's Key Binding JWT. An SD-JWT never holds ``~~``, so nobody takes one for the other. The delegation names
the certificate by the digest of its issuer's JWT, and the agent's proof names all of what is shown (docs/adr/0029).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from keys import did, jws, strict_json
from keys.anchor import Anchor
from keys.encoding import b64url, b64url_text
from keys.errors import AlgorithmNotAllowed, InvalidSignature, KeysError
from keys.public import PublicKey
from schemas.formats import delegation_registration as registrations
from schemas.formats import key_binding, sd_jwt_vc
from schemas.formats.errors import FormatError, KeyBindingError
from schemas.formats.key_binding import KeyBinding, PreparedKeyBinding
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_claim import StatusReference, status_reference

VCT = "urn:ecert:delegation:1"
MAX_PURPOSES = 20
MAX_TEXT = 200
MAX_BYTES = 131_072
_SEPARATOR = "~~"
_HASH = "certificate_hash"


class DelegationError(FormatError):
    """What an agent shows does not hold together."""

    code = "delegation_error"


class DelegationMalformed(DelegationError):
    """Not a certificate and a delegation, or a member of the delegation is missing or of another form."""

    code = "delegation_malformed"


class DelegationSignatureInvalid(DelegationError):
    """The delegation is not signed by the key that the certificate is bound to."""

    code = "delegation_signature_invalid"


class DelegationOfAnotherCertificate(DelegationError):
    """The delegation is for another certificate than the one beside it."""

    code = "delegation_of_another_certificate"


class DelegationProofInvalid(DelegationError):
    """The agent's proof does not hold: another key's, or made for something else."""

    code = "delegation_proof_invalid"


class Relation(StrEnum):
    """Why the agent may act."""

    AGENT = "agent"  # 代理人、办事人
    MANAGER = "manager"  # 证照管理员
    LEGAL_REPRESENTATIVE = "legal_representative"  # 法定代表人
    GUARDIAN = "guardian"  # 监护人


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a holder gives: the use of ``certificate`` (an SD-JWT VC) to whoever has ``agent_key``.

    ``agent_name`` stands in the clear: a counter compares it with the person. ``status`` says where a recall shows;
    without one a delegation is good for a day at most (the verifier's policy). ``registration`` is the city's word on
    all the rest (``schemas.formats.delegation_registration``).
    """

    certificate: str = field(repr=False)
    agent_key: PublicKey
    agent_name: str = field(repr=False)
    relation: Relation
    purposes: tuple[str, ...]
    since: datetime
    until: datetime
    status: StatusReference | None = None
    registration: str | None = field(default=None, repr=False)

    def claims(self, holder_key: PublicKey) -> dict[str, Any]:
        """Return what the delegation says, signed by ``holder_key``; raises DelegationMalformed."""
        claims: dict[str, Any] = {
            "vct": VCT,
            "iss": did.to_did_key(holder_key),
            "iat": int(self.since.timestamp()),
            "exp": int(self.until.timestamp()),
            "cnf": {"jwk": dict(self.agent_key.jwk)},
            "agent_name": self.agent_name,
            "relation": self.relation.value,
            "purposes": list(self.purposes),
            "certificate": {"digest": digest_of(self.certificate)},
        }
        if self.status is not None:
            claims["status"] = self.status.claim()
        if self.registration is not None:
            claims[registrations.MEMBER] = self.registration
        _read(claims)
        return claims


@dataclass(frozen=True, slots=True)
class PreparedDelegation:
    """A delegation that lacks the holder's signature over ``signing_input``."""

    signing_input: bytes = field(repr=False)
    key: PublicKey

    def completed(self, signature: bytes) -> str:
        """Return the delegation; raises InvalidSignature when ``signature`` (JOSE form) is not the key's."""
        self.key.verify(signature, self.signing_input)
        return f"{self.signing_input.decode('ascii')}.{b64url_text(signature)}~"


@dataclass(frozen=True, slots=True)
class PreparedShowing:
    """What an agent shows, but for the agent's signature over ``signing_input``."""

    certificate: str = field(repr=False)
    bound: PreparedKeyBinding = field(repr=False)

    @property
    def signing_input(self) -> bytes:
        """What the agent's key signs."""
        return self.bound.signing_input

    def completed(self, signature: bytes) -> str:
        """Return what is shown; raises InvalidSignature when ``signature`` is not the agent's."""
        return f"{self.certificate}~{self.bound.completed(signature).text()}"


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation that the holder signed and whose agent shows it; whether now and here is the verifier's policy."""

    agent_key: PublicKey
    agent_name: str = field(repr=False)
    relation: Relation
    purposes: tuple[str, ...]
    since: datetime
    until: datetime
    status: StatusReference | None
    proof: KeyBinding
    _digest: str = field(repr=False)
    _registration: str | None = field(repr=False)

    def registered_by(self, anchor: Anchor | None) -> bool:
        """Tell whether the trust anchor said that it is so: the relation, the place, and all the rest."""
        return registrations.is_registered(self._digest, self._registration, anchor)


@dataclass(frozen=True, slots=True)
class UnverifiedDelegated:
    """A certificate and a delegation, taken apart; nothing of it is verified."""

    certificate: str = field(repr=False)
    delegation: SdJwt = field(repr=False)

    def verified_by(self, holder_key: PublicKey) -> Delegation:
        """Return the delegation if ``holder_key``, the one that the certificate is bound to, signed it.

        Raises:
            DelegationError: a subclass for each way in which it does not hold.
        """
        claims = self._signed_by(holder_key)
        read = _read(claims)
        if claims["certificate"].get("digest") != digest_of(self.certificate):
            raise DelegationOfAnotherCertificate("delegation is for another certificate")
        digest, registration = registrations.digest_of(claims), claims.get(registrations.MEMBER)
        return Delegation(**read, proof=self._proof(read["agent_key"]), _digest=digest, _registration=registration)

    def _signed_by(self, holder_key: PublicKey) -> dict[str, Any]:
        try:
            sd_jwt_vc.check_typ(self.delegation)
            verified = sd_jwt_vc.verified_by(self.delegation, holder_key)
        except (InvalidSignature, AlgorithmNotAllowed) as exc:
            raise DelegationSignatureInvalid("delegation is not signed by the certificate's holder") from exc
        except (KeysError, FormatError) as exc:
            raise DelegationMalformed("delegation is no SD-JWT VC") from exc
        if verified.vct != VCT or verified.claims != self.delegation.peek_signed_claims():
            raise DelegationMalformed(f"delegation is of another type than {VCT}, or hides something")
        return verified.claims

    def _proof(self, agent_key: PublicKey) -> KeyBinding:
        try:
            proof = key_binding.verified_by(self.delegation, agent_key)
        except KeyBindingError as exc:
            raise DelegationProofInvalid("proof is not the agent's over this delegation") from exc
        said = jws.peek(self.delegation.key_binding or "").peek_claims().get(_HASH)
        if said != _hash(self.certificate):
            raise DelegationProofInvalid("proof is made for another showing of the certificate")
        return proof


def prepare(grant: Grant, holder_key: PublicKey) -> PreparedDelegation:
    """Return what the holder's key signs; the same grant gives the same bytes.

    Raises:
        DelegationMalformed: a text is no line of its length, no purpose or too many, or it ends before it begins.
    """
    claims = grant.claims(holder_key)
    header = {"alg": holder_key.algorithm.value, "typ": sd_jwt_vc.TYP, "kid": holder_key.kid}
    return PreparedDelegation(b64url(strict_json.dumps(header)) + b"." + b64url(strict_json.dumps(claims)), holder_key)


def present(
    certificate: str, granted: str, agent_key: PublicKey, *, audience: str, nonce: str, iat: int
) -> PreparedShowing:
    """Return what the agent's key signs to show ``certificate``, with the disclosures that it has, by ``granted``.

    Raises:
        MalformedSdJwt, KeyBindingUnexpected: one of the two is no SD-JWT without key binding.
    """
    SdJwt.parse_issued(certificate)
    extra = {_HASH: _hash(certificate)}
    issued = SdJwt.parse_issued(granted)
    bound = key_binding.prepare(issued, agent_key, audience=audience, nonce=nonce, iat=iat, extra=extra)
    return PreparedShowing(certificate, bound)


def is_delegated(text: str) -> bool:
    """Tell whether ``text`` looks like a certificate with a delegation; JSON may hold anything in its texts."""
    return _SEPARATOR in text and not text.startswith("{")


def parse(text: str) -> UnverifiedDelegated:
    """Take apart what an agent shows; raises DelegationMalformed."""
    if len(text) > MAX_BYTES:
        raise DelegationMalformed(f"text has {len(text)} characters, limit {MAX_BYTES}")
    certificate, separator, delegation = text.partition(_SEPARATOR)
    try:
        # Whatever else is an SD-JWT may be signed by the one who shows it (vp+sd-jwt), and name any key.
        sd_jwt_vc.check_typ(SdJwt.parse_issued(f"{certificate}~"))
        parsed = SdJwt.parse(delegation)
    except (FormatError, KeysError) as exc:
        raise DelegationMalformed("text is not a certificate and a delegation") from exc
    if not separator or parsed.key_binding is None:
        raise DelegationMalformed("text is not a certificate and a delegation with the agent's proof")
    return UnverifiedDelegated(f"{certificate}~", parsed)


def digest_of(certificate: str) -> str:
    """Return what a delegation names a certificate by: SHA-256 over its issuer's JWT, in base64url."""
    return _hash(certificate.partition("~")[0])


def _hash(text: str) -> str:
    return b64url_text(hashlib.sha256(text.encode()).digest())


def _read(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The members as values; a delegation that says less, or something else, is none."""
    purposes, since, until = claims.get("purposes"), claims.get("iat"), claims.get("exp")
    if not isinstance(purposes, list) or not 0 < len(purposes) <= MAX_PURPOSES or not all(map(_is_line, purposes)):
        raise DelegationMalformed(f"purposes are not 1 to {MAX_PURPOSES} lines")
    if not _is_line(claims.get("agent_name")) or claims.get("relation") not in tuple(Relation):
        raise DelegationMalformed("delegation does not name its agent, or says no relation")
    if type(since) is not int or type(until) is not int or not 0 <= since < until < 2**33:
        raise DelegationMalformed("delegation does not say from when until when")
    if not isinstance(claims.get(registrations.MEMBER, ""), str):
        raise DelegationMalformed("registration is no text")
    if not isinstance(claims.get("certificate"), dict):
        raise DelegationMalformed("delegation names no certificate")
    try:
        agent_key = key_binding.holder_key(claims)
    except KeyBindingError as exc:
        raise DelegationMalformed("delegation is bound to no key of an agent") from exc
    return {
        "agent_key": agent_key,
        "agent_name": claims["agent_name"],
        "relation": Relation(claims["relation"]),
        "purposes": tuple(purposes),
        "since": datetime.fromtimestamp(since, UTC),
        "until": datetime.fromtimestamp(until, UTC),
        "status": status_reference(claims),
    }


def _is_line(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()
