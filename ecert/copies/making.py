"""From a certificate to the file of its annotated copy: issue, read what was signed, draw that, sign the file."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Protocol

from ecert.copies.ports import CopyContent, CopyWriter
from issuer.issuing import Issued
from issuer.records import CertificateRecord, CopyMark
from keys.encoding import b64url_text
from keys.signer import Signer
from schemas.catalogue import CertificateType
from schemas.formats.sd_cwt import kbt
from schemas.generate.face import face_of
from schemas.order import Identifier
from schemas.qr.paper import paper_code
from schemas.types import certificate_type

CHINA = timezone(timedelta(hours=8))
DEFAULT_PURPOSE = "show"


class Ledger(Protocol):
    """Where certificates are read."""

    def standing(self, identifier: Identifier) -> CertificateRecord:
        """Return what a certificate says and its state; raises UnknownCertificate."""


class Purposes(Protocol):
    """What issues the credentials of a copy."""

    def annotated_copy(self, identifier: Identifier, purpose_id: str, *, mark: CopyMark) -> Issued:
        """Return the credential for the file and the one for its code, in this order."""


class Keys(Protocol):
    """The departments' signing keys."""

    def signer(self, department_id: str) -> Signer:
        """Return the present signing key of a department."""


@dataclass(frozen=True, slots=True)
class CopyParts:
    """What making a copy needs."""

    ledger: Ledger
    purposes: Purposes
    keys: Keys
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class MadeCopy:
    """The file of a copy, until when it is good, and which claims stand in it (names alone)."""

    data: bytes
    media_type: str
    suffix: str
    expires_at: datetime
    fields: tuple[str, ...]


class Copies:
    """Makes annotated copies by one writer."""

    def __init__(self, parts: CopyParts, writer: CopyWriter) -> None:
        self._parts = parts
        self._writer = writer

    @property
    def suffix(self) -> str:
        """The usual end of the file's name."""
        return self._writer.suffix

    def make(self, identifier: Identifier, mark: CopyMark, *, purpose: str = DEFAULT_PURPOSE) -> MadeCopy:
        """Issue and draw a copy of a certificate in force.

        Raises:
            UnknownCertificate, StateChanged, UnknownPurpose, OrderRefused: as ``PurposeCertificates.annotated_copy``.
            CopyWriterMissing: as ``CopyWriter.write``.
        """
        record = self._parts.ledger.standing(identifier)
        ctype = certificate_type(record.intent.type_id)
        signer = self._parts.keys.signer(record.intent.department)
        whole, coded = self._parts.purposes.annotated_copy(identifier, purpose, mark=mark).credentials
        # What is drawn is what was signed, and not what the ledger has beside it.
        signed = kbt.peek(kbt.from_text(whole.token)).verified_by(signer.public_key)
        claims = dict(signed.claims) | _portrait(ctype, record.intent.claims, signed.claims)
        made_at, expires_at = self._parts.clock(), whole.expires_at
        content = CopyContent(
            face=face_of(ctype, claims),
            maker=mark.maker,
            cause=mark.cause,
            made_at=made_at,
            expires_at=expires_at,
            code=paper_code(coded.token),
            credential=kbt.from_text(whole.token),
            elements=_elements(ctype, claims, mark, (made_at, expires_at)),
        )
        data = self._writer.write(content, signer)
        return MadeCopy(data, self._writer.media_type, self._writer.suffix, expires_at, tuple(sorted(signed.claims)))


def _portrait(ctype: CertificateType, kept: Mapping[str, Any], signed: Mapping[str, Any]) -> dict[str, Any]:
    """The pictures whose digests were signed: no code holds a picture, so the credential has its digest alone."""
    found = {}
    for name in ctype.by_name:
        uri = kept.get(name)
        if isinstance(uri, str) and uri.startswith("data:image/"):
            content = face_of(ctype, {"photo": uri}).portrait or b""
            if signed.get(f"{name}_digest") == f"sha256-{b64url_text(hashlib.sha256(content).digest())}":
                found[name] = uri
    return found


def _elements(
    ctype: CertificateType, claims: Mapping[str, Any], mark: CopyMark, times: tuple[datetime, datetime]
) -> dict[str, str]:
    """The elements of GB/T 36903 in a file, by the initials of their names."""
    named = {
        "ZZBS": claims.get("certificate_identifier"),
        "ZZMC": ctype.name_zh,
        "ZZLXDM": ctype.type_code,
        "ZZBH": claims.get(ctype.number_field),
        "ZZBFJG": claims.get("issuing_authority_name"),
        "ZZBFJGDM": claims.get("issuing_authority_code"),
        "ZZBFRQ": claims.get("issue_date"),
        "ZZYXQQSRQ": claims.get("effective_date"),
        "ZZYXQJZRQ": claims.get("expiring_date"),
        "JZJZZSJ": _moment(times[0]),
        "JZJZZZ": mark.maker,
        "JZJZZSY": mark.cause,
        "JZJYXQJZSJ": _moment(times[1]),
    }
    return {name: str(value) for name, value in named.items() if value}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).astimezone(CHINA).strftime("%Y%m%d%H%M%S")
