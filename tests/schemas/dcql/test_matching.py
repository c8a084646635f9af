"""Claims path pointers, credentials against queries, and what a wallet returns and a verifier accepts."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.dcql import Candidate, check_response, choose, match, matches, read_query
from schemas.dcql.paths import select
from schemas.errors import PathSelectsNothing, QueryNotSatisfied

# OpenID4VP 1.0, 7.3: the example of the claims path pointer.
ARTHUR = {
    "name": "Arthur Dent",
    "address": {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"},
    "degrees": [
        {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
        {"type": "Master of Science", "university": "University of Betelgeuse"},
    ],
    "nationalities": ["British", "Betelgeusian"],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("name",), {("name",): "Arthur Dent"}),
        (("address",), {("address",): ARTHUR["address"]}),
        (("address", "street_address"), {("address", "street_address"): "42 Market Street"}),
        (
            ("degrees", None, "type"),
            {("degrees", 0, "type"): "Bachelor of Science", ("degrees", 1, "type"): "Master of Science"},
        ),
        (("nationalities", 1), {("nationalities", 1): "Betelgeusian"}),
    ],
)
def test_pointers_select_as_in_the_specification_s_example(path: Any, expected: Any) -> None:
    assert select(ARTHUR, path) == expected


def test_an_element_without_the_key_leaves_the_selection() -> None:
    assert select([{"a": 1}, {"b": 2}], (None, "a")) == {(0, "a"): 1}
    assert select([[1, 2], [3]], (None, 1)) == {(0, 1): 2}


@pytest.mark.parametrize(
    "path", [("nothing",), ("name", "x"), ("name", None), ("address", 0), ("nationalities", 2), ("nationalities", "x")]
)
def test_a_pointer_that_selects_nothing_is_an_error(path: Any) -> None:
    with pytest.raises(PathSelectsNothing):
        select(ARTHUR, path)


LICENCE = Candidate(
    format="dc+sd-jwt",
    types=frozenset({"urn:ecert:business_licence:1"}),
    claims={"enterprise_name": "示例", "capital": 1, "active": True, "scopes": ["a", "b"]},
    authorities={"aki": frozenset({"AAAA"})},
)


def licence(**members: Any) -> Any:
    meta = {"vct_values": ["urn:ecert:other:1", "urn:ecert:business_licence:1"]}
    return read_query({"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": meta} | members]}).credentials[0]


def test_a_query_without_claims_asks_for_no_selective_one() -> None:
    found = match(licence(), LICENCE)
    assert found is not None
    assert found.claims == ()
    assert found.pointers == ()


def test_all_claims_of_a_query_without_sets_are_taken() -> None:
    found = match(licence(claims=[{"path": ["enterprise_name"]}, {"path": ["scopes", None]}]), LICENCE)
    assert found is not None
    assert found.pointers == (("enterprise_name",), ("scopes", 0), ("scopes", 1))


def test_a_claim_that_is_not_there_is_no_match() -> None:
    assert match(licence(claims=[{"path": ["enterprise_name"]}, {"path": ["photo"]}]), LICENCE) is None


def test_the_first_claim_set_that_can_be_had_is_taken() -> None:
    claims = [
        {"id": "p", "path": ["photo"]},
        {"id": "n", "path": ["enterprise_name"]},
        {"id": "c", "path": ["capital"]},
    ]
    found = match(licence(claims=claims, claim_sets=[["p", "n"], ["c"], ["n"]]), LICENCE)
    assert found is not None
    assert found.pointers == (("capital",),)
    assert match(licence(claims=claims, claim_sets=[["p"]]), LICENCE) is None


@pytest.mark.parametrize(
    ("path", "values", "fits"),
    [
        (["enterprise_name"], ["示例"], True),
        (["enterprise_name"], ["x", "示例"], True),
        (["enterprise_name"], ["x"], False),
        (["capital"], [1], True),
        (["capital"], [True], False),
        (["capital"], ["1"], False),
        (["active"], [True], True),
        (["active"], [1], False),
        (["scopes", None], ["b"], True),
    ],
)
def test_values_match_by_type_and_value(path: Any, values: Any, fits: bool) -> None:
    assert (match(licence(claims=[{"path": path, "values": values}]), LICENCE) is not None) is fits


def test_of_an_array_the_elements_that_match_are_taken() -> None:
    found = match(licence(claims=[{"path": ["scopes", None], "values": ["b"]}]), LICENCE)
    assert found is not None
    assert found.pointers == (("scopes", 1),)


@pytest.mark.parametrize(
    "other",
    [
        replace(LICENCE, format="ldp_vc"),
        replace(LICENCE, types=frozenset({"urn:ecert:identity_card:1"})),
        replace(LICENCE, holder_bound=False),
    ],
    ids=["format", "type", "holder"],
)
def test_another_format_type_or_an_unbound_credential_is_no_match(other: Candidate) -> None:
    assert match(licence(), LICENCE) is not None
    assert match(licence(), other) is None


def test_an_unbound_credential_is_taken_where_no_binding_is_asked_for() -> None:
    assert match(licence(require_cryptographic_holder_binding=False), replace(LICENCE, holder_bound=False)) is not None


def test_one_trusted_authority_that_fits_is_enough() -> None:
    wanted = [{"type": "etsi_tl", "values": ["https://x.example"]}, {"type": "aki", "values": ["BBBB", "AAAA"]}]
    assert match(licence(trusted_authorities=wanted), LICENCE) is not None
    assert match(licence(trusted_authorities=wanted[:1]), LICENCE) is None
    assert match(licence(trusted_authorities=[{"type": "aki", "values": ["BBBB"]}]), LICENCE) is None


def test_expanded_types_must_all_be_there() -> None:
    meta = {"type_values": [["A", "B"], ["C"]]}
    query = read_query({"credentials": [{"id": "q", "format": "ldp_vc", "meta": meta}]}).credentials[0]
    held = Candidate("ldp_vc", frozenset({"A", "B", "X"}), {})
    assert match(query, held) is not None
    assert match(query, replace(held, types=frozenset({"A"}))) is None
    assert match(query, replace(held, types=frozenset({"C", "D"}))) is not None


SETS = read_query(
    {
        "credentials": [
            {"id": "a", "format": "f1", "meta": {}},
            {"id": "b", "format": "f2", "meta": {}},
            {"id": "c", "format": "f3", "meta": {}},
            {"id": "m", "format": "f4", "meta": {}, "multiple": True},
        ],
        "credential_sets": [
            {"options": [["a", "b"], ["c"]]},
            {"options": [["m"]], "required": False},
            {"options": [["b"]], "required": False},
        ],
    }
)


def held(*forms: str) -> dict[int, Candidate]:
    return {number: Candidate(form, frozenset(), {}) for number, form in enumerate(forms)}


def test_the_first_option_that_can_be_answered_is_chosen() -> None:
    assert choose(SETS, matches(SETS, held("f1", "f2", "f3"))) == ("a", "b")
    assert choose(SETS, matches(SETS, held("f1", "f3"))) == ("c",)


def test_optional_sets_are_added_when_asked_for_and_there() -> None:
    assert choose(SETS, matches(SETS, held("f3", "f4")), optional=True) == ("c", "m")
    assert choose(SETS, matches(SETS, held("f3")), optional=True) == ("c",)


def test_nothing_is_returned_when_a_required_set_cannot_be_answered() -> None:
    with pytest.raises(QueryNotSatisfied) as refused:
        choose(SETS, matches(SETS, held("f1", "f4")))
    assert refused.value.reason == "missing"


def one(form: str) -> list[Candidate]:
    return [Candidate(form, frozenset(), {})]


def test_a_response_that_answers_the_query_is_accepted() -> None:
    found = check_response(SETS, {"c": one("f3"), "m": one("f4") * 2})
    assert [len(each) for each in found.values()] == [1, 2]


@pytest.mark.parametrize(
    ("presented", "reason"),
    [
        ({"x": one("f1")}, "unknown_id"),
        ({"c": []}, "empty"),
        ({"c": one("f3") * 2}, "several"),
        ({"c": one("f1")}, "mismatch"),
        ({"c": one("f3"), "m": [*one("f4"), *one("f1")]}, "mismatch"),
        ({"a": one("f1")}, "missing"),
        ({}, "missing"),
    ],
)
def test_a_response_that_does_not_is_refused_for_its_reason(presented: Any, reason: str) -> None:
    with pytest.raises(QueryNotSatisfied) as refused:
        check_response(SETS, presented)
    assert refused.value.reason == reason
