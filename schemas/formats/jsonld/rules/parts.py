"""Rules about single properties, which VCDM 2.0 and 1.1 share: each checks one clause and raises its own error.

Every rule takes the whole document and returns None; a property that may be left out and is, passes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.formats import vc_model
from schemas.formats.jsonld.contexts import CREDENTIALS_V1, CREDENTIALS_V2
from schemas.formats.jsonld.rules.errors import (
    BaseContextMissing,
    CredentialSchemaInvalid,
    CredentialStatusInvalid,
    CredentialSubjectInvalid,
    DocumentDateInvalid,
    DocumentIdInvalid,
    DocumentIssuerInvalid,
    DocumentPeriodInvalid,
    DocumentRuleBroken,
    DocumentTextInvalid,
    DocumentTypeInvalid,
    EvidenceInvalid,
    RefreshServiceInvalid,
    TermsOfUseInvalid,
)
from schemas.formats.jsonld.terms import is_absolute

Document = Mapping[str, Any]

DATES = {CREDENTIALS_V2: ("validFrom", "validUntil"), CREDENTIALS_V1: ("issuanceDate", "expirationDate")}
"""What the two versions call the beginning and the end."""

_LANGUAGE_VALUE = {"@value", "@language", "@direction"}


def context(document: Document) -> None:
    """VCDM 2.0, 4.3; VCDM 1.1, 4.1: an ordered set that begins with the base context; then URLs and objects."""
    value = document.get("@context")
    if type(value) is not list or not value or type(value[0]) is not str or value[0] not in DATES:
        raise BaseContextMissing("@context is no array that starts with a base context")
    for each in value[1:]:
        if type(each) is not dict and not is_url(each):
            raise BaseContextMissing("@context holds what is neither a URL nor an object")


def credential_type(document: Document) -> None:
    """4.5: VerifiableCredential is among the types."""
    _type(document, "VerifiableCredential")


def presentation_type(document: Document) -> None:
    """4.13: VerifiablePresentation is among the types."""
    _type(document, "VerifiablePresentation")


def document_id(document: Document) -> None:
    """4.4: an id is one URL."""
    url_id(document, "the document")


def issuer(document: Document) -> None:
    """4.7: a URL, or an object with a URL; its name and description are texts (4.6)."""
    identified(document, "issuer", DocumentIssuerInvalid)
    if type(document["issuer"]) is dict:
        names(document["issuer"])


def names(document: Document) -> None:
    """4.6: name and description are texts or language values (11.1), of which there may be several."""
    for name in ("name", "description"):
        if name in document:
            value = document[name]
            each = value if type(value) is list and value else [value]
            if not all(type(text) is str or _is_language_value(text) for text in each):
                raise DocumentTextInvalid(f"{name} is neither a text nor a language value")


def subject(document: Document) -> None:
    """4.8: one or more objects that say something; an id is a URL."""
    for each in objects(document, "credentialSubject", CredentialSubjectInvalid, required=True):
        if not each:
            raise CredentialSubjectInvalid("credentialSubject is empty")
        url_id(each, "credentialSubject")


def dates(document: Document) -> None:
    """4.9; VCDM 1.1, 4.6 and 4.7: dateTimeStamps, the end not before the beginning; 1.1 needs its issuanceDate.

    Its issuer may have left it to the holder to show it: then a part of the credential need not (VC DI ECDSA, 3.6.6).
    """
    begin, end = period(document)
    if begin is None and document["@context"][0] == CREDENTIALS_V1 and not _is_part(document):
        raise DocumentDateInvalid("issuanceDate is absent")
    if begin is not None and end is not None and end < begin:
        raise DocumentPeriodInvalid("the end lies before the beginning")


def status(document: Document) -> None:
    """4.10: a type; an id, if there is one, is a URL."""
    _typed_objects(document, "credentialStatus", CredentialStatusInvalid)


def schema(document: Document) -> None:
    """4.11: a type, and a URL that identifies the schema."""
    _typed_objects(document, "credentialSchema", CredentialSchemaInvalid, id_required=True)


def refresh_service(document: Document) -> None:
    """5.4: a type."""
    _typed_objects(document, "refreshService", RefreshServiceInvalid)


def terms_of_use(document: Document) -> None:
    """5.5: a type."""
    _typed_objects(document, "termsOfUse", TermsOfUseInvalid)


def evidence(document: Document) -> None:
    """5.6: a type."""
    _typed_objects(document, "evidence", EvidenceInvalid)


def period(document: Document) -> tuple[datetime | None, datetime | None]:
    """Return when a credential begins and ends (UTC), None for what it does not say; raises DocumentDateInvalid."""
    begin, end = DATES[document["@context"][0]]
    return _moment(document, begin), _moment(document, end)


def identified(document: Document, name: str, error: type[DocumentRuleBroken]) -> str:
    """Return the URL of a property that is a URL or an object with one; raises ``error``."""
    value = document.get(name)
    found = value.get("id") if type(value) is dict else value
    if type(found) is not str or not is_url(found):
        raise error(f"{name} is neither a URL nor an object with one")
    return found


def objects(
    document: Document, name: str, error: type[DocumentRuleBroken], *, required: bool = False
) -> list[dict[str, Any]]:
    """Return the objects of a property that is one object or several; raises ``error``."""
    if name not in document and not required:
        return []
    value = document.get(name)
    each: list[Any] = value if type(value) is list else [value]
    if not each or not all(type(item) is dict for item in each):
        raise error(f"{name} is neither an object nor an array of objects")
    return each


def url_id(holder: Document, name: str) -> None:
    """Return if ``id`` is absent or one URL; raises DocumentIdInvalid."""
    if "id" in holder and not is_url(holder["id"]):
        raise DocumentIdInvalid(f"the id of {name} is not one URL")


def is_url(value: object) -> bool:
    """Whether a value is an absolute URL."""
    return type(value) is str and is_absolute(value)


def _is_part(document: Document) -> bool:
    proof = document.get("proof")
    return type(proof) is dict and proof.get("cryptosuite") == "ecdsa-sd-2023"


def _type(document: Document, wanted: str) -> None:
    value = document.get("type")
    types = value if type(value) is list else [value]
    if wanted not in types or not all(type(each) is str for each in types):
        raise DocumentTypeInvalid(f"type does not hold {wanted}, or not texts alone")


def _is_language_value(value: object) -> bool:
    return (
        type(value) is dict
        and value.keys() <= _LANGUAGE_VALUE
        and "@value" in value
        and all(type(member) is str for member in value.values())
    )


def _typed_objects(
    document: Document, name: str, error: type[DocumentRuleBroken], *, id_required: bool = False
) -> None:
    for each in objects(document, name, error):
        types = each.get("type")
        listed = types if type(types) is list else [types]
        if not listed or not all(type(text) is str and text for text in listed):
            raise error(f"{name} has no type that is a text")
        if id_required and "id" not in each:
            raise error(f"{name} has no id")
        url_id(each, name)


def _moment(document: Document, name: str) -> datetime | None:
    if name not in document:
        return None
    value = document[name]
    if type(value) is not str:
        raise DocumentDateInvalid(f"{name} is no text")
    try:
        return vc_model.date_time_stamp(value)
    except (ValueError, OverflowError):  # whose text would repeat the value
        raise DocumentDateInvalid(f"{name} is no dateTimeStamp with a time zone") from None
