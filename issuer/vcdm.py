"""VCDM documents of a certificate, one for each way of securing them: pure, the same claims under the same names.

VC_JWT, VC_SD_JWT   VCDM 2.0 with JWT claims beside it: ``iat``, ``exp``, ``cnf``, ``status``
JWT_VC_JSON         VCDM 1.1 in the claim ``vc``, the same JWT claims around it
LDP_VC              VCDM 2.0; the holder's key is the subject's ``id``, the status a ``credentialStatus``; when the
                    signature holds is said by the proof
VC_COSE             the same; COSE has no place for it, so that ``validFrom`` and ``validUntil`` say it
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from issuer.frames import Frame
from issuer.moments import start_of
from keys.did import to_did_key
from schemas.catalogue import CertificateType
from schemas.formats import vc_model
from schemas.formats.jsonld.contexts import CREDENTIALS_V1
from schemas.formats.status_answer import entries_for
from schemas.order import CredentialFormat

Claims = Mapping[str, Any]


def vcdm(frame: Frame, held: Claims, registered: Claims) -> dict[str, Any]:
    """Return the document of ``held`` claims in the frame's VCDM format; ``registered`` are the JWT claims."""
    if frame.format is CredentialFormat.JWT_VC_JSON:
        # VCDM 1.1, 6.3.1: nbf is the issuanceDate, which every credential has.
        begins = {"nbf": registered.get("nbf", registered["iat"])}
        return dict(registered) | begins | {"vc": _version_1(frame, held)}
    if frame.format in (CredentialFormat.VC_JWT, CredentialFormat.VC_SD_JWT):
        return _version_2(frame, held, _legal_validity(frame)) | dict(registered)
    subject = held if frame.holder_key is None else {"id": to_did_key(frame.holder_key), **held}
    signed = frame.format is CredentialFormat.VC_COSE
    document = _version_2(frame, subject, _signed_validity(frame) if signed else _legal_validity(frame))
    entries = [entry.document() for entry in entries_for(frame.status.uri, frame.status.index)]
    return document | {"credentialStatus": entries}


def vcdm_type(certificate_type: CertificateType) -> str:
    """Return the type's name in VCDM documents: ``BusinessLicence`` for ``business_licence``."""
    return "".join(word.capitalize() for word in certificate_type.id.split("_"))


def contexts(certificate_type: CertificateType, *, issuer: str) -> list[str]:
    """Return the ``@context`` of the VCDM 2.0 documents that ``issuer`` (the URI) signs of a type."""
    return [vc_model.CONTEXT, _own(certificate_type, issuer, "contexts")]


def mandatory_pointers(document: Claims, selective: frozenset[str]) -> tuple[str, ...]:
    """Return JSON Pointers to all that is always shown (VC DI ECDSA, 3.4): everything but the selective claims."""
    top = (name for name in document if name not in ("@context", "type", "credentialSubject"))
    shown = (name for name in document["credentialSubject"] if name not in selective)
    return (*(f"/{name}" for name in top), *(f"/credentialSubject/{name}" for name in shown))


def _version_2(frame: Frame, subject: Claims, validity: Claims) -> dict[str, Any]:
    return {
        "@context": contexts(frame.certificate_type, issuer=frame.issuer),
        "type": [vc_model.TYPE, vcdm_type(frame.certificate_type)],
        "issuer": frame.issuer,
        **validity,
        "credentialSubject": dict(subject),
        "credentialSchema": {"id": _own(frame.certificate_type, frame.issuer, "schemas"), "type": "JsonSchema"},
    }


def _version_1(frame: Frame, held: Claims) -> dict[str, Any]:
    # VCDM 1.1, 6.3.1: issuer, id and dates stand in the JWT claims.
    return {
        "@context": [CREDENTIALS_V1, _own(frame.certificate_type, frame.issuer, "contexts")],
        "type": [vc_model.TYPE, vcdm_type(frame.certificate_type)],
        "credentialSubject": dict(held),
        "credentialSchema": {"id": _own(frame.certificate_type, frame.issuer, "schemas"), "type": "JsonSchema"},
    }


def _own(certificate_type: CertificateType, issuer: str, place: str) -> str:
    base = issuer.partition("/issuers/")[0]
    return f"{base}/{place}/{certificate_type.id}/{certificate_type.revision}"


def _legal_validity(frame: Frame) -> dict[str, str]:
    validity = {"validFrom": _timestamp(start_of(frame.dates.effective))}
    if frame.dates.expires is not None:
        validity["validUntil"] = _timestamp(start_of(frame.dates.expires + timedelta(days=1)))
    return validity


def _signed_validity(frame: Frame) -> dict[str, str]:
    begins = max(frame.issued_at, start_of(frame.dates.effective))
    return {"validFrom": _timestamp(begins), "validUntil": _timestamp(frame.expires_at)}


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
