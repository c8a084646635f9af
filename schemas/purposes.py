"""Purposes of showing a certificate (用途), as data: which fields a purpose certificate holds, and no others.

``schemas/types/purposes.json``: for every type at least ``show``. A purpose certificate is signed ahead for one,
so its fields are chosen with care: what a counter needs for it, and nothing that it could also use otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import orjson

from schemas import types
from schemas.errors import UnknownPurpose


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose of a type: its id, what people call it, and the names of the fields that it shows."""

    id: str
    type_id: str
    name_zh: str
    name_en: str
    fields: tuple[str, ...]


@cache
def _all() -> Mapping[str, Mapping[str, Purpose]]:
    listed = orjson.loads((files("schemas.types") / "purposes.json").read_bytes())
    return MappingProxyType(
        {
            type_id: MappingProxyType(
                {
                    id_: Purpose(id_, type_id, each["name_zh"], each["name_en"], tuple(each["fields"]))
                    for id_, each in described.items()
                }
            )
            for type_id, described in listed.items()
        }
    )


def purposes_of(type_id: str) -> tuple[Purpose, ...]:
    """Return the purposes of a type, in the order of the data; raises UnknownType."""
    return tuple(_all()[types.certificate_type(type_id).id].values())


def purpose(type_id: str, purpose_id: str) -> Purpose:
    """Return one purpose of a type; raises UnknownType, UnknownPurpose."""
    found = _all()[types.certificate_type(type_id).id].get(purpose_id)
    if found is None:
        raise UnknownPurpose("the type has no purpose of this id")
    return found


def purpose_for(type_id: str, fields: Iterable[str]) -> Purpose | None:
    """Return the smallest purpose that shows all of ``fields``, None when there is none; raises UnknownType."""
    wanted = frozenset(fields)
    able = [each for each in purposes_of(type_id) if wanted.issubset(each.fields)]
    return min(able, key=lambda each: (len(each.fields), each.id), default=None)
