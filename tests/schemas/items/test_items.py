"""The service items: what their data must keep, and what they ask for as DCQL."""

import pytest

from schemas.catalogue import TypeId
from schemas.dcql import read_query
from schemas.errors import UnknownItem
from schemas.items import Handling, ServiceItem, all_items, item, query, roles
from schemas.items.registry import LEVELS
from schemas.types import all_types, credential_fields, department

TYPES = {str(kind.id) for kind in all_types()}


def test_there_are_267_items_each_with_a_code_of_its_own() -> None:
    assert len(all_items()) == 267
    assert len({each.code for each in all_items()}) == 267
    assert len({each.name_zh for each in all_items()}) == 267


@pytest.mark.parametrize("service", all_items(), ids=lambda each: each.basic_code)
def test_a_code_is_made_of_the_credit_code_the_level_and_the_basic_code(service: ServiceItem) -> None:
    """GB/T 39554.1: 18 + 1 + 12 characters; the category stands in the basic code."""
    assert service.code == department(service.department).credit_code + str(service.level) + service.basic_code
    assert service.basic_code[2:4] == service.category
    assert service.level in LEVELS


@pytest.mark.parametrize("service", all_items(), ids=lambda each: each.basic_code)
def test_an_item_asks_for_claims_that_the_types_have(service: ServiceItem) -> None:
    assert service.requires
    for requirement in service.requires:
        for alternative in requirement.any_of:
            names = {field.name for field in credential_fields(TypeId(alternative.type_id))}
            assert alternative.type_id in TYPES
            assert alternative.claims
            assert names.issuperset(alternative.claims)
            assert len(set(alternative.claims)) == len(alternative.claims)


@pytest.mark.parametrize("service", all_items(), ids=lambda each: each.basic_code)
def test_an_item_s_handling_fits_its_days(service: ServiceItem) -> None:
    assert (service.promised_working_days == 0) == (service.handling is Handling.IMMEDIATE)
    assert service.visits in (0, 1)
    assert service.audience <= {"person", "legal"}
    assert service.audience
    assert service.outcome is None or service.outcome in TYPES


@pytest.mark.parametrize("service", all_items(), ids=lambda each: each.basic_code)
def test_what_an_item_asks_of_a_role_is_a_query(service: ServiceItem) -> None:
    for role in roles(service):
        made = query(service, role)
        assert read_query(made.document()) == made
        asked = sum(len(each.any_of) for each in service.requires if each.role == role)
        assert len(made.credentials) == asked


def test_requirements_without_a_choice_need_no_sets() -> None:
    made = query(item("440107001000"), "legal_rep")
    assert made.sets == ()
    assert [each.id for each in made.credentials] == ["legal_rep-1"]
    assert [claim.path for claim in made.credentials[0].claims or ()] == [("name",), ("id_number",), ("photo",)]


def test_an_optional_requirement_is_a_set_that_is_not_required() -> None:
    made = query(item("440107001000"), "premises")
    assert [each.required for each in made.sets] == [False]


def test_alternatives_are_options_of_one_set() -> None:
    service = next(each for each in all_items() if len(each.requires[0].any_of) == 2)
    made = query(service, service.requires[0].role)
    assert len(made.sets[0].options) == 2
    assert all(name.endswith(("-1", "-2")) for option in made.sets[0].options for name in option)


def test_an_item_is_found_by_both_its_codes() -> None:
    assert item("11440799MB2X00071F4440107001000") is item("440107001000")


@pytest.mark.parametrize("code", ["", "440107001", "11440799MB2X00071F3440107001000", "x" * 31])
def test_a_code_of_no_item_is_refused(code: str) -> None:
    with pytest.raises(UnknownItem):
        item(code)


def test_a_role_that_the_item_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownItem):
        query(item("440107001000"), "bystander")
