"""W3C's vectors of ecdsa-rdfc-2019 and ecdsa-jcs-2019: every intermediate value, the signatures, the signed documents.

The vector's folder is named in each test's id. ``employ`` documents refer to a context that is not on board: the tests
bring what they need of it (``tests.support.data_integrity``).
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from keys.did import from_did, verification_method
from schemas.formats.data_integrity import Policy, ProofOptions, Suite, hashing, issue, multibase, verify
from schemas.formats.data_integrity import options as proof_options
from schemas.formats.data_integrity.suites import Hash, Rules
from tests.support.data_integrity import CONTEXTS, ECDSA, RepeatableSigner, one, pair, read
from tests.support.vectors import W3C, needs_vectors

pytestmark = [pytest.mark.vectors, needs_vectors]
VECTORS = (
    ("ecdsa-rdfc-2019-p256", "unsigned"),
    ("ecdsa-rdfc-2019-p384", "unsigned"),
    ("ecdsa-rdfc-2019-p256/employ", "employmentAuth"),
    ("ecdsa-rdfc-2019-p384/employ", "employmentAuth"),
    ("ecdsa-jcs-2019-p256", "unsigned"),
    ("ecdsa-jcs-2019-p384", "unsigned"),
)
ANY_ISSUER = Policy(own_key=False, contexts=CONTEXTS)


class Vector:
    """One folder: the document, the signed one, and the key that signed."""

    def __init__(self, name: str, unsigned: str) -> None:
        self.folder = ECDSA / name
        self.document: dict[str, Any] = read(ECDSA / f"{unsigned}.json")
        self.signed: dict[str, Any] = read(one(self.folder, "signed"))
        self.proof = proof_options.read(self.signed["proof"])
        self.signer: RepeatableSigner = pair("p384KeyPair" if "p384" in name else "p256KeyPair")

    @property
    def rules(self) -> Rules:
        return self.proof.rules

    @property
    def digest(self) -> Hash:
        return self.rules.hash_for(self.signer.public_key)

    def text(self, start: str) -> str:
        return one(self.folder, start).read_text()

    def options_hash(self) -> bytes:
        return hashing.hash_options(self.proof.config, self.document, self.rules, self.digest, CONTEXTS)

    def document_hash(self) -> bytes:
        return hashing.hash_document(self.document, self.rules, self.digest, CONTEXTS)


@pytest.fixture(params=VECTORS, ids=lambda vector: vector[0])
def vector(request: pytest.FixtureRequest) -> Vector:
    return Vector(*request.param)


def test_the_document_has_the_published_hash(vector: Vector) -> None:
    assert vector.document_hash().hex() == vector.text("docHash")


def test_the_options_have_the_published_hash(vector: Vector) -> None:
    assert vector.options_hash().hex() == vector.text("proofHash")


def test_both_hashes_together_are_the_published_ones(vector: Vector) -> None:
    assert (vector.options_hash() + vector.document_hash()).hex() == vector.text("combinedHash")


def test_the_published_proof_value_holds_the_published_signature(vector: Vector) -> None:
    assert multibase.decode(vector.text("sigBTC58"), vector.rules.base).hex() == vector.text("sigHex")


def test_issuing_gives_the_published_document(vector: Vector) -> None:
    issued = issue(
        vector.document,
        vector.signer,
        suite=vector.rules.name,
        verification_method=vector.proof.verification_method,
        created=datetime.fromisoformat(vector.signed["proof"]["created"]),
        options=ProofOptions(contexts=CONTEXTS),
    )
    assert issued == vector.signed


def test_the_published_document_verifies(vector: Vector) -> None:
    assert verify(vector.signed, from_did, policy=ANY_ISSUER).document == vector.document


def test_the_key_pair_is_the_one_of_the_verification_method(vector: Vector) -> None:
    assert from_did(vector.proof.verification_method) == vector.signer.public_key
    assert verification_method(vector.proof.controller) == vector.proof.verification_method


@pytest.mark.parametrize("curve", ["P-256", "P-384"])
@pytest.mark.parametrize("suite", ["rdfc", "jcs"])
def test_the_suite_s_signed_example_verifies(suite: str, curve: str) -> None:
    signed = read(W3C / "vc-di-ecdsa" / "suite-vectors.json")[suite][curve]
    (proof,) = verify(signed, from_did, policy=ANY_ISSUER).proofs
    assert proof.cryptosuite == Suite(f"ecdsa-{suite}-2019")


def test_every_folder_of_whole_documents_is_tested() -> None:
    here = {str(path.parent.relative_to(ECDSA)) for path in Path(ECDSA).rglob("docHash*")}
    assert here == {name for name, _ in VECTORS}
