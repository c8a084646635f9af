"""The complete claims of a certificate: what the department gave, what follows from it, what every certificate has."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from issuer.errors import Problem
from keys.encoding import b64url_text
from schemas import types
from schemas.catalogue import CertificateType, Kind
from schemas.derive import Derived
from schemas.order import Identifier, LegalDates

_DIVISION = slice(2, 8)  # GB 32100: digits 3 to 8 of a credit code are the division of the registering body


def image_problems(certificate_type: CertificateType, given: Mapping[str, Any]) -> Iterator[Problem]:
    """Give a problem for each image whose given digest is not its own (both are normalised and valid)."""
    for name, digest in _image_digests(certificate_type, given):
        if given.get(f"{name}_digest", digest) != digest:
            yield Problem(f"{name}_digest", "image_digest", "图像与其摘要不符", "the digest is not that of the image")


def complete_claims(
    certificate_type: CertificateType,
    given: Mapping[str, Any],
    *,
    derived: Derived,
    identifier: Identifier,
    version: int,
    dates: LegalDates,
) -> dict[str, Any]:
    """Return every claim of a certificate.

    ``given`` are valid claims. The department's word on derived claims gives way to the computed ones; of those, a
    stable one stands there only when it is true. A field of the type hides the common one of the same name.
    """
    own = {name: value for name, value in given.items() if not _is_derived(certificate_type, name)}
    digests = {f"{name}_digest": digest for name, digest in _image_digests(certificate_type, given)}
    department = types.department(certificate_type.department)
    common: dict[str, Any] = {
        "certificate_identifier": identifier,
        "certificate_version": f"{version:03}",
        "issuing_authority_name": certificate_type.issuer_zh,
        "issuing_authority_code": department.credit_code,
        "issue_date": dates.issued.isoformat(),
        "effective_date": dates.effective.isoformat(),
        "area_code": department.credit_code[_DIVISION],
    }
    if dates.expires is not None:
        common["expiring_date"] = dates.expires.isoformat()
    return common | own | digests | dict(derived.stable) | dict(derived.unstable)


def reorderable(certificate_type: CertificateType, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an order for the same certificate would give: own claims, without the computed ones.

    What a register said is left out as well, because it may say something else by now; only a certificate that was
    said to be no longer in force stays so.
    """
    kept = set(certificate_type.by_name) | {f"{name}_digest" for name in certificate_type.by_name}
    return {
        name: value
        for name, value in claims.items()
        if (name in kept or name == "holder_code_type")
        and (not _is_derived(certificate_type, name) or _is_out_of_force(certificate_type, name, value))
    }


def _is_out_of_force(certificate_type: CertificateType, name: str, value: Any) -> bool:
    derivation = certificate_type.by_name[name].derivation
    return value is False and derivation is not None and derivation.rule == "in_force"


def _is_derived(certificate_type: CertificateType, name: str) -> bool:
    field = certificate_type.by_name.get(name)
    return field is not None and field.derivation is not None


def _image_digests(certificate_type: CertificateType, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in certificate_type.fields:
        if field.kind is Kind.IMAGE and field.name in given:
            content = base64.b64decode(given[field.name].partition(",")[2])
            yield field.name, f"sha256-{b64url_text(hashlib.sha256(content).digest())}"
