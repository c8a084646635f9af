"""Active contexts: what a context may say, and each way in which it can be broken."""

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.formats.jsonld.contexts import CREDENTIALS_V2, Contexts
from schemas.formats.jsonld.errors import ContextInvalid, JsonLdUnsupported, ProtectedTermRedefined
from schemas.formats.jsonld.terms import ABSENT, Active, process

BROKEN: Mapping[str, Any] = {
    "a number": 1,
    "true": True,
    "a context document with other members": {"@context": {}, "a": "urn:x:1"},
    "another version": {"@version": 1.0},
    "a version that is a text": {"@version": "1.1"},
    "a version that is an integer": {"@version": True},
    "a base that is a number": {"@base": 1},
    "a vocabulary that is a number": {"@vocab": 1},
    "a relative vocabulary": {"@vocab": "relative"},
    "a language that is a number": {"@language": 1},
    "a direction that is none": {"@direction": "up"},
    "protection that is a text": {"@protected": "yes"},
    "an empty term": {"": "urn:x:1"},
    "a term that is a keyword": {"@type": {"@container": "@set"}},
    "a term like a keyword": {"@sign": "urn:x:1"},
    "a term that is a number": {"a": 1},
    "a term with a stranger's member": {"a": {"@id": "urn:x:1", "b": 1}},
    "a term whose protection is a text": {"a": {"@id": "urn:x:1", "@protected": "yes"}},
    "a term whose id is a number": {"a": {"@id": 1}},
    "a term whose id is relative": {"a": "relative"},
    "a term whose id is like a keyword": {"a": "@sign"},
    "a term without an id": {"a": {"@type": "@id"}},
    "a term defined by itself": {"a": "a:b"},
    "two terms defined by each other": {"a": "b:1", "b": "a:1"},
    "a compact IRI that means another one": {"p": "urn:x:p#", "p:a": "urn:x:other"},
    "an alias of @context": {"a": "@context"},
    "an alias of a keyword with a type": {"a": {"@id": "@id", "@type": "@id"}},
    "a type that is a number": {"a": {"@id": "urn:x:1", "@type": 1}},
    "a type that is relative": {"a": {"@id": "urn:x:1", "@type": "relative"}},
    "a type that is a blank node": {"a": {"@id": "urn:x:1", "@type": "_:b"}},
    "a container that is a number": {"a": {"@id": "urn:x:1", "@container": 1}},
    "a term's language that is a number": {"a": {"@id": "urn:x:1", "@language": 1}},
    "a term's direction that is none": {"a": {"@id": "urn:x:1", "@direction": "up"}},
    "a prefix that is a text": {"a": {"@id": "urn:x:1", "@prefix": "yes"}},
    "too many contexts": [{}] * 33,
    "too many terms": {f"t{number}": "urn:x:1" for number in range(1_001)},
    "a row of terms that need each other": {f"t{number}": f"t{number + 1}:x" for number in range(100)},
}
UNSUPPORTED: Mapping[str, Any] = {
    "an import": {"@import": CREDENTIALS_V2},
    "propagation": {"@propagate": False},
    "a reverse term": {"a": {"@reverse": "urn:x:1"}},
    "a nested term": {"a": {"@id": "urn:x:1", "@nest": "@nest"}},
    "an index": {"a": {"@id": "urn:x:1", "@index": "urn:x:2"}},
    "a map of languages": {"a": {"@id": "urn:x:1", "@container": "@language"}},
}


def _read(*local: Any) -> Active:
    return process(Active(Contexts()), list(local))


@pytest.mark.parametrize("local", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_context_is_refused(local: Any) -> None:
    with pytest.raises(ContextInvalid):
        process(Active(Contexts()), local)


@pytest.mark.parametrize("local", UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_a_rare_feature_is_refused(local: Any) -> None:
    with pytest.raises(JsonLdUnsupported):
        process(Active(Contexts()), local)


def test_contexts_too_deep_in_each_other_are_refused() -> None:
    local: Any = {}
    for _ in range(40):
        local = {"@context": local}
    with pytest.raises(ContextInvalid, match="more than 32"):
        process(Active(Contexts()), local)


def test_prefixes_are_spelled_out_wherever_they_are_defined() -> None:
    active = _read({"a": "p:a", "p": "urn:x:p#", "p:b": {"@type": "p:c"}, "q": {"@id": "urn:x:q", "@prefix": False}})
    assert active.terms["a"].iri == "urn:x:p#a"
    assert active.terms["p:b"].iri == "urn:x:p#b"
    assert active.terms["p:b"].type == "urn:x:p#c"
    assert active.compact_iri("q:1") == "q:1"
    assert active.compact_iri("p://host") == "p://host"


def test_a_term_may_mean_what_another_one_means() -> None:
    active = _read({"a": "b", "b": "urn:x:b", "c": {"@id": "a"}})
    assert [active.terms[name].iri for name in "abc"] == ["urn:x:b"] * 3


def test_a_compact_term_may_repeat_its_own_meaning() -> None:
    assert _read({"p": "urn:x:p#", "p:a": "urn:x:p#a"}).terms["p:a"].iri == "urn:x:p#a"


def test_a_term_without_an_id_lives_in_the_vocabulary() -> None:
    active = _read({"@vocab": "urn:x:v#", "a": {"@type": "@id"}})
    assert active.terms["a"].iri == "urn:x:v#a"
    assert active.meaning("b") == "urn:x:v#b"


def test_a_vocabulary_may_be_a_prefix() -> None:
    assert _read({"p": "urn:x:p#"}, {"@vocab": "p:v#"}).vocab == "urn:x:p#v#"


def test_what_is_like_a_keyword_means_nothing() -> None:
    assert _read({"@vocab": "urn:x:v#"}).meaning("@sign") is None


def test_language_and_direction_may_be_taken_away() -> None:
    active = _read({"@language": "ZH", "@direction": "rtl"}, {"@language": None, "@direction": None})
    assert (active.language, active.direction) == (None, None)


def test_a_protected_term_may_be_defined_again_as_it_is() -> None:
    protected = {"@protected": True, "a": "urn:x:1"}
    assert _read(protected, {"a": "urn:x:1"}).terms["a"].protected


def test_a_term_may_be_left_unprotected_among_protected_ones() -> None:
    active = _read({"@protected": True, "a": {"@id": "urn:x:1", "@protected": False}}, {"a": "urn:x:2"})
    assert active.terms["a"].iri == "urn:x:2"


def test_a_protected_null_stays_null() -> None:
    with pytest.raises(ProtectedTermRedefined):
        _read({"@protected": True, "a": None}, {"a": "urn:x:1"})


def test_unprotected_terms_may_be_taken_away() -> None:
    assert not _read({"a": "urn:x:1"}, None).terms


def test_what_is_absent_says_so() -> None:
    assert repr(ABSENT) == "ABSENT"
