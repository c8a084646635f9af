"""The purposes that come with the program: those of ``data/<sector>.json``, and one for every role of a service item.

    shipped()["water.account-opening"].query
    shipped()["item.440107001000.legal_rep"].item_code

Retention is the shortest that the named law asks for, or a proposal where it names none; a party with a longer or a
shorter duty registers a purpose of its own.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import orjson

from schemas.items import ServiceItem, all_items, query, query_of, read_requirement, role_names, roles
from verifier.purposes.model import Purpose, Sector

# 机关文件材料归档范围和文书档案保管期限规定: the shortest term of a file.
_KEPT_IN_FILES = 3_650
_ITEM_BASIS_ZH = "《国务院关于在线政务服务的若干规定》（国务院令第716号）第十条、第十一条"
_ITEM_BASIS_EN = "Provisions of the State Council on Online Government Services (Order 716), arts 10 and 11"


@cache
def shipped() -> Mapping[str, Purpose]:
    """Return every shipped purpose by id, those of the sectors first."""
    found = [purpose for sector in Sector for purpose in _of_sector(sector)]
    found += [_of_item(service, role) for service in all_items() for role in roles(service)]
    return MappingProxyType({each.purpose_id: each for each in found})


def item_purpose_id(basic_code: str, role: str) -> str:
    """Return the id of the purpose to ask whoever stands in ``role`` for the material of an item."""
    return f"item.{basic_code}.{role}"


def _of_sector(sector: Sector) -> Iterator[Purpose]:
    file = files("verifier.purposes") / "data" / f"{sector}.json"
    if file.is_file():  # government has the items
        for data in orjson.loads(file.read_bytes()):
            yield _read(data, sector)


def _read(data: Mapping[str, Any], sector: Sector) -> Purpose:
    return Purpose(
        purpose_id=data["id"],
        sector=sector,
        name_zh=data["name_zh"],
        name_en=data["name_en"],
        legal_basis_zh=data["legal_basis_zh"],
        legal_basis_en=data["legal_basis_en"],
        retention_days=data["retention_days"],
        query=query_of([read_requirement(each) for each in data["requires"]]),
    )


def _of_item(service: ServiceItem, role: str) -> Purpose:
    role_zh, role_en = role_names()[role]
    return Purpose(
        purpose_id=item_purpose_id(service.basic_code, role),
        sector=Sector.GOVERNMENT,
        name_zh=f"{service.name_zh}（{role_zh}）",
        name_en=f"{service.name_en} ({role_en})",
        legal_basis_zh=_ITEM_BASIS_ZH,
        legal_basis_en=_ITEM_BASIS_EN,
        retention_days=_KEPT_IN_FILES,
        query=query(service, role),
        item_code=service.code,
    )
