"""The direct way: the same bytes as the general way, for documents of all types with any values."""

import json
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.catalogue import CertificateType, Field, Kind
from schemas.formats.jsonld import compiled, contexts, rdf
from schemas.formats.jsonld.errors import DataLoss, ValueDropped
from schemas.types import all_types, certificate_type, credential_fields
from tests.support.vectors import W3C, needs_vectors

BASE = "https://ecert.example"
ISSUER = f"{BASE}/issuers/amr"
XSD = "http://www.w3.org/2001/XMLSchema#"
EVERY = pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', "\\", "\n\r\t\b\f", "\x00\x1f\x7f\x85\u2028", "陈大文·示例", "𠮷", "\ufffe", "' . <x> _:c14n0"]
)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.just(10**21)
TAGGED = st.fixed_dictionaries({"@value": TEXTS}, optional={"@language": st.sampled_from(["zh", "en-US"])})
TYPED = st.fixed_dictionaries({"@value": TEXTS | NUMBERS, "@type": st.sampled_from([f"{XSD}token", f"{XSD}string"])})
SCALARS = TEXTS | NUMBERS | st.booleans()
JSON = st.recursive(
    st.none() | st.booleans() | TEXTS | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
URLS = st.sampled_from(["did:example:1", "urn:x:陈", "https://a.example/?q=1#f", "https://a.example/2"])
DATES = st.sampled_from(["2026-01-01T00:00:00Z", "2026-12-31T23:59:59.5+08:00"])


def _values(field: Field) -> st.SearchStrategy[Any]:
    fields = (field.items or {}).get("fields")
    if fields is not None:
        each = st.fixed_dictionaries({}, optional={inner.name: SCALARS for inner in fields})
        return st.lists(each | TEXTS, max_size=3)
    if field.kind is Kind.ARRAY:
        return st.lists(SCALARS | TAGGED, max_size=4)
    return SCALARS | TAGGED | TYPED | st.lists(SCALARS | TAGGED, min_size=1, max_size=3)


def _document(ctype: CertificateType) -> st.SearchStrategy[dict[str, Any]]:
    subject = st.fixed_dictionaries(
        {"name": TEXTS},
        optional={"id": URLS}
        | {field.name: _values(field) for field in credential_fields(ctype.id) if field.name != "name"},
    )
    status = st.fixed_dictionaries(
        {"type": st.just("BitstringStatusListEntry"), "statusListCredential": URLS},
        optional={"id": URLS, "statusPurpose": TEXTS, "statusSize": st.integers(1, 8)},
    )
    name = "".join(word.capitalize() for word in ctype.id.split("_"))
    return st.fixed_dictionaries(
        {
            "@context": st.just([contexts.CREDENTIALS_V2, BASE + contexts.own_path(ctype)]),
            "type": st.permutations(["VerifiableCredential", name]),
            "issuer": st.just(ISSUER) | st.just({"id": ISSUER, "name": "示例"}),
            "credentialSubject": subject | st.lists(subject, min_size=1, max_size=2),
        },
        optional={
            "id": URLS,
            "name": TEXTS | TAGGED,
            "validFrom": DATES,
            "validUntil": DATES,
            "credentialStatus": status | st.lists(status, min_size=1, max_size=2),
            "status": JSON,
            "cnf": st.fixed_dictionaries({"jwk": JSON}),
        },
    )


@EVERY
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_both_ways_give_the_same_bytes(ctype: CertificateType, data: st.DataObject) -> None:
    document = data.draw(_document(ctype))
    found = compiled.canonical(document)
    assert found is None or found == rdf.canonical(document)


@EVERY
def test_every_type_goes_the_direct_way(ctype: CertificateType) -> None:
    name = "".join(word.capitalize() for word in ctype.id.split("_"))
    document = {
        "@context": [contexts.CREDENTIALS_V2, BASE + contexts.own_path(ctype)],
        "type": ["VerifiableCredential", name],
        "issuer": ISSUER,
        "credentialSubject": {field.name: field.example for field in credential_fields(ctype.id) if field.example},
    }
    assert compiled.canonical(document) == rdf.canonical(document)


@EVERY
def test_a_third_implementation_reads_every_type_alike(ctype: CertificateType) -> None:
    name = "".join(word.capitalize() for word in ctype.id.split("_"))
    document = {
        "@context": [contexts.CREDENTIALS_V2, BASE + contexts.own_path(ctype)],
        "type": ["VerifiableCredential", name],
        "issuer": ISSUER,
        "credentialSubject": {field.name: field.example for field in credential_fields(ctype.id) if field.example},
    }
    board = contexts.for_document(document)
    spelled_out = document | {"@context": [board.document(url)["@context"] for url in document["@context"]]}
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(json.dumps(spelled_out), format=pyoxigraph.RdfFormat.JSON_LD))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    assert compiled.canonical(document) == "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()


def test_both_ways_agree_with_sha_384() -> None:
    subject = {"business_scope": ["一", "一", "二"]}
    document = {
        "@context": [contexts.CREDENTIALS_V2, BASE + contexts.own_path(certificate_type("business_licence"))],
        "type": "VerifiableCredential",
        "issuer": ISSUER,
        "credentialSubject": subject,
    }
    assert compiled.canonical(document, algorithm="sha384") == rdf.canonical(document, algorithm="sha384")


def test_a_presentation_of_two_credentials_goes_the_direct_way() -> None:
    credential = {
        "@context": [contexts.CREDENTIALS_V2, contexts.EXAMPLES_V2],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"id": "did:example:2", "alumniOf": {"name": "示例"}},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "x", "proofPurpose": "assertionMethod"},
    }
    document = {
        "@context": contexts.CREDENTIALS_V2,
        "type": "VerifiablePresentation",
        "holder": {"id": "did:example:2"},
        "verifiableCredential": [credential, credential | {"issuer": "did:example:3"}],
    }
    assert compiled.canonical(document) == rdf.canonical(document)


@pytest.mark.parametrize(
    "more",
    [
        {"credentialSubject": {"said": "x", "@context": {"said": "urn:x:said"}}},
        {"@context": [contexts.CREDENTIALS_V2, {"said": "urn:x:said"}]},
        {"cnf": {"jwk": {"n": 0.1}}},
        {"cnf": {"jwk": {"é": 1}}},
        {"cnf": {"jwk": [2**53]}},
        {"cnf": {"jwk": {"a": [10**30, "\u2028"], "é": 1}}},
        {"name": {"@value": 1, "@type": f"{XSD}double"}},
    ],
    ids=[
        "an inline context below",
        "an inline context",
        "a fraction in JSON",
        "a name in JSON",
        "a long number",
        "much",
        "double",
    ],
)
def test_what_is_not_certainly_the_same_takes_the_general_way(more: dict[str, Any]) -> None:
    document = {
        "@context": [contexts.CREDENTIALS_V2],
        "type": "VerifiableCredential",
        "issuer": ISSUER,
        "credentialSubject": {"id": "urn:x:1"},
    }
    assert compiled.canonical(document | more) is None
    assert rdf.canonical(document | more)


INLINE = {
    "p": "urn:x:p#",
    "value": "@value",
    "text": {"@id": "p:text", "@language": "ZH"},
    "plain": {"@id": "p:plain", "@language": None},
    "right": {"@id": "p:right", "@direction": "rtl"},
    "none": {"@id": "p:none", "@type": "@none"},
    "typed": {"@id": "p:typed", "@type": "p:dt"},
    "token": {"@id": "p:token", "@type": f"{XSD}string"},
    "word": {"@id": "p:word", "@type": "@vocab"},
    "link": {"@id": "p:link", "@type": "@id"},
    "set": {"@id": "p:set", "@container": ["@set"]},
    "list": {"@id": "p:list", "@container": "@list", "@context": {"inner": "p:inner"}},
    "held": {"@id": "p:held", "@container": ["@graph", "@set"]},
    "json": {"@id": "p:json", "@type": "@json"},
    "Kind": {"@id": "p:Kind", "@context": {"@language": "en", "@vocab": "urn:x:v#", "part": {"@id": "p:part"}}},
    "p:full": {"@type": "@id"},
    "@language": "fr",
}


@pytest.mark.parametrize(
    "said",
    [
        {"text": "x"},
        {"plain": "x"},
        {"right": "x"},
        {"none": "x"},
        {"typed": ["x", 1, 1.5, True]},
        {"token": ["x", 2]},
        {"word": ["p:1", "text", "urn:x:1"]},
        {"link": ["p:1", "urn:x:1", {"@id": "p:2"}, {"text": "x"}, 1, {"@value": "x"}]},
        {"set": ["a", "b"]},
        {"list": []},
        {"list": "a"},
        {"list": ["a", ["b", []], {"inner": "c"}]},
        {"held": [{"text": "x"}, {"@id": "urn:x:2", "text": "y"}]},
        {"json": {"b": [1, None], "a": "\u2028"}},
        {"json": None},
        {"@type": "Kind", "part": {"text": "y"}, "free": "z"},
        {"@type": ["Kind", "p:Other"], "part": {"@id": "urn:x:2"}},
        {"p:full": "p:1"},
        {"urn:x:free": "x"},
        {"urn:x:free": {"@value": "x", "@type": "@json"}},
        {"plain": {}},
        {"plain": [{"value": "x"}, {"value": "y"}]},
        {"plain": -0.0},
        {"plain": 1e21},
        {"link": {"@context": {"@language": "de"}, "urn:x:free": "x"}},
        {"link": {"@context": {"@version": 1.1, "other": "p:other"}, "other": "x"}},
    ],
    ids=repr,
)
def test_the_walk_reads_inline_contexts_as_the_general_way_does(said: dict[str, Any]) -> None:
    document = {"@context": INLINE, "@id": "urn:x:s", **said}
    walk = compiled.Walk(contexts.Contexts())
    walk.document(document)
    assert walk.canonical("sha256") == rdf.canonical(document)


@pytest.mark.parametrize("language", [{}, {"@language": "AR-x"}], ids=["alone", "with a language"])
def test_a_direction_is_kept(language: dict[str, str]) -> None:
    name = {"@value": "نص", "@direction": "rtl", **language}
    document = {
        "@context": [contexts.CREDENTIALS_V2],
        "type": "VerifiableCredential",
        "issuer": ISSUER,
        "name": name,
        "credentialSubject": {"id": "urn:x:1"},
    }
    found = compiled.canonical(document)
    assert f"https://www.w3.org/ns/i18n#{name.get('@language', '').lower()}_rtl>" in (found or b"").decode()
    assert found == rdf.canonical(document)


def test_values_that_differ_by_their_direction_are_both_kept_or_refused() -> None:
    document = {
        "@context": [contexts.CREDENTIALS_V2],
        "type": "VerifiableCredential",
        "issuer": ISSUER,
        "name": [{"@value": "x", "@direction": "rtl"}, "x"],
        "credentialSubject": {"id": "urn:x:1"},
    }
    assert (compiled.canonical(document) or b"").count(b"schema.org/name") == 2
    with pytest.raises(ValueDropped, match="5 things, of which 4 were kept"):
        rdf.canonical(document)


@pytest.mark.vectors
@needs_vectors
def test_w3c_documents_give_the_same_both_ways() -> None:
    compared = 0
    for path in sorted(W3C.rglob("*.json")):
        document = json.loads(path.read_bytes())
        if type(document) is not dict or "@context" not in document:
            continue
        walk = compiled.Walk(contexts.for_document(document))
        try:
            walk.document(document)
        except (DataLoss, contexts.ContextUnknown):
            continue
        compared += 1
        assert walk.canonical("sha256") == rdf.canonical(document), path.name
    assert compared > 20


def test_half_a_surrogate_pair_is_refused() -> None:
    document = {"@context": {"said": "urn:x:said"}, "@id": "urn:x:1", "said": "\ud800"}
    walk = compiled.Walk(contexts.Contexts())
    walk.document(document)
    with pytest.raises(ValueDropped, match="surrogate"):
        walk.canonical("sha256")


def test_an_integer_beyond_every_double_is_refused() -> None:
    document = {"@context": {"said": "urn:x:said"}, "@id": "urn:x:1", "said": 10**400}
    with pytest.raises(ValueDropped, match="double"):
        compiled.Walk(contexts.Contexts()).document(document)
