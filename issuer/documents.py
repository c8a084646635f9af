"""From a certificate's claims to the claims of one document, SD-JWT VC or VCDM 2.0: pure, the same for draft and final.

What is selective, what is unstable and what never enters a document follows from the type alone, so it is worked out
once for each type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from issuer.moments import start_of
from keys.public import PublicKey
from schemas import types
from schemas.catalogue import CertificateType, Field, TypeId
from schemas.formats import vc_model
from schemas.order import CredentialFormat, LegalDates, StatusRef
from schemas.validation import HOLDER_CODE_TYPE

DRAFT_STATUS = StatusRef("urn:ecert:draft", 0)
"""Stands in a draft in place of the status that the ledger gives."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the claims of one document: who signs, for which key, from when to when, with which status."""

    certificate_type: CertificateType
    format: CredentialFormat
    short_lived: bool
    issuer: str  # the URI ``iss``
    holder_key: PublicKey | None
    dates: LegalDates
    issued_at: datetime
    expires_at: datetime
    status: StatusRef = DRAFT_STATUS


@dataclass(frozen=True, slots=True)
class Document:
    """The claims of one document before it is signed; ``selective`` names those that become disclosures."""

    frame: Frame
    claims: Mapping[str, Any]
    selective: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Shape:
    selective: frozenset[str]
    unstable: frozenset[str]


def document(frame: Frame, claims: Mapping[str, Any]) -> Document:
    """Return the document of a certificate's complete claims in the frame's format.

    A short-lived document holds every claim; any other one leaves out the derived claims that can turn back.
    """
    shape = _shape(frame.certificate_type.id)
    held = {
        name: value
        for name, value in claims.items()
        if value is not None and (frame.short_lived or name not in shape.unstable)
    }
    if frame.format is CredentialFormat.VC_JWT:
        return Document(frame, _vcdm2(frame, held))
    registered = _registered(frame) | {"vct": frame.certificate_type.vct}
    return Document(frame, registered | held, shape.selective & held.keys())


def unstable_claims(certificate_type: CertificateType) -> frozenset[str]:
    """Return the names of the derived claims that can turn back (DESIGN.md 6)."""
    return _shape(certificate_type.id).unstable


def orderable_fields(certificate_type: CertificateType) -> tuple[Field, ...]:
    """Return the fields that an order may give: the type's own, the digests of images, and the holder's code type."""
    own = set(certificate_type.by_name) | {f"{name}_digest" for name in certificate_type.by_name} | {HOLDER_CODE_TYPE}
    return tuple(field for field in types.credential_fields(certificate_type.id) if field.name in own)


def vcdm_type(certificate_type: CertificateType) -> str:
    """Return the type's name in VCDM documents: ``BusinessLicence`` for ``business_licence``."""
    return "".join(word.capitalize() for word in certificate_type.id.split("_"))


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


def _vcdm2(frame: Frame, held: Mapping[str, Any]) -> dict[str, Any]:
    base = frame.issuer.partition("/issuers/")[0]
    kind = frame.certificate_type
    validity = {"validFrom": _timestamp(start_of(frame.dates.effective))}
    if frame.dates.expires is not None:
        validity["validUntil"] = _timestamp(start_of(frame.dates.expires + timedelta(days=1)))
    return {
        "@context": [vc_model.CONTEXT, f"{base}/contexts/{kind.id}/{kind.revision}"],
        "type": [vc_model.TYPE, vcdm_type(kind)],
        "issuer": frame.issuer,
        **validity,
        "credentialSubject": dict(held),
        "credentialSchema": {"id": f"{base}/schemas/{kind.id}/{kind.revision}", "type": "JsonSchema"},
        **_registered(frame),
    }


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _shape(type_id: TypeId) -> _Shape:
    fields = types.credential_fields(type_id)
    return _Shape(
        selective=frozenset(field.name for field in fields if field.selective),
        unstable=frozenset(field.name for field in fields if field.derivation and not field.derivation.stable),
    )
