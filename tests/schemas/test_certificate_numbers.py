"""A certificate's own number keeps its type's rule and agrees with the claims that it repeats."""

from datetime import date
from typing import Any

import pytest

from schemas.catalogue import CertificateType
from schemas.errors import InvalidNumber, UnknownRule
from schemas.national import NumberContext
from schemas.national.certificate_number import check_certificate_number
from schemas.national.layout import check_layout
from schemas.types import all_types, certificate_type

CONTEXT = NumberContext(today=date(2019, 6, 18))


def _claims(ctype: CertificateType, **changes: Any) -> dict[str, Any]:
    return {member.name: member.example for member in ctype.fields} | changes


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_every_number_example_keeps_its_rule(ctype: CertificateType) -> None:
    check_certificate_number(ctype, ctype.number_example, _claims(ctype), context=CONTEXT)


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_the_number_example_is_the_example_of_the_number_field(ctype: CertificateType) -> None:
    assert ctype.by_name[ctype.number_field].example == ctype.number_example


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_a_number_with_a_character_too_many_is_refused(ctype: CertificateType) -> None:
    with pytest.raises(InvalidNumber):
        check_certificate_number(ctype, ctype.number_example + "!", _claims(ctype), context=CONTEXT)


WRONG = [
    ("hk_macao_resident_permit", "440799199003070112", {}, "address_code"),
    ("social_organisation_certificate", "91440799MA5X00014T", {}, "prefix"),
    ("business_licence", "51440799MJ0X00018W", {}, "prefix"),
    ("disabled_person_certificate", "44079919851120035343", {"level": "4"}, "mismatch_level"),
    ("disabled_person_certificate", "44079919851120035343", {"category": "1"}, "mismatch_category"),
    ("food_business_licence", "JY14407990001230", {"subject_type": "2"}, "mismatch_subject_type"),
    (
        "pollutant_discharge_permit",
        "91440799MA5X00022M001P",
        {"unified_social_credit_code": "91440799MA5X00014T"},
        "mismatch_unified_social_credit_code",
    ),
    ("birth_medical_certificate", "T440000000", {"issue_date": "2018-12-31"}, "future"),
    ("physician_practising_certificate", "110440799000123", {"level": "2"}, "mismatch_level"),
    ("fertility_service_certificate", "44079920191000123", {"child_order": 2}, "mismatch_child_order"),
    (
        "medical_institution_licence",
        "45X00001644079911G1001",
        {"unified_social_credit_code": "91440799MA5X00014T"},
        "mismatch_unified_social_credit_code",
    ),
    ("medical_institution_licence", "45X00001744079911G1001", {}, "organisation_code"),
    ("social_insurance_certificate", "SBJM20190631000000", {}, "date"),
    ("housing_fund_certificate", "GJJ2019061900000", {}, "future"),
    ("labour_dispatch_licence", "44079919480012", {}, "year"),
    ("construction_permit", "440799201905060120", {}, "form"),
    ("vehicle_licence", "粤J0000I", {}, "form"),
    ("vehicle_licence", "粤J000000", {}, "form"),
]


@pytest.mark.parametrize(("type_id", "number", "changes", "reason"), WRONG)
def test_a_number_that_contradicts_is_refused(type_id: str, number: str, changes: dict[str, Any], reason: str) -> None:
    ctype = certificate_type(type_id)
    with pytest.raises(InvalidNumber) as caught:
        check_certificate_number(ctype, number, _claims(ctype, **changes), context=CONTEXT)
    assert caught.value.reason == reason


def test_a_new_energy_plate_has_six_characters() -> None:
    ctype = certificate_type("vehicle_licence")
    check_certificate_number(ctype, "粤JD00000", {}, context=CONTEXT)


def test_a_foreign_driver_has_a_number_without_a_check() -> None:
    ctype = certificate_type("driving_licence")
    check_certificate_number(ctype, "E00000000", {"holder_code_type": "414"}, context=CONTEXT)


def test_without_a_code_type_the_number_of_a_driver_is_a_citizen_number() -> None:
    with pytest.raises(InvalidNumber):
        check_certificate_number(certificate_type("driving_licence"), "E00000000", {}, context=CONTEXT)


def test_a_layout_with_an_unknown_part_is_a_flaw_of_the_data() -> None:
    with pytest.raises(UnknownRule):
        check_layout({"parts": ({"colour": 1},)}, "1", {}, CONTEXT)
