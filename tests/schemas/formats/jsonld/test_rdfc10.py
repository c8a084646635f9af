"""RDFC-1.0 against pyoxigraph's implementation and W3C's documents; poison graphs end soon."""

from random import Random

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.jsonld import quads, rdfc10
from schemas.formats.jsonld.errors import IriInvalid, JsonLdTooLarge, MalformedNQuads, PoisonGraph
from schemas.formats.jsonld.quads import Quad
from tests.support.vectors import W3C, needs_vectors

ALGORITHMS = {
    "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}
BLANKS = st.integers(0, 5).map(lambda number: f"_:n{number}")
IRIS = st.sampled_from(["<urn:x:1>", "<urn:x:2>", "<https://a.example/陈>"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
LITERALS = st.builds(quads.literal, TEXTS, st.sampled_from(["", "urn:x:dt", f"{quads.XSD}string"])) | st.builds(
    quads.literal, TEXTS, language=st.just("zh")
)
# One graph for a dataset: RDFC-1.0 cannot tell some blank nodes apart that differ only by the graphs they stand in
# (4.7 hashes no graph name), and then no implementation is canonical. Documents without blank ids have no such thing.
GRAPHS = st.sampled_from(["", "<urn:x:g>", "_:g"])
TRIPLES = st.tuples(BLANKS | IRIS, IRIS, BLANKS | IRIS | LITERALS)


def _datasets(max_size: int = 14) -> st.SearchStrategy[list[Quad]]:
    return st.builds(
        lambda triples, graph: [(*triple, graph) for triple in triples], st.lists(TRIPLES, max_size=max_size), GRAPHS
    )


def _by_pyoxigraph(dataset: list[Quad], algorithm: str) -> list[str]:
    text = "".join(quads.line(quad) for quad in dataset)
    parsed = pyoxigraph.Dataset(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS))
    parsed.canonicalize(ALGORITHMS[algorithm])
    return sorted(quads.line(_quad(quad)) for quad in parsed)


def _quad(quad: pyoxigraph.Quad) -> Quad:
    graph = "" if isinstance(quad.graph_name, pyoxigraph.DefaultGraph) else str(quad.graph_name)
    value = quad.object
    if isinstance(value, pyoxigraph.Literal):
        text = quads.literal(value.value, value.datatype.value, value.language or "")
        return str(quad.subject), str(quad.predicate), text, graph
    return str(quad.subject), str(quad.predicate), str(value), graph


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@settings(max_examples=150, deadline=None)
@given(dataset=_datasets())
def test_any_dataset_is_canonicalized_as_pyoxigraph_does(algorithm: str, dataset: list[Quad]) -> None:
    assert list(rdfc10.canonicalize(dataset, algorithm=algorithm).lines) == _by_pyoxigraph(dataset, algorithm)


def _ring(size: int, prefix: str = "n") -> list[Quad]:
    return [(f"_:{prefix}{i}", "<urn:x:next>", f"_:{prefix}{(i + 1) % size}", "") for i in range(size)]


def _hubs() -> list[Quad]:
    # From a hub, the order of its two rings matters only for what lies behind them.
    rings = [quad for hub in "ab" for size in (3, 4) for quad in _ring(size, f"{hub}{size}x")]
    return rings + [(f"_:{hub}", "<urn:x:p>", f"_:{hub}{size}x0", "") for hub in "ab" for size in (3, 4)]


@pytest.mark.parametrize(
    "dataset",
    [
        _ring(5),
        _ring(3) + _ring(3, "m"),
        [(f"_:{a}", "<urn:x:p>", f"_:{b}", "") for a in "abc" for b in "abc" if a != b],
        [("_:a", "<urn:x:p>", "_:b", "_:g"), ("_:b", "<urn:x:p>", "_:a", "_:g"), ("_:g", "<urn:x:p>", "_:c", "")],
        [("_:a", "<urn:x:p>", f"_:{leaf}", "") for leaf in "wxyz"],
        _hubs(),
    ],
    ids=["a ring", "two rings", "a clique", "graphs", "a star", "hubs"],
)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_blank_nodes_alike_are_named_as_pyoxigraph_does(dataset: list[Quad], algorithm: str) -> None:
    assert list(rdfc10.canonicalize(dataset, algorithm=algorithm).lines) == _by_pyoxigraph(dataset, algorithm)


@given(dataset=_datasets(10), order=st.randoms(use_true_random=False))
def test_labels_and_order_make_no_difference(dataset: list[Quad], order: Random) -> None:
    other: list[Quad] = [tuple(term.replace("_:n", "_:other") for term in quad) for quad in dataset]  # type: ignore[misc]
    order.shuffle(other)
    assert rdfc10.canonicalize(other).data == rdfc10.canonicalize(dataset).data


def test_the_labels_lead_from_the_input_to_the_canonical_form() -> None:
    dataset = [("_:x", "<urn:x:p>", '"1"', ""), ("_:y", "<urn:x:p>", "_:x", "")]
    result = rdfc10.canonicalize(dataset)
    renamed = {
        quads.line((f"_:{result.labels['x']}", "<urn:x:p>", '"1"', "")),
        quads.line((f"_:{result.labels['y']}", "<urn:x:p>", f"_:{result.labels['x']}", "")),
    }
    assert set(result.lines) == renamed


def test_a_clique_of_blank_nodes_ends_as_poison() -> None:
    names = [f"_:n{i}" for i in range(12)]
    with pytest.raises(PoisonGraph, match="steps"):
        rdfc10.canonicalize([(a, "<urn:x:p>", b, "") for a in names for b in names if a != b])


def test_a_long_ring_of_blank_nodes_ends_as_poison() -> None:
    with pytest.raises(PoisonGraph, match="chain"):
        rdfc10.canonicalize(_ring(600))


def test_nodes_alike_with_many_statements_in_their_graphs_end_as_poison() -> None:
    dataset = [(f"_:s{node}", "<urn:x:p>", f'"{value}"', f"_:g{node}") for node in range(2) for value in range(1_000)]
    with pytest.raises(PoisonGraph, match="quads and names"):
        rdfc10.canonicalize(dataset)


def test_too_many_quads_are_refused() -> None:
    with pytest.raises(JsonLdTooLarge, match="limit"):
        rdfc10.canonicalize(("<urn:x:s>", "<urn:x:p>", f'"{i}"', "") for i in range(rdfc10.MAX_QUADS + 1))


def test_a_statement_made_twice_stands_once() -> None:
    quad = ("<urn:x:s>", "<urn:x:p>", '"1"', "")
    assert rdfc10.canonicalize([quad, quad]).lines == (quads.line(quad),)


@given(dataset=_datasets(6))
def test_lines_are_read_as_they_are_written(dataset: list[Quad]) -> None:
    assert quads.parse(map(quads.line, dataset)) == dataset


@pytest.mark.parametrize(
    "text",
    ["", "<urn:x:s> <urn:x:p>", "<urn:x:s> _:p <urn:x:o> .", '"s" <urn:x:p> "o" .', "<urn:x:s> <urn:x:p> <a b> ."],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(MalformedNQuads):
        quads.parse([text])


def test_an_iri_with_a_space_is_refused() -> None:
    with pytest.raises(IriInvalid):
        quads.iri("urn:x: ")


@pytest.mark.vectors
@needs_vectors
def test_published_canonical_documents_keep_their_names() -> None:
    paths = [path for path in W3C.rglob("*.txt") if path.name.startswith(("canonDocECDSA", "proofCanonECDSA"))]
    assert paths
    for path in paths:
        lines = path.read_text().splitlines()
        algorithm = "sha384" if "P384" in path.name else "sha256"
        other = [line.replace("_:c14n", "_:other") for line in reversed(lines)]
        assert rdfc10.canonicalize(quads.parse(other), algorithm=algorithm).lines == tuple(
            f"{each}\n" for each in lines
        )


def test_blank_labels_are_listed_once_in_the_order_of_the_quads() -> None:
    dataset = [("<urn:x:s>", "<urn:x:p>", "_:b", "_:g"), ("_:a", "<urn:x:p>", "_:b", "")]
    assert list(rdfc10.blank_labels(dataset)) == ["b", "g", "a"]
