"""ecdsa-sd-2023 over lists: a list is shown whole or not at all, wherever else it stands in the document."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from keys.signer import SoftwareSigner
from schemas.formats import data_integrity
from schemas.formats.data_integrity import ProofOptions, Suite
from schemas.formats.data_integrity.errors import SelectionNotSigned

SIGNER = SoftwareSigner(ec.derive_private_key(31, ec.SECP256R1()))
ISSUER = "https://ecert.example/issuers/amr"
ITEMS = ["预包装食品销售", "散装食品销售", "散装食品销售"]


def _signed(*mandatory: str) -> dict[str, Any]:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://ecert.example/contexts/food_business_licence/1"],
        "type": ["VerifiableCredential", "FoodBusinessLicence"],
        "issuer": ISSUER,
        "credentialSubject": {"operator_name": "江门市示例食品有限公司", "business_items": ITEMS},
        "credentialSchema": {"id": "https://ecert.example/schemas/food_business_licence/1", "type": "JsonSchema"},
    }
    return data_integrity.issue(
        document,
        SIGNER,
        suite=Suite.ECDSA_SD_2023,
        verification_method=f"{ISSUER}#{SIGNER.public_key.kid}",
        created=datetime(2026, 3, 2, tzinfo=UTC),
        options=ProofOptions(mandatory_pointers=mandatory),
    )


def _shown(signed: dict[str, Any], *pointers: str) -> dict[str, Any]:
    derived = data_integrity.derive(signed, pointers)
    subject: dict[str, Any] = data_integrity.verify(derived, lambda _: SIGNER.public_key).document["credentialSubject"]
    return subject


def test_a_list_that_is_always_shown_verifies_with_and_without_the_rest() -> None:
    signed = _signed("/issuer", "/credentialSubject/business_items")
    assert _shown(signed) == {"business_items": ITEMS}
    assert _shown(signed, "/credentialSubject/operator_name")["business_items"] == ITEMS


def test_a_list_is_shown_by_choice() -> None:
    assert _shown(_signed("/issuer"), "/credentialSubject/business_items") == {"business_items": ITEMS}


def test_a_part_of_a_list_says_what_nobody_signed() -> None:
    with pytest.raises(SelectionNotSigned):
        data_integrity.derive(_signed("/issuer"), ["/credentialSubject/business_items/1"])
