"""The statements that are signed: the direct ways write what the general way writes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import CertificateType
from schemas.formats.data_integrity import SdSecrets, statements
from schemas.formats.data_integrity.ecdsa_sd_2023 import labelled, selection
from schemas.formats.data_integrity.errors import SelectionNotSigned
from schemas.formats.data_integrity.options import fresh_sd_secrets
from schemas.formats.jsonld import contexts, rdf
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.errors import JsonLdError, JsonLdUnsupported
from schemas.types import all_types

V2 = contexts.CREDENTIALS_V2
BASE = "https://ecert.example"
BOARD = Contexts(frozenset({BASE}))
CONFIG: dict[str, Any] = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-03-02T08:00:00Z",
    "verificationMethod": "https://ecert.example/issuers/amr#k1",
    "proofPurpose": "assertionMethod",
}
MORE: dict[str, Any] = {
    "id": "urn:uuid:1",
    "expires": "2027-03-02T08:00:00+08:00",
    "domain": '窗口\n"1"',
    "challenge": "c\\",
    "nonce": "n\t",
}


def _both(config: dict[str, Any], context: Any) -> tuple[bytes, bytes]:
    direct = statements.of_options(config, {"@context": context}, BOARD, "sha256")
    return direct, rdf.canonical({**config, "@context": context}, contexts=BOARD)


@given(st.sets(st.sampled_from(sorted(MORE))), st.sampled_from(["assertionMethod", "authentication"]), st.booleans())
def test_options_are_written_as_the_general_way_writes_them(more: set[str], purpose: str, dated: bool) -> None:
    config = CONFIG | {name: MORE[name] for name in more} | {"proofPurpose": purpose}
    if not dated:
        del config["created"]
    direct, general = _both(config, [V2])
    assert direct == general


@pytest.mark.parametrize(
    "context",
    [
        [V2, contexts.EXAMPLES_V2],
        [contexts.CREDENTIALS_V1, contexts.DATA_INTEGRITY_V2],
        [contexts.CREDENTIALS_V1, contexts.EXAMPLES_V2, contexts.DATA_INTEGRITY_V2],
    ],
)
def test_options_are_the_same_under_every_base_context(context: list[str]) -> None:
    direct, general = _both(CONFIG | MORE, context)
    assert direct == general


@pytest.mark.parametrize("ctype", all_types(), ids=lambda ctype: ctype.id)
def test_a_type_s_context_does_not_change_the_meaning_of_options(ctype: CertificateType) -> None:
    direct, general = _both(CONFIG | MORE, [V2, BASE + contexts.own_path(ctype)])
    assert direct == general


@pytest.mark.parametrize(
    "change",
    [
        {"previousProof": "urn:uuid:0"},
        {"domain": ["a.example", "b.example"]},
        {"proofPurpose": "capabilityInvocation"},
        {"verificationMethod": "urn-x:key"},
        {"id": "urn-x:id"},
    ],
)
def test_other_options_take_the_general_way(change: dict[str, Any]) -> None:
    direct, general = _both(CONFIG | change, [V2])
    assert direct == general


def test_a_prefix_of_the_document_s_own_context_is_spelled_out() -> None:
    direct, general = _both(CONFIG, [V2, {"https": "urn:elsewhere:"}])
    assert direct == general
    assert b"<urn:elsewhere://" not in direct


def test_a_context_that_is_no_array_takes_the_general_way() -> None:
    direct, general = _both(CONFIG, V2)
    assert direct == general


@pytest.mark.parametrize("context", [None, [], [contexts.CREDENTIALS_V1]])
def test_contexts_that_do_not_define_a_proof_are_refused(context: Any) -> None:
    with pytest.raises(JsonLdError):
        statements.of_options(CONFIG, {"@context": context}, BOARD, "sha256")


# Under other names


LIST = {"list": {"@id": "urn:x:list", "@container": "@list"}}
DOCUMENT: dict[str, Any] = {
    "@context": [V2, LIST],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:i",
    "credentialSubject": {"name": "陈大文", "list": ["a", "b"]},
}


def _label(document: dict[str, Any]) -> labelled.Labelled:
    return labelled.label(document, bytes(32), BOARD)


def test_a_part_without_nodes_of_its_own_can_be_shown() -> None:
    whole = _label(DOCUMENT)
    assert len(whole.group(whole.quads(selection.tree(["/credentialSubject/name"])))) == 3


def test_a_graph_cannot_be_shown_apart() -> None:
    document = DOCUMENT | {"@context": [V2], "type": "VerifiablePresentation", "holder": "did:example:h"}
    held = {"@context": [V2], "type": ["VerifiableCredential"], "issuer": "did:example:i", "name": "示例"}
    for name in ("issuer", "credentialSubject"):
        del document[name]
    whole = _label(document | {"verifiableCredential": held})
    with pytest.raises(SelectionNotSigned):
        whole.group(whole.quads(selection.tree(["/verifiableCredential/name"])))


def test_a_part_of_a_value_cannot_be_shown_apart() -> None:
    document = DOCUMENT | {"name": {"@value": "示例", "@language": "zh"}}
    whole = _label(document)
    with pytest.raises(SelectionNotSigned, match="whole document"):
        whole.group(whole.quads(selection.tree(["/name/@value"])))


def test_a_name_that_a_document_takes_for_itself_selects_nothing_of_others() -> None:
    document = DOCUMENT | {"credentialSubject": [{"name": "陈大文"}, {"id": "urn:ecert:node:c14n1", "name": "李小明"}]}
    whole = _label(document)
    with pytest.raises(SelectionNotSigned):
        whole.group(whole.quads(selection.tree(["/credentialSubject/1/name"])))


def test_a_document_that_two_readers_read_differently_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf, "canonical", lambda *_, **__: b"")
    with pytest.raises(JsonLdUnsupported, match="differ"):
        _label(DOCUMENT)


def test_secrets_of_a_selective_proof_are_a_key_and_32_bytes() -> None:
    first, second = fresh_sd_secrets(), fresh_sd_secrets()
    assert isinstance(first, SdSecrets)
    assert len(first.hmac_key) == 32
    assert first.hmac_key != second.hmac_key
    assert first.signer.public_key != second.signer.public_key
