"""The data of the types is sound: every reference resolves, every example keeps its rule, both languages are there."""

import json
from collections.abc import Iterator
from importlib.resources import files

import pytest

from schemas.catalogue import CertificateType, Disclosure, Field, Kind
from schemas.derive import RULES as DERIVATIONS
from schemas.national import RULES as NUMBER_RULES
from schemas.national import check_number, parse_identifier
from schemas.types import all_types, code_list, code_lists, department, departments, envelope_fields, record_fields

EVERY = pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
COMMON = {member.name for member in (*envelope_fields(), *record_fields())}


def _nested(ctype: CertificateType) -> Iterator[tuple[Field, set[str]]]:
    """Give every field and every member of an array item, each with the names beside it."""
    for member in ctype.fields:
        yield member, set(ctype.by_name) | COMMON
        inner = (member.items or {}).get("fields", ())
        for each in inner:
            yield each, {known.name for known in inner}


@EVERY
def test_names_are_unique(ctype: CertificateType) -> None:
    names = [member.name for member in ctype.fields]
    assert len(names) == len(set(names))


@EVERY
def test_names_are_words_that_an_svg_id_may_be(ctype: CertificateType) -> None:
    assert all(member.name.isidentifier() and member.name.islower() for member, _ in _nested(ctype))


@EVERY
def test_no_claim_takes_a_name_that_a_format_needs(ctype: CertificateType) -> None:
    taken = {"iss", "sub", "aud", "iat", "nbf", "exp", "jti", "cnf", "vct", "status", "_sd", "_sd_alg", "id", "type"}
    assert taken.isdisjoint(ctype.by_name)


@EVERY
def test_labels_stand_in_both_languages(ctype: CertificateType) -> None:
    assert all(member.label_zh.strip() and member.label_en.strip() for member, _ in _nested(ctype))
    assert ctype.name_zh
    assert ctype.name_en.isascii()


@EVERY
def test_the_department_is_known(ctype: CertificateType) -> None:
    assert ctype.issuer_zh == department(ctype.department).name_zh


@EVERY
def test_the_type_code_is_the_departments_code_and_a_serial(ctype: CertificateType) -> None:
    assert ctype.type_code[:18] == department(ctype.department).credit_code
    assert ctype.type_code[18:].isdigit()


def test_type_codes_are_unique() -> None:
    assert len({ctype.type_code for ctype in all_types()}) == 40


@pytest.mark.parametrize("known", departments(), ids=lambda known: known.id)
def test_credit_codes_of_departments_check(known: object) -> None:
    check_number("gb32100", known.credit_code)  # type: ignore[attr-defined]


@EVERY
def test_the_identifier_example_checks_and_names_its_type(ctype: CertificateType) -> None:
    parts = parse_identifier(ctype.certificate_identifier_example)
    assert (parts.type_code, parts.issuer_code) == (ctype.type_code, department(ctype.department).credit_code)


@EVERY
def test_code_lists_are_known(ctype: CertificateType) -> None:
    for member, _ in _nested(ctype):
        if member.kind is Kind.ENUM or member.code_list:
            assert code_list(member.code_list or "").values
        if (member.items or {}).get("kind") == "enum":
            assert code_list((member.items or {})["code_list"]).values


@EVERY
def test_number_rules_are_known(ctype: CertificateType) -> None:
    for member, beside in _nested(ctype):
        assert member.check is None or member.check in NUMBER_RULES
        if member.check_by is not None:
            assert member.check_by["field"] in beside
            assert set(member.check_by["checks"].values()) <= set(NUMBER_RULES)
            assert set(member.check_by["checks"]) <= set(code_list("holder_code_type").values)


@EVERY
def test_the_number_rule_is_known(ctype: CertificateType) -> None:
    assert ctype.number_rule["rule"] in {*NUMBER_RULES, "pattern", "layout"}
    assert ctype.by_name[ctype.number_field].required


@EVERY
def test_the_validity_rule_names_fields_of_the_type(ctype: CertificateType) -> None:
    names = {
        ctype.validity[key]
        for key in ("issued", "effective", "expires", "birth", "beds", "first", "as_of")
        if key in ctype.validity
    }
    assert names <= set(ctype.by_name)


@EVERY
def test_the_legal_dates_are_shown_always_or_with_the_certificate(ctype: CertificateType) -> None:
    issued = ctype.by_name[ctype.validity["issued"]]
    assert issued.kind is Kind.DATE
    assert issued.required


@EVERY
def test_dates_in_order_are_dates(ctype: CertificateType) -> None:
    kinds = {ctype.by_name[name].kind for pair in ctype.date_order for name in pair}
    assert kinds <= {Kind.DATE, Kind.DATE_OR_LONG_TERM}


@EVERY
def test_holders_are_fields_of_the_type(ctype: CertificateType) -> None:
    for rule in ctype.holders:
        fields = (ctype.by_name[rule.each].items or {})["fields"] if rule.each else ctype.fields
        names = {member.name for member in fields} | COMMON
        assert {rule.code, rule.name} <= names
        assert rule.code_type.removeprefix("$") in names or rule.code_type in code_list("holder_code_type").values


@EVERY
def test_a_holder_number_is_checked(ctype: CertificateType) -> None:
    for rule in ctype.holders:
        fields = (ctype.by_name[rule.each].items or {})["fields"] if rule.each else ctype.fields
        member = next(known for known in fields if known.name == rule.code)
        assert member.check or member.check_by


@EVERY
def test_derived_claims_have_a_rule_over_fields_of_the_type(ctype: CertificateType) -> None:
    literal = {"years", "length", "register", "values", "state", "value", "text", "months_back", "at_least"}
    for member in ctype.fields:
        assert (member.derivation is not None) is (member.disclosure is Disclosure.DERIVED_SELECTIVE)
        if member.derivation is not None:
            assert member.derivation.rule in DERIVATIONS
            named = {value for key, value in member.derivation.parameters.items() if key not in literal}
            assert named <= set(ctype.by_name)


@EVERY
def test_states_are_national_codes(ctype: CertificateType) -> None:
    assert {"01"} <= ctype.states <= set(code_list("certificate_state").values)


@EVERY
def test_every_required_field_has_an_example(ctype: CertificateType) -> None:
    assert [m.name for m in ctype.fields if m.required and m.example in (None, "", [])] == []


@EVERY
def test_images_name_their_media_type(ctype: CertificateType) -> None:
    images = {member.media_type for member in ctype.fields if member.kind is Kind.IMAGE}
    assert images <= {"image/jpeg", "image/png"}


def test_every_code_list_is_used() -> None:
    used = {member.code_list for ctype in all_types() for member, _ in _nested(ctype)}
    used |= {(member.items or {}).get("code_list") for ctype in all_types() for member in ctype.fields}
    used |= {member.code_list for member in (*envelope_fields(), *record_fields())}
    assert set(code_lists()) <= used


@EVERY
def test_no_example_is_a_living_persons_number(ctype: CertificateType) -> None:
    numbers = [m.example for m in ctype.fields if m.check in ("gb11643", "gb32100") and m.example]
    assert all("440799" in number or number[:6] == "810000" for number in numbers)


def _written() -> list[str]:
    folder = files("schemas.types")
    names = [entry.name for entry in (folder / "data").iterdir()]
    return [f"data/{name}" for name in sorted(names)] + ["departments.json", "code_lists.json", "common_fields.json"]


@pytest.mark.parametrize("name", _written())
def test_the_files_are_written_for_reading(name: str) -> None:
    text = (files("schemas.types") / name).read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", [name for name in _written() if name.startswith("data/")])
def test_a_file_is_named_by_its_type(name: str) -> None:
    data = json.loads((files("schemas.types") / name).read_text(encoding="utf-8"))
    assert name == f"data/{data['id']}.json"
