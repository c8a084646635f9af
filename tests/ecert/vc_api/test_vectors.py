"""The published vectors over HTTP: proof sets and chains, suite vectors, and documents to issue, derive and verify."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.vc_api import REMOVED, VERIFIABLE, VcApi, assert_refused, assert_verified, changed

pytestmark = pytest.mark.vectors
PROOF_ONLY = {"checks": ["proof"]}
CHAINS = [
    f"{version}-{kind}"
    for version in ("1.1", "2.0")
    for kind in (
        "previousProofArrayOk", "previousProofStringOk", "previousProofMissingFail",
        "previousProofNotStringFail", "previousProofArrayMissingFail", "previousProofStringMissingFail",
    )
]  # fmt: skip
SIGNED = (
    "ecdsa-rdfc-2019-p256/signedECDSAP256.json",
    "ecdsa-rdfc-2019-p384/signedECDSAP384.json",
    "ecdsa-jcs-2019-p256/signedJCSECDSAP256.json",
    "ecdsa-jcs-2019-p384/signedJCSECDSAP384.json",
)
OF_UNKNOWN_CONTEXTS = (
    "ecdsa-rdfc-2019-p256/employ/signedECDSAP256.json",
    "ecdsa-rdfc-2019-p384/employ/signedECDSAP384.json",
)
SUITE_VECTORS = ("rdfc/P-256", "rdfc/P-384", "jcs/P-256", "jcs/P-384", "sd/derivedProof")
MOCKS = [f"{kind}/{version}" for kind in ("valid", "achievement") for version in ("vc1.1", "vc2.0")]


@pytest.fixture
def w3c(vectors: Path) -> Path:
    return vectors / "w3c"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CHAINS)
def test_a_proof_chain_has_the_verdict_that_its_name_says(vc_api: VcApi, w3c: Path, name: str) -> None:
    document = read(w3c / f"data-integrity/inputs/eddsa-rdfc-2022/{name}-SimpleSigned2.json")
    answer = vc_api.verify(document)
    if name.endswith("Ok"):
        assert_verified(answer)
    else:
        assert_refused(answer)


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_example_of_the_specification_verifies(lenient: VcApi, w3c: Path, name: str) -> None:
    assert_verified(lenient.verify(read(w3c / "vc-di-ecdsa/TestVectors" / name), PROOF_ONLY))


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_example_in_anothers_name_is_refused_by_the_strict_policy(vc_api: VcApi, w3c: Path, name: str) -> None:
    # T1: these documents name https://vc.example/... and are signed with a did:key.
    assert_refused(vc_api.verify(read(w3c / "vc-di-ecdsa/TestVectors" / name), PROOF_ONLY), "issuer_not_controller")


@pytest.mark.parametrize("name", OF_UNKNOWN_CONTEXTS)
def test_a_signed_example_under_a_context_that_is_not_on_board_is_refused(lenient: VcApi, w3c: Path, name: str) -> None:
    assert_refused(lenient.verify(read(w3c / "vc-di-ecdsa/TestVectors" / name), PROOF_ONLY), "context_unknown")


@pytest.mark.parametrize("name", SUITE_VECTORS)
def test_a_vector_of_the_test_suite_verifies(lenient: VcApi, w3c: Path, name: str) -> None:
    suite, _, kind = name.partition("/")
    assert_verified(lenient.verify(read(w3c / "vc-di-ecdsa/suite-vectors.json")[suite][kind], PROOF_ONLY))


@pytest.mark.parametrize("name", SUITE_VECTORS)
def test_a_vector_that_was_changed_does_not_verify(lenient: VcApi, w3c: Path, name: str) -> None:
    suite, _, kind = name.partition("/")
    document = read(w3c / "vc-di-ecdsa/suite-vectors.json")[suite][kind]
    assert_refused(lenient.verify(document | {"id": "urn:uuid:0"}, PROOF_ONLY))


def test_a_base_proof_of_the_test_suite_is_derived_from(lenient: VcApi, w3c: Path) -> None:
    base = read(w3c / "vc-di-ecdsa/suite-vectors.json")["sd"]["baseProof"]
    answer = lenient.derive(base, ["/credentialSubject/boards/0", "/credentialSubject/boards/1"])
    assert answer.status_code == 201, answer.text
    assert_verified(lenient.verify(answer.json()["verifiableCredential"], PROOF_ONLY))


def document_for(vc_api: VcApi, document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a document to issue, completed by issuer and date as a stranger's suite completes it."""
    members: dict[str, Any] = {"issuer": vc_api.issuer(name).id}
    if document["@context"][0].endswith("/v1"):
        members["issuanceDate"] = "2026-01-01T00:00:00Z"
    return changed(document, **members)


@pytest.mark.parametrize("mock", MOCKS)
@pytest.mark.parametrize("name", [name for name in VERIFIABLE if name != "bitstring"])
def test_a_document_of_the_test_suite_is_issued_and_verifies(vc_api: VcApi, w3c: Path, mock: str, name: str) -> None:
    document = document_for(vc_api, read(w3c / "vc-di-ecdsa/mocks" / mock / "document.json"), name)
    answer = vc_api.issue(name, document)
    assert answer.status_code == 201, answer.text
    assert_verified(vc_api.verify(answer.json()["verifiableCredential"]))


@pytest.mark.parametrize("mock", MOCKS)
def test_a_document_of_the_test_suite_is_disclosed_in_part(vc_api: VcApi, w3c: Path, mock: str) -> None:
    folder = w3c / "vc-di-ecdsa/mocks" / mock
    document = document_for(vc_api, read(folder / "document.json"), "ecdsa-sd-2023")
    options = {"mandatoryPointers": read(folder / "mandatoryPointers.json")}
    base = vc_api.issue("ecdsa-sd-2023", document, options).json()["verifiableCredential"]
    derived = vc_api.derive(base, read(folder / "selectivePointers.json"))
    assert derived.status_code == 201, derived.text
    assert_verified(vc_api.verify(derived.json()["verifiableCredential"]))


@pytest.mark.parametrize(
    ("path", "name"), [("data-integrity/validVc.json", "eddsa-rdfc-2022"), ("bitstring/validVc.json", "bitstring")]
)
def test_a_valid_credential_of_a_test_suite_is_issued_and_verifies(
    vc_api: VcApi, w3c: Path, path: str, name: str
) -> None:
    answer = vc_api.issue(name, changed(read(w3c / path), issuer=vc_api.issuer(name).id))
    assert answer.status_code == 201, answer.text
    assert_verified(vc_api.verify(answer.json()["verifiableCredential"]))


def _inputs(folder: Path, kind: str) -> Iterator[Path]:
    yield from sorted(folder.glob(f"{kind}-jose-*.txt"))


def test_every_jose_input_has_a_verdict_and_none_is_the_servers_fault(lenient: VcApi, w3c: Path) -> None:
    # Their keys are no did:key, so nothing of them is resolved here; the command `jose-cose` is given the keys.
    for path in _inputs(w3c / "vc-jose-cose/input", "credential"):
        envelope = {
            "@context": "https://www.w3.org/ns/credentials/v2",
            "type": "EnvelopedVerifiableCredential",
            "id": f"data:application/vc+jwt,{path.read_text(encoding='utf-8').strip()}",
        }
        assert_refused(lenient.verify(envelope))


@pytest.mark.parametrize("name", ["credential-minimal.json", "credential-full.json"])
def test_a_jose_input_is_issued_and_verifies(vc_api: VcApi, w3c: Path, name: str) -> None:
    document = read(w3c / "vc-jose-cose/input" / name)
    answer = vc_api.issue("vc-jwt", changed(document, issuer=vc_api.issuer("vc-jwt").id, proof=REMOVED))
    assert answer.status_code == 201, answer.text
    assert_verified(vc_api.verify(answer.json()["verifiableCredential"], PROOF_ONLY))


def test_a_jose_input_with_undefined_members_is_not_issued(vc_api: VcApi, w3c: Path) -> None:
    document = read(w3c / "vc-jose-cose/input/credential-unknown-extensions.json")
    assert_refused(vc_api.issue("vc-jwt", changed(document, issuer=vc_api.issuer("vc-jwt").id)))
