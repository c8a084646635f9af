"""A certificate in the words of GB/T 36903, as data sets of the national platform have them (domain facts, 1.3)."""

from collections.abc import Mapping
from typing import Any

from schemas.catalogue import CertificateType, Kind
from schemas.generate.face import text_of
from schemas.holders import holders_of
from schemas.national import parse_identifier
from schemas.types import code_lists, credential_fields, department

STATES: Mapping[str, tuple[str, str]] = {
    "prepared": ("00", "未生效"),
    "issued": ("01", "有效"),
    "suspended": ("02", "暂扣"),
    "revoked": ("03", "撤销"),
    "cancelled": ("04", "注销"),
    "expired": ("05", "失效"),
    "replaced": ("99", "变更、延续"),
}
"""States by ours: code of the national list (01 to 07, 99 others), and its word."""
_COMMON = {
    "certificate_issuing_authority_name": "issuing_authority_name",
    "certificate_issuing_authority_code": "issuing_authority_code",
    "certificate_area_code": "area_code",
}
_DAYS = {
    "certificate_issued_date": "issue_date",
    "certificate_validate_start": "effective_date",
    "certificate_validate_end": "expiring_date",
}


def elements_of(
    ctype: CertificateType, claims: Mapping[str, Any], *, state: str, fields: frozenset[str]
) -> dict[str, Any]:
    """Return the elements; of what the face says (``extend_info``) and of the holder only what ``fields`` names."""
    office = department(ctype.department)
    identifier = str(claims["certificate_identifier"])
    found: dict[str, Any] = {
        "certificate_identifier": identifier,
        "certificate_name": ctype.name_zh,
        "certificate_type_name": ctype.name_zh,
        "certificate_type_code": parse_identifier(identifier).type_code,
        "certificate_version": claims.get("certificate_version"),
        "certificate_define_authority_name": office.name_zh,
        "certificate_define_authority_code": office.credit_code,
        "status": STATES[state][0],
        "status_name": STATES[state][1],
    }
    found |= {name: claims[own] for name, own in _COMMON.items() if own in claims}
    found |= {name: str(claims[own]).replace("-", "") for name, own in _DAYS.items() if own in claims}
    if ctype.number_field in fields & claims.keys():
        found["certificate_number"] = claims[ctype.number_field]
    return found | _holder(ctype, claims, fields) | {"extend_info": _face(ctype, claims, fields)}


def _holder(ctype: CertificateType, claims: Mapping[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    """The holders, joined by commas, when the fields that name them are granted."""
    needed = {rule.each or rule.code for rule in ctype.holders}
    if not needed <= fields:
        return {}
    holders = holders_of(ctype, claims)
    words = code_lists()["holder_code_type"].values
    return {
        "certificate_holder_name": ",".join(each.name for each in holders),
        "certificate_holder_code": ",".join(each.code for each in holders),
        "certificate_holder_type": ",".join(each.code_type for each in holders),
        "certificate_holder_type_name": ",".join(str(words.get(each.code_type, "")) for each in holders),
    }


def _face(ctype: CertificateType, claims: Mapping[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    return {name: claims[name] for name in ctype.by_name if name in claims and name in fields}


def described(ctype: CertificateType, fields: frozenset[str]) -> list[dict[str, Any]]:
    """Return the field list of a type (getCertRemarkInfo), the granted ones alone."""
    return [
        {
            "name": each.name,
            "label_zh": each.label_zh,
            "label_en": each.label_en,
            "kind": each.kind.value,
            "required": each.required,
            "code_list": each.code_list,
            "example": None if each.kind is Kind.IMAGE else each.example and text_of(each, each.example),
        }
        for each in credential_fields(ctype.id)
        if each.name in fields and each.derivation is None
    ]
