"""The fields of a type as a map with small integer keys, and back: same names, same values.

Keys are those of ``schemas/types/claim_keys.json``: given once, never used again. A date becomes the number of days
since 1970-01-01 (as RFC 8943 counts them), a SHA-256 digest of an image its 32 bytes; all else stands as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import orjson

from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken
from schemas import types
from schemas.catalogue import Field, Kind
from schemas.formats.sd_cwt.errors import ClaimKeyUnknown, ClaimValueInvalid
from schemas.types.registry import DIGEST_PATTERN
from schemas.values import read_date

_EPOCH = date(1970, 1, 1)
_DIGEST = "sha256-"
_DATES = frozenset({Kind.DATE, Kind.DATE_OR_LONG_TERM})


@dataclass(frozen=True, slots=True)
class _Shape:
    """The fields of a map: by name and by key."""

    by_name: Mapping[str, tuple[int, Field]]
    by_key: Mapping[int, Field]
    members: Mapping[str, "_Shape"]


def to_keys(vct: str, claims: Mapping[str, Any]) -> dict[int, Any]:
    """Return ``claims`` of the type ``vct`` by their integer keys.

    Raises:
        UnknownType: no type has this vct.
        ClaimKeyUnknown: a claim is no field of the type; the message does not repeat it.
    """
    return _map_to_keys(_shape(vct), claims)


def from_keys(vct: str, mapped: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the claims that ``mapped`` stands for.

    Raises:
        UnknownType: no type has this vct.
        ClaimKeyUnknown: a key that no field of the type has.
        ClaimValueInvalid: a date or a digest that is none.
    """
    return _map_from_keys(_shape(vct), mapped)


def key_of(vct: str, name: str) -> int:
    """Return the integer key of a field; raises as ``to_keys``."""
    return _known(_shape(vct), name)[0]


def names(vct: str) -> Mapping[Any, str]:
    """Return the name of each field of the type by its integer key; raises UnknownType."""
    return {key: field.name for key, field in _shape(vct).by_key.items()}


def _map_to_keys(shape: _Shape, claims: Mapping[str, Any]) -> dict[int, Any]:
    known = {name: _known(shape, name) for name in claims}
    return {key: _written(shape, field, claims[name]) for name, (key, field) in known.items()}


def _known(shape: _Shape, name: str) -> tuple[int, Field]:
    found = shape.by_name.get(name)
    if found is None:
        raise ClaimKeyUnknown("a claim is no field of the type")
    return found


def _map_from_keys(shape: _Shape, mapped: Mapping[Any, Any]) -> dict[str, Any]:
    result = {}
    for key, value in mapped.items():
        field = shape.by_key.get(key) if type(key) is int else None
        if field is None:
            raise ClaimKeyUnknown("a key stands for no field of the type")
        result[field.name] = _read(shape, field, value)
    return result


def _written(shape: _Shape, field: Field, value: Any) -> Any:
    if type(value) is list:
        members = shape.members.get(field.name)
        return [_map_to_keys(members, item) if members and type(item) is dict else item for item in value]
    if field.kind in _DATES:
        day = read_date(value)
        return value if day is None else (day - _EPOCH).days
    if _is_digest(field) and type(value) is str and value.startswith(_DIGEST):
        return _digest_bytes(value)
    return value


def _digest_bytes(text: str) -> str | bytes:
    try:
        digest = b64url_decode(text.removeprefix(_DIGEST))
    except MalformedToken:  # any other name that an order may give
        return text
    return digest if len(digest) == 32 else text


def _read(shape: _Shape, field: Field, value: Any) -> Any:
    if type(value) is list:
        members = shape.members.get(field.name)
        return [_map_from_keys(members, item) if members and type(item) is dict else item for item in value]
    if field.kind in _DATES and type(value) is int:
        return _day(value).isoformat()
    if type(value) is bytes:
        if not _is_digest(field) or len(value) != 32:
            raise ClaimValueInvalid(f"{field.name} holds bytes that are no digest")
        return _DIGEST + b64url_text(value)
    if type(value) is dict:
        raise ClaimValueInvalid(f"{field.name} holds a map")
    return value


def _day(days: int) -> date:
    try:
        return _EPOCH + timedelta(days=days)
    except OverflowError:
        raise ClaimValueInvalid("a date is no day of the calendar") from None


def _is_digest(field: Field) -> bool:
    return field.pattern == DIGEST_PATTERN


@cache
def _keys() -> Mapping[str, Any]:
    return MappingProxyType(orjson.loads((files("schemas.types") / "claim_keys.json").read_bytes()))


@cache
def _shape(vct: str) -> _Shape:
    ctype = types.by_vct(vct)
    listed = _keys()["types"][ctype.id]
    keys = _keys()["common"] | listed["fields"]
    fields = types.credential_fields(ctype.id)
    members = {
        field.name: _of(field.items["fields"], listed["members"][field.name], {})
        for field in fields
        if field.items and "fields" in field.items
    }
    return _of(fields, keys, members)


def _of(fields: tuple[Field, ...], keys: Mapping[str, int], members: Mapping[str, _Shape]) -> _Shape:
    return _Shape(
        by_name=MappingProxyType({field.name: (keys[field.name], field) for field in fields}),
        by_key=MappingProxyType({keys[field.name]: field for field in fields}),
        members=MappingProxyType(dict(members)),
    )
