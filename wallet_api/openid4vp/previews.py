"""What the holder decides on, as JSON for the wallet's page: labels in both languages, values for the holder alone."""

from dataclasses import asdict
from typing import Any

from wallet_api.claims import ShownClaim
from wallet_api.openid4vp.choices import AskedCertificate, Option, Weighed


def preview(weighed: Weighed) -> dict[str, Any]:
    """Return it: who, why, which fields of which certificates, what comes along, what is authorised."""
    party, purpose = weighed.party, weighed.purpose
    return {
        "party": {
            "client_id": party.client_id,
            "trust": party.trust,
            "name_zh": party.name_zh,
            "name_en": party.name_en,
        },
        "reason": None if purpose is None else _reason(asdict(purpose)),
        "answerable": weighed.answerable,
        "over_asking": weighed.over_asking,
        "certificates": [_certificate(each) for each in weighed.asked],
        "transactions": [
            {"subject_zh": each.subject_zh, "subject_en": each.subject_en, "reference": each.reference}
            for each in weighed.transactions
        ],
    }


def _reason(purpose: dict[str, Any]) -> dict[str, Any]:
    names = ("purpose_id", "purpose_zh", "purpose_en", "legal_basis_zh", "legal_basis_en", "retention_days")
    return {name: purpose[name] for name in (*names, "item_code", "credit_code")}


def _certificate(asked: AskedCertificate) -> dict[str, Any]:
    return {
        "query_id": asked.query_id,
        "chosen": asked.chosen,
        "multiple": asked.multiple,
        "types": [{"name_zh": name_zh, "name_en": name_en} for name_zh, name_en in asked.types],
        "options": [_option(each) for each in asked.options],
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "credential_id": option.credential_id,
        "type_id": option.type_id,
        "name_zh": option.name_zh,
        "name_en": option.name_en,
        "format": option.format,
        "issued_at": option.issued_at,
        "expires_at": option.expires_at,
        "asked": [_claim(each, option) for each in option.asked],
        "always": [_claim(each, option) for each in option.always],
    }


def _claim(claim: ShownClaim, option: Option) -> dict[str, Any]:
    return {
        "name": claim.name,
        "label_zh": claim.label_zh,
        "label_en": claim.label_en,
        "sensitive": claim.sensitive,
        "beyond": claim.name in option.beyond,
        "value": claim.value,
        "text": claim.text_zh or None,
        "rows": [[{"label_zh": cell.label_zh, "text": cell.text_zh} for cell in row] for row in claim.rows],
    }
