"""Reading a proof: every member that is absent, null or of the wrong kind has its own error."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.formats.data_integrity import ProofOptions, options
from schemas.formats.data_integrity.errors import (
    CryptosuiteUnknown,
    PreviousProofInvalid,
    ProofCreatedInvalid,
    ProofExpiresInvalid,
    ProofIdInvalid,
    ProofMalformed,
    ProofMemberInvalid,
    ProofMissing,
    ProofPurposeInvalid,
    ProofTypeInvalid,
    ProofValueInvalid,
    TooManyProofs,
    VerificationMethodInvalid,
)

METHOD = "did:example:issuer#key-1"
PROOF: dict[str, Any] = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-03-02T08:00:00Z",
    "verificationMethod": METHOD,
    "proofPurpose": "assertionMethod",
    "proofValue": "z3",
}
FULL = PROOF | {
    "id": "urn:uuid:1",
    "expires": "2027-03-02T08:00:00.5+08:00",
    "domain": ["a.example", "b.example"],
    "challenge": "c",
    "nonce": "n",
    "previousProof": ["urn:uuid:0"],
}


def test_a_proof_is_read() -> None:
    proof = options.read(PROOF)
    assert (proof.controller, proof.created) == ("did:example:issuer", datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert (proof.id, proof.expires, proof.previous, proof.domains, proof.challenge) == (None, None, (), set(), None)
    assert proof.config == {name: value for name, value in PROOF.items() if name != "proofValue"}


def test_a_proof_with_every_member_is_read() -> None:
    proof = options.read(FULL)
    assert proof.expires == datetime(2027, 3, 2, 0, 0, 0, 500_000, tzinfo=UTC)
    assert (proof.id, proof.previous) == ("urn:uuid:1", ("urn:uuid:0",))
    assert (proof.domains, proof.challenge) == ({"a.example", "b.example"}, "c")


def test_one_domain_and_one_previous_proof_may_be_texts() -> None:
    proof = options.read(FULL | {"domain": "a.example", "previousProof": "urn:uuid:0"})
    assert (proof.domains, proof.previous) == ({"a.example"}, ("urn:uuid:0",))


def test_created_may_be_absent() -> None:
    assert options.read({name: value for name, value in PROOF.items() if name != "created"}).created is None


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("type", ProofTypeInvalid),
        ("cryptosuite", CryptosuiteUnknown),
        ("verificationMethod", VerificationMethodInvalid),
        ("proofPurpose", ProofPurposeInvalid),
        ("proofValue", ProofValueInvalid),
    ],
)
def test_a_member_that_must_be_there_is_missed(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        options.read({member: value for member, value in PROOF.items() if member != name})


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("type", None, ProofTypeInvalid),
        ("type", "Ed25519Signature2020", ProofTypeInvalid),
        ("type", ["DataIntegrityProof"], ProofTypeInvalid),
        ("cryptosuite", None, CryptosuiteUnknown),
        ("cryptosuite", "eddsa-rdfc-2023", CryptosuiteUnknown),
        ("cryptosuite", ["eddsa-rdfc-2022"], CryptosuiteUnknown),
        ("verificationMethod", None, VerificationMethodInvalid),
        ("verificationMethod", "key-1", VerificationMethodInvalid),
        ("verificationMethod", "did:example:issuer#key 1", VerificationMethodInvalid),
        ("verificationMethod", {"id": METHOD}, VerificationMethodInvalid),
        ("verificationMethod", "did:" + "a" * 2_048, VerificationMethodInvalid),
        ("proofPurpose", None, ProofPurposeInvalid),
        ("proofPurpose", "", ProofPurposeInvalid),
        ("proofPurpose", ["assertionMethod"], ProofPurposeInvalid),
        ("proofValue", None, ProofValueInvalid),
        ("proofValue", {"value": "z3"}, ProofValueInvalid),
        ("proofValue", "", ProofValueInvalid),
        ("created", None, ProofCreatedInvalid),
        ("created", 1_772_438_400, ProofCreatedInvalid),
        ("created", "2026-03-02T08:00:00", ProofCreatedInvalid),
        ("created", "2026-03-02", ProofCreatedInvalid),
        ("created", "2026-02-30T08:00:00Z", ProofCreatedInvalid),
        ("created", "Mon, 02 Mar 2026 08:00:00 GMT", ProofCreatedInvalid),
        ("created", "0001-01-01T00:00:00+14:00", ProofCreatedInvalid),
        ("expires", "2027", ProofExpiresInvalid),
        ("expires", None, ProofExpiresInvalid),
        ("id", "456321", ProofIdInvalid),
        ("id", None, ProofIdInvalid),
        ("id", ["urn:uuid:1"], ProofIdInvalid),
        ("domain", None, ProofMemberInvalid),
        ("domain", [], ProofMemberInvalid),
        ("domain", ["a.example", 1], ProofMemberInvalid),
        ("domain", "", ProofMemberInvalid),
        ("challenge", 1, ProofMemberInvalid),
        ("challenge", None, ProofMemberInvalid),
        ("nonce", ["n"], ProofMemberInvalid),
        ("previousProof", 456321, PreviousProofInvalid),
        ("previousProof", None, PreviousProofInvalid),
        ("previousProof", "", PreviousProofInvalid),
        ("previousProof", [], PreviousProofInvalid),
        ("previousProof", ["urn:uuid:0", 1], PreviousProofInvalid),
        ("previousProof", [f"urn:uuid:{n}" for n in range(options.MAX_PROOFS + 1)], PreviousProofInvalid),
    ],
)
def test_a_member_of_the_wrong_kind_is_refused(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        options.read(FULL | {name: value})


@pytest.mark.parametrize("document", [{}, {"proof": None}, {"proof": []}])
def test_a_document_without_a_proof_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ProofMissing):
        options.read_all(document)


@pytest.mark.parametrize("proof", ["z3", 1, True, ["z3"], [PROOF, None]])
def test_a_proof_that_is_no_object_is_refused(proof: Any) -> None:
    with pytest.raises(ProofMalformed):
        options.read_all({"proof": proof})


def test_proofs_have_a_limit() -> None:
    with pytest.raises(TooManyProofs):
        options.read_all({"proof": [PROOF] * (options.MAX_PROOFS + 1)})


def test_what_a_signer_says_is_written_as_it_is_read() -> None:
    said = ProofOptions(
        id="urn:uuid:1",
        expires=datetime(2027, 3, 2, tzinfo=UTC),
        domain="a.example",
        challenge="c",
        nonce="n",
        previous_proof=("urn:uuid:0",),
    )
    proof = options.read(PROOF | said.members())
    assert (proof.id, proof.expires, proof.domains, proof.challenge) == (said.id, said.expires, {said.domain}, "c")
    assert proof.previous == said.previous_proof
