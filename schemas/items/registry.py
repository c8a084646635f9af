"""The service items as immutable values, read once from ``data/<department>.json``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import orjson

from schemas.catalogue import TypeId
from schemas.errors import UnknownItem
from schemas.types import departments

LEVELS = {3: "city", 4: "county", 5: "town", 6: "village"}
"""The digit of a code that says who handles an item (GB/T 39554.1), as an office's level."""


class Category(StrEnum):
    """The kind of administrative act; the value is the code in the item's basic code."""

    LICENCE = "01"  # 行政许可
    PAYMENT = "05"  # 行政给付
    CONFIRMATION = "07"  # 行政确认
    REWARD = "08"  # 行政奖励
    OTHER_POWER = "10"  # 其他行政权力
    PUBLIC_SERVICE = "20"  # 公共服务


class Handling(StrEnum):
    """When an item is decided."""

    IMMEDIATE = "immediate"  # 即办件: while the applicant waits
    PROMISED = "promised"  # 承诺件: within the promised working days


@dataclass(frozen=True, slots=True)
class Alternative:
    """One certificate that serves, and the claims of it that are needed."""

    type_id: TypeId
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One piece of material: whose certificate (``role``), and which; any of the alternatives is enough."""

    role: str
    any_of: tuple[Alternative, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One service item. ``code`` is the national one: credit code, level, basic code (GB/T 39554.1)."""

    code: str
    basic_code: str
    name_zh: str
    name_en: str
    department: str
    category: Category
    audience: frozenset[str]
    handling: Handling
    promised_working_days: int
    visits: int
    second_officer: bool
    level: int
    requires: tuple[Requirement, ...]
    outcome: TypeId | None = None


@cache
def _items() -> Mapping[str, ServiceItem]:
    found = [_read(data, office.id) for office in departments() for data in _load(office.id)]
    return MappingProxyType({each.basic_code: each for each in found})


def all_items() -> tuple[ServiceItem, ...]:
    """Return every item, by department in the order of the data."""
    return tuple(_items().values())


@cache
def role_names() -> Mapping[str, tuple[str, str]]:
    """Return the name, zh and en, of every role in which somebody's certificate is asked for."""
    read = orjson.loads((files("schemas.items") / "roles.json").read_bytes())
    return MappingProxyType({role: (names[0], names[1]) for role, names in read.items()})


def item(code: str) -> ServiceItem:
    """Return the item with this code or basic code; raises UnknownItem."""
    found = _items().get(code[-12:])
    if found is None or code not in (found.code, found.basic_code):
        raise UnknownItem("there is no such service item")
    return found


def _load(department: str) -> Iterator[dict[str, Any]]:
    file = files("schemas.items") / "data" / f"{department}.json"
    if file.is_file():
        yield from orjson.loads(file.read_bytes())


def _read(data: Mapping[str, Any], department: str) -> ServiceItem:
    return ServiceItem(
        code=data["code"],
        basic_code=data["basic_code"],
        name_zh=data["name_zh"],
        name_en=data["name_en"],
        department=department,
        category=Category(data["category"]),
        audience=frozenset(data["audience"]),
        handling=Handling(data["handling"]),
        promised_working_days=data["promised_working_days"],
        visits=data["visit"],
        second_officer=data["second_officer"],
        level=data["level"],
        requires=tuple(read_requirement(each) for each in data["requires"]),
        outcome=TypeId(data["outcome"]) if "outcome" in data else None,
    )


def read_requirement(data: Mapping[str, Any]) -> Requirement:
    """Return the requirement that an entry of our own data holds."""
    alternatives = (Alternative(TypeId(each["type"]), tuple(each["claims"])) for each in data["any_of"])
    return Requirement(data["role"], tuple(alternatives), data.get("optional", False))
