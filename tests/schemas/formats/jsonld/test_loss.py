"""Data loss: one document for each thing that JSON-LD would drop, in credentials and presentations."""

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.formats.jsonld import contexts, rdf
from schemas.formats.jsonld.errors import (
    ContextInvalid,
    ContextUnknown,
    DataLoss,
    IdRelative,
    IriInvalid,
    JsonLdTooLarge,
    JsonLdUnsupported,
    ProtectedTermRedefined,
    TermNull,
    TermUndefined,
    TypeUndefined,
    ValueDropped,
)
from schemas.formats.jsonld.loss import check_no_loss

V2 = contexts.CREDENTIALS_V2
OWN = {"Own": "urn:x:Own", "said": "urn:x:said", "none": None, "thing": {"@id": "urn:x:thing", "@type": "@id"}}


def _credential(*more: Any, **changed: Any) -> dict[str, Any]:
    document = {
        "@context": [V2, *(more or (OWN,))],
        "type": ["VerifiableCredential"],
        "issuer": "https://vc.example/issuers/5678",
        "credentialSubject": {"id": "did:example:abc", "said": "字"},
    }
    return document | changed


def _presentation(credential: Any, **changed: Any) -> dict[str, Any]:
    return {"@context": [V2], "type": "VerifiablePresentation", "verifiableCredential": credential} | changed


def test_a_whole_credential_loses_nothing() -> None:
    check_no_loss(_credential())


def test_a_whole_presentation_loses_nothing() -> None:
    check_no_loss(_presentation([_credential(), _credential()], holder="did:example:holder"))


LOST: Mapping[str, tuple[dict[str, Any], type[Exception]]] = {
    "an undefined term": (_credential(unknown="x"), TermUndefined),
    "an undefined term in the subject": (_credential(credentialSubject={"unknown": "x"}), TermUndefined),
    "a term like a keyword": (_credential(**{"@sign": "x"}), TermUndefined),
    "a credential's term in the subject": (_credential(credentialSubject={"validFrom": "x"}), TermUndefined),
    "a term that means null": (_credential(none="x"), TermNull),
    "a term under a vocabulary taken away": (
        _credential({"@vocab": "urn:x:"}, {"@vocab": None}, credentialSubject={"free": "x"}),
        TermUndefined,
    ),
    "an undefined type": (_credential(type=["VerifiableCredential", "Unknown"]), TypeUndefined),
    "a type that means null": (_credential(type=["VerifiableCredential", "none"]), TermNull),
    "a type that is a keyword": (_credential(type=["VerifiableCredential", "@id"]), TypeUndefined),
    "a type that is a number": (_credential(type=["VerifiableCredential", 1]), TypeUndefined),
    "a type that is empty": (_credential(credentialSubject={"type": [], "said": "x"}), ValueDropped),
    "a relative type under a base": (
        _credential({"@base": "https://base.example/"}, type=["VerifiableCredential", "relative"]),
        TypeUndefined,
    ),
    "a relative id": (_credential(id="relative"), IdRelative),
    "a relative id under a base": (_credential({"@base": "https://base.example/"}, id="relative"), IdRelative),
    "an id that is a number": (_credential(id=1), IdRelative),
    "an id that stands twice": (_credential(**{"id": "urn:x:1", "@id": "urn:x:1"}), IdRelative),
    "a blank node's id": (_credential(id="_:b0"), IdRelative),
    "a relative reference": (_credential(issuer="relative"), IdRelative),
    "an id that no IRI is": (_credential(id="urn:x:<1>"), IriInvalid),
    "a member that is null": (_credential(name=None), ValueDropped),
    "an empty array": (_credential(evidence=[]), ValueDropped),
    "a null in an array": (_credential(name=[None]), ValueDropped),
    "an array in an array": (_credential(name=[["x"]]), ValueDropped),
    "a value object of null": (_credential(name={"@value": None}), ValueDropped),
    "a language that is none": (_credential(name={"@value": "x", "@language": "zh cn"}), ValueDropped),
    "a number that is none": (_credential(name=float("nan")), ValueDropped),
    "a number in JSON that is none": (_credential(cnf={"jwk": [float("inf")]}), ValueDropped),
    "a proof by reference": (_credential(proof="urn:x:1"), ValueDropped),
    "a proof that says nothing": (_credential(proof={"id": "urn:x:1"}), ValueDropped),
    "a proof that is a value": (_credential(proof={"@value": "x"}), ValueDropped),
    "a document that says nothing": ({"@context": V2, "id": "urn:x:1"}, ValueDropped),
    "a credential in a presentation with an undefined term": (_presentation(_credential(unknown="x")), TermUndefined),
    "a presentation with an undefined term": (_presentation(_credential(), unknown="x"), TermUndefined),
    "a presentation with a relative holder": (_presentation(_credential(), holder="relative"), IdRelative),
    "a credential without a context of its own": (
        _presentation({key: value for key, value in _credential().items() if key != "@context"}),
        TermUndefined,
    ),
}


@pytest.mark.parametrize(("document", "error"), LOST.values(), ids=LOST.keys())
def test_what_would_be_dropped_is_refused(document: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        check_no_loss(document)


def test_every_loss_can_be_caught_by_one_name() -> None:
    assert {error for _, error in LOST.values()} <= set(DataLoss.__subclasses__())


REFUSED: Mapping[str, tuple[dict[str, Any], type[Exception]]] = {
    "a protected term redefined": (_credential({"VerifiableCredential": "urn:x:other"}), ProtectedTermRedefined),
    "a protected term made null": (_credential({"type": None}), ProtectedTermRedefined),
    "an own protected term redefined": (
        _credential({"@protected": True, "own": "urn:x:1"}, {"own": "urn:x:2"}),
        ProtectedTermRedefined,
    ),
    "protected terms taken away by null": (_credential(None), ProtectedTermRedefined),
    "protected terms taken away below": (
        _credential(credentialSubject={"@context": None, "id": "urn:x:1"}),
        ProtectedTermRedefined,
    ),
    "an unknown context": (_credential("https://unknown.example/v1"), ContextUnknown),
    "an unknown context below": (
        _credential(credentialSubject={"@context": "https://unknown.example/v1", "said": "x"}),
        ContextUnknown,
    ),
    "a graph": (_credential(**{"@graph": [{"said": "x"}]}), JsonLdUnsupported),
    "a value's member beside members": (_credential(**{"@language": "zh"}), JsonLdUnsupported),
    "a value object with a stranger's member": (_credential(name={"@value": "x", "said": "y"}), ContextInvalid),
    "a value object with a number for its language": (
        _credential(name={"@value": "x", "@language": 1}),
        ContextInvalid,
    ),
    "a value object with a type and a language": (
        _credential(name={"@value": "x", "@language": "zh", "@type": "urn:x:1"}),
        ContextInvalid,
    ),
    "a number with a language": (_credential(name={"@value": 1, "@language": "zh"}), ContextInvalid),
    "a direction that is none": (_credential(name={"@value": "x", "@direction": "up"}), ContextInvalid),
    "a list of JSON values": (
        _credential({"j": {"@id": "urn:x:j", "@type": "@json", "@container": "@list"}}, credentialSubject={"j": [1]}),
        JsonLdUnsupported,
    ),
    "a type's alias that its own context makes": (
        _credential(
            {"Own": {"@id": "urn:x:Own", "@context": {"kind": "@type"}}},
            credentialSubject={"type": "Own", "kind": "Own"},
        ),
        JsonLdUnsupported,
    ),
}


@pytest.mark.parametrize(("document", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_read_is_refused(document: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        check_no_loss(document)


def _deep(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"said": "x"}
    for _ in range(levels):
        inner = {"thing": inner}
    return _credential(credentialSubject=inner)


def test_a_document_of_thirty_levels_is_read() -> None:
    check_no_loss(_deep(29))


def test_a_deeper_document_is_refused() -> None:
    with pytest.raises(JsonLdTooLarge):
        check_no_loss(_deep(40))


def test_nested_lists_count_as_levels() -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    document = _credential({"l": {"@id": "urn:x:l", "@container": "@list"}}, credentialSubject={"l": deep})
    with pytest.raises(JsonLdTooLarge):
        check_no_loss(document)


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


TOO_LARGE: Mapping[str, dict[str, Any]] = {
    "one member with many values": _credential(credentialSubject={"said": [str(number) for number in range(1_100)]}),
    "one member with many values in parts": _credential(
        credentialSubject=[
            {"id": "urn:x:1", "said": [str(10 * part + number) for number in range(10)]} for part in range(110)
        ]
    ),
    "many things": _credential(credentialSubject=[{"said": [str(number) for number in range(300)]}] * 80),
    "a deep JSON value": _credential(cnf={"jwk": _nested(33)}),
    "a deep JSON value beside a fraction": _credential(cnf={"jwk": [0.5, _nested(2_000)]}),
    "many contexts": _credential(credentialSubject=[{"@context": V2, "said": "x"}] * 600),
    "contexts inside contexts": _credential(
        credentialSubject=[{"@context": {"@context": [{}] * 30}, "said": "x"}] * 20
    ),
    "members with contexts": _credential(
        {**OWN, "in": {"@id": "urn:x:in", "@context": [{}] * 30}},
        credentialSubject=[{"in": {"said": "x"}, "said": str(number)} for number in range(140)],
    ),
    "texts with contexts": _credential(
        {**OWN, "in": {"@id": "urn:x:in", "@context": [{}] * 30}},
        credentialSubject={"in": [str(n) for n in range(140)]},
    ),
    "lists with contexts": _credential(
        {**OWN, "in": {"@id": "urn:x:in", "@container": "@list", "@context": [{}] * 30}},
        credentialSubject={"in": [str(number) for number in range(140)]},
    ),
    "types with contexts": _credential(
        {**OWN, **{f"T{number}": {"@id": f"urn:x:T{number}", "@context": {}} for number in range(20)}},
        credentialSubject=[{"type": [f"T{n}" for n in range(20)], "said": str(number)} for number in range(210)],
    ),
}


@pytest.mark.parametrize("document", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_document_beyond_the_limits_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(JsonLdTooLarge):
        check_no_loss(document)


def test_a_json_value_of_thirty_two_levels_is_read() -> None:
    check_no_loss(_credential(cnf={"jwk": _nested(32)}))


def test_many_things_said_of_many_subjects_are_read() -> None:
    check_no_loss(_credential(credentialSubject=[{"said": [str(number) for number in range(20)]}] * 80))


@pytest.mark.parametrize("document", [case for case, _ in LOST.values()], ids=LOST.keys())
def test_the_general_way_refuses_the_same(document: dict[str, Any]) -> None:
    with pytest.raises(DataLoss):
        rdf.canonical(document)
