"""JSON-LD 1.1 context of a type: a term for each claim, so that no claim is dropped when a credential is expanded.

It stands after the VCDM 2.0 context, whose terms are protected. ``name`` is one of them and keeps its meaning; the
members of array items are terms of a property-scoped context, which may define them anew.
"""

from typing import Any

from schemas.catalogue import CertificateType, Field, Kind
from schemas.types import credential_fields, envelope_fields

VOCABULARY = "urn:ecert:vocab"
_XSD = "http://www.w3.org/2001/XMLSchema#"
# VCDM 2.0 defines these two: the same definition may stand again, and the context is whole without it.
_OF_VCDM = {"name": "https://schema.org/name", "description": "https://schema.org/description"}
_DATATYPES = {Kind.DATE: f"{_XSD}date", Kind.MONTH: f"{_XSD}gYearMonth", Kind.DECIMAL: f"{_XSD}decimal"}


def jsonld_context(ctype: CertificateType) -> dict[str, Any]:
    """Return the context document of a type: its class, its claims, the envelope's claims."""
    common = {member.name for member in envelope_fields()} - set(ctype.by_name)
    terms = {
        member.name: _term(member, "#" if member.name in common else f":{ctype.id}#")
        for member in credential_fields(ctype.id)
    }
    return {
        "@context": {
            "@version": 1.1,
            "@protected": True,
            _class_name(ctype): type_iri(ctype),
            # The JWT claim of the Token Status List, beside the JWT claims that VCDM 2.0 defines.
            "status": {"@id": "https://www.iana.org/assignments/jwt#status", "@type": "@json"},
            **terms,
        }
    }


def type_iri(ctype: CertificateType) -> str:
    """Return the type's IRI, which its name in a credential's ``type`` expands to."""
    return f"{VOCABULARY}#{_class_name(ctype)}"


def _class_name(ctype: CertificateType) -> str:
    return "".join(word.capitalize() for word in ctype.id.split("_"))


def _term(member: Field, path: str) -> Any:
    if path != "#" and member.name in _OF_VCDM:
        return _OF_VCDM[member.name]
    term: dict[str, Any] = {"@id": f"{VOCABULARY}{path}{member.name}"}
    if member.kind is Kind.ARRAY:
        # The order of items carries no meaning, their number does: a set would drop a repeated text in RDF.
        term["@container"] = "@list"
    elif member.kind in _DATATYPES:
        term["@type"] = _DATATYPES[member.kind]
    fields = (member.items or {}).get("fields")
    if fields is not None:
        inner = {each.name: _inner(each, f"{path}{member.name}.") for each in fields}
        term["@context"] = {"@version": 1.1, "@protected": True, **inner}
    return term


def _inner(member: Field, path: str) -> dict[str, Any]:
    term: dict[str, Any] = {"@id": f"{VOCABULARY}{path}{member.name}"}
    return term | ({"@type": _DATATYPES[member.kind]} if member.kind in _DATATYPES else {})
