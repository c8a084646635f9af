"""The offices (机构): issuing and serving bodies from the province down to the village, read once.

A department of ``schemas.types`` is the city's office of the same id; offices below it act under its name and its
signing key. Divisions are codes of GB/T 2260 (six digits), longer for towns and villages (GB/T 10114).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import orjson

from schemas.errors import UnknownOffice

__all__ = ["Level", "Office", "all_offices", "chain", "office", "offices_of"]


class Level(StrEnum):
    """How high an office stands."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Office:
    """One office: its level, its division, the office above it, the department it acts for, its own credit code."""

    id: str
    name_zh: str
    name_en: str
    level: Level
    division: str
    parent: str | None
    department: str | None
    credit_code: str


def office(office_id: str) -> Office:
    """Return the office with this id; raises UnknownOffice."""
    found = _offices().get(office_id)
    if found is None:
        raise UnknownOffice("no office has this id")
    return found


def all_offices() -> tuple[Office, ...]:
    """Return the offices, each after its parent."""
    return tuple(_offices().values())


def offices_of(department: str) -> tuple[Office, ...]:
    """Return the offices that act for a department, the department's own first; none for an unknown one."""
    return tuple(each for each in all_offices() if each.department == department)


def chain(office_id: str) -> tuple[Office, ...]:
    """Return an office and those above it, the highest last; raises UnknownOffice."""
    found = [office(office_id)]
    while (parent := found[-1].parent) is not None:
        found.append(office(parent))
    return tuple(found)


@cache
def _offices() -> Mapping[str, Office]:
    entries: list[dict[str, Any]] = orjson.loads((files("schemas.offices") / "offices.json").read_bytes())
    read = (Office(**entry | {"level": Level(entry["level"])}) for entry in entries)
    return MappingProxyType({each.id: each for each in read})
