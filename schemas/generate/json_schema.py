"""JSON Schema (2020-12) of a type's claims, and of its VCDM 2.0 credentials (VC JSON Schema, ``JsonSchema``).

Check characters and the rules between fields are beyond JSON Schema: ``schemas.validation`` asks them. The annotation
``x-check`` names the number rule of a field.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from schemas.catalogue import CertificateType, Disclosure, Field, Kind
from schemas.types import code_list, credential_fields
from schemas.values import LONG_TERM, MAX_IMAGE, MAX_ITEMS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_DATE = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_MAX_INTEGER = 10**12


def claims_schema(ctype: CertificateType, *, base: str, presented: bool = False) -> Schema:
    """Return the schema of a credential's claims, the envelope's included.

    Args:
        ctype: the type.
        base: the public URL; the schema's ``$id`` is ``<base>/schemas/<type>/<revision>/claims``.
        presented: whether selective claims may be absent, as in a presentation.
    """
    kind = "presented" if presented else "claims"
    return {
        "$schema": DIALECT,
        "$id": f"{base}/schemas/{ctype.id}/{ctype.revision}/{kind}",
        "title": f"{ctype.name_zh} {ctype.name_en}",
        **_object(credential_fields(ctype.id), presented=presented),
    }


def credential_schema(ctype: CertificateType, *, base: str) -> Schema:
    """Return the schema of a type's VCDM 2.0 credentials; its ``$id`` is ``<base>/schemas/<type>/<revision>``."""
    return {
        "$schema": DIALECT,
        "$id": f"{base}/schemas/{ctype.id}/{ctype.revision}",
        "title": f"{ctype.name_zh} {ctype.name_en}",
        "type": "object",
        "properties": {
            "@context": {"type": "array", "minItems": 1},
            "type": {"type": "array", "items": {"type": "string"}, "contains": {"const": "VerifiableCredential"}},
            "issuer": {"type": "string", "format": "uri"},
            "validFrom": {"type": "string", "format": "date-time"},
            "validUntil": {"type": "string", "format": "date-time"},
            "credentialSubject": _object(credential_fields(ctype.id), presented=False),
        },
        "required": ["@context", "type", "issuer", "credentialSubject"],
    }


def _object(fields: Iterable[Field], *, presented: bool) -> Schema:
    members = tuple(fields)
    return {
        "type": "object",
        "properties": {member.name: field_schema(member) for member in members},
        "required": [member.name for member in members if _is_required(member, presented)],
        "additionalProperties": False,
    }


def _is_required(member: Field, presented: bool) -> bool:
    # A stable derived claim is signed only when true, an unstable one only in short-lived credentials.
    if not member.required or member.derivation is not None:
        return False
    return not presented or member.disclosure is Disclosure.ALWAYS


def field_schema(member: Field) -> Schema:
    """Return the schema of one field's value, with its label in both languages."""
    labels = {"title": f"{member.label_zh} {member.label_en}"}
    notes = {"description": member.note} if member.note else {}
    return labels | notes | _BY_KIND[member.kind](member)


def _string(member: Field) -> Schema:
    schema: Schema = {"type": "string", "minLength": 1, "maxLength": member.max_length}
    if member.pattern is not None:
        # In ECMA-262 \d is an ASCII digit; readers that take Unicode's digits must not find others.
        schema["pattern"] = member.pattern.replace(r"\d", "[0-9]").replace("[[0-9]X]", "[0-9X]")
    if member.check is not None:
        schema["x-check"] = member.check
    return schema


def _enum(member: Field) -> Schema:
    return {"type": "string", "enum": list(code_list(member.code_list or "").values)}


def _date(member: Field) -> Schema:
    return dict(_DATE)


def _date_or_long_term(member: Field) -> Schema:
    return {"anyOf": [dict(_DATE), {"const": LONG_TERM}]}


def _datetime(member: Field) -> Schema:
    return {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}\+08:00$"}


def _month(member: Field) -> Schema:
    return {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}


def _integer(member: Field) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": _MAX_INTEGER}


def _decimal(member: Field) -> Schema:
    return {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$"}


def _boolean(member: Field) -> Schema:
    return {"type": "boolean"}


def _image(member: Field) -> Schema:
    return {"type": "string", "maxLength": MAX_IMAGE, "pattern": "^data:image/(jpeg|png);base64,[A-Za-z0-9+/]+=*$"}


def _array(member: Field) -> Schema:
    items = member.items or {}
    if "fields" in items:
        item = _object(items["fields"], presented=False)
    elif "code_list" in items:
        item = {"type": "string", "enum": list(code_list(items["code_list"]).values)}
    else:
        item = {"type": "string", "minLength": 1, "maxLength": member.max_length}
    return {"type": "array", "minItems": 1 if member.required else 0, "maxItems": MAX_ITEMS, "items": item}


_BY_KIND: Mapping[Kind, Callable[[Field], Schema]] = MappingProxyType(
    {
        Kind.STRING: _string,
        Kind.DATE: _date,
        Kind.DATE_OR_LONG_TERM: _date_or_long_term,
        Kind.DATETIME: _datetime,
        Kind.MONTH: _month,
        Kind.ENUM: _enum,
        Kind.INTEGER: _integer,
        Kind.DECIMAL: _decimal,
        Kind.BOOLEAN: _boolean,
        Kind.IMAGE: _image,
        Kind.ARRAY: _array,
    }
)
