"""The general way: PyLD and RDFC-1.0 against W3C's published canonical documents; nothing is fetched."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.formats.jsonld import contexts, rdf, rdfc10
from schemas.formats.jsonld.errors import ContextInvalid, ContextUnknown, JsonLdProcessorMissing
from tests.support.vectors import W3C, needs_vectors

ECDSA = W3C / "vc-di-ecdsa" / "TestVectors"
SUITES = pytest.mark.parametrize(
    ("folder", "algorithm"), [("ecdsa-rdfc-2019-p256", "sha256"), ("ecdsa-rdfc-2019-p384", "sha384")]
)

CREDENTIAL = {
    "@context": [contexts.CREDENTIALS_V2, contexts.EXAMPLES_V2],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential"],
    "issuer": "https://vc.example/issuers/5678",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "示例学校"},
}


def _one(folder: str, prefix: str) -> Path:
    return next(path for path in (ECDSA / folder).iterdir() if path.name.startswith(prefix))


@pytest.mark.vectors
@needs_vectors
@SUITES
def test_the_published_document_has_the_published_canonical_form(folder: str, algorithm: str) -> None:
    document = json.loads((ECDSA / "unsigned.json").read_bytes())
    assert rdf.canonical(document, algorithm=algorithm) == _one(folder, "canonDoc").read_bytes()


@pytest.mark.vectors
@needs_vectors
@SUITES
def test_the_published_proof_configuration_has_the_published_canonical_form(folder: str, algorithm: str) -> None:
    config = json.loads(_one(folder, "proofConfig").read_bytes())
    assert rdf.canonical(config, algorithm=algorithm) == _one(folder, "proofCanon").read_bytes()


def test_a_context_that_is_not_on_board_is_refused() -> None:
    with pytest.raises(ContextUnknown, match="not on board"):
        rdf.canonical(CREDENTIAL | {"@context": [contexts.CREDENTIALS_V2, "https://example.org/context"]})


def test_expanding_and_compacting_gives_the_document_again() -> None:
    expanded = rdf.expand(CREDENTIAL)
    assert rdf.compact(expanded, CREDENTIAL["@context"]) == CREDENTIAL | {"type": "VerifiableCredential"}


@pytest.mark.parametrize(
    "context",
    [1, {"@vocab": 1}, {"term": 1}, [{"@vocab": "https://a.example/#"}, {"@vocab": None}, {"@vocab": None}]],
    ids=["a number", "@vocab is a number", "a term is a number", "@vocab is taken away twice"],
)
def test_a_broken_context_is_refused(context: Any) -> None:
    with pytest.raises(ContextInvalid):
        rdf.to_quads({"@context": context, "@id": "urn:x:1", "https://a.example/p": "1"})


def test_lists_languages_numbers_and_blank_graphs_come_out_as_quads() -> None:
    context = {
        "list": {"@id": "urn:x:list", "@container": "@list"},
        "text": "urn:x:text",
        "number": "urn:x:number",
        "held": {"@id": "urn:x:held", "@container": "@graph"},
    }
    document = {
        "@context": context,
        "@id": "urn:x:1",
        "list": ["a"],
        "text": {"@value": "字\n", "@language": "zh"},
        "number": 1,
        "held": {"@id": "urn:x:2", "text": "in a graph"},
    }
    assert rdf.canonical(document).decode().splitlines() == [
        "<urn:x:1> <urn:x:held> _:c14n0 .",
        "<urn:x:1> <urn:x:list> _:c14n1 .",
        '<urn:x:1> <urn:x:number> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        '<urn:x:1> <urn:x:text> "字\\n"@zh .',
        '<urn:x:2> <urn:x:text> "in a graph" _:c14n0 .',
        '_:c14n1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "a" .',
        "_:c14n1 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .",
    ]


def test_a_named_graph_keeps_its_name() -> None:
    document = {"@id": "urn:x:g", "@graph": [{"@id": "urn:x:1", "urn:x:p": "1"}]}
    assert rdfc10.canonicalize(rdf.to_quads(document)).data == b'<urn:x:1> <urn:x:p> "1" <urn:x:g> .\n'


def test_without_pyld_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyld", None)
    rdf._pyld.cache_clear()
    with pytest.raises(JsonLdProcessorMissing, match="extra jsonld"):
        rdf.canonical(CREDENTIAL)
