"""Claims for the holder's own eyes: a label in both languages, the words for a code, and what disclosing them means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.catalogue import Disclosure, Field, Kind, TypeId
from schemas.types import code_lists, credential_fields

_DATA_URI = "data:image/"
_YES_NO = {True: ("是", "Yes"), False: ("否", "No")}


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """One claim of a certificate; ``value`` is as signed, the texts are how a person reads it.

    ``rows`` holds the members of an array of objects, a tuple for each. ``short_lived``: it stands only in a credential
    of at most 7 days.
    """

    name: str
    label_zh: str
    label_en: str
    disclosure: Disclosure
    sensitive: bool
    value: Any = field(repr=False)
    text_zh: str = field(repr=False)
    text_en: str = field(repr=False)
    is_image: bool = False
    short_lived: bool = False
    rows: tuple[tuple["ShownClaim", ...], ...] = field(default=(), repr=False)


def shown_claims(
    type_id: TypeId, claims: Mapping[str, Any], *, short_lived: Iterable[str] = ()
) -> tuple[ShownClaim, ...]:
    """Return ``claims`` in the order of the type's fields, without those that are no fields (``iss``, ``cnf`` …).

    Raises:
        UnknownType: no type has this id.
    """
    fields = credential_fields(type_id)
    shown = _members(fields, claims)
    only = frozenset(short_lived)
    return tuple(replace(claim, short_lived=claim.name in only) for claim in shown)


def _members(fields: Iterable[Field], claims: Mapping[str, Any]) -> tuple[ShownClaim, ...]:
    return tuple(_claim(member, claims[member.name]) for member in fields if member.name in claims)


def _claim(member: Field, value: Any) -> ShownClaim:
    text_zh, text_en = _texts(member, value)
    return ShownClaim(
        name=member.name,
        label_zh=member.label_zh,
        label_en=member.label_en,
        disclosure=member.disclosure,
        sensitive=member.sensitive,
        value=value,
        text_zh=text_zh,
        text_en=text_en,
        is_image=member.kind is Kind.IMAGE and type(value) is str and value.startswith(_DATA_URI),
        rows=_rows(member, value),
    )


def _rows(member: Field, value: Any) -> tuple[tuple[ShownClaim, ...], ...]:
    fields = (member.items or {}).get("fields")
    if not fields or type(value) is not list:
        return ()
    return tuple(_members(fields, item) for item in value if type(item) is dict)


def _texts(member: Field, value: Any) -> tuple[str, str]:
    if type(value) is list:
        items = member.items or {}
        words = [_words(items.get("code_list"), item) for item in value if type(item) is not dict]
        return "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)
    if member.kind is Kind.IMAGE:
        return "", ""
    zh, en = _words(member.code_list, value)
    unit = member.unit or ""
    return f"{zh}{unit}", f"{en} {unit}".rstrip()


def _words(code_list: str | None, value: Any) -> tuple[str, str]:
    """The words for a value: a code that its list does not hold (an older revision's) stands for itself."""
    if type(value) is bool:
        return _YES_NO[value]
    listed = code_lists().get(code_list) if code_list else None
    text = str(value)
    return (listed.values.get(text, text), listed.values_en.get(text, text)) if listed else (text, text)
