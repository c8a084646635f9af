"""Shapes that are kept: the quick answer is never another one than that of reading the whole document."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.jsonld import contexts, shapes
from schemas.formats.jsonld.compiled import Walk
from schemas.formats.jsonld.errors import IdRelative, JsonLdError, TermUndefined, TypeUndefined
from schemas.formats.jsonld.loss import check_no_loss

BASE = "https://ecert.example"
BOARD = contexts.Contexts(frozenset({BASE}))
V2 = contexts.CREDENTIALS_V2
DOCUMENT: dict[str, Any] = {
    "@context": [V2, f"{BASE}/contexts/food_business_licence/1"],
    "type": ["VerifiableCredential", "FoodBusinessLicence"],
    "issuer": f"{BASE}/issuers/amr",
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {
        "id": "did:example:holder",
        "operator_name": "江门市示例食品有限公司",
        "certificate_version": 1,
        "business_items": ["预包装食品销售", "散装食品销售"],
    },
    "credentialSchema": {"id": f"{BASE}/schemas/food_business_licence/1", "type": "JsonSchema"},
    "credentialStatus": [
        {"id": f"{BASE}/status/1#1", "type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
        {"type": "BitstringStatusListEntry", "statusPurpose": "suspension", "statusListIndex": "1"},
    ],
}


def _with(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    at: Any = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return document


def test_a_certificate_has_a_shape() -> None:
    assert shapes.loses_nothing(DOCUMENT, BOARD)


PATHS = st.sampled_from(
    [
        ("issuer",),
        ("id",),
        ("type",),
        ("name",),
        ("@type",),
        ("validFrom",),
        ("credentialSubject",),
        ("credentialSubject", "id"),
        ("credentialSubject", "type"),
        ("credentialSubject", "operator_name"),
        ("credentialSubject", "business_items"),
        ("credentialSubject", "@context"),
        ("credentialSubject", "unheard"),
        ("credentialSubject", "@value"),
        ("credentialSubject", "@id"),
        ("credentialSubject", "https://a.example/term"),
        ("credentialSubject", "status"),
        ("credentialSchema", "id"),
        ("credentialSchema", "digestSRI"),
        ("credentialStatus",),
        ("credentialStatus", 0),
        ("credentialStatus", 1, "type"),
        ("evidence",),
        ("proof",),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats()
    | st.sampled_from(["", "relative", "urn:a", "did:example:1", "https://a.example/ b", "JsonSchema", "Unheard", V2]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "type", "name", "@value", "@language", "unheard"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(PATHS, VALUES)
def test_whatever_stands_in_a_document_the_answer_is_that_of_the_whole_reading(path: Any, value: Any) -> None:
    document = _with(path, value)
    reason: type[JsonLdError] | None = None
    try:
        Walk(BOARD).document(document)
    except JsonLdError as error:
        reason = type(error)
    if reason is None:
        check_no_loss(document, contexts=BOARD)
        return
    with pytest.raises(JsonLdError):
        check_no_loss(document, contexts=BOARD)


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        (("credentialSubject", "unheard"), "x", TermUndefined),
        (("credentialSchema", "id"), "relative", IdRelative),
        (("credentialStatus", 1, "type"), "Unheard", TypeUndefined),
    ],
)
def test_what_is_lost_is_found_in_a_shape_that_was_never_met(path: Any, value: Any, error: type[Exception]) -> None:
    for _ in range(2):
        with pytest.raises(error):
            check_no_loss(_with(path, value), contexts=BOARD)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("@context",), V2),
        (("@context",), [V2, {"x": "urn:x"}]),
        (("@context",), [V2] * 17),
        (("credentialSubject", "operator_name"), {"@value": "示例", "@language": "zh"}),
        (("credentialSubject", "operator_name"), 1.5),
        (("credentialSubject", "business_items"), []),
        (("credentialSubject", "business_items"), ["x"] * 257),
        (("credentialSubject", "business_items"), ["x", 1]),
        (("credentialSubject", "business_items"), {"id": "urn:a", "name": "x"}),
        (("credentialSubject", "status"), {"a": 1}),
        (("credentialSubject", "@context"), [V2]),
        (("credentialSubject", "type"), [1]),
        (("credentialSubject", "https://a.example/term"), "x"),
        (("credentialSchema", "type"), ["JsonSchema", "https://a.example/Type"]),
        (("credentialSchema", "type"), []),
        (("credentialStatus",), ["urn:a"]),
        (("issuer",), {"id": "urn:a"}),
        (("issuer",), 1),
        (("@id",), "urn:a"),
        (("proof",), {"type": "DataIntegrityProof", "id": "urn:a"}),
    ],
)
def test_what_is_rare_has_no_shape(path: Any, value: Any) -> None:
    document = _with(path, value) | ({"id": "urn:b"} if path == ("@id",) else {})
    assert not shapes.loses_nothing(document, BOARD)


def test_a_document_that_says_nothing_has_no_shape() -> None:
    assert not shapes.loses_nothing({"@context": [V2], "id": "urn:a"}, BOARD)


def test_a_document_that_is_deep_has_no_shape() -> None:
    inner: dict[str, Any] = {"id": "urn:a", "name": "x"}
    for _ in range(shapes.MAX_DEPTH):
        inner = {"id": "urn:a", "name": inner}
    assert not shapes.loses_nothing(_with(("name",), inner), BOARD)
