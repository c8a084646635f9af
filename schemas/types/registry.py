"""The catalogue: every type, department and code list, loaded once and immutable."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import orjson

from schemas.catalogue import CertificateType, CodeList, Department, Field, Kind, TypeId, Vct
from schemas.errors import UnknownCodeList, UnknownDepartment, UnknownType
from schemas.types.reading import read_code_list, read_department, read_field, read_type

DIGEST_PATTERN = r"^sha256-[A-Za-z0-9._-]{1,100}$"
"""The claim ``<image>_digest``: ``sha256-`` and base64url of the bytes, or any name that an order gives instead."""


@cache
def _types() -> Mapping[TypeId, CertificateType]:
    folder = files("schemas.types") / "data"
    read = [read_type(orjson.loads(entry.read_bytes())) for entry in folder.iterdir() if entry.name.endswith(".json")]
    # The order of the national type code: department by department, as the catalogue of the city lists them.
    read.sort(key=lambda ctype: ctype.type_code)
    return MappingProxyType({ctype.id: ctype for ctype in read})


@cache
def _by_vct() -> Mapping[Vct, CertificateType]:
    return MappingProxyType({ctype.vct: ctype for ctype in _types().values()})


def _load(name: str) -> Any:
    return orjson.loads((files("schemas.types") / name).read_bytes())


@cache
def _departments() -> Mapping[str, Department]:
    return MappingProxyType({data["id"]: read_department(data) for data in _load("departments.json")})


@cache
def code_lists() -> Mapping[str, CodeList]:
    """Return every code list by its id."""
    lists = _load("code_lists.json")
    return MappingProxyType({list_id: read_code_list(list_id, data) for list_id, data in lists.items()})


@cache
def envelope_fields() -> tuple[Field, ...]:
    """Return the fields that stand in every credential beside the type's own (GB/T 36903)."""
    return tuple(read_field(data) for data in _load("common_fields.json")["envelope"])


@cache
def record_fields() -> tuple[Field, ...]:
    """Return the fields of GB/T 36903 that follow from type, holder and status list: never signed claims."""
    return tuple(read_field(data) for data in _load("common_fields.json")["record"])


@cache
def all_types() -> tuple[CertificateType, ...]:
    """Return the certificate types in the order of their type codes."""
    return tuple(_types().values())


def certificate_type(type_id: str) -> CertificateType:
    """Return the type with this id; raises UnknownType."""
    found = _types().get(TypeId(type_id))
    if found is None:
        raise UnknownType("no certificate type has this id")
    return found


def by_vct(vct: str) -> CertificateType:
    """Return the type with this ``vct``, its revision included; raises UnknownType."""
    found = _by_vct().get(Vct(vct))
    if found is None:
        raise UnknownType("no certificate type has this vct")
    return found


def departments() -> tuple[Department, ...]:
    """Return the departments in the order of the data."""
    return tuple(_departments().values())


def department(department_id: str) -> Department:
    """Return the department with this id; raises UnknownDepartment."""
    found = _departments().get(department_id)
    if found is None:
        raise UnknownDepartment("no department has this id")
    return found


def code_list(list_id: str) -> CodeList:
    """Return the code list with this id; raises UnknownCodeList."""
    found = code_lists().get(list_id)
    if found is None:
        raise UnknownCodeList("no code list has this id")
    return found


@cache
def credential_fields(type_id: str) -> tuple[Field, ...]:
    """Return the fields of a type's credentials: its own, the digest of each image, and the envelope's.

    A field of the type hides the envelope's field of the same name. An image may be left out, its digest not.

    Raises:
        UnknownType: no type has this id.
    """
    own: list[Field] = []
    for member in certificate_type(type_id).fields:
        if member.kind is Kind.IMAGE:
            own += [replace(member, required=False, example=None), _digest_of(member)]
        else:
            own.append(member)
    names = {member.name for member in own}
    return (*own, *(member for member in envelope_fields() if member.name not in names))


def _digest_of(image: Field) -> Field:
    return replace(
        image,
        name=f"{image.name}_digest",
        label_zh=f"{image.label_zh}摘要",
        label_en=f"{image.label_en} (digest)",
        kind=Kind.STRING,
        pattern=DIGEST_PATTERN,
        media_type=None,
        note=None,
    )
