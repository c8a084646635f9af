"""What tables and shapes take up: bounded, whatever documents come, and no document is in another's way for ever."""

import gc
import itertools
import threading
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.formats.jsonld import compiled, contexts, kept, rdf, shapes, tables
from schemas.formats.jsonld.contexts import CREDENTIALS_V2, DATA_INTEGRITY_V2, EXAMPLES_V2, MULTIKEY_V1, Contexts
from schemas.formats.jsonld.kept import Family, Shelf
from schemas.formats.jsonld.terms import Active, process
from schemas.types import all_types

BASE = "https://ecert.example"
BOARD = Contexts(frozenset({BASE}))
ISSUER = f"{BASE}/issuers/amr"


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    tables.SHELF.clear()
    yield
    tables.SHELF.clear()


def _shelf() -> Shelf[str]:
    return Shelf()


def _put(shelf: Shelf[str], key: str, entries: int) -> Family:
    made: list[Family] = []

    def make(family: Family) -> str:
        made.append(family)
        return key

    assert shelf.root(key, make, lambda _: entries) == key
    return made[0]


def test_a_root_is_made_once() -> None:
    shelf = _shelf()
    _put(shelf, "a", 1)
    assert shelf.root("a", lambda _: "another", lambda _: 1) == "a"


def test_a_root_that_another_thread_made_meanwhile_is_taken() -> None:
    shelf = _shelf()

    def slow(family: Family) -> str:
        del family
        other = threading.Thread(target=lambda: _put(shelf, "a", 7))
        other.start()
        other.join()
        return "mine"

    assert shelf.root("a", slow, lambda _: 1) == "a"
    assert shelf.size == 7


@pytest.mark.parametrize(("more", "stays"), [(0, True), (1, False)], ids=["at the limit", "one more"])
def test_a_family_that_grows_too_large_starts_anew(more: int, stays: bool) -> None:
    shelf = _shelf()
    family = _put(shelf, "a", kept.MAX_FAMILY - 5)
    assert family.grow(5 + more) is stays
    assert shelf.size == (kept.MAX_FAMILY if stays else 0)
    assert family.grow(0) is stays, "and what was let go keeps nothing more"
    assert shelf.root("a", lambda _: "anew", lambda _: 1) == ("a" if stays else "anew")


@pytest.mark.parametrize(("more", "goes"), [(0, ""), (1, "b")], ids=["at the limit", "one more"])
def test_when_all_together_are_too_large_the_one_goes_that_was_asked_for_longest_ago(
    monkeypatch: pytest.MonkeyPatch, more: int, goes: str
) -> None:
    monkeypatch.setattr(kept, "MAX_ENTRIES", 30)
    shelf = _shelf()
    families = {key: _put(shelf, key, 10) for key in "abc"}
    assert shelf.root("a", lambda _: "anew", lambda _: 1) == "a"
    assert families["c"].grow(more)
    assert "".join(key for key, family in families.items() if family.gone) == goes
    assert shelf.size == 30 + more - 10 * bool(goes)


def test_a_family_without_a_shelf_has_the_same_limit() -> None:
    family = Family()
    assert family.grow(kept.MAX_FAMILY)
    assert not family.grow(1)
    assert (family.size, family.gone) == (kept.MAX_FAMILY, True)


def test_the_types_of_an_issuer_fit_several_times() -> None:
    for ctype in all_types():
        root = tables.root(BOARD, [CREDENTIALS_V2, BASE + contexts.own_path(ctype)])
        name = "".join(word.capitalize() for word in ctype.id.split("_"))
        typed = root.typed(["VerifiableCredential", name])
        for term in typed.active.terms:
            typed.scoped(typed.member(term).context)
    assert tables.SHELF.size * 5 < kept.MAX_ENTRIES


def test_a_table_below_is_kept_while_its_family_may_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    root = tables.root(BOARD, [CREDENTIALS_V2])
    assert root.typed(["VerifiableCredential"]) is root.typed(["VerifiableCredential"])
    assert root.embedded(EXAMPLES_V2) is root.embedded([EXAMPLES_V2])
    subject: dict[str, Any] = {}
    assert root.scoped(subject) is root.scoped(subject)
    monkeypatch.setattr(kept, "MAX_FAMILY", 1)
    assert root.typed(["VerifiablePresentation"]) is not root.typed(["VerifiablePresentation"])
    assert root.embedded(MULTIKEY_V1) is not root.embedded(MULTIKEY_V1)
    table = tables.Table(process(Active(BOARD), {"a": {"@id": "urn:x:a", "@context": {"b": "urn:x:b"}}}))
    scoped = table.member("a").context
    assert table.scoped(scoped) is not table.scoped(scoped)


def test_a_table_under_long_addresses_is_not_kept() -> None:
    board = Contexts(frozenset({f"https://{'x' * 5_000}.example"}))
    assert tables.root(board, [CREDENTIALS_V2]) is not tables.root(board, [CREDENTIALS_V2])
    assert tables.SHELF.size == 0


def test_contexts_that_a_node_brings_itself_do_not_count_for_its_family() -> None:
    root = tables.root(BOARD, [CREDENTIALS_V2])
    size = tables.SHELF.size
    below = root.embedded([{"a": {"@id": "urn:x:a", "@context": {"b": "urn:x:b"}}}])
    below.scoped(below.member("a").context)
    assert tables.SHELF.size == size


def _nested(*urls: list[str]) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "https://a.example/T", "id": "urn:x:1"}
    for context in urls:
        inner = {"@context": context, "type": ["VerifiableCredential"], "https://a.example/held": inner}
    return {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "https://a.example/held": inner}


def test_documents_that_nest_in_ever_new_ways_take_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_ENTRIES", 4_000)
    monkeypatch.setattr(kept, "MAX_FAMILY", 2_000)
    ways = [list(urls) for urls in itertools.product([CREDENTIALS_V2, EXAMPLES_V2], repeat=3)]
    first = tables.root(BOARD, [CREDENTIALS_V2])
    tracemalloc.start()
    try:
        for one, other in itertools.product(ways, repeat=2):
            compiled.Walk(BOARD).document(_nested(one, other))
            compiled.Walk(BOARD).document({**_nested(other), "@context": one})
            assert tables.SHELF.size <= 4_000
        gc.collect()  # a table refers to itself
        assert tracemalloc.get_traced_memory()[0] < 4_000 * 700
    finally:
        tracemalloc.stop()
    assert tables.root(BOARD, [CREDENTIALS_V2]) is not first, "which grew too large"


def test_documents_of_ever_new_shapes_take_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_FAMILY", 2_000)
    names = ["name", "description", "validFrom", "validUntil", "id"]
    met = 0
    orders = [*itertools.permutations(names)] * 2
    for order in orders:
        members: dict[str, Any] = dict.fromkeys(order, "https://a.example/x")
        document = {"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"], **members}
        met += shapes.loses_nothing(document, BOARD)
        assert tables.SHELF.size <= 2_000
    assert met == len(orders)


def test_a_shape_that_cannot_be_kept_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_FAMILY", 1)
    document = {"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"], "issuer": ISSUER}
    assert shapes.loses_nothing(document, BOARD)
    assert not tables.root(BOARD, [CREDENTIALS_V2]).shapes


@pytest.mark.parametrize("count", [16, 17])
def test_a_node_of_many_types_has_no_shape(count: int) -> None:
    document = {"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"] * count, "issuer": ISSUER}
    assert shapes.loses_nothing(document, BOARD) is (count == 16)


def test_the_public_urls_of_long_issuers_are_not_remembered() -> None:
    issuers = [{"issuer": {"id": f"https://{'x' * length}.example/issuers/a"}} for length in (900, 1_100)]
    kept_or_not = [contexts.for_document(issuer) is contexts.for_document(issuer) for issuer in issuers]
    assert kept_or_not == [True, False]


def _inline(number: int) -> dict[str, Any]:
    terms = {f"t{number}x{index}": f"urn:x:{index}" for index in range(300)}
    return {
        "@context": [CREDENTIALS_V2, DATA_INTEGRITY_V2, terms],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"id": "urn:x:1", f"t{number}x1": "x"},
    }


@pytest.mark.parametrize("bring", [lambda document: document, lambda document: [document]], ids=["object", "array"])
def test_contexts_that_documents_bring_are_not_remembered_by_the_general_way(bring: Any) -> None:
    rdf.expand(bring(_inline(0)))
    tracemalloc.start()
    try:
        for number in range(1, 11):
            rdf.expand(bring(_inline(number)))
        assert tracemalloc.get_traced_memory()[0] < 100_000, "one takes 130 kB"
    finally:
        tracemalloc.stop()
