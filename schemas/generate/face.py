"""The face of a certificate (照面) as plain values, from its type and its claims: what is printed, in which words.

    face = face_of(certificate_type("business_licence"), claims)

Nothing here draws. Whoever does (PDF, OFD, a page) takes titles, lines, tables and colours from here, so that every
form of a certificate says the same. Claims that the type keeps and does not print (登记信息, 照面不印) stand on no face
and in no copy.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from schemas.catalogue import CertificateType, Field, Kind, TypeId
from schemas.generate.svg_card import Palette, palette_of
from schemas.types import code_lists, credential_fields, department
from schemas.values import read_date

_NOT_PRINTED = "not printed"  # in the labels of the data: registered, and not on the face
_FOOT = ("certificate_identifier", "certificate_version")
_LONG = 24  # columns of a value beyond which it has a line of its own
_SHORT = 12  # columns of a label's bracket up to which it stays
_BRACKETS = re.compile(r"\s*\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Line:
    """One labelled value; ``wide`` wants the whole width."""

    label_zh: str
    label_en: str
    text: str = field(repr=False)
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A list of the certificate: a heading, the columns' labels (zh, en), and the rows as texts."""

    label_zh: str
    label_en: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Face:
    """Everything that stands on a certificate's face, in its order; ``portrait`` is a JPEG or PNG."""

    name_zh: str
    name_en: str
    issuer_zh: str
    issuer_en: str
    identifier: str
    version: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...]
    palette: Palette
    portrait: bytes | None = field(default=None, repr=False)


def copied_fields(ctype: CertificateType) -> frozenset[str]:
    """Return the names of the claims that a copy holds: all but those that the type does not print."""
    return _copied(ctype.id)


@cache
def _copied(type_id: TypeId) -> frozenset[str]:
    return frozenset(each.name for each in credential_fields(type_id) if _NOT_PRINTED not in each.label_en)


def face_of(ctype: CertificateType, claims: Mapping[str, Any]) -> Face:
    """Return the face of a certificate with these claims; what is absent is left out.

    The portrait is the claim ``photo``, a data URI. Names of issuer and holder are printed as the claims have them.
    """
    office = department(ctype.department)
    printed = [
        each
        for each in ctype.fields
        if each.derivation is None
        and each.kind is not Kind.IMAGE
        and each.name in claims
        and each.name in _copied(ctype.id)
    ]
    plain = [each for each in printed if not _is_table(each)]
    dates = [each for each in credential_fields(ctype.id) if each.name in _dates(ctype, claims)]
    return Face(
        name_zh=ctype.name_zh,
        name_en=ctype.name_en,
        issuer_zh=str(claims.get("issuing_authority_name", office.name_zh)),
        issuer_en=office.name_en,
        identifier=str(claims.get(_FOOT[0], "")),
        version=str(claims.get(_FOOT[1], "")),
        lines=tuple(_line(each, claims[each.name]) for each in [*plain, *dates]),
        tables=tuple(_table(each, claims[each.name]) for each in printed if _is_table(each)),
        palette=palette_of(ctype),
        portrait=_portrait(claims.get("photo")),
    )


def text_of(member: Field | None, value: Any) -> str:
    """Return a claim as it is printed: days in Chinese form, codes by their words, numbers with their unit."""
    if type(value) is bool:
        return "是 Yes" if value else "否 No"
    if isinstance(value, list):
        return "、".join(text_of(_item(member), each) for each in value)
    if member is None:
        return str(value)
    day = read_date(value) if member.kind in (Kind.DATE, Kind.DATE_OR_LONG_TERM) else None
    if day is not None:
        return f"{day.year}年{day.month:02d}月{day.day:02d}日"
    codes = code_lists().get(member.code_list) if member.code_list else None
    if codes is not None:
        return codes.values.get(str(value), str(value))
    return f"{value}{' ' + member.unit if member.unit else ''}"


def _dates(ctype: CertificateType, claims: Mapping[str, Any]) -> frozenset[str]:
    """The common dates, where the type prints none of its own."""
    named = {value for value in ctype.validity.values() if isinstance(value, str)}
    if named & claims.keys():
        return frozenset()
    return frozenset({"issue_date", "expiring_date"} & claims.keys())


def _is_table(member: Field) -> bool:
    return member.kind is Kind.ARRAY and member.items is not None and "fields" in member.items


def _line(member: Field, value: Any) -> Line:
    text = text_of(member, value)
    return Line(_label(member.label_zh), _label(member.label_en), text, wide=columns_of(text) > _LONG)


def _label(text: str) -> str:
    """Return a label without its long explanations; a short one tells it from another: 权利性质(土地)."""
    return _BRACKETS.sub(lambda found: found[0] if columns_of(found[0]) <= _SHORT else "", text).strip()


def _table(member: Field, rows: Sequence[Mapping[str, Any]]) -> Table:
    fields: Sequence[Field] = (member.items or {})["fields"]
    shown = [each for each in fields if any(each.name in row for row in rows)]
    return Table(
        _label(member.label_zh),
        _label(member.label_en),
        tuple((each.label_zh, each.label_en) for each in shown),
        tuple(tuple(text_of(each, row[each.name]) if each.name in row else "" for each in shown) for row in rows),
    )


def _item(member: Field | None) -> Field | None:
    """The items of a list of codes, as a field of their own."""
    if member is None or member.items is None or "code_list" not in member.items:
        return None
    return Field(member.name, "", "", Kind.ENUM, member.disclosure, None, code_list=member.items["code_list"])


def columns_of(text: str) -> int:
    """Return the width of a text: a Chinese character is as wide as two Latin ones."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _portrait(uri: Any) -> bytes | None:
    return base64.b64decode(uri.partition(",")[2]) if isinstance(uri, str) else None
