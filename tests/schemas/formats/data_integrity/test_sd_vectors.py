"""W3C's vectors of ecdsa-sd-2023: every intermediate value of two credentials, with the published keys put in.

The published ``prc`` document says something else in ``description`` than its own N-Quads: the document of its base
proof is taken. Both refer to a context that is not on board: the tests bring what they need of it (``tests.support``).
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest

from keys import base58
from keys.did import from_did
from schemas.formats.data_integrity import Policy, ProofOptions, SdSecrets, Suite, derive, issue, statements, verify
from schemas.formats.data_integrity import options as proof_options
from schemas.formats.data_integrity.ecdsa_sd_2023 import BaseValue, DerivedValue, base, labelled, selection
from schemas.formats.data_integrity.ecdsa_sd_2023.labelled import Labelled
from schemas.formats.jsonld import rdfc10
from tests.support.data_integrity import CONTEXTS, ECDSA, RepeatableSigner, read
from tests.support.vectors import W3C, needs_vectors

pytestmark = [pytest.mark.vectors, needs_vectors]
FOLDER = ECDSA / "ecdsa-sd-2023"
ANY_ISSUER = Policy(own_key=False, contexts=CONTEXTS)
POINTERS = {"prc": "prCred", "employ": "employ"}


class Vector:
    """One folder: its values by name, the credential, the pointers, the keys."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.base: dict[str, Any] = self["addSignedSDBase"]
        self.document = {member: value for member, value in self.base.items() if member != "proof"}
        self.mandatory = tuple(read(ECDSA / f"{POINTERS[name]}Mandatory.json"))
        self.selective = tuple(read(ECDSA / f"{POINTERS[name]}Selective.json"))
        keys = read(FOLDER / "SDKeyMaterial.json")
        self.signer = RepeatableSigner(keys["baseKeyPair"]["secretKeyMultibase"])
        self.secrets = SdSecrets(
            RepeatableSigner(keys["proofKeyPair"]["secretKeyMultibase"]), bytes.fromhex(keys["hmacKeyString"])
        )

    def __getitem__(self, name: str) -> Any:
        return read(FOLDER / self.name / f"{name}.json")

    def labelled(self) -> Labelled:
        return labelled.label(self.document, self.secrets.hmac_key, CONTEXTS)

    def indexes(self, pointers: tuple[str, ...]) -> list[int]:
        whole = self.labelled()
        group = whole.group(whole.quads(selection.tree(pointers)))
        return [index for index, line in enumerate(whole.lines) if line in group]

    def derived(self) -> dict[str, Any]:
        return derive(self.base, self.selective, contexts=CONTEXTS)


@pytest.fixture(params=POINTERS)
def vector(request: pytest.FixtureRequest) -> Vector:
    return Vector(request.param)


def _as_dict(entries: dict[str, Any]) -> dict[int, str]:
    return dict(entries["value"])


def test_canonical_statements_match_addBaseDocCanon(vector: Vector) -> None:  # noqa: N802  (a vector's name)
    lines = statements.of_document(vector.document, CONTEXTS, "sha256").decode().splitlines(keepends=True)
    assert lines == vector["addBaseDocCanon"]


def test_statements_under_hmac_names_match_addBaseDocHMACCanon(vector: Vector) -> None:  # noqa: N802
    assert list(vector.labelled().lines) == vector["addBaseDocHMACCanon"]


def test_mandatory_statements_match_addBaseTransform(vector: Vector) -> None:  # noqa: N802
    published, lines = vector["addBaseTransform"], vector.labelled().lines
    mandatory = vector.indexes(vector.mandatory)
    rest = [index for index in range(len(lines)) if index not in mandatory]
    assert {index: lines[index] for index in mandatory} == _as_dict(published["mandatory"])
    assert {index: lines[index] for index in rest} == _as_dict(published["nonMandatory"])


def test_the_value_of_a_pointer_matches_addPointerValues(vector: Vector) -> None:  # noqa: N802
    (published,) = vector["addPointerValues"]
    selected = selection.select(vector.document, selection.tree([published["pointer"]]))
    assert selected[published["pointer"][1:]] == published["value"]


def test_the_canonical_options_match_addProofConfigCanon(vector: Vector) -> None:  # noqa: N802
    config = vector["addProofConfig"]
    context = config.pop("@context")
    canonical = statements.of_options(config, {"@context": context}, CONTEXTS, "sha256")
    assert canonical == (FOLDER / vector.name / "addProofConfigCanon.txt").read_bytes()


def test_both_hashes_match_addHashData(vector: Vector) -> None:  # noqa: N802
    published = vector["addHashData"]
    proof = proof_options.read(vector.base["proof"])
    whole = vector.labelled()
    mandatory = base.mandatory_lines(whole, vector.mandatory)
    text = "".join(line for line in whole.lines if line in mandatory)
    assert base.options_hash(proof.config, vector.document, CONTEXTS).hex() == published["proofHash"]
    assert sha256(text.encode()).hexdigest() == published["mandatoryHash"]


def test_signatures_and_key_match_addRawBaseSignatureInfo(vector: Vector) -> None:  # noqa: N802
    published, value = vector["addRawBaseSignatureInfo"], BaseValue.parse(vector.base["proof"]["proofValue"])
    assert value.base_signature.hex() == published["baseSignature"]
    assert "z" + base58.encode(value.public_key) == published["publicKey"]
    assert [signature.hex() for signature in value.signatures] == published["signatures"]
    assert list(value.mandatory_pointers) == published["mandatoryPointers"]


def test_issuing_gives_addSignedSDBase(vector: Vector) -> None:  # noqa: N802
    proof = vector.base["proof"]
    issued = issue(
        vector.document,
        vector.signer,
        suite=Suite.ECDSA_SD_2023,
        verification_method=proof["verificationMethod"],
        created=datetime.fromisoformat(proof["created"]),
        options=ProofOptions(mandatory_pointers=vector.mandatory, sd_secrets=lambda: vector.secrets, contexts=CONTEXTS),
    )
    assert issued == vector.base


def test_a_holder_finds_the_base_proof_good(vector: Vector) -> None:
    policy = Policy(own_key=False, base_proofs=True, contexts=CONTEXTS)
    assert verify(vector.base, from_did, policy=policy).document == vector.document


def test_the_parts_of_the_base_proof_match_derivedRecoveredBaseData(vector: Vector) -> None:  # noqa: N802
    published, value = vector["derivedRecoveredBaseData"], BaseValue.parse(vector.base["proof"]["proofValue"])
    assert value.hmac_key.hex() == published["hmacKey"]
    assert "z" + base58.encode(value.public_key) == published["proofPublicKey"]
    assert [signature.hex() for signature in value.signatures] == published["signatures"]


def test_groups_match_derivedGroupIndexes(vector: Vector) -> None:  # noqa: N802
    published = vector["derivedGroupIndexes"]
    assert vector.indexes(vector.mandatory) == published["mandatoryIndexes"]
    assert vector.indexes(vector.selective) == published["selectiveIndexes"]
    assert vector.indexes(vector.mandatory + vector.selective) == published["combinedIndexes"]


def test_groups_match_derivedAllGroupData(vector: Vector) -> None:  # noqa: N802
    groups, lines = vector["derivedAllGroupData"]["groups"], vector.labelled().lines
    for name, pointers in (("mandatory", vector.mandatory), ("selective", vector.selective)):
        matching = {index: lines[index] for index in vector.indexes(pointers)}
        assert matching == _as_dict(groups[name]["matching"])


def test_relative_indexes_match_derivedAdjMandatoryIndexes(vector: Vector) -> None:  # noqa: N802
    value = DerivedValue.parse(vector.derived()["proof"]["proofValue"])
    assert list(value.mandatory_indexes) == vector["derivedAdjMandatoryIndexes"]["adjMandatoryIndexes"]


def test_kept_signatures_match_derivedAdjSignatures(vector: Vector) -> None:  # noqa: N802
    value = DerivedValue.parse(vector.derived()["proof"]["proofValue"])
    assert [item.hex() for item in value.signatures] == vector["derivedAdjSignatures"]["filteredSignatures"]


def test_the_selected_part_is_derivedUnsignedReveal(vector: Vector) -> None:  # noqa: N802
    combined = selection.tree(vector.mandatory + vector.selective)
    assert selection.select(vector.document, combined) == vector["derivedUnsignedReveal"]


def test_disclosure_data_match_derivedDisclosureData(vector: Vector) -> None:  # noqa: N802
    published, value = vector["derivedDisclosureData"], DerivedValue.parse(vector.derived()["proof"]["proofValue"])
    assert value.base_signature.hex() == published["baseSignature"]
    assert dict(value.labels) == dict(published["labelMap"]["value"])
    assert [item.hex() for item in value.signatures] == published["signatures"]


def test_deriving_gives_derivedRevealDocument(vector: Vector) -> None:  # noqa: N802
    assert vector.derived() == vector["derivedRevealDocument"]


def test_the_derived_document_verifies(vector: Vector) -> None:
    signed = verify(vector["derivedRevealDocument"], from_did, policy=ANY_ISSUER)
    assert signed.document == vector["derivedUnsignedReveal"]


def test_statements_of_the_derived_document_match_verifyNQuads(vector: Vector) -> None:  # noqa: N802
    value = DerivedValue.parse(vector["derivedRevealDocument"]["proof"]["proofValue"])
    lines = labelled.relabelled(vector["derivedUnsignedReveal"], value.labels, CONTEXTS)
    assert lines == vector["verifyNQuads"]


def test_the_derived_value_matches_verifyDerivedProofValue(vector: Vector) -> None:  # noqa: N802
    published = vector["verifyDerivedProofValue"]
    value = DerivedValue.parse(vector["derivedRevealDocument"]["proof"]["proofValue"])
    assert (value.base_signature.hex(), dict(value.labels)) == (published["baseSignature"], dict(published["labelMap"]))
    assert list(value.mandatory_indexes) == published["mandatoryIndexes"]


def test_what_is_verified_matches_verifyCreateVerifyData(vector: Vector) -> None:  # noqa: N802
    published = vector["verifyCreateVerifyData"]
    value = DerivedValue.parse(vector["derivedRevealDocument"]["proof"]["proofValue"])
    lines = labelled.relabelled(vector["derivedUnsignedReveal"], value.labels, CONTEXTS)
    mandatory = [line for index, line in enumerate(lines) if index in value.mandatory_indexes]
    assert [line for line in lines if line not in mandatory] == published["nonMandatory"]
    assert sha256("".join(mandatory).encode()).hexdigest() == published["mandatoryHash"]
    assert [item.hex() for item in value.signatures] == published["signatures"]


def test_every_published_value_is_tested() -> None:
    text = __loader__.get_data(__file__).decode()  # type: ignore[name-defined]
    assert [path.stem for path in (FOLDER / "prc").iterdir() if path.stem not in text] == []


def test_the_suite_s_derived_example_verifies() -> None:
    verify(read(W3C / "vc-di-ecdsa" / "suite-vectors.json")["sd"]["derivedProof"], from_did, policy=ANY_ISSUER)


def test_the_suite_s_derived_example_comes_out_of_its_base_example() -> None:
    published = read(W3C / "vc-di-ecdsa" / "suite-vectors.json")["sd"]
    shown = ("/credentialSubject/boards/0", "/credentialSubject/boards/1")
    assert derive(published["baseProof"], shown) == published["derivedProof"]


@pytest.mark.parametrize("version", ["vc1.1", "vc2.0"])
@pytest.mark.parametrize("kind", ["valid", "achievement"])
def test_the_suite_s_mock_credential_is_issued_derived_and_verified(kind: str, version: str) -> None:
    folder = W3C / "vc-di-ecdsa" / "mocks" / kind / version
    signer = Vector("prc").signer
    method = Vector("prc").base["proof"]["verificationMethod"]
    dates = {"issuanceDate": "2026-01-01T00:00:00Z"} if version == "vc1.1" else {}
    document = read(folder / "document.json") | {"issuer": method.partition("#")[0]} | dates
    options = ProofOptions(mandatory_pointers=tuple(read(folder / "mandatoryPointers.json")))
    issued = issue(document, signer, suite=Suite.ECDSA_SD_2023, verification_method=method, options=options)
    shown = derive(issued, read(folder / "selectivePointers.json"))
    assert verify(shown, from_did).document["issuer"] == document["issuer"]


def test_blank_nodes_of_a_selection_get_the_names_that_a_verifier_finds(vector: Vector) -> None:
    whole = vector.labelled()
    quads = whole.quads(selection.tree(vector.mandatory + vector.selective))
    assert set(rdfc10.canonicalize(quads).labels.values()) == {"c14n0", "c14n1"}
