"""A purpose as JSON: what a relying party hands in for one of its own, and how it is kept."""

from typing import Any

from keys.errors import MalformedDocument
from keys.fields import Fields
from schemas.dcql import read_query
from verifier.errors import InvalidPurpose
from verifier.purposes.model import MAX_RETENTION_DAYS, MAX_TEXT, Purpose, Sector


def document(purpose: Purpose) -> dict[str, Any]:
    """Return ``purpose`` as JSON that ``read_purpose`` reads back equal."""
    made: dict[str, Any] = {
        "purpose_id": purpose.purpose_id,
        "sector": purpose.sector.value,
        "name_zh": purpose.name_zh,
        "name_en": purpose.name_en,
        "legal_basis_zh": purpose.legal_basis_zh,
        "legal_basis_en": purpose.legal_basis_en,
        "retention_days": purpose.retention_days,
        "query": purpose.query.document(),
    }
    return made if purpose.item_code is None else made | {"item_code": purpose.item_code}


def read_purpose(value: dict[str, Any]) -> Purpose:
    """Return the purpose that ``value`` holds.

    Raises:
        InvalidPurpose: a member is missing or of another kind, or as ``Purpose``.
        InvalidDcqlQuery: its query breaks a rule.
    """
    fields = Fields(value, "", MalformedDocument)
    try:
        return Purpose(
            purpose_id=fields.text("purpose_id", limit=64),
            sector=_sector(fields),
            name_zh=fields.text("name_zh", limit=MAX_TEXT),
            name_en=fields.text("name_en", limit=MAX_TEXT),
            legal_basis_zh=fields.text("legal_basis_zh", limit=MAX_TEXT),
            legal_basis_en=fields.text("legal_basis_en", limit=MAX_TEXT),
            retention_days=fields.number("retention_days", most=MAX_RETENTION_DAYS),
            query=read_query(value.get("query")),
            item_code=fields.text("item_code", limit=31) if "item_code" in value else None,
        )
    except MalformedDocument as exc:
        raise InvalidPurpose(f"purpose: {exc}") from None


def _sector(fields: Fields) -> Sector:
    try:
        return Sector(fields.text("sector", limit=32))
    except ValueError:
        raise fields.fail("sector", "expected a sector that we know") from None
