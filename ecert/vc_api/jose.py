"""Enveloped credentials and presentations: JWT, SD-JWT, COSE_Sign1 (VC-JOSE-COSE), and the old claims ``vc``, ``vp``.

The key is the one that ``kid`` names when it is a ``did:key``, else the ``did:key`` of who the document says that it is
from. ``vc`` and ``vp`` are read under ``application/jwt`` alone, and refused under the newer media types.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecert.vc_api.errors import EnvelopedClaimsInvalid, MethodNotResolved
from ecert.vc_api.issuers import EphemeralIssuer, controller_of, method_of, resolve
from keys import jws, strict_json
from keys.public import PublicKey
from schemas.formats.claims import optional_moment, optional_text
from schemas.formats.errors import RegisteredClaimInvalid, VcClaimsConflict
from schemas.formats.jsonld.contexts import CREDENTIALS_V1
from schemas.formats.vc_jose_cose import cose, enveloped, jwt, jwt_vc_json, sd_jwt
from schemas.formats.vc_jose_cose.documents import Secured
from schemas.formats.vc_jose_cose.errors import EnvelopeInvalid
from schemas.formats.vc_jose_cose.kinds import KeyHints, Kind, check_types
from schemas.formats.vc_jose_cose.presentations import read_claims
from schemas.formats.vc_jwt import MAX_BYTES

_DID_KEY = "did:key:"
_OLD_TYP = "JWT"
_MEMBERS = {"@context", "type", "id"}
"""What an envelope may hold: whatever stands beside the secured document would look verified and is not."""
_PARTY = {Kind.CREDENTIAL: "issuer", Kind.PRESENTATION: "holder"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A document whose envelope holds: who secured it, and what the registered claims say.

    ``claims``: the whole claims set, the document itself but for the old form.
    """

    document: Mapping[str, Any]
    claims: Mapping[str, Any]
    controller: str

    def period(self) -> tuple[datetime | None, datetime | None]:
        """Return ``nbf`` and ``exp``; raises RegisteredClaimInvalid."""
        read = [optional_moment(self.claims, name, RegisteredClaimInvalid) for name in ("nbf", "exp")]
        return read[0], read[1]

    def asked_for(self) -> tuple[str | None, frozenset[str]]:
        """Return ``nonce`` and the audiences; raises RegisteredClaimInvalid."""
        read = read_claims(self.claims, holder=None, credentials=(), document=self.document)
        return read.nonce, frozenset(read.audience)


@dataclass(frozen=True, slots=True)
class _Unverified:
    """A secured document before its key is known: what helps to find it, and how to check it."""

    kid: str | None
    peeked: Mapping[str, Any]
    secured: Secured


def issue(document: Mapping[str, Any], issuer: EphemeralIssuer) -> dict[str, Any]:
    """Return the envelope around ``document`` as ``vc+jwt``; raises as ``jwt.issue``."""
    token = jwt.issue(document, issuer.signer, kind=Kind.CREDENTIAL, hints=KeyHints(issuer.verification_method))
    return enveloped.wrap(f"application/{Kind.CREDENTIAL.jwt}", token)


def opened(document: Mapping[str, Any], *, kind: Kind) -> Opened:
    """Return what an envelope holds, its signature verified.

    Raises:
        EnvelopeInvalid: of the envelope.
        MalformedToken, ForbiddenHeader, AlgorithmNotAllowed, WrongType, FormatError: of what it holds.
        EnvelopedClaimsInvalid, VcClaimsConflict, RegisteredClaimInvalid: of its claims.
        MethodNotResolved, InvalidSignature: of its key.
    """
    envelope = enveloped.read(document, kind)
    if document.keys() != _MEMBERS:
        raise EnvelopeInvalid("envelope holds members beside the document that is secured")
    old = envelope.media_type == enveloped.OLD_JWT
    unverified = _old(envelope.text) if old else _parsers(kind)[envelope.media_type](envelope)
    method, key = _key(unverified, kind)
    claims = unverified.secured.secured_by(key)
    document = _old_document(claims, kind) if old else claims
    return Opened(document, claims, controller_of(method))


def _parsers(kind: Kind) -> Mapping[str, Callable[[enveloped.Envelope], _Unverified]]:
    def of_jwt(envelope: enveloped.Envelope) -> _Unverified:
        read = jwt.parse(envelope.text, kind=kind)
        return _Unverified(read.token.header.kid, read.token.peek_claims(), read)

    def of_sd_jwt(envelope: enveloped.Envelope) -> _Unverified:
        read = sd_jwt.parse(envelope.text, kind=kind)
        return _Unverified(read.shown.issuer_jws.header.kid, read.shown.issuer_jws.peek_claims(), read)

    def of_cose(envelope: enveloped.Envelope) -> _Unverified:
        read = cose.parse(envelope.octets(), kind=kind)
        peeked = strict_json.loads_object(read.message.peeked_payload or b"{}")  # detached: refused with its key
        return _Unverified(_text(read.message.header.kid), peeked, read)

    return {
        f"application/{kind.jwt}": of_jwt,
        f"application/{kind.sd_jwt}": of_sd_jwt,
        kind.cose: of_cose,
    }


@dataclass(frozen=True, slots=True)
class _OldJwt:
    token: jws.UnverifiedJws

    def secured_by(self, key: PublicKey) -> dict[str, Any]:
        return self.token.verified_by(key)


def _old(text: str) -> _Unverified:
    token = jws.peek(text, max_bytes=MAX_BYTES)
    header = token.header
    check_types(header.typ or _OLD_TYP, header.parameters.get("cty"), expected=(_OLD_TYP, _OLD_TYP))
    return _Unverified(header.kid, token.peek_claims(), _OldJwt(token))


def _old_document(claims: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Return the document of the claim ``vc`` or ``vp``, completed by what only the claims say (VCDM 1.1, 6.3.1).

    Strangers put documents of VCDM 2.0 there too.
    """
    document = claims.get(kind.value)
    if type(document) is not dict or not document:
        raise EnvelopedClaimsInvalid(f"claim {kind.value} is absent or no object")
    contexts = document.get("@context")
    if type(contexts) is list and contexts[:1] == [CREDENTIALS_V1]:
        read = jwt_vc_json.check if kind is Kind.CREDENTIAL else jwt_vc_json.check_presentation
        return dict(read(claims).document)
    subject = document.get("credentialSubject")
    if "sub" in claims and type(subject) is dict and subject.get("id", claims["sub"]) != claims["sub"]:
        raise VcClaimsConflict("sub contradicts the property that means the same")
    return _merged(_merged(document, _PARTY[kind], claims, "iss"), "id", claims, "jti")


def _merged(document: dict[str, Any], name: str, claims: Mapping[str, Any], claim: str) -> dict[str, Any]:
    text = optional_text(claims, claim, RegisteredClaimInvalid)
    if text is None:
        return document
    if name not in document:
        return {**document, name: text}
    if identity(document, name) != text:
        raise VcClaimsConflict(f"{claim} contradicts the property that means the same")
    return document


def identity(document: Mapping[str, Any], name: str) -> str | None:
    """Return the id of ``issuer`` or ``holder``: the text, or the object's ``id``; None for anything else."""
    value = document.get(name)
    found = value.get("id") if type(value) is dict else value
    return found if type(found) is str else None


def _key(unverified: _Unverified, kind: Kind) -> tuple[str, PublicKey]:
    kid = unverified.kid
    if kid is not None and kid.startswith(_DID_KEY):
        method = kid if "#" in kid else method_of(kid)
        return method, resolve(method)
    peeked = unverified.peeked
    party = identity(peeked, "iss") or identity(peeked, _PARTY[kind])
    if party is None or not party.startswith(_DID_KEY):
        raise MethodNotResolved(f"neither kid nor the {_PARTY[kind]} is a did:key")
    method = method_of(party)
    key = resolve(method)
    fragment = method.partition("#")[2]
    if kid not in (None, key.kid, fragment, f"#{fragment}"):
        raise MethodNotResolved(f"kid names no key of the {_PARTY[kind]}")
    return method, key


def _text(kid: bytes | None) -> str | None:
    return None if kid is None else kid.decode("utf-8", "replace")
