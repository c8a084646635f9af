"""The face of a certificate: what is printed and in which words, for every type."""

import base64
from typing import Any

import pytest

from schemas import types
from schemas.catalogue import CertificateType, Kind
from schemas.generate.face import Face, columns_of, copied_fields, face_of, text_of
from schemas.purposes import purposes_of
from schemas.types import certificate_type

PICTURE = b"\xff\xd8\xff\xe0 a portrait"


def examples(ctype: CertificateType) -> dict[str, Any]:
    return {each.name: each.example for each in types.credential_fields(ctype.id) if each.example is not None}


def face(type_id: str, **changes: Any) -> Face:
    ctype = certificate_type(type_id)
    return face_of(ctype, examples(ctype) | changes)


def line(found: Face, label_zh: str) -> str:
    return next(each.text for each in found.lines if each.label_zh == label_zh)


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_every_type_has_a_face_with_a_line_for_each_printed_field(ctype: CertificateType) -> None:
    claims = {each.name: "x" for each in types.credential_fields(ctype.id) if each.kind is Kind.STRING}
    found = face_of(ctype, claims)
    assert (found.name_zh, found.name_en) == (ctype.name_zh, ctype.name_en)
    assert len(found.lines) >= 3
    assert all(each.label_zh and each.label_en for each in found.lines)
    labels = [each.label_zh for each in found.lines]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_a_copy_holds_all_that_any_code_shows(ctype: CertificateType) -> None:
    assert {name for each in purposes_of(ctype.id) for name in each.fields} <= copied_fields(ctype)


def test_what_is_registered_and_not_printed_is_on_no_face() -> None:
    found = face("business_licence", legal_representative_id_number="440799199003070112")
    assert "440799199003070112" not in {each.text for each in found.lines}
    assert "legal_representative_id_number" not in copied_fields(certificate_type("business_licence"))


def test_days_and_codes_are_in_words() -> None:
    found = face("business_licence", establishment_date="2019-06-03", term_to="长期", entity_type="1130")
    assert line(found, "成立日期(注册日期)") == "2019年06月03日"
    assert line(found, "核准(发照)日期")
    assert line(found, "法定代表人")
    assert line(found, "营业期限至") == "长期"
    assert line(found, "类型") not in ("", "1130")


def test_a_code_that_is_in_no_list_stays_a_code() -> None:
    assert line(face("business_licence", entity_type="0000"), "类型") == "0000"


def test_yes_numbers_and_unknown_members_are_texts() -> None:
    assert (text_of(None, True), text_of(None, False), text_of(None, 3)) == ("是 Yes", "否 No", "3")
    months = next(each for each in types.credential_fields("business_licence") if each.name == "area_code")
    assert text_of(months, "440700") == "440700"


def test_a_number_has_its_unit() -> None:
    found = next(
        each for ctype in types.all_types() for each in ctype.fields if each.unit and each.kind is Kind.DECIMAL
    )
    assert text_of(found, "12.5") == f"12.5 {found.unit}"


def test_a_list_of_codes_and_one_of_texts_are_lines() -> None:
    assert "、" not in line(face("driving_licence", driving_classes=["C1"]), "准驾车型")
    assert face("food_business_licence", business_items=["甲", "乙"]).lines[-1].label_zh
    assert text_of(certificate_type("food_business_licence").by_name["business_items"], ["甲", "乙"]) == "甲、乙"


def test_a_list_of_records_is_a_table_without_empty_columns() -> None:
    holders = [
        {"name": "陈大文", "id_type": "111", "id_number": "1", "share": "1/2"},
        {"name": "李示例", "id_type": "111"},
    ]
    (table,) = (
        each
        for each in face("real_estate_ownership_certificate", right_holders=holders).tables
        if "姓名或名称" in dict(each.columns)
    )
    assert [zh for zh, _ in table.columns] == ["姓名或名称", "证件类型", "证件号码", "份额"]
    assert table.rows[1] == ("李示例", table.rows[0][1], "", "")


def test_a_type_without_dates_of_its_own_prints_the_common_ones() -> None:
    ctype = certificate_type("business_licence")
    labels = [each.label_zh for each in face_of(ctype, {"issue_date": "2019-06-03", "name": "示例"}).lines]
    assert labels == ["名称", "证照颁发日期"]


def test_the_issuer_is_named_by_the_claim_or_else_by_the_catalogue() -> None:
    ctype = certificate_type("business_licence")
    assert face_of(ctype, {"issuing_authority_name": "示例局"}).issuer_zh == "示例局"
    assert face_of(ctype, {}).issuer_zh == types.department(ctype.department).name_zh


def test_the_portrait_is_a_picture() -> None:
    uri = "data:image/jpeg;base64," + base64.b64encode(PICTURE).decode()
    assert face("resident_id_card", photo=uri).portrait == PICTURE
    assert face_of(certificate_type("resident_id_card"), {}).portrait is None


def test_a_long_text_wants_the_whole_width() -> None:
    found = face("business_licence", business_scope="食品销售" * 10)
    assert next(each for each in found.lines if each.label_zh == "经营范围").wide
    assert columns_of("示例ab") == 6
