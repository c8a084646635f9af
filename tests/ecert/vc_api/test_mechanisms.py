"""Every instance: its proof is the one that its name promises, and verifies here."""

import re

import pytest

from keys.did import from_did
from schemas.formats.jsonld import rdf
from tests.support.vc_api import EMBEDDED, V1, V2, VERIFIABLE, VcApi, assert_refused, assert_verified

PREFIXES = {"eddsa": "z6Mk", "ecdsa-rdfc-2019-p256": "zDna", "ecdsa-rdfc-2019-p384": "z82L", "ecdsa-sd-2023": "zDna"}


def test_the_instances_are_listed_with_their_ids(vc_api: VcApi) -> None:
    listed = vc_api.client.get("/issuers").json()
    assert list(listed) == [
        "eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019-p384",
        "ecdsa-jcs-2019-p256", "ecdsa-jcs-2019-p384", "ecdsa-sd-2023", "vc-jwt", "bitstring",
    ]  # fmt: skip


def test_every_id_is_a_did_key_of_its_own(vc_api: VcApi) -> None:
    ids = vc_api.client.get("/issuers").json().values()
    assert len({from_did(issuer).kid for issuer in ids}) == len(ids)


@pytest.mark.parametrize(("name", "prefix"), [("eddsa-jcs-2022", "z6Mk"), *list(PREFIXES.items())[1:]])
def test_an_id_tells_its_kind_of_key(vc_api: VcApi, name: str, prefix: str) -> None:
    assert vc_api.issuer(name).id.startswith(f"did:key:{prefix}")


@pytest.mark.parametrize("name", EMBEDDED)
def test_a_proof_names_suite_purpose_and_method(vc_api: VcApi, name: str) -> None:
    issuer, proof = vc_api.issuer(name), vc_api.issued(name)["proof"]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", issuer.mechanism.cryptosuite)
    assert proof["proofPurpose"] == "assertionMethod"
    assert proof["verificationMethod"] == f"{issuer.id}#{issuer.id.removeprefix('did:key:')}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", proof["created"])
    assert proof["proofValue"][0] == ("u" if name == "ecdsa-sd-2023" else "z")


@pytest.mark.parametrize("name", VERIFIABLE)
@pytest.mark.parametrize("options", [None, {}, {"checks": ["proof"]}])
def test_an_issued_credential_verifies(vc_api: VcApi, name: str, options: dict[str, list[str]] | None) -> None:
    assert_verified(vc_api.verify(vc_api.issued(name), options))


@pytest.mark.parametrize("name", [name for name in VERIFIABLE if name != "bitstring"])
def test_an_issued_credential_of_the_first_version_verifies(vc_api: VcApi, name: str) -> None:
    answer = vc_api.issue(name, vc_api.credential_v1(name))
    assert_verified(vc_api.verify(answer.json()["verifiableCredential"]))


@pytest.mark.parametrize("name", VERIFIABLE)
def test_a_credential_that_was_changed_does_not_verify(vc_api: VcApi, name: str) -> None:
    issued = vc_api.issued(name)
    assert_refused(vc_api.verify(issued | {"credentialSubject": {"id": "did:example:another"}}), "invalid_signature")


@pytest.mark.parametrize("name", ["ecdsa-jcs-2019-p256", "ecdsa-jcs-2019-p384", "eddsa-jcs-2022"])
def test_the_proof_of_a_jcs_suite_repeats_the_context(vc_api: VcApi, name: str) -> None:
    issued = vc_api.issued(name)
    assert issued["proof"]["@context"] == issued["@context"] == [V2]


@pytest.mark.parametrize("name", ["ecdsa-jcs-2019-p256", "eddsa-jcs-2022"])
def test_the_proof_of_a_jcs_suite_repeats_the_context_of_the_first_version(vc_api: VcApi, name: str) -> None:
    issued = vc_api.issue(name, vc_api.credential_v1(name)).json()["verifiableCredential"]
    assert issued["proof"]["@context"] == issued["@context"]
    assert issued["@context"][0] == V1


@pytest.mark.parametrize("make", ["credential", "credential_v1"])
@pytest.mark.parametrize("name", [name for name in EMBEDDED if name != "bitstring"])
def test_a_stranger_expands_the_proof_against_the_context_that_came_back(vc_api: VcApi, name: str, make: str) -> None:
    issued = vc_api.issue(name, getattr(vc_api, make)(name)).json()["verifiableCredential"]
    (proof,) = rdf.expand(issued["proof"] | {"@context": issued["@context"]})
    (suite,) = proof["https://w3id.org/security#cryptosuite"]
    assert proof["@type"] == ["https://w3id.org/security#DataIntegrityProof"]
    assert suite["@type"] == "https://w3id.org/security#cryptosuiteString"
