"""Verifying: what holds, and for each flaw the one reason why it does not."""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from keys import base58
from keys.did import from_did, to_multikey
from keys.errors import InvalidSignature, MalformedKey
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.data_integrity import (
    ASSERTION,
    AUTHENTICATION,
    Policy,
    ProofOptions,
    Suite,
    derive,
    disclosed_count,
    issue,
    issuer_signature,
    jcs,
    read_proofs,
    verify,
)
from schemas.formats.data_integrity.ecdsa_sd_2023 import BaseValue, DerivedValue
from schemas.formats.data_integrity.errors import (
    HolderNotController,
    IssuerNotController,
    KeyUnfitForCryptosuite,
    ProofChallengeMismatch,
    ProofContextMismatch,
    ProofDomainMismatch,
    ProofExpired,
    ProofMissing,
    ProofPurposeMismatch,
    ProofValuePrefixWrong,
    ProofValueUndecodable,
    SdHeaderWrong,
    SdLabelMapIncomplete,
    SdMandatoryIndexesMalformed,
    SdSignatureCountWrong,
    SdStatementSignatureInvalid,
    SecuredDocumentMalformed,
)
from schemas.formats.jsonld.errors import (
    ContextUnknown,
    IdRelative,
    ProtectedTermRedefined,
    TermUndefined,
    TypeUndefined,
)

RDFC, JCS = Suite.EDDSA_RDFC_2022, Suite.EDDSA_JCS_2022
BOTH = pytest.mark.parametrize("suite", [RDFC, JCS])
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"


def _with_proof(signed: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**signed, "proof": {**signed["proof"], **members}}


@BOTH
def test_what_was_signed_comes_out_without_its_proof(credential: dict[str, Any], issued: Any, suite: Suite) -> None:
    signed = issued(credential, suite)
    verified = verify(signed, from_did)
    (proof,) = verified.proofs
    assert verified.document == credential
    assert (proof.cryptosuite, proof.created, proof.verification_method) == (
        suite,
        NOW,
        credential["issuer"] + "#" + credential["issuer"][8:],
    )
    assert proof.controller == credential["issuer"]


@BOTH
@pytest.mark.parametrize("change", [{"city": "广州市"}, {"height": 1.76}, {"extra": "x"}])
def test_a_changed_document_is_refused(
    credential: dict[str, Any], issued: Any, suite: Suite, change: dict[str, Any]
) -> None:
    signed = issued(credential, suite)
    signed["credentialSubject"] = {**signed["credentialSubject"], **change}
    with pytest.raises(InvalidSignature):
        verify(signed, from_did)


@BOTH
@pytest.mark.parametrize(
    "change",
    [{"created": "2026-03-02T09:00:00Z"}, {"nonce": "n"}, {"id": "urn:uuid:1"}, {"expires": "2099-01-01T00:00:00Z"}],
)
def test_changed_options_are_refused(
    credential: dict[str, Any], issued: Any, suite: Suite, change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidSignature):
        verify(_with_proof(issued(credential, suite), **change), from_did)


@BOTH
def test_another_key_is_refused(credential: dict[str, Any], issued: Any, suite: Suite) -> None:
    other = from_did("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
    with pytest.raises(InvalidSignature):
        verify(issued(credential, suite), lambda _: other)


@BOTH
def test_a_key_of_another_kind_is_refused(credential: dict[str, Any], issued: Any, suite: Suite, p256: Any) -> None:
    with pytest.raises(KeyUnfitForCryptosuite):
        verify(issued(credential, suite), lambda _: p256.signer.public_key)


def test_what_the_resolver_raises_comes_through(credential: dict[str, Any], issued: Any) -> None:
    def nothing(_: str) -> PublicKey:
        raise MalformedKey("no such key")

    with pytest.raises(MalformedKey, match="no such key"):
        verify(issued(credential), nothing)


@pytest.mark.parametrize("document", [None, "{}", [], 1, True])
def test_what_is_no_object_is_refused(document: Any) -> None:
    with pytest.raises(SecuredDocumentMalformed):
        verify(document, from_did)


def test_a_document_without_a_proof_is_refused(credential: dict[str, Any]) -> None:
    with pytest.raises(ProofMissing):
        verify(credential, from_did)


def test_another_prefix_of_the_proof_value_is_refused(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential)
    with pytest.raises(ProofValuePrefixWrong):
        verify(_with_proof(signed, proofValue="u" + signed["proof"]["proofValue"][1:]), from_did)


def test_a_proof_value_without_prefix_is_refused(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential)
    with pytest.raises(ProofValuePrefixWrong):
        verify(_with_proof(signed, proofValue=signed["proof"]["proofValue"].lstrip("z")), from_did)


def test_a_proof_value_that_is_no_base58_is_refused(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(ProofValueUndecodable):
        verify(_with_proof(issued(credential), proofValue="z0OIl"), from_did)


@pytest.mark.parametrize("value", ["z", "z1", "z3", "z" + "1" * 64])
def test_a_signature_of_another_length_is_refused(credential: dict[str, Any], issued: Any, value: str) -> None:
    with pytest.raises(InvalidSignature):
        verify(_with_proof(issued(credential), proofValue=value), from_did)


def test_the_signature_of_one_suite_is_none_of_another(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(InvalidSignature):
        verify(_with_proof(issued(credential), cryptosuite="eddsa-jcs-2022"), from_did)


def test_a_proof_for_another_purpose_is_refused(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(ProofPurposeMismatch):
        verify(issued(credential, purpose=AUTHENTICATION), from_did, purpose=ASSERTION)


def test_a_proof_is_good_until_it_expires(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential, expires=NOW)
    verify(signed, from_did, policy=Policy(now=NOW - timedelta(seconds=1)))
    with pytest.raises(ProofExpired):
        verify(signed, from_did, policy=Policy(now=NOW))


def test_without_a_clock_expiry_is_not_judged(credential: dict[str, Any], issued: Any) -> None:
    assert verify(issued(credential, expires=NOW), from_did).document == credential


# Whose key


def test_a_key_of_somebody_else_than_the_issuer_is_refused(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential | {"issuer": "https://ecert.example/issuers/amr"})
    with pytest.raises(IssuerNotController):
        verify(signed, from_did)


@pytest.mark.parametrize("issuer", [None, 1, [], {"name": "示例局"}])
def test_a_credential_of_nobody_is_refused(credential: dict[str, Any], issued: Any, issuer: Any) -> None:
    signed = issued(credential)
    with pytest.raises(IssuerNotController):
        verify({**signed, "issuer": issuer}, from_did)


def test_an_issuer_may_be_an_object(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential | {"issuer": {"id": credential["issuer"], "name": "示例局"}})
    assert verify(signed, from_did).document["issuer"]["name"] == "示例局"


def test_a_policy_may_take_any_key(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential | {"issuer": "https://ecert.example/issuers/amr"})
    assert verify(signed, from_did, policy=Policy(own_key=False)).proofs


def test_other_purposes_than_the_two_have_no_owner(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential | {"issuer": "https://a.example/"}, purpose="capabilityInvocation")
    assert verify(signed, from_did, purpose="capabilityInvocation").proofs


# Presentations


@pytest.fixture
def presentation(credential: dict[str, Any], issued: Any, edwards: Any) -> dict[str, Any]:
    """A presentation of one credential by its holder, for a verifier's challenge."""
    held = issued(credential)
    vp = {
        "@context": [V2, EXAMPLES],
        "type": "VerifiablePresentation",
        "holder": edwards.id,
        "verifiableCredential": [held],
    }
    return issued(vp, purpose=AUTHENTICATION, domain="counter.example", challenge="n-0S6")  # type: ignore[no-any-return]


ASKED = Policy(domain="counter.example", challenge="n-0S6")


def test_a_presentation_verifies_for_its_challenge_and_domain(presentation: dict[str, Any]) -> None:
    verified = verify(presentation, from_did, purpose=AUTHENTICATION, policy=ASKED)
    (inner,) = verified.document["verifiableCredential"]
    assert verify(inner, from_did).proofs


def test_a_challenge_and_a_domain_that_nobody_asked_for_do_no_harm(presentation: dict[str, Any]) -> None:
    assert verify(presentation, from_did, purpose=AUTHENTICATION).proofs


@pytest.mark.parametrize("challenge", ["other", ""])
def test_another_challenge_is_refused(presentation: dict[str, Any], challenge: str) -> None:
    with pytest.raises(ProofChallengeMismatch):
        verify(presentation, from_did, purpose=AUTHENTICATION, policy=Policy(challenge=challenge))


def test_another_domain_is_refused(presentation: dict[str, Any]) -> None:
    with pytest.raises(ProofDomainMismatch):
        verify(presentation, from_did, purpose=AUTHENTICATION, policy=Policy(domain="bank.example"))


def test_one_domain_among_several_is_not_the_one_asked_for(presentation: dict[str, Any]) -> None:
    signed = _with_proof(presentation, domain=["counter.example", "bank.example"])
    with pytest.raises(ProofDomainMismatch):
        verify(signed, from_did, purpose=AUTHENTICATION, policy=ASKED)


def test_a_presentation_without_challenge_is_refused(credential: dict[str, Any], issued: Any) -> None:
    vp = {"@context": [V2], "type": "VerifiablePresentation", "holder": credential["issuer"]}
    with pytest.raises(ProofChallengeMismatch):
        verify(issued(vp, purpose=AUTHENTICATION), from_did, purpose=AUTHENTICATION, policy=Policy(challenge="c"))


def test_a_presentation_by_another_key_than_its_holder_s_is_refused(credential: dict[str, Any], issued: Any) -> None:
    vp = {"@context": [V2], "type": "VerifiablePresentation", "holder": {"id": "did:example:holder"}}
    with pytest.raises(HolderNotController):
        verify(issued(vp, purpose=AUTHENTICATION), from_did, purpose=AUTHENTICATION)


def test_a_presentation_need_not_name_its_holder(issued: Any) -> None:
    vp = issued({"@context": [V2], "type": "VerifiablePresentation"}, purpose=AUTHENTICATION)
    assert verify(vp, from_did, purpose=AUTHENTICATION).proofs


def test_a_credential_s_proof_is_none_of_a_presentation(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(ProofPurposeMismatch):
        verify(issued(credential), from_did, purpose=AUTHENTICATION)


# The proof's own @context


def test_the_proof_of_a_jcs_suite_repeats_the_context(credential: dict[str, Any], issued: Any) -> None:
    assert issued(credential, JCS)["proof"]["@context"] == credential["@context"]


def test_contexts_added_behind_those_signed_do_not_come_out(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential, JCS)
    signed["@context"] = [*signed["@context"], "https://w3id.org/security/multikey/v1"]
    assert verify(signed, from_did).document["@context"] == credential["@context"]


@pytest.mark.parametrize(
    "context", [[EXAMPLES, V2], [V2, "https://w3id.org/security/multikey/v1"], [], V2, None, [V2, EXAMPLES, EXAMPLES]]
)
def test_another_context_than_the_document_s_is_refused(credential: dict[str, Any], issued: Any, context: Any) -> None:
    with pytest.raises(ProofContextMismatch):
        verify(_with_proof(issued(credential, JCS), **{"@context": context}), from_did)


def test_contexts_added_to_a_document_of_an_rdfc_suite_are_refused(credential: dict[str, Any], issued: Any) -> None:
    signed = _with_proof(issued(credential), **{"@context": [V2]})
    with pytest.raises(ProofContextMismatch):
        verify(signed, from_did)


def test_the_same_context_in_a_proof_of_an_rdfc_suite_does_no_harm(credential: dict[str, Any], issued: Any) -> None:
    signed = _with_proof(issued(credential), **{"@context": credential["@context"]})
    assert verify(signed, from_did).document == credential


def test_contexts_added_to_a_set_are_refused(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(issued(credential, JCS), JCS)
    signed["@context"] = [*signed["@context"], "https://w3id.org/security/multikey/v1"]
    with pytest.raises(ProofContextMismatch):
        verify(signed, from_did)


def test_a_context_that_is_only_signed_by_jcs_need_not_be_repeated(credential: dict[str, Any], edwards: Any) -> None:
    signed = by_hand(credential, edwards.signer, edwards.method)
    assert verify(signed, from_did).document == credential


def by_hand(document: dict[str, Any], signer: Signer, method: str) -> dict[str, Any]:
    """Return the document with a proof of eddsa-jcs-2022 that does not repeat the context."""
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    signature = signer.sign(sha256(jcs.canonical(config)).digest() + sha256(jcs.canonical(document)).digest())
    return {**document, "proof": {**config, "proofValue": "z" + base58.encode(signature)}}


# What JSON-LD would drop: signed by somebody who did not look, and refused although the signature matches


@BOTH
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"@context": [V2], "type": ["VerifiableCredential"]}, TermUndefined),
        ({"@context": [V2], "type": ["VerifiableCredential", "Unheard"]}, TypeUndefined),
        ({"id": "relative"}, IdRelative),
        ({"@context": [V2, {"@base": "https://a.example/"}], "id": "relative"}, IdRelative),
        ({"@context": [V2, "https://unknown.example/v1"]}, ContextUnknown),
        ({"@context": [V2, {"VerifiableCredential": "https://a.example/VC"}]}, ProtectedTermRedefined),
    ],
)
def test_a_document_that_json_ld_would_not_keep_is_refused(
    credential: dict[str, Any], issued: Any, suite: Suite, change: dict[str, Any], error: type[Exception]
) -> None:
    signed = issued(credential, suite) | change
    if suite is JCS:
        signed = _with_proof(signed, **{"@context": signed["@context"]})
    with pytest.raises(error):
        verify(signed, from_did)


@BOTH
def test_a_member_of_the_proof_that_no_context_defines_is_refused(edwards: Any, issued: Any, suite: Suite) -> None:
    plain = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": edwards.id,
        "credentialSubject": {"id": "urn:a"},
    }
    with pytest.raises(TermUndefined):
        verify(_with_proof(issued(plain, suite), unheard="x"), from_did)


# ecdsa-sd-2023


@pytest.fixture
def base(credential: dict[str, Any], p256: Any) -> dict[str, Any]:
    """A credential with a base proof: the issuer is mandatory."""
    return issue(
        credential | {"issuer": p256.id},
        p256.signer,
        suite=Suite.ECDSA_SD_2023,
        verification_method=p256.method,
        created=NOW,
        options=ProofOptions(mandatory_pointers=("/issuer", "/validFrom")),
    )


@pytest.fixture
def shown(base: dict[str, Any]) -> dict[str, Any]:
    """The same with two claims shown."""
    return derive(base, ("/credentialSubject/fullName", "/credentialSubject/city", "/validUntil"))


def test_only_what_was_selected_is_shown(shown: dict[str, Any]) -> None:
    subject = verify(shown, from_did).document["credentialSubject"]
    assert subject == {"id": "did:example:holder", "fullName": "陈大文", "city": "江门市"}


def test_what_is_mandatory_is_shown_without_being_selected(base: dict[str, Any]) -> None:
    assert verify(derive(base, ()), from_did).document["validFrom"] == "2026-01-01T00:00:00Z"


def test_a_base_proof_is_nothing_for_a_verifier(base: dict[str, Any]) -> None:
    with pytest.raises(SdHeaderWrong):
        verify(base, from_did)


def test_a_holder_takes_a_base_proof(base: dict[str, Any], credential: dict[str, Any]) -> None:
    verified = verify(base, from_did, policy=Policy(base_proofs=True))
    assert verified.document["credentialSubject"] == credential["credentialSubject"]


def test_a_holder_takes_a_derived_proof_too(shown: dict[str, Any]) -> None:
    assert verify(shown, from_did, policy=Policy(base_proofs=True)).proofs


def test_a_base_proof_with_a_bad_statement_signature_is_refused(base: dict[str, Any]) -> None:
    value = BaseValue.parse(base["proof"]["proofValue"])
    turned = replace(value, signatures=value.signatures[::-1])
    with pytest.raises(SdStatementSignatureInvalid):
        verify(_with_proof(base, proofValue=turned.text()), from_did, policy=Policy(base_proofs=True))


def test_a_base_proof_with_other_mandatory_pointers_is_refused(base: dict[str, Any]) -> None:
    value = replace(BaseValue.parse(base["proof"]["proofValue"]), mandatory_pointers=("/issuer",))
    with pytest.raises(InvalidSignature):
        verify(_with_proof(base, proofValue=value.text()), from_did, policy=Policy(base_proofs=True))


def test_a_base_proof_with_a_signature_too_few_cannot_be_derived_from(base: dict[str, Any]) -> None:
    value = BaseValue.parse(base["proof"]["proofValue"])
    with pytest.raises(SdSignatureCountWrong):
        derive(_with_proof(base, proofValue=replace(value, signatures=value.signatures[1:]).text()), ())


def _derived(shown: dict[str, Any], **changes: Any) -> dict[str, Any]:
    value = replace(DerivedValue.parse(shown["proof"]["proofValue"]), **changes)
    return _with_proof(shown, proofValue=value.text())


def test_a_changed_claim_is_refused(shown: dict[str, Any]) -> None:
    shown["credentialSubject"]["city"] = "广州市"
    with pytest.raises(SdStatementSignatureInvalid):
        verify(shown, from_did)


def test_a_changed_mandatory_claim_is_refused(shown: dict[str, Any]) -> None:
    with pytest.raises(InvalidSignature):
        verify(shown | {"validFrom": "2020-01-01T00:00:00Z"}, from_did)


def test_a_claim_too_many_is_refused(shown: dict[str, Any]) -> None:
    # Its statement stands behind all others: the mandatory ones keep their places.
    with pytest.raises(SdSignatureCountWrong):
        verify(shown | {"extra": "x"}, from_did)


def test_a_claim_taken_away_is_refused(shown: dict[str, Any]) -> None:
    del shown["validUntil"]  # whose statement stands behind all others
    with pytest.raises(SdSignatureCountWrong):
        verify(shown, from_did)


def test_a_mandatory_statement_made_optional_is_refused(shown: dict[str, Any]) -> None:
    value = DerivedValue.parse(shown["proof"]["proofValue"])
    fewer = _derived(shown, mandatory_indexes=value.mandatory_indexes[1:], signatures=(*value.signatures, bytes(64)))
    with pytest.raises(InvalidSignature):
        verify(fewer, from_did)


def test_a_mandatory_index_behind_the_last_statement_is_refused(shown: dict[str, Any]) -> None:
    value = DerivedValue.parse(shown["proof"]["proofValue"])
    with pytest.raises(SdMandatoryIndexesMalformed):
        verify(_derived(shown, mandatory_indexes=(*value.mandatory_indexes, 99)), from_did)


def test_other_names_of_blank_nodes_are_refused(shown: dict[str, Any]) -> None:
    with pytest.raises(InvalidSignature):
        verify(_derived(shown, labels={"c14n0": "u" + "A" * 43}), from_did)


@pytest.mark.parametrize(
    "labels", [{}, {"c14n1": "u" + "A" * 43}, {"c14n0": "u" + "A" * 43, "c14n1": "u" + "B" * 42 + "A"}]
)
def test_a_label_map_that_does_not_fit_the_document_is_refused(shown: dict[str, Any], labels: dict[str, str]) -> None:
    with pytest.raises(SdLabelMapIncomplete):
        verify(_derived(shown, labels=labels), from_did)


def test_another_statement_key_is_refused(shown: dict[str, Any], p256: Any) -> None:
    with pytest.raises(InvalidSignature):
        verify(_derived(shown, public_key=to_multikey(p256.signer.public_key)), from_did)


def test_the_issuer_s_signature_is_the_same_in_all_that_is_derived(base: dict[str, Any], shown: dict[str, Any]) -> None:
    signatures = {issuer_signature(read_proofs(each)[0]) for each in (base, shown, derive(base, ()))}
    assert len(signatures) == 1


def test_what_was_shown_by_choice_is_counted(base: dict[str, Any], shown: dict[str, Any]) -> None:
    counts = [disclosed_count(read_proofs(each)[0]) for each in (shown, derive(base, ()))]
    assert counts == [4, 0]  # two claims, whose they are, and validUntil


def test_a_whole_credential_has_no_count_and_its_proof_value_is_the_signature(
    credential: dict[str, Any], issued: Any
) -> None:
    signed = issued(credential)
    (proof,) = read_proofs(signed)
    assert (disclosed_count(proof), issuer_signature(proof)) == (None, signed["proof"]["proofValue"])


def test_a_verified_document_is_not_the_caller_s(credential: dict[str, Any], issued: Any) -> None:
    signed = issued(credential)
    before = copy.deepcopy(signed)
    verify(signed, from_did)
    assert signed == before
