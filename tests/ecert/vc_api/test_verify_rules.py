"""Verifying credentials: one flaw each, and what holds."""

from typing import Any

import pytest

from tests.support.vc_api import EMBEDDED, REMOVED, V2, VERIFIABLE, VcApi, assert_refused, assert_verified, changed

BROKEN_PROOFS: dict[str, dict[str, Any]] = {
    "no type": {"type": REMOVED},
    "another type": {"type": "Ed25519Signature2020"},
    "type null": {"type": None},
    "no verificationMethod": {"verificationMethod": REMOVED},
    "verificationMethod null": {"verificationMethod": None},
    "verificationMethod no URL": {"verificationMethod": "key-1"},
    "verificationMethod of another method": {"verificationMethod": "did:example:issuer#key"},
    "verificationMethod without fragment": {
        "verificationMethod": "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r"
    },
    "verificationMethod no key": {"verificationMethod": "did:key:zabc#zabc"},
    "verificationMethod of another issuer's form": {"verificationMethod": "did:key:z6Mk#z6Mk"},
    "no proofPurpose": {"proofPurpose": REMOVED},
    "another proofPurpose": {"proofPurpose": "authentication"},
    "proofPurpose of no kind": {"proofPurpose": "invalidPurpose"},
    "no proofValue": {"proofValue": REMOVED},
    "proofValue null": {"proofValue": None},
    "proofValue an object": {"proofValue": {"@value": "z"}},
    "proofValue empty": {"proofValue": ""},
    "no cryptosuite": {"cryptosuite": REMOVED},
    "another cryptosuite": {"cryptosuite": "invalid-cryptosuite"},
    "cryptosuite a number": {"cryptosuite": 7},
    "created no time stamp": {"created": "yesterday"},
    "expired": {"expires": "2026-01-01T00:00:00Z"},
    "expires no time stamp": {"expires": "tomorrow"},
    "previousProof names nothing": {"previousProof": "urn:uuid:0"},
    "previousProof a number": {"previousProof": 7},
    "an undefined member": {"unknown": "dropped"},
}
BAD_BODIES = [
    b"", b"null", b"[]", b'"text"', b"{}", b'{"verifiableCredential": null}', b'{"verifiableCredential": "eyJ"}',
    b'{"verifiableCredential": []}', b'{"verifiableCredential": {}}', b'{"verifiableCredential": {}, "options": null}',
    b'{"verifiableCredential": {}, "options": {"checks": "proof"}}', b"{", b"\xff\xfe",
]  # fmt: skip


@pytest.mark.parametrize("name", VERIFIABLE)
@pytest.mark.parametrize("flaw", BROKEN_PROOFS)
def test_a_broken_proof_does_not_verify(vc_api: VcApi, name: str, flaw: str) -> None:
    issued = vc_api.issued(name)
    assert_refused(vc_api.verify(issued | {"proof": changed(issued["proof"], **BROKEN_PROOFS[flaw])}))


@pytest.mark.parametrize("name", VERIFIABLE)
def test_a_proof_value_without_its_prefix_does_not_verify(vc_api: VcApi, name: str) -> None:
    issued = vc_api.issued(name)
    proof = issued["proof"] | {"proofValue": issued["proof"]["proofValue"][1:]}
    assert_refused(vc_api.verify(issued | {"proof": proof}))


@pytest.mark.parametrize("proof", [REMOVED, None, [], {}, "z", 7, [None], [[]]])
def test_a_credential_without_a_proof_does_not_verify(vc_api: VcApi, proof: Any) -> None:
    assert_refused(vc_api.verify(changed(vc_api.issued(), proof=proof)))


@pytest.mark.parametrize("body", BAD_BODIES)
@pytest.mark.parametrize("path", ["/credentials/verify", "/presentations/verify", "/credentials/derive"])
def test_a_body_of_the_wrong_form_is_refused(vc_api: VcApi, path: str, body: bytes) -> None:
    body = body.replace(b"Credential", b"Presentation") if "presentations" in path else body
    assert_refused(vc_api.client.post(path, content=body))


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019-p256", "eddsa-jcs-2022", "ecdsa-jcs-2019-p384"])
@pytest.mark.parametrize(
    "added",
    [
        {"unknown": "dropped"},
        {"type": ["VerifiableCredential", "Unknown"]},
        {"credentialSubject": {"id": "did:example:subject", "unknown": "dropped"}},
        {"credentialSubject": {"id": "did:example:subject", "type": "Unknown"}},
        {"evidence": []},
    ],
)
def test_what_json_ld_would_drop_is_never_passed_over(vc_api: VcApi, name: str, added: dict[str, Any]) -> None:
    # T6: the signature over the statements that are left is still good for an RDFC suite.
    assert_refused(vc_api.verify(vc_api.issued(name) | added))


def test_a_relative_type_under_a_base_of_the_documents_own_is_refused(vc_api: VcApi) -> None:
    issued = vc_api.issued()
    context = [V2, {"@base": "https://example.org/"}]
    assert_refused(vc_api.verify(issued | {"@context": context, "type": ["VerifiableCredential", "UndefinedType"]}))


@pytest.mark.parametrize(
    "context", [[], None, [V2, "https://example.org/unknown/v1"], ["https://www.w3.org/ns/credentials/examples/v2"]]
)
def test_another_context_does_not_verify(vc_api: VcApi, context: Any) -> None:
    assert_refused(vc_api.verify(vc_api.issued() | {"@context": context}))


def test_a_verdict_asks_for_no_more_than_the_proof_when_told_so(vc_api: VcApi) -> None:
    assert_verified(vc_api.verify(vc_api.issued(validUntil="2020-01-01T00:00:00Z"), {"checks": ["proof"]}))


@pytest.mark.parametrize("members", [{"validUntil": "2020-01-01T00:00:00Z"}, {"validFrom": "2100-01-01T00:00:00Z"}])
@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "vc-jwt"])
def test_a_credential_outside_its_period_does_not_verify(vc_api: VcApi, name: str, members: dict[str, str]) -> None:
    assert_refused(vc_api.verify(vc_api.issued(name, **members)), "vc_api_outside_validity")


def test_a_credential_of_the_first_version_that_is_over_does_not_verify(vc_api: VcApi) -> None:
    answer = vc_api.issue("eddsa-rdfc-2022", vc_api.credential_v1(expirationDate="2026-02-01T00:00:00Z"))
    assert_refused(vc_api.verify(answer.json()["verifiableCredential"]), "vc_api_outside_validity")


def test_an_issuer_that_does_not_control_the_key_does_not_verify(vc_api: VcApi) -> None:
    # T1: the strict policy.
    credential = vc_api.credential(issuer="https://vc.example/issuers/5678")
    assert_refused(vc_api.verify(vc_api.signed(credential)), "issuer_not_controller")


def test_an_issuer_that_does_not_control_the_key_verifies_when_the_policy_does_not_ask(lenient: VcApi) -> None:
    credential = lenient.credential(issuer="https://vc.example/issuers/5678")
    assert_verified(lenient.verify(lenient.signed(credential)))


@pytest.mark.parametrize(
    "method",
    ["did:example:issuer#key", "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r", "did:key:zabc#zabc"],
)
def test_only_a_did_key_with_its_own_fragment_is_resolved(lenient: VcApi, method: str) -> None:
    issued = lenient.issued()
    changed_proof = issued["proof"] | {"verificationMethod": method}
    assert_refused(lenient.verify(issued | {"proof": changed_proof}), "vc_api_method_not_resolved")


def test_a_second_proof_by_another_key_is_a_witness_beside_the_issuers_own(vc_api: VcApi) -> None:
    assert_verified(vc_api.verify(vc_api.signed(vc_api.issued(), "ecdsa-rdfc-2019-p256")))


def test_a_set_of_proofs_with_one_that_does_not_match_does_not_verify(vc_api: VcApi) -> None:
    first = vc_api.issued()["proof"]
    second = vc_api.signed(vc_api.credential(id="urn:uuid:1"), "ecdsa-rdfc-2019-p256")["proof"]
    assert_refused(vc_api.verify(vc_api.credential(proof=[first, second])), "invalid_signature")


def test_a_chained_proof_signs_the_one_before_it(vc_api: VcApi) -> None:
    first = vc_api.signed(vc_api.credential(), id="urn:uuid:1")
    chained = vc_api.signed(first, "ecdsa-rdfc-2019-p256", previous_proof=("urn:uuid:1",))
    assert_verified(vc_api.verify(chained))


def test_a_chain_whose_first_link_is_gone_does_not_verify(vc_api: VcApi) -> None:
    first = vc_api.signed(vc_api.credential(), id="urn:uuid:1")
    chained = vc_api.signed(first, "ecdsa-rdfc-2019-p256", previous_proof=("urn:uuid:1",))
    assert_refused(vc_api.verify(chained | {"proof": chained["proof"][1:]}))


@pytest.mark.parametrize("name", [name for name in EMBEDDED if "jcs" in name])
def test_a_jcs_proof_with_another_context_than_the_documents_does_not_verify(vc_api: VcApi, name: str) -> None:
    issued = vc_api.issued(name)
    proof = issued["proof"] | {"@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"]}
    assert_refused(vc_api.verify(issued | {"proof": proof}))


def test_a_base_proof_is_not_verified_as_it_is(vc_api: VcApi) -> None:
    assert_refused(vc_api.verify(vc_api.issued("ecdsa-sd-2023")))
