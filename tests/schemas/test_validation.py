"""Claims against their type: sound examples pass, and one flaw gives one problem that names field and rule."""

import base64
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import CertificateType
from schemas.examples import example_claims
from schemas.national import DivisionTable
from schemas.national.divisions import Division
from schemas.problems import RULES
from schemas.text import normalise_text, same_name
from schemas.types import all_types, certificate_type
from schemas.validation import normalise, validate_claims

TODAY = date(2019, 6, 18)
JPEG = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff\xe0 a small portrait").decode()
TABLE = DivisionTable((Division("440700", "江门市", ""), Division("440703", "蓬江区", "440700")), frozenset({"440799"}))
DELETE = object()


def _problems(type_id: str, changes: dict[str, Any], **options: Any) -> list[tuple[str, str]]:
    ctype = certificate_type(type_id)
    changed = normalise(ctype, example_claims(ctype)) | changes
    claims = {name: value for name, value in changed.items() if value is not DELETE}
    return [(found.path, found.rule) for found in validate_claims(ctype, claims, today=TODAY, **options)]


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_every_example_keeps_its_own_rules(ctype: CertificateType) -> None:
    claims = normalise(ctype, {member.name: member.example for member in ctype.fields})
    assert validate_claims(ctype, claims, today=TODAY) == ()


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
@pytest.mark.parametrize("today", [date(2019, 6, 18), date(2024, 2, 29), date(2026, 11, 24), date(2031, 1, 31)])
def test_every_example_can_be_ordered_on_a_later_day(ctype: CertificateType, today: date) -> None:
    claims = normalise(ctype, example_claims(ctype, today=today))
    assert validate_claims(ctype, claims, today=today) == ()


FLAWS: list[tuple[str, dict[str, Any], str, str]] = [
    ("resident_id_card", {"name": DELETE}, "name", "required"),
    ("resident_id_card", {"name": ""}, "name", "required"),
    ("resident_id_card", {"name": 7}, "name", "type"),
    ("resident_id_card", {"name": "陈\x00文"}, "name", "text"),
    ("resident_id_card", {"name": "陈\u202e文"}, "name", "text"),
    ("resident_id_card", {"name": "陈" * 501}, "name", "length"),
    ("resident_id_card", {"name": "Ame\u0301lie 示例"}, "name", "nfc"),
    ("resident_id_card", {"nickname": "小文"}, "?", "unknown_field"),
    ("resident_id_card", {"gender": "3"}, "gender", "code_list"),
    ("resident_id_card", {"gender": 1}, "gender", "type"),
    ("resident_id_card", {"gender": "2"}, "gender", "citizen_number"),
    ("resident_id_card", {"birth_date": "1990-03-08"}, "birth_date", "citizen_number"),
    ("resident_id_card", {"birth_date": "1990-02-30"}, "birth_date", "date"),
    ("resident_id_card", {"birth_date": "19900307"}, "birth_date", "date"),
    ("resident_id_card", {"birth_date": 19900307}, "birth_date", "type"),
    ("resident_id_card", {"birth_date": "0001-01-01"}, "birth_date", "date"),
    ("driving_licence", {"valid_to": "9999-12-31"}, "valid_to", "date"),
    ("resident_id_card", {"id_number": "440799199003070113"}, "id_number", "number"),
    ("resident_id_card", {"valid_to": "2016-05-19"}, "valid_to", "date_order"),
    ("resident_id_card", {"valid_to": "2036-05-21"}, "valid_to", "validity"),
    ("resident_id_card", {"valid_to": "长期"}, "valid_to", "validity"),
    ("resident_id_card", {"valid_to": "永久"}, "valid_to", "date"),
    ("resident_id_card", {"photo_digest": DELETE}, "photo", "required"),
    ("resident_id_card", {"photo_digest": "md5-1"}, "photo_digest", "pattern"),
    ("resident_id_card", {"photo_digest": 1}, "photo_digest", "pattern"),
    ("resident_id_card", {"photo": "data:image/gif;base64,R0lGODlh"}, "photo", "image"),
    ("resident_id_card", {"photo": "data:image/png;base64,/9j/4A=="}, "photo", "image"),
    ("resident_id_card", {"photo": "data:image/png;base64,iVBOR"}, "photo", "image"),
    ("resident_id_card", {"photo": "data:image/png;base64," + "iVBO" * 6000}, "photo", "image"),
    ("resident_id_card", {"photo": 1}, "photo", "type"),
    ("resident_id_card", {"age_over_60": True}, "age_over_60", "derived"),
    ("resident_id_card", {"age_over_60": "no"}, "age_over_60", "type"),
    ("resident_id_card", {"id_number_tail": "0113"}, "id_number_tail", "derived"),
    ("driving_licence", {"points": True}, "points", "type"),
    ("driving_licence", {"points": -1}, "points", "range"),
    ("driving_licence", {"file_number": "４４0799000123"}, "file_number", "pattern"),
    ("driving_licence", {"licence_number": "E00000000"}, "licence_number", "number"),
    ("driving_licence", {"holder_code_type": "112"}, "holder_code_type", "code_list"),
    ("resident_id_card", {"holder_code_type": "001"}, "holder_code_type", "holder_code_type"),
    ("birth_medical_certificate", {"father_id_type": DELETE}, "father_id_number", "number"),
    ("driving_licence", {"driving_classes": ["C1", "X9"]}, "driving_classes[1]", "code_list"),
    ("driving_licence", {"driving_classes": [1]}, "driving_classes[0]", "type"),
    ("driving_licence", {"driving_classes": []}, "driving_classes", "items"),
    ("driving_licence", {"driving_classes": "C1"}, "driving_classes", "type"),
    ("business_licence", {"registered_capital": ""}, "registered_capital", "required"),
    ("social_organisation_certificate", {"registered_capital": "3,5"}, "registered_capital", "decimal"),
    ("social_organisation_certificate", {"registered_capital": 3.5}, "registered_capital", "type"),
    ("birth_medical_certificate", {"birth_time": "2019-06-18T24:18+08:00"}, "birth_time", "date"),
    ("birth_medical_certificate", {"birth_time": "2019-06-18 09:18"}, "birth_time", "date"),
    ("birth_medical_certificate", {"birth_time": 0}, "birth_time", "type"),
    ("housing_fund_certificate", {"paid_to_month": "2019-13"}, "paid_to_month", "date"),
    ("housing_fund_certificate", {"paid_to_month": 201905}, "paid_to_month", "type"),
    ("marriage_certificate", {"certificate_number": "J440799-1948-000123"}, "certificate_number", "number"),
    (
        "business_licence",
        {"unified_social_credit_code": "51440799MJ0X00018W"},
        "unified_social_credit_code",
        "certificate_number",
    ),
    ("real_estate_ownership_certificate", {"right_holders": [7]}, "right_holders[0]", "type"),
    (
        "real_estate_ownership_certificate",
        {"right_holders": [{"name": "陈大文", "id_type": "111", "id_number": "440799199003070113"}]},
        "right_holders[0].id_number",
        "number",
    ),
    (
        "real_estate_ownership_certificate",
        {"right_holders": [{"name": "陈大文", "id_type": "111"}]},
        "right_holders[0].id_number",
        "required",
    ),
    (
        "minimum_living_certificate",
        {"members": [{"name": "梁示例", "relation": "01", "id_number": "440799195001010222", "age": 69}]},
        "members[0]",
        "unknown_field",
    ),
    (
        "employment_entrepreneurship_certificate",
        {"employment_records": [{"employer": "示例", "from": "2018-03-01", "to": "2018-02-01", "kind": "全日制"}]},
        "employment_records[0].to",
        "date_order",
    ),
    (
        "birth_medical_certificate",
        {"mother_id_type": "414", "mother_id_number": DELETE},
        "mother_id_number",
        "required",
    ),
]


@pytest.mark.parametrize(("type_id", "changes", "path", "rule"), FLAWS)
def test_one_flaw_gives_one_problem(type_id: str, changes: dict[str, Any], path: str, rule: str) -> None:
    assert _problems(type_id, changes) == [(path, rule)]


@pytest.mark.parametrize(("type_id", "changes", "path", "rule"), FLAWS)
def test_a_problem_never_repeats_a_value(type_id: str, changes: dict[str, Any], path: str, rule: str) -> None:
    ctype = certificate_type(type_id)
    changed = {k: v for k, v in (normalise(ctype, example_claims(ctype)) | changes).items() if v is not DELETE}
    shown = " ".join(f.message_zh + f.message_en + f.reason for f in validate_claims(ctype, changed, today=TODAY))
    assert not [v for v in changes.values() if isinstance(v, str) and len(v) > 3 and v in shown]


def test_every_rule_has_a_flaw() -> None:
    assert {rule for *_, rule in FLAWS} == RULES


def test_a_foreign_driver_needs_no_citizen_number() -> None:
    changes = {"holder_code_type": "414", "licence_number": "E00000000"}
    assert _problems("driving_licence", changes) == []


def test_the_holders_own_code_type_may_be_repeated() -> None:
    assert _problems("marriage_certificate", {"holder_code_type": "111"}) == []


def test_a_birth_certificate_needs_no_father() -> None:
    names = ("name", "age", "nationality", "ethnicity", "address", "id_type", "id_number")
    assert _problems("birth_medical_certificate", {f"father_{name}": DELETE for name in names}) == []


def test_a_portrait_may_stand_beside_its_digest() -> None:
    assert _problems("resident_id_card", {"photo": JPEG}) == []


def test_a_portrait_may_stand_without_its_digest() -> None:
    assert _problems("resident_id_card", {"photo": JPEG, "photo_digest": DELETE}) == []


def test_a_digest_may_stand_under_the_name_of_its_portrait() -> None:
    assert _problems("resident_id_card", {"photo": "sha256-abc", "photo_digest": DELETE}) == []


def test_a_stable_claim_given_as_false_is_old_and_not_wrong() -> None:
    assert _problems("resident_id_card", {"age_over_18": False}) == []


def test_an_unstated_sex_contradicts_no_number() -> None:
    assert _problems("resident_id_card", {"gender": "9"}) == []


def test_an_individual_may_hold_a_food_licence_by_the_citizen_number() -> None:
    changes = {"holder_code_type": "111", "unified_social_credit_code": "440799199003070112"}
    assert _problems("food_business_licence", changes) == []


def test_with_a_table_a_division_that_differs_from_the_address_is_refused() -> None:
    found = _problems("resident_id_card", {"domicile_division": "440704"}, divisions=TABLE)
    assert found == [("domicile_division", "derived")]


def test_with_a_table_an_unknown_division_is_refused() -> None:
    table = DivisionTable(TABLE.rows, frozenset())
    assert _problems("resident_id_card", {}, divisions=table) == [("id_number", "number")]


def test_a_problem_speaks_both_languages() -> None:
    ctype = certificate_type("resident_id_card")
    found = validate_claims(ctype, normalise(ctype, example_claims(ctype)) | {"gender": "3"}, today=TODAY)[0]
    assert (found.message_zh, found.message_en) == (
        "性别: 不在代码表内 (gender)",
        "Gender is not in its code list (gender)",
    )


def test_a_long_scope_with_line_breaks_is_a_text() -> None:
    assert _problems("business_licence", {"business_scope": "食品销售。\n" * 300}) == []


def test_normalising_moves_a_digest_to_its_own_claim() -> None:
    ctype = certificate_type("resident_id_card")
    assert normalise(ctype, {"photo": "sha256-abc"}) == {"photo_digest": "sha256-abc"}


def test_normalising_keeps_a_digest_that_stands_already() -> None:
    ctype = certificate_type("resident_id_card")
    assert normalise(ctype, {"photo": "sha256-abc", "photo_digest": "sha256-def"}) == {"photo_digest": "sha256-def"}


def test_normalising_leaves_out_what_is_empty() -> None:
    ctype = certificate_type("resident_id_card")
    assert normalise(ctype, {"name": " 陈大文 ", "address": None, "ethnicity": "  "}) == {"name": "陈大文"}


def test_normalising_reaches_into_items() -> None:
    ctype = certificate_type("real_estate_ownership_certificate")
    assert normalise(ctype, {"right_holders": ({"name": " e\u0301 ", "share": ""},)}) == {
        "right_holders": [{"name": "é"}]
    }


@pytest.mark.parametrize("text", ["阿依古丽·示例", "\U00020bb7示例", "\u9fa6\u3400", "\ue000"])
def test_dots_and_rare_characters_stay_as_they_are(text: str) -> None:
    assert normalise_text(text) == text


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise_text(normalise_text(text)) == normalise_text(text)


@pytest.mark.parametrize("other", ["阿依古丽•示例", "阿依古丽・示例", " 阿依古丽· 示例"])
def test_names_that_differ_in_the_dot_are_the_same(other: str) -> None:
    assert same_name("阿依古丽·示例", other)


def test_names_that_differ_in_a_character_are_not_the_same() -> None:
    assert not same_name("陈大文", "陈太文")


@pytest.mark.parametrize("value", [["111"], {"a": "111"}, 111, True])
def test_a_document_type_of_another_json_type_is_a_problem(value: Any) -> None:
    assert ("holder_code_type", "type") in _problems("driving_licence", {"holder_code_type": value})


def test_claims_that_nest_without_end_are_a_problem() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    ctype = certificate_type("resident_id_card")
    claims = normalise(ctype, example_claims(ctype) | {"name": deep, "gender": {"a": deep}})
    found = {(flaw.path, flaw.rule) for flaw in validate_claims(ctype, claims, today=TODAY)}
    assert found == {("name", "type"), ("gender", "type")}


def test_a_heap_of_marks_is_left_as_it_is() -> None:
    heap = "a" + "\u0301\u0316" * 600
    assert normalise_text(heap) == heap


def test_a_long_text_without_a_heap_is_normalized() -> None:
    assert normalise_text("e\u0301" * 600) == "\u00e9" * 600


def test_a_purpose_sized_heap_of_marks_costs_no_time() -> None:
    before = time.process_time()
    normalise_text("a" + "\u0301\u0316" * 40_000)
    assert time.process_time() - before < 1, "putting them in order takes six seconds"
