"""Derived claims: each rule with what makes it true, false and absent, and the day on which it changes."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from schemas.catalogue import CertificateType, Derivation
from schemas.derive import RULES, Derived, derive
from schemas.errors import UnknownRule
from schemas.examples import example_claims
from schemas.national import DivisionTable
from schemas.national.divisions import Division
from schemas.types import all_types, certificate_type

TODAY = date(2019, 6, 18)
TABLE = DivisionTable(
    (
        Division("440700", "江门市", "440000"),
        Division("440703", "蓬江区", "440700"),
        Division("440704", "江海区", "440700"),
    )
)


def _derived(type_id: str, *, today: date = TODAY, table: DivisionTable | None = TABLE, **changes: Any) -> Derived:
    ctype = certificate_type(type_id)
    return derive(ctype, example_claims(ctype) | changes, today=today, divisions=table)


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_every_example_of_a_derived_claim_is_what_the_rule_gives(ctype: CertificateType) -> None:
    given = {member.name: member.example for member in ctype.fields if member.derivation}
    assert dict(derive(ctype, example_claims(ctype), today=TODAY, divisions=TABLE).values) == given


def test_every_rule_is_used_by_a_type() -> None:
    used = {member.derivation.rule for ctype in all_types() for member in ctype.fields if member.derivation}
    assert used == set(RULES)


CASES: list[tuple[str, dict[str, Any], str, Any]] = [
    ("resident_id_card", {"birth_date": "2005-06-18"}, "age_over_14", True),
    ("resident_id_card", {"birth_date": "2005-06-19"}, "age_over_14", False),
    ("resident_id_card", {"birth_date": ""}, "age_over_14", None),
    ("resident_id_card", {"id_number": ""}, "id_number_tail", None),
    ("birth_medical_certificate", {"birth_time": None}, "birth_date", None),
    ("marriage_certificate", {}, "is_married", True),
    ("marriage_certificate", {"is_married": False}, "is_married", False),
    ("minimum_living_certificate", {"valid_to": "2019-06-18"}, "in_receipt", True),
    ("minimum_living_certificate", {"valid_to": "2019-06-17"}, "in_receipt", False),
    ("minimum_living_certificate", {"in_receipt": False}, "in_receipt", True),
    ("disabled_person_certificate", {"level": "2"}, "is_severe", True),
    ("disabled_person_certificate", {"level": None}, "is_severe", None),
    ("social_insurance_certificate", {"as_of": "2019-07-31"}, "currently_insured", False),
    ("social_insurance_certificate", {"as_of": "2019-06-30"}, "currently_insured", True),
    ("social_insurance_certificate", {"as_of": None}, "currently_insured", None),
    ("social_insurance_certificate", {"insurances": None}, "currently_insured", False),
    ("social_insurance_certificate", {"continuous_12_months": None}, "continuous_12_months", None),
    ("social_insurance_certificate", {"continuous_12_months": False}, "continuous_12_months", False),
    ("housing_fund_certificate", {"continuous_months": 5}, "continuous_6_months", False),
    ("housing_fund_certificate", {"account_state": "02"}, "continuous_6_months", False),
    ("housing_fund_certificate", {"paid_to_month": "2019-04"}, "continuous_6_months", False),
    ("housing_fund_certificate", {"paid_to_month": "2019-06"}, "continuous_6_months", True),
    ("housing_fund_certificate", {"paid_to_month": None}, "continuous_6_months", None),
    ("employment_entrepreneurship_certificate", {"employment_state": "失业"}, "is_unemployed_registered", False),
    (
        "employment_entrepreneurship_certificate",
        {"employment_state": "失业", "unemployment_records": [{"date": "2019-02-01", "reason": "合同期满"}]},
        "is_unemployed_registered",
        True,
    ),
    ("employment_entrepreneurship_certificate", {"employment_state": None}, "is_unemployed_registered", None),
    ("real_estate_ownership_certificate", {"use": "商业服务"}, "is_residential", False),
    ("real_estate_ownership_certificate", {"use": None}, "is_residential", None),
    ("real_estate_ownership_certificate", {"is_mortgaged": True}, "is_mortgaged", True),
    ("real_estate_ownership_certificate", {"location": "示例路88号"}, "property_division", None),
    (
        "real_estate_ownership_certificate",
        {"location": "示例路88号", "unit_number": "440703001001GB00001F00010001"},
        "property_division",
        "440703",
    ),
    ("residence_permit", {"current_address": "广东省江门市示例路"}, "residence_division", None),
]


@pytest.mark.parametrize(("type_id", "changes", "claim", "expected"), CASES)
def test_a_rule_gives_its_value(type_id: str, changes: dict[str, Any], claim: str, expected: Any) -> None:
    assert _derived(type_id, **changes).values.get(claim) == expected


def test_without_a_table_a_division_is_the_departments_word() -> None:
    found = _derived("residence_permit", table=None, residence_division="440799")
    assert found.unstable == {"residence_division": "440799"}


def test_without_a_table_and_a_word_there_is_no_division() -> None:
    assert _derived("residence_permit", table=None).values == {}


def test_a_stable_claim_is_signed_only_when_true() -> None:
    assert set(_derived("resident_id_card").stable) == {"age_over_14", "age_over_16", "age_over_18", "id_number_tail"}


def test_an_unstable_claim_stands_apart_even_when_false() -> None:
    assert dict(_derived("disabled_person_certificate").unstable) == {"is_disabled_holder": True, "is_severe": False}


def test_a_receipt_changes_on_the_day_after_its_last() -> None:
    assert _derived("minimum_living_certificate").change_after(short_lived=True) == date(2020, 1, 1)


def test_a_lasting_credential_does_not_end_with_an_unstable_claim() -> None:
    assert _derived("minimum_living_certificate").change_after(short_lived=False) is None


def test_a_credential_ends_on_the_next_birthday_that_adds_a_claim() -> None:
    found = _derived("resident_id_card", today=date(2050, 3, 6))
    assert found.change_after(short_lived=False) == date(2050, 3, 7)


def test_what_is_true_for_ever_never_changes() -> None:
    found = _derived("resident_id_card", today=date(2060, 1, 1))
    assert found.change_after(short_lived=False) is None


def test_an_unknown_derivation_rule_is_a_flaw_of_the_data() -> None:
    ctype = certificate_type("marriage_certificate")
    odd = replace(ctype.by_name["is_married"], derivation=Derivation("moon", MappingProxyType({}), stable=False))
    with pytest.raises(UnknownRule):
        derive(replace(ctype, fields=(odd,)), {}, today=TODAY)
