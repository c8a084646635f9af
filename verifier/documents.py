"""Presentations taken apart (step 1) and believed (steps 3 and 4), the same for both formats.

``Document`` is unverified: it holds what is needed to choose a key. ``Credential`` comes out of it only by that key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from keys.errors import TooLarge
from keys.jws import UnverifiedJws
from keys.public import PublicKey
from schemas.formats import sd_jwt_vc, vc_jwt
from schemas.formats.claims import optional_number, optional_text
from schemas.formats.errors import RegisteredClaimInvalid, VctInvalid
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_claim import StatusReference
from schemas.order import CredentialFormat

# What makes the envelope of a credential work, and is not a statement about its holder.
_REGISTERED = frozenset(
    {"iss", "iat", "nbf", "exp", "jti", "sub", "aud", "vct", "vct#integrity", "aka_vcts", "cnf", "status"}
)
# <public URL>/schemas/<type>/<revision>; which issuer may use it is the trust list's, so the host says nothing.
_SCHEMA = re.compile(r"[a-z]+://[!-~]+/schemas/([a-z0-9_]{1,64})/([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class Credential:
    """What the issuer signed and the holder disclosed: ``claims`` about the holder, ``registered`` about itself."""

    vct: str
    iat: datetime
    nbf: datetime | None
    exp: datetime | None
    status: StatusReference | None
    claims: Mapping[str, Any] = field(repr=False)
    registered: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A presentation of one credential; nothing of it is verified. ``shown`` is the SD-JWT, for vc+jwt a bare one."""

    format: CredentialFormat
    issuer: str
    vct: str
    iat: datetime
    shown: SdJwt = field(repr=False)
    jws: UnverifiedJws = field(repr=False)
    peeked_vc: vc_jwt.VerifiedCredential | None = field(default=None, repr=False)

    @property
    def key_binding(self) -> str | None:
        """The holder's proof, unverified; vc+jwt carries none."""
        return self.shown.key_binding

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential if ``key`` signed it and every disclosure has its place.

        Raises:
            InvalidSignature, AlgorithmNotAllowed: another key, or one that allows another algorithm.
            DisclosureError, NestedTooDeep, MalformedToken: the disclosures.
            CredentialRuleBroken: a rule of the format.
        """
        if self.peeked_vc is not None:
            # Read once, before the key was known; now the same bytes turn out to be the issuer's.
            self.jws.payload_verified_by(key)
            return _vc_jwt_credential(self, self.peeked_vc)
        return _sd_jwt_credential(self, sd_jwt_vc.verified_by(self.shown, key))


def open_document(text: str, *, max_bytes: int) -> Document:
    """Take a presentation apart: an SD-JWT VC (it holds ``~``) or a vc+jwt.

    Raises:
        TooLarge: longer than ``max_bytes``.
        FormatError, MalformedToken, ForbiddenHeader, AlgorithmNotAllowed: by the rule that is broken.
    """
    if len(text) > max_bytes:
        raise TooLarge(f"presentation has {len(text)} characters, limit {max_bytes}")
    return _open_sd_jwt(text) if "~" in text else _open_vc_jwt(text)


def _open_sd_jwt(text: str) -> Document:
    shown = sd_jwt_vc.parse(text)
    claims = shown.issuer_jws.peek_claims()
    issuer = optional_text(claims, "iss", RegisteredClaimInvalid)
    vct = optional_text(claims, "vct", VctInvalid)
    signed_at = _moment(optional_number(claims, "iat", RegisteredClaimInvalid))
    issuer, vct, iat = _selecting(issuer, vct, signed_at)
    return Document(CredentialFormat.SD_JWT_VC, issuer, vct, iat, shown, shown.issuer_jws)


def _open_vc_jwt(text: str) -> Document:
    token = vc_jwt.parse(text).issuer_jws
    peeked = vc_jwt.check(token.peek_claims())
    issuer, vct, iat = _selecting(peeked.issuer, _vct_of_schema(peeked), _moment(peeked.iat) or peeked.not_before)
    return Document(CredentialFormat.VC_JWT, issuer, vct, iat, SdJwt(text), token, peeked)


def _vct_of_schema(peeked: vc_jwt.VerifiedCredential) -> str | None:
    """Return the type that ``credentialSchema`` names: VCDM has no ``vct``, and a schema is one type's revision."""
    schema = peeked.document.get("credentialSchema")
    uri = schema.get("id") if type(schema) is dict else None
    found = _SCHEMA.fullmatch(uri) if type(uri) is str else None
    return f"urn:ecert:{found[1]}:{found[2]}" if found else None


def _selecting(issuer: str | None, vct: str | None, iat: datetime | None) -> tuple[str, str, datetime]:
    """Return what selects the key: without it there is nobody to trust (DESIGN.md, 7.1)."""
    if vct is None:
        raise VctInvalid("vct is absent")
    if issuer is None or iat is None:
        raise RegisteredClaimInvalid("iss or iat is absent")
    return issuer, vct, iat


def _sd_jwt_credential(document: Document, verified: sd_jwt_vc.VerifiedCredential) -> Credential:
    claims = {name: value for name, value in verified.claims.items() if name not in _REGISTERED}
    nbf, exp = _moment(verified.nbf), _moment(verified.exp)
    return Credential(document.vct, document.iat, nbf, exp, verified.status, claims, verified.claims)


def _vc_jwt_credential(document: Document, verified: vc_jwt.VerifiedCredential) -> Credential:
    subject = verified.document["credentialSubject"]
    claims = subject if type(subject) is dict else {"credentialSubject": subject}
    return Credential(
        document.vct,
        document.iat,
        verified.not_before,
        verified.not_after,
        verified.status,
        {name: value for name, value in claims.items() if name != "id"},
        verified.document,
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
