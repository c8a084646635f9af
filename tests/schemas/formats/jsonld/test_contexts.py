"""The contexts on board: W3C's published bytes, ours under the issuer's own URL, and no others."""

import hashlib
from importlib.resources import files
from typing import Any

import orjson
import pytest

from schemas.catalogue import CertificateType
from schemas.formats.jsonld import contexts
from schemas.formats.jsonld.errors import ContextUnknown
from schemas.formats.jsonld.terms import Active, process
from schemas.generate import document_bytes, jsonld_context
from schemas.types import all_types, certificate_type, credential_fields
from tests.support import vectors

VECTORS = vectors.W3C / "contexts"
W3C = {
    contexts.CREDENTIALS_V2: "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    contexts.CREDENTIALS_V1: "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
    contexts.EXAMPLES_V2: "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c",
    contexts.DATA_INTEGRITY_V2: "0f77743daf5b4e8fc067fc5ba5b21044283053aa717fc6b0219843bed3b00363",
    contexts.DATA_INTEGRITY_V1: "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
    contexts.MULTIKEY_V1: "8e6bad2e5b4f0721906a4dcc2f7a894b1215cf9a47014c71e286423860642ff0",
}
BASE = "https://ecert.example"


@pytest.mark.parametrize("url", W3C)
def test_w3c_contexts_are_the_published_bytes(url: str) -> None:
    assert hashlib.sha256(contexts.known(url) or b"").hexdigest() == W3C[url]


@pytest.mark.parametrize("url", W3C)
def test_a_context_is_parsed_once(url: str) -> None:
    board = contexts.Contexts()
    assert board.document(url) is board.document(url)
    assert board.document(url) == orjson.loads(contexts.known(url) or b"")


@pytest.mark.vectors
@vectors.needs_vectors
@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_both_published_texts_of_credentials_v2_are_known_by_digest(algorithm: str) -> None:
    texts = [(VECTORS / name).read_bytes() for name in ("credentials-v2.jsonld", "credentials-v2.2024-07-20.jsonld")]
    digests = frozenset(hashlib.new(algorithm, text).digest() for text in texts)
    assert contexts.digests(contexts.CREDENTIALS_V2, algorithm) == digests


def test_a_context_of_one_text_has_one_digest() -> None:
    digest = hashlib.sha256(contexts.known(contexts.EXAMPLES_V2) or b"").digest()
    assert contexts.digests(contexts.EXAMPLES_V2, "sha256") == {digest}


def test_what_is_not_on_board_has_no_digests() -> None:
    assert contexts.digests("https://unknown.example/v1", "sha256") is None


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_our_context_is_the_one_that_is_published(ctype: CertificateType) -> None:
    url = BASE + contexts.own_path(ctype)
    assert contexts.known(url, bases=frozenset({BASE})) == document_bytes(jsonld_context(ctype))
    assert contexts.Contexts(frozenset({BASE})).document(url) == jsonld_context(ctype)


LICENCE = contexts.own_path(certificate_type("business_licence"))


@pytest.mark.parametrize(
    "issuer",
    [f"{BASE}/issuers/amr", {"id": f"{BASE}/issuers/amr", "name": "示例"}],
    ids=["a URL", "an object"],
)
def test_our_context_is_known_under_the_public_url_of_the_issuer(issuer: Any) -> None:
    assert contexts.for_document({"issuer": issuer}).read(BASE + LICENCE)


def test_our_contexts_are_known_under_the_public_urls_of_all_issuers_of_a_presentation() -> None:
    held = [{"issuer": f"{BASE}/issuers/amr"}, {"issuer": "https://other.example/a/issuers/amr"}, "no object"]
    board = contexts.for_document({"verifiableCredential": held})
    assert board.bases == {BASE, "https://other.example/a"}
    assert contexts.for_document({"verifiableCredential": held[0]}).bases == {BASE}


@pytest.mark.parametrize(
    "url",
    [
        f"https://attacker.example{LICENCE}",
        f"{BASE}/contexts/business_licence/2",
        f"{BASE}/contexts/unknown/1",
        f"{BASE}/contexts/",
        f"{BASE}/other{LICENCE}",
        BASE,
        "",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    board = contexts.for_document({"issuer": f"{BASE}/issuers/amr"})
    assert board.read(url) is None
    with pytest.raises(ContextUnknown, match="not on board"):
        board.document(url)


@pytest.mark.parametrize(
    "issuer", [None, 1, "did:example:1", "ftp://x.example/issuers/amr", f"{BASE}/issuers/", "/issuers/amr"]
)
def test_an_issuer_of_another_form_has_no_public_url(issuer: object) -> None:
    assert contexts.base_of(issuer) is None


def test_every_context_on_board_is_in_the_notice() -> None:
    folder = files("schemas.formats.jsonld") / "contexts"
    notice = (folder / "NOTICE").read_text("utf-8")
    shipped = [entry.name for entry in folder.iterdir() if entry.name.endswith(".jsonld")]
    assert len(shipped) == len(W3C)
    assert all(name in notice for name in [*shipped, *W3C, *W3C.values()])


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
@pytest.mark.parametrize("before", [contexts.CREDENTIALS_V2, contexts.CREDENTIALS_V1])
def test_our_context_stands_after_either_base_context_and_data_integrity(before: str, ctype: CertificateType) -> None:
    board = contexts.Contexts(frozenset({BASE}))
    own = BASE + contexts.own_path(ctype)
    active = process(Active(board), [before, own, contexts.DATA_INTEGRITY_V2])
    assert {field.name for field in credential_fields(ctype.id)} <= active.terms.keys()
