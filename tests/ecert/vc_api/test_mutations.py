"""Valid documents with one member changed to any JSON value: never the server's fault, and never a wrong "verified".

A changed document may verify if it says the same: an array of one for the one, an empty context. Whether it does is
judged by the statements that another implementation reads from it.
"""

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.jsonld import rdf
from tests.support.vc_api import VERIFIABLE, VcApi

NAMES = (
    "@context", "@id", "@type", "@value", "@graph", "@base", "@vocab", "id", "type", "issuer", "holder", "proof",
    "credentialSubject", "credentialStatus", "credentialSchema", "evidence", "relatedResource", "termsOfUse",
    "validFrom", "validUntil", "verifiableCredential", "previousProof", "cryptosuite", "challenge", "domain", "name",
    "", "constructor", "\u0000",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r", "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/2018/credentials/v1", "urn:uuid:0", "_:b0", "did:key:z#z", "z", "u", "u2V0A", "data:,",
            "data:application/vc+jwt,e30.e30.", "VerifiableCredential", "EnvelopedVerifiableCredential",
            "2026-01-01T00:00:00Z", "DataIntegrityProof",
            "ecdsa-sd-2023", "eddsa-jcs-2022", "\ud7ff\uffff", "https://example.org/ \u202e",
        ]
    ),
)  # fmt: skip
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), FLOATS, TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=6)), inner, max_size=3),
    ),
    max_leaves=6,
)
REMOVAL = object()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every member and item."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from places(inner, (*path, name))


def mutated(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a copy with another value at ``path``, or nothing there."""
    made = copy.deepcopy(document)
    holder: Any = made
    for step in path[:-1]:
        holder = holder[step]
    if value is REMOVAL:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return made


def mutations(document: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return documents that differ from ``document`` in one place: another value, none, or a member more."""
    paths = sorted(places(document), key=repr)
    holders = [(), *(path for path in paths if isinstance(_at(document, path), dict))]
    changed = st.builds(mutated, st.just(document), st.sampled_from(paths), st.one_of(VALUES, st.just(REMOVAL)))
    grown = st.builds(
        lambda path, name, value: mutated(document, (*path, name), value),
        st.sampled_from(holders),
        st.one_of(st.sampled_from(NAMES), st.text(max_size=8)),
        VALUES,
    )
    return st.one_of(changed, grown).filter(lambda made: made != document)


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def rich(vc_api: VcApi, name: str) -> dict[str, Any]:
    """Return an issued credential with many kinds of members."""
    return vc_api.issued(
        name,
        id="urn:uuid:36245ee9-9074-4b05-a777-febff2e69757",
        validFrom="2026-01-01T00:00:00Z",
        name={"@value": "示例证", "@language": "zh"},
        credentialSchema={"id": "https://example.org/schema.json", "type": "JsonSchema"},
        credentialSubject={"id": "did:example:subject", "name": "陈大文"},
    )


def statements(document: dict[str, Any]) -> bytes:
    """Return what a document says beside its proof."""
    return rdf.canonical({name: value for name, value in document.items() if name != "proof"})


def check(answer: httpx.Response, document: dict[str, Any], original: dict[str, Any]) -> None:
    """Assert that a changed document is refused as documented, or says what the original says."""
    if answer.status_code == 200:
        assert statements(document) == statements(original), document
    else:
        assert answer.status_code in (400, 422), (answer.status_code, document)
        assert answer.json()["verified"] is False


@pytest.mark.parametrize("name", VERIFIABLE)
def test_a_credential_changed_in_any_place_is_refused(vc_api: VcApi, name: str) -> None:
    original = rich(vc_api, name)

    @settings(max_examples=60, database=None)
    @given(document=mutations(original))
    def run(document: dict[str, Any]) -> None:
        check(vc_api.verify(document), document, original)

    run()


def test_a_derived_credential_changed_in_any_place_is_refused(vc_api: VcApi) -> None:
    answer = vc_api.derive(rich(vc_api, "ecdsa-sd-2023"), ["/issuer", "/credentialSubject/name"])
    original = answer.json()["verifiableCredential"]

    @settings(max_examples=100, database=None)
    @given(document=mutations(original))
    def run(document: dict[str, Any]) -> None:
        check(vc_api.verify(document), document, original)

    run()


def test_a_presentation_changed_in_any_place_is_refused(vc_api: VcApi) -> None:
    inner = [rich(vc_api, "ecdsa-rdfc-2019-p256"), vc_api.issued("vc-jwt")]
    original = vc_api.presented(vc_api.presentation(*inner))
    options = {"challenge": "uChallenge", "domain": "example.com"}

    @settings(max_examples=100, database=None)
    @given(document=mutations(original))
    def run(document: dict[str, Any]) -> None:
        check(vc_api.verify_presentation(document, options), document, original)

    run()


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-sd-2023", "vc-jwt", "bitstring"])
def test_a_credential_to_issue_of_any_form_is_issued_or_refused(vc_api: VcApi, name: str) -> None:
    credential = {member: value for member, value in rich(vc_api, "eddsa-rdfc-2022").items() if member != "proof"}
    credential["issuer"] = vc_api.issuer(name).id

    @settings(max_examples=80, database=None)
    @given(document=mutations(credential))
    def run(document: dict[str, Any]) -> None:
        answer = vc_api.issue(name, document)
        assert answer.status_code in (201, 400, 422), document
        if answer.status_code == 201 and name != "ecdsa-sd-2023":
            verdict = vc_api.verify(answer.json()["verifiableCredential"], {"checks": ["proof"]})
            assert verdict.status_code == 200, (document, verdict.text)

    run()


@pytest.mark.parametrize("path", ["/issuers/eddsa-rdfc-2022/credentials/issue", "/credentials/derive"])
def test_a_request_of_any_form_is_answered(vc_api: VcApi, path: str) -> None:
    @settings(max_examples=100, database=None)
    @given(body=VALUES)
    def run(body: Any) -> None:
        assert vc_api.client.post(path, json=body).status_code in (400, 422)

    run()
