"""Proof sets and chains: W3C's twelve fixtures by name, and every flaw of a reference."""

import itertools
from typing import Any

import pytest

from keys.did import from_did
from keys.errors import InvalidSignature
from schemas.formats.data_integrity import Policy, ProofOptions, Suite, chains, issue, options, verify
from schemas.formats.data_integrity.errors import (
    PreviousProofInvalid,
    PreviousProofMissing,
    ProofCycle,
    ProofIdInvalid,
    ProofIdTwice,
    TooManyProofs,
)
from tests.support.data_integrity import read
from tests.support.vectors import W3C, needs_vectors

FIXTURES = W3C / "data-integrity" / "inputs" / "eddsa-rdfc-2022"
FIRST, SECOND = "urn:uuid:11111111-1111-4111-8111-111111111111", "urn:uuid:22222222-2222-4222-8222-222222222222"


@pytest.mark.vectors
@needs_vectors
@pytest.mark.parametrize("kind", ["previousProofStringOk", "previousProofArrayOk"])
@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_the_fixture_verifies(version: str, kind: str) -> None:
    signed = read(FIXTURES / f"{version}-{kind}-SimpleSigned2.json")
    assert len(verify(signed, from_did).proofs) == 2


@pytest.mark.vectors
@needs_vectors
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("previousProofMissingFail", PreviousProofMissing),
        ("previousProofStringMissingFail", PreviousProofMissing),
        ("previousProofArrayMissingFail", PreviousProofMissing),
        ("previousProofNotStringFail", ProofIdInvalid),
    ],
)
@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_the_fixture_is_refused(version: str, kind: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        verify(read(FIXTURES / f"{version}-{kind}-SimpleSigned2.json"), from_did)


@pytest.mark.vectors
@needs_vectors
@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_the_fixture_s_reference_that_is_no_text_is_refused_for_itself(version: str) -> None:
    signed = read(FIXTURES / f"{version}-previousProofNotStringFail-SimpleSigned2.json")
    with pytest.raises(PreviousProofInvalid):
        options.read(signed["proof"][1])


def _proof(id_: str | None, *previous: str) -> options.Proof:
    proof: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "verificationMethod": "did:example:i#k",
        "proofPurpose": "assertionMethod",
        "proofValue": "z3",
    }
    return options.read(proof | ({"id": id_} if id_ else {}) | ({"previousProof": list(previous)} if previous else {}))


def test_proofs_that_refer_to_nothing_are_a_set() -> None:
    chains.check((_proof(None), _proof(FIRST), _proof(None)))


def test_a_proof_may_be_referred_to_twice() -> None:
    chains.check((_proof("urn:a"), _proof("urn:b", "urn:a"), _proof("urn:c", "urn:a", "urn:b"), _proof(None, "urn:c")))


def test_a_reference_to_nothing_is_refused() -> None:
    with pytest.raises(PreviousProofMissing):
        chains.check((_proof("urn:a"), _proof(None, "urn:a", "urn:x")))


@pytest.mark.parametrize(
    "proofs",
    [
        (_proof("urn:a", "urn:a"),),
        (_proof("urn:a", "urn:b"), _proof("urn:b", "urn:a")),
        (_proof("urn:a", "urn:c"), _proof("urn:b", "urn:a"), _proof("urn:c", "urn:b")),
        (_proof(None, "urn:a"), _proof("urn:a", "urn:b"), _proof("urn:b", "urn:a")),
    ],
)
def test_a_circle_is_refused(proofs: tuple[options.Proof, ...]) -> None:
    with pytest.raises(ProofCycle):
        chains.check(proofs)


def test_an_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(ProofIdTwice):
        chains.check((_proof("urn:a"), _proof("urn:a")))


@pytest.fixture
def chained(credential: dict[str, Any], issued: Any, p256: Any) -> dict[str, Any]:
    """A proof by the issuer, and one by somebody else that signs the issuer's too."""
    signed = issued(credential, id=FIRST)
    said = ProofOptions(previous_proof=(FIRST,), id=SECOND)
    return issue(signed, p256.signer, suite=Suite.ECDSA_RDFC_2019, verification_method=p256.method, options=said)


@pytest.mark.parametrize("suite", [Suite.ECDSA_RDFC_2019, Suite.ECDSA_JCS_2019])
def test_a_chain_of_two_keys_verifies(credential: dict[str, Any], issued: Any, p256: Any, suite: Suite) -> None:
    said = ProofOptions(previous_proof=(FIRST,))
    chained = issue(
        issued(credential, id=FIRST), p256.signer, suite=suite, verification_method=p256.method, options=said
    )
    assert [proof.cryptosuite for proof in verify(chained, from_did).proofs] == [Suite.EDDSA_RDFC_2022, suite]


def test_a_chained_selective_proof_verifies_as_a_base_proof(credential: dict[str, Any], issued: Any, p256: Any) -> None:
    said = ProofOptions(previous_proof=(FIRST,), mandatory_pointers=("/issuer",))
    chained = issue(
        issued(credential, id=FIRST),
        p256.signer,
        suite=Suite.ECDSA_SD_2023,
        verification_method=p256.method,
        options=said,
    )
    assert len(verify(chained, from_did, policy=Policy(base_proofs=True)).proofs) == 2


def test_a_set_verifies_in_any_order(credential: dict[str, Any], issued: Any, p384: Any) -> None:
    signed = issue(issued(credential), p384.signer, suite=Suite.ECDSA_RDFC_2019, verification_method=p384.method)
    turned = {**signed, "proof": signed["proof"][::-1]}
    assert verify(turned, from_did).document == verify(signed, from_did).document == credential


def test_a_chain_whose_first_proof_was_taken_away_is_refused(chained: dict[str, Any]) -> None:
    with pytest.raises(PreviousProofMissing):
        verify({**chained, "proof": chained["proof"][1]}, from_did)


def test_a_chained_proof_does_not_hold_over_another_first_proof(
    chained: dict[str, Any], credential: dict[str, Any], issued: Any
) -> None:
    other = issued(credential, id=FIRST, nonce="another")
    with pytest.raises(InvalidSignature):
        verify({**chained, "proof": [other["proof"], chained["proof"][1]]}, from_did)


def test_a_chained_proof_does_not_hold_without_its_reference(chained: dict[str, Any]) -> None:
    second = {name: value for name, value in chained["proof"][1].items() if name != "previousProof"}
    with pytest.raises(InvalidSignature):
        verify({**chained, "proof": [chained["proof"][0], second]}, from_did)


def test_one_bad_proof_of_a_set_spoils_it(credential: dict[str, Any], issued: Any, p256: Any) -> None:
    signed = issue(issued(credential), p256.signer, suite=Suite.ECDSA_RDFC_2019, verification_method=p256.method)
    signed["proof"][1]["proofValue"] = signed["proof"][0]["proofValue"]
    with pytest.raises(InvalidSignature):
        verify(signed, from_did)


def test_signing_behind_a_proof_that_is_not_there_is_refused(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(PreviousProofMissing):
        issued(credential, previous_proof=(FIRST,))


def test_a_second_proof_of_the_same_id_is_refused(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(ProofIdTwice):
        issued(issued(credential, id=FIRST), id=FIRST)


@pytest.mark.parametrize("length", [options.MAX_SUBJECTS, options.MAX_SUBJECTS + 1])
def test_a_chain_signs_a_limited_number_of_different_documents(
    credential: dict[str, Any], issued: Any, p256: Any, length: int
) -> None:
    names = [f"urn:uuid:{number:08d}-1111-4111-8111-111111111111" for number in range(length)]
    signed = issued(credential, id=names[0])
    for before, name in itertools.pairwise(names):
        said = ProofOptions(previous_proof=(before,), id=name)
        signed = issue(signed, p256.signer, suite=Suite.ECDSA_JCS_2019, verification_method=p256.method, options=said)
    if length <= options.MAX_SUBJECTS:
        assert len(verify(signed, from_did).proofs) == length
    else:
        with pytest.raises(TooManyProofs):
            verify(signed, from_did)
