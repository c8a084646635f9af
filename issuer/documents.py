"""From a certificate's claims to the claims of one document, whatever its format: pure, the same for draft and final.

What is selective, what is unstable and what never enters a document follows from the type alone, so it is worked out
once for each type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from issuer.frames import Frame
from issuer.moments import start_of
from issuer.vcdm import vcdm
from schemas import types
from schemas.catalogue import CertificateType, Field, Kind, TypeId
from schemas.order import CredentialFormat
from schemas.validation import HOLDER_CODE_TYPE

SELECTIVE = frozenset(
    {CredentialFormat.SD_JWT_VC, CredentialFormat.VC_SD_JWT, CredentialFormat.LDP_VC, CredentialFormat.SD_CWT}
)
"""The formats in which the holder chooses what to show."""
VCDM = frozenset(CredentialFormat) - {CredentialFormat.SD_JWT_VC, CredentialFormat.SD_CWT}
"""The formats whose claims stand in ``credentialSubject``."""


@dataclass(frozen=True, slots=True)
class Document:
    """The claims of one document before it is signed; ``selective`` names those that the holder may leave out.

    For SD_CWT they are the certificate's claims alone, because the rest of it is written by numbers.
    """

    frame: Frame
    claims: Mapping[str, Any]
    selective: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Shape:
    selective: frozenset[str]
    unstable: frozenset[str]
    images: frozenset[str]


def document(frame: Frame, claims: Mapping[str, Any]) -> Document:
    """Return the document of a certificate's complete claims in the frame's format.

    A short-lived document holds every claim; any other one leaves out the derived claims that can turn back. One for a
    purpose holds its fields alone, and the holder chooses none of them.
    """
    shape = _shape(frame.certificate_type.id)
    held = {
        name: value
        for name, value in claims.items()
        if value is not None
        and (frame.short_lived or name not in shape.unstable)
        and (frame.fields is None or name in frame.fields)
    }
    if frame.format is CredentialFormat.SD_CWT:
        # A picture fits no code; its digest stands for it.
        held = {name: value for name, value in held.items() if name not in shape.images}
    chooses = frame.format in SELECTIVE and frame.fields is None
    selective = shape.selective & held.keys() if chooses else frozenset[str]()
    if frame.format is CredentialFormat.SD_CWT:
        return Document(frame, held, selective)
    if frame.format is not CredentialFormat.SD_JWT_VC:
        return Document(frame, vcdm(frame, held, _registered(frame)), selective)
    registered = _registered(frame) | {"vct": frame.certificate_type.vct}
    return Document(frame, registered | held, selective)


def content(draft: Document) -> Mapping[str, Any]:
    """Return the certificate's claims in a document, wherever its format keeps them; ``{}`` where they are missing."""
    claims = draft.claims
    if draft.frame.format is CredentialFormat.JWT_VC_JSON:
        claims = claims.get("vc", {})
    if draft.frame.format in VCDM:
        subject: Mapping[str, Any] = claims.get("credentialSubject", {})
        return {name: value for name, value in subject.items() if name != "id"}
    return claims


def unstable_claims(certificate_type: CertificateType) -> frozenset[str]:
    """Return the names of the derived claims that can turn back (ADR 5)."""
    return _shape(certificate_type.id).unstable


def orderable_fields(certificate_type: CertificateType) -> tuple[Field, ...]:
    """Return the fields that an order may give: the type's own, the digests of images, and the holder's code type."""
    own = set(certificate_type.by_name) | {f"{name}_digest" for name in certificate_type.by_name} | {HOLDER_CODE_TYPE}
    return tuple(field for field in types.credential_fields(certificate_type.id) if field.name in own)


def _registered(frame: Frame) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": frame.issuer,
        "iat": int(frame.issued_at.timestamp()),
        "exp": int(frame.expires_at.timestamp()),
        "status": {"status_list": {"idx": frame.status.index, "uri": frame.status.uri}},
    }
    effective = start_of(frame.dates.effective)
    if effective > frame.issued_at:
        claims["nbf"] = int(effective.timestamp())
    if frame.holder_key is not None:
        claims["cnf"] = {"jwk": dict(frame.holder_key.jwk)}
    return claims


@cache
def _shape(type_id: TypeId) -> _Shape:
    fields = types.credential_fields(type_id)
    return _Shape(
        selective=frozenset(field.name for field in fields if field.selective),
        unstable=frozenset(field.name for field in fields if field.derivation and not field.derivation.stable),
        images=frozenset(field.name for field in fields if field.kind is Kind.IMAGE),
    )
