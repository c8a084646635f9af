"""Selecting by JSON Pointers: the rules of RFC 6901 and of VC DI ECDSA, 3.4.12 to 3.4.15."""

from typing import Any

import pytest

from schemas.formats.data_integrity.ecdsa_sd_2023 import selection
from schemas.formats.data_integrity.errors import JsonPointerMalformed, JsonPointerUnmatched

DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:example:1",
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:example:i", "name": "示例局"},
    "credentialSubject": {
        "id": "_:b7",
        "type": "Person",
        "a/b": 1,
        "m~n": 2,
        "list": [{"type": "Item", "n": 0}, {"id": "urn:example:item", "n": 1}, {"n": 2}],
    },
}
ALWAYS = {name: DOCUMENT[name] for name in ("@context", "id", "type")}


def _select(*pointers: str) -> dict[str, Any]:
    return selection.select(DOCUMENT, selection.tree(pointers))


def test_context_id_and_type_of_the_document_always_come_along() -> None:
    assert _select("/issuer/name") == ALWAYS | {"issuer": {"id": "did:example:i", "name": "示例局"}}


def test_a_blank_node_s_name_does_not_come_along() -> None:
    assert _select("/credentialSubject/a~1b")["credentialSubject"] == {"type": "Person", "a/b": 1}


def test_escapes_are_undone() -> None:
    assert _select("/credentialSubject/m~0n")["credentialSubject"]["m~n"] == 2


def test_a_whole_object_comes_as_it_is() -> None:
    assert _select("/credentialSubject")["credentialSubject"] == DOCUMENT["credentialSubject"]


@pytest.mark.parametrize("pointers", [("/issuer", "/issuer/name"), ("/issuer/name", "/issuer")])
def test_a_pointer_into_what_is_selected_already_adds_nothing(pointers: tuple[str, ...]) -> None:
    assert _select(*pointers) == _select("/issuer")


def test_chosen_elements_stand_close_together_in_their_order() -> None:
    assert _select("/credentialSubject/list/2", "/credentialSubject/list/0/n")["credentialSubject"]["list"] == [
        {"type": "Item", "n": 0},
        {"n": 2},
    ]


def test_the_context_is_there_already() -> None:
    assert _select("/@context", "/@context/0") == ALWAYS


def test_no_pointers_select_nothing_but_what_is_always_there() -> None:
    assert _select() == ALWAYS


@pytest.mark.parametrize(
    "pointer",
    [
        "/proof",
        "/issuer/url",
        "/issuer/name/0",
        "/credentialSubject/list/3",
        "/credentialSubject/list/-",
        "/credentialSubject/list/00",
        "/credentialSubject/list/1/x",
        "/",
    ],
)
def test_a_pointer_to_nothing_is_refused(pointer: str) -> None:
    with pytest.raises(JsonPointerUnmatched):
        _select(pointer)


@pytest.mark.parametrize("pointer", ["", "issuer", "#/issuer", "/a~2", "/a~", "/" + "a" * 2_048, 1, None])
def test_what_is_no_pointer_into_the_document_is_refused(pointer: Any) -> None:
    with pytest.raises(JsonPointerMalformed):
        _select(pointer)


def test_pointers_have_a_limit() -> None:
    with pytest.raises(JsonPointerMalformed, match="1024"):
        selection.tree(["/a"] * 1_025)


def test_names_can_be_written_into_the_objects_of_a_selection() -> None:
    named = selection.select(
        DOCUMENT,
        selection.tree(["/credentialSubject/list", "/issuer/name"]),
        lambda value: "urn:n" if "n" in value else None,
    )
    assert named["credentialSubject"]["list"][1] == {"@id": "urn:n", "n": 1}
    assert named["issuer"] == DOCUMENT["issuer"]
