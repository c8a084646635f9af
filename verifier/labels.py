"""Claims as a clerk reads them: the type's labels in zh and en, codes with their words, pictures by their size."""

from collections.abc import Mapping
from typing import Any

from schemas.catalogue import Field
from schemas.errors import UnknownType
from schemas.types import by_vct, code_lists, credential_fields


def labelled(vct: str | None, claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and text of each claim, in the order of ``claims``; a claim that is not known keeps its name."""
    fields = _fields(vct)
    return [(_label(fields.get(name), name), _text(fields.get(name), value)) for name, value in claims.items()]


def _fields(vct: str | None) -> dict[str, Field]:
    try:
        return {field.name: field for field in credential_fields(by_vct(vct or "").id)}
    except UnknownType:
        return {}


def _label(field: Field | None, name: str) -> str:
    return name if field is None else f"{field.label_zh} {field.label_en}"


def _text(field: Field | None, value: Any) -> str:
    if type(value) is bool:
        return "是 yes" if value else "否 no"
    if type(value) is list:
        return "、".join(_text(field, item) for item in value)
    if type(value) is dict:
        return "，".join(f"{name} {_text(None, item)}" for name, item in value.items())
    if type(value) is str and value.startswith("data:"):
        return f"[图像 image, {len(value)} B]"
    return str(value) + _word(field, value)


def _word(field: Field | None, value: Any) -> str:
    """Return what a code stands for, and the unit of a number."""
    if field is None:
        return ""
    codes = code_lists().get(field.code_list) if field.code_list else None
    word = codes.values.get(str(value)) if codes else field.unit
    return f" {word}" if word and word != value else ""
