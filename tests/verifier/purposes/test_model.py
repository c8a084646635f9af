"""Purposes and relying parties as values, and purposes as JSON."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.dcql import ClaimsQuery, CredentialQuery, Query
from schemas.errors import InvalidDcqlQuery
from tests.support.parties import WATER
from verifier.errors import InvalidParty, InvalidPurpose
from verifier.purposes.model import MAX_RETENTION_DAYS, Purpose, Sector
from verifier.purposes.reading import document, read_purpose

QUERY = Query((CredentialQuery("id", "dc+sd-jwt", claims=(ClaimsQuery(("name",)),)),))
PURPOSE = Purpose("water.meter", Sector.WATER, "抄表", "Meter reading", "个人同意", "Consent", 30, QUERY)


def test_a_purpose_is_read_back_as_it_was_written() -> None:
    for each in (PURPOSE, replace(PURPOSE, item_code="11440799MB2X00071F4440107001000")):
        assert read_purpose(document(each)) == each


@pytest.mark.parametrize(
    "flaw",
    [
        {"purpose_id": ""},
        {"purpose_id": "Water"},
        {"purpose_id": "-water"},
        {"purpose_id": "w" * 65},
        {"retention_days": -1},
        {"retention_days": MAX_RETENTION_DAYS + 1},
        {"name_zh": ""},
        {"name_en": "x" * 301},
        {"legal_basis_zh": "a\nb"},
        {"legal_basis_en": ""},
    ],
)
def test_a_purpose_out_of_form_is_refused(flaw: dict[str, Any]) -> None:
    with pytest.raises(InvalidPurpose):
        replace(PURPOSE, **flaw)


@pytest.mark.parametrize("name", sorted(document(PURPOSE)))
def test_a_document_without_a_member_is_refused(name: str) -> None:
    value = {key: member for key, member in document(PURPOSE).items() if key != name}
    with pytest.raises((InvalidPurpose, InvalidDcqlQuery)):
        read_purpose(value)


@pytest.mark.parametrize("flaw", [{"sector": "bakery"}, {"retention_days": True}, {"item_code": 5}, {"name_zh": ["x"]}])
def test_a_document_with_another_kind_of_member_is_refused(flaw: dict[str, Any]) -> None:
    with pytest.raises(InvalidPurpose):
        read_purpose(document(PURPOSE) | flaw)


@pytest.mark.parametrize(
    "flaw",
    [
        {"party_id": ""},
        {"party_id": "Water"},
        {"party_id": "w" * 41},
        {"party_id": "w_w"},
        {"name_zh": ""},
        {"name_en": "a\u202eb"},
        {"credit_code": "91440799MA00000000"},
        {"credit_code": ""},
    ],
)
def test_a_relying_party_out_of_form_is_refused(flaw: dict[str, Any]) -> None:
    with pytest.raises(InvalidParty):
        replace(WATER, **flaw)
