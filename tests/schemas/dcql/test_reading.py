"""DCQL queries as they are read: the forms of OpenID4VP 1.0, 6, and one broken rule at a time."""

from typing import Any

import pytest

from schemas.dcql import CredentialSetQuery, read_query
from schemas.dcql.reading import MAX_CLAIMS, MAX_CREDENTIALS, MAX_INDEX, MAX_PATH, MAX_TEXT
from schemas.errors import InvalidDcqlQuery

SIMPLE = {"id": "licence", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:ecert:business_licence:1"]}}
FULL = {
    "credentials": [
        SIMPLE
        | {
            "multiple": True,
            "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
            "require_cryptographic_holder_binding": False,
            "claims": [
                {"id": "a", "path": ["enterprise_name"]},
                {"id": "b", "path": ["shareholders", None, "name"], "values": ["示例", 1, True]},
                {"id": "c", "path": ["shareholders", 0]},
            ],
            "claim_sets": [["a", "b"], ["c"]],
        },
        {"id": "w3c", "format": "ldp_vc", "meta": {"type_values": [["https://a.example#A", "https://a.example#B"]]}},
        {"id": "any", "format": "jwt_vc_json", "meta": {}},
        {"id": "other", "format": "mso_mdoc", "meta": {"doctype_value": "org.iso.18013.5.1.mDL"}},
    ],
    "credential_sets": [{"options": [["licence"], ["w3c", "any"]]}, {"options": [["other"]], "required": False}],
}


def test_a_whole_query_is_read_and_written_back() -> None:
    query = read_query(FULL)
    other = FULL["credentials"][3] | {"meta": {}}
    assert query.document() == FULL | {"credentials": [*FULL["credentials"][:3], other]}
    assert read_query(query.document()) == query
    assert query.by_id["licence"].combinations[1][0].path == ("shareholders", 0)


def test_without_sets_every_credential_is_required() -> None:
    query = read_query({"credentials": FULL["credentials"][1:3]})
    assert query.required == (CredentialSetQuery((("w3c", "any"),)),)


def test_unknown_members_are_passed_over() -> None:
    """6: implementations MUST ignore any unknown properties."""
    query = read_query({"credentials": [SIMPLE | {"x": 1}], "y": 2})
    assert query.document() == {"credentials": [SIMPLE]}


def credential(**members: Any) -> dict[str, Any]:
    return {"credentials": [SIMPLE | members]}


WRONG: dict[str, Any] = {
    "no object": [],
    "no credentials": {},
    "empty credentials": {"credentials": []},
    "credentials no array": {"credentials": {}},
    "a credential no object": {"credentials": ["x"]},
    "no id": {"credentials": [{"format": "dc+sd-jwt", "meta": {}}]},
    "an id with a dot": credential(id="a.b"),
    "an empty id": credential(id=""),
    "an id twice": {"credentials": [SIMPLE, SIMPLE]},
    "no format": {"credentials": [{"id": "a", "meta": {}}]},
    "no meta": {"credentials": [{"id": "a", "format": "dc+sd-jwt"}]},
    "vct_values missing": credential(meta={"x": 1}),
    "vct_values empty": credential(meta={"vct_values": []}),
    "vct_values no texts": credential(meta={"vct_values": [1]}),
    "type_values flat": {"credentials": [{"id": "a", "format": "ldp_vc", "meta": {"type_values": ["A"]}}]},
    "multiple no boolean": credential(multiple="yes"),
    "holder binding no boolean": credential(require_cryptographic_holder_binding=1),
    "authorities empty": credential(trusted_authorities=[]),
    "authority without type": credential(trusted_authorities=[{"values": ["a"]}]),
    "authority without values": credential(trusted_authorities=[{"type": "aki", "values": []}]),
    "claims empty": credential(claims=[]),
    "a claim without path": credential(claims=[{"id": "a"}]),
    "an empty path": credential(claims=[{"path": []}]),
    "a path with a negative index": credential(claims=[{"path": [-1]}]),
    "a path with a boolean": credential(claims=[{"path": [True]}]),
    "a path with an object": credential(claims=[{"path": [{}]}]),
    "a claim's id with a blank": credential(claims=[{"id": "a b", "path": ["a"]}]),
    "a claim's id twice": credential(claims=[{"id": "a", "path": ["a"]}, {"id": "a", "path": ["b"]}]),
    "values empty": credential(claims=[{"path": ["a"], "values": []}]),
    "values with a float": credential(claims=[{"path": ["a"], "values": [1.5]}]),
    "values with null": credential(claims=[{"path": ["a"], "values": [None]}]),
    "claim_sets without claims": credential(claim_sets=[["a"]]),
    "claim_sets and a claim without id": credential(claims=[{"path": ["a"]}], claim_sets=[["a"]]),
    "claim_sets naming nothing": credential(claims=[{"id": "a", "path": ["a"]}], claim_sets=[["b"]]),
    "claim_sets empty": credential(claims=[{"id": "a", "path": ["a"]}], claim_sets=[]),
    "credential_sets empty": credential() | {"credential_sets": []},
    "a set without options": credential() | {"credential_sets": [{}]},
    "a set naming nothing": credential() | {"credential_sets": [{"options": [["b"]]}]},
    "a set's required no boolean": credential() | {"credential_sets": [{"options": [["licence"]], "required": 0}]},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_query_that_breaks_a_rule_is_refused(case: str) -> None:
    with pytest.raises(InvalidDcqlQuery):
        read_query(WRONG[case])


def many(count: int) -> dict[str, Any]:
    return {"credentials": [SIMPLE | {"id": f"c{number}"} for number in range(count)]}


LIMITS: dict[str, tuple[Any, Any]] = {
    "credentials": (many(MAX_CREDENTIALS), many(MAX_CREDENTIALS + 1)),
    "claims": (
        credential(claims=[{"path": ["a"]}] * MAX_CLAIMS),
        credential(claims=[{"path": ["a"]}] * (MAX_CLAIMS + 1)),
    ),
    "path": (credential(claims=[{"path": ["a"] * MAX_PATH}]), credential(claims=[{"path": ["a"] * (MAX_PATH + 1)}])),
    "index": (credential(claims=[{"path": [MAX_INDEX]}]), credential(claims=[{"path": [MAX_INDEX + 1]}])),
    "text": (credential(claims=[{"path": ["a" * MAX_TEXT]}]), credential(claims=[{"path": ["a" * (MAX_TEXT + 1)]}])),
    "id": (credential(id="a" * 100), credential(id="a" * 101)),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_limits_hold_at_the_last_and_the_first_beyond(limit: str) -> None:
    within, beyond = LIMITS[limit]
    assert read_query(within)
    with pytest.raises(InvalidDcqlQuery):
        read_query(beyond)
