"""From the JSON of this folder to the immutable values of ``schemas.catalogue``."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from schemas.catalogue import (
    AssuranceLevel,
    CertificateType,
    CodeList,
    Department,
    Derivation,
    Disclosure,
    Field,
    HolderRule,
    Kind,
    TypeId,
)

# Members that the data class takes as they stand in the JSON.
_PLAIN_FIELD = (
    "name",
    "label_zh",
    "label_en",
    "required",
    "sensitive",
    "pattern",
    "check",
    "code_list",
    "unit",
    "note",
    "media_type",
    "max_length",
)
_PLAIN_TYPE = (
    "revision",
    "name_zh",
    "name_en",
    "department",
    "issuer_zh",
    "issuer_note",
    "holder_kind",
    "document_kind",
    "type_code",
    "national_type_code",
    "legal_basis",
    "number_field",
    "number_example",
    "certificate_identifier_example",
    "delegable",
    "guardian_may_hold",
    "note",
)


def freeze(value: Any) -> Any:
    """Return JSON data with read-only mappings and tuples in place of dicts and lists."""
    if isinstance(value, dict):
        return MappingProxyType({key: freeze(member) for key, member in value.items()})
    if isinstance(value, list):
        return tuple(freeze(member) for member in value)
    return value


def read_field(data: Mapping[str, Any], *, parent: Disclosure | None = None) -> Field:
    """Return a field; a member of an array item has its array's disclosure class (``parent``)."""
    disclosure = parent or Disclosure(data["disclosure"])
    return Field(
        **{name: data[name] for name in _PLAIN_FIELD if name in data},
        kind=Kind(data["kind"]),
        disclosure=disclosure,
        example=data.get("example"),
        check_by=freeze(data.get("check_by")),
        items=_items(data.get("items"), disclosure),
        derivation=_derivation(data.get("derivation")),
    )


def _items(data: Mapping[str, Any] | None, disclosure: Disclosure) -> Mapping[str, Any] | None:
    if data is None:
        return None
    items = dict(data)
    if "fields" in items:
        items["fields"] = tuple(read_field(member, parent=disclosure) for member in items["fields"])
    return MappingProxyType(items)


def _derivation(data: Mapping[str, Any] | None) -> Derivation | None:
    if data is None:
        return None
    return Derivation(rule=data["rule"], parameters=freeze(data["parameters"]), stable=data["stable"])


def read_type(data: Mapping[str, Any]) -> CertificateType:
    """Return a certificate type from the JSON of its file."""
    fields = tuple(read_field(member) for member in data["fields"])
    return CertificateType(
        **{name: data[name] for name in _PLAIN_TYPE if name in data},
        id=TypeId(data["id"]),
        assurance=AssuranceLevel[data["assurance"].upper()],
        holders=tuple(HolderRule(**rule) for rule in data["holders"]),
        validity=freeze(data["validity"]),
        number_rule=freeze(data["number_rule"]),
        states=frozenset(data["states"]),
        date_order=tuple((first, second) for first, second in data.get("date_order", ())),
        fields=fields,
        by_name=MappingProxyType({member.name: member for member in fields}),
    )


def read_department(data: Mapping[str, Any]) -> Department:
    """Return a department from its JSON object."""
    return Department(**data)


def read_code_list(list_id: str, data: Mapping[str, Any]) -> CodeList:
    """Return a code list from its JSON object."""
    return CodeList(
        id=list_id,
        standard=data["standard"],
        values=MappingProxyType(data["values"]),
        values_en=MappingProxyType(data["values_en"]),
    )
