"""Lints of the national rules: GB/T 36903 (metadata), GB/T 36904 (identifier), and names in one form."""

import unicodedata
from collections.abc import Iterator, Mapping

from issuer.documents import Document, content
from issuer.lints.model import Finding, Lint
from schemas import types
from schemas.errors import InvalidNumber
from schemas.national import parse_identifier
from schemas.validity import day_of


def identifier(draft: Document) -> Iterator[Finding]:
    """GB/T 36904: the identifier checks, and names the type, the issuing body and the version."""
    claims = content(draft)
    kind = draft.frame.certificate_type
    try:
        parts = parse_identifier(str(claims.get("certificate_identifier", "")))
    except InvalidNumber:
        yield Finding("certificate_identifier", "电子证照标识不正确", "the identifier does not check")
        return
    wanted = (kind.type_code, types.department(kind.department).credit_code, claims.get("certificate_version"))
    if (parts.type_code, parts.issuer_code, f"{parts.version:03}") != wanted:
        yield Finding(
            "certificate_identifier",
            "电子证照标识与证照类型、颁发机构或版本不符",
            "the identifier names another type, issuer or version",
        )


def complete(draft: Document) -> Iterator[Finding]:
    """GB/T 36903: the elements that stand in every certificate are there."""
    claims = content(draft)
    for field in types.credential_fields(draft.frame.certificate_type.id):
        if field.required and field.derivation is None and field.name not in claims:
            yield Finding(field.name, "缺少必备项", "the element is missing")


def period(draft: Document) -> Iterator[Finding]:
    """GB/T 36903: the validity begins before it ends, and the certificate is not dated into the future."""
    dates = draft.frame.dates
    if dates.expires is not None and dates.expires < dates.effective:
        yield Finding("expiring_date", "有效期截止早于起始", "the validity ends before it begins")
    if dates.issued > day_of(draft.frame.issued_at):
        yield Finding("issue_date", "颁发日期晚于今天", "the date of issue lies in the future")


def normalised(draft: Document) -> Iterator[Finding]:
    """ADR 6: texts stand in NFC, so that a name is found however it was typed."""
    for name, value in content(draft).items():
        if any(not unicodedata.is_normalized("NFC", text) for text in _texts(value)):
            yield Finding(name, "文本未按 NFC 规范化", "the text is not in NFC")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


LINTS: Mapping[str, Lint] = {
    "identifier": identifier,
    "complete": complete,
    "period": period,
    "normalised": normalised,
}
