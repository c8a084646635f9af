"""Issuing: what comes back is what was given and a proof; what a verifier would refuse is not signed."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.did import from_did
from keys.signer import SoftwareSigner
from schemas.formats.data_integrity import ProofOptions, Suite, derive, issue, verify
from schemas.formats.data_integrity.errors import (
    CryptosuiteUnknown,
    JsonPointerUnmatched,
    KeyUnfitForCryptosuite,
    NothingSelected,
    ProofIdInvalid,
    ProofMalformed,
    ProofMemberInvalid,
    SecuredDocumentMalformed,
    VerificationMethodInvalid,
)
from schemas.formats.data_integrity.issuing import with_proof_terms
from schemas.formats.jsonld.errors import ContextUnknown, IdRelative, TermUndefined, TypeUndefined

V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"
DI_V1, DI_V2 = "https://w3id.org/security/data-integrity/v1", "https://w3id.org/security/data-integrity/v2"
KEYS = {
    Suite.EDDSA_RDFC_2022: "edwards",
    Suite.EDDSA_JCS_2022: "edwards",
    Suite.ECDSA_RDFC_2019: "p384",
    Suite.ECDSA_JCS_2019: "p384",
    Suite.ECDSA_SD_2023: "p256",
}


@pytest.mark.parametrize("suite", Suite)
def test_every_suite_signs_and_the_document_comes_back_unchanged(
    credential: dict[str, Any], suite: Suite, request: pytest.FixtureRequest
) -> None:
    issuer = request.getfixturevalue(KEYS[suite])
    document = credential | {"issuer": issuer.id}
    said = ProofOptions(mandatory_pointers=("/issuer",)) if suite is Suite.ECDSA_SD_2023 else ProofOptions()
    issued = issue(document, issuer.signer, suite=suite, verification_method=issuer.method, options=said)
    assert {name: value for name, value in issued.items() if name != "proof"} == document
    shown = derive(issued, ("/credentialSubject", "/validFrom", "/validUntil")) if said.mandatory_pointers else issued
    assert verify(shown, from_did).document == document


@pytest.mark.parametrize(
    ("suite", "prefix"),
    [(Suite.EDDSA_RDFC_2022, "z"), (Suite.EDDSA_JCS_2022, "z"), (Suite.ECDSA_SD_2023, "u2V0A")],
)
def test_the_proof_value_has_its_prefix(
    credential: dict[str, Any], suite: Suite, prefix: str, request: pytest.FixtureRequest
) -> None:
    issuer = request.getfixturevalue(KEYS[suite])
    issued = issue(credential, issuer.signer, suite=suite, verification_method=issuer.method)
    assert issued["proof"]["proofValue"].startswith(prefix)


def test_the_proof_says_what_the_specification_wants(credential: dict[str, Any], issued: Any, edwards: Any) -> None:
    proof = issued(credential)["proof"]
    assert {name: value for name, value in proof.items() if name != "proofValue"} == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-03-02T08:00:00Z",
        "verificationMethod": edwards.method,
        "proofPurpose": "assertionMethod",
    }


def test_times_are_written_in_utc(credential: dict[str, Any], edwards: Any) -> None:
    created = datetime(2026, 3, 2, 16, tzinfo=timezone(timedelta(hours=8)))
    issued = issue(
        credential, edwards.signer, suite=Suite.EDDSA_JCS_2022, verification_method=edwards.method, created=created
    )
    assert issued["proof"]["created"] == "2026-03-02T08:00:00Z"


def test_without_a_time_created_is_absent(credential: dict[str, Any], edwards: Any) -> None:
    issued = issue(credential, edwards.signer, suite=Suite.EDDSA_RDFC_2022, verification_method=edwards.method)
    assert "created" not in issued["proof"]
    assert verify(issued, from_did).proofs[0].created is None


def test_two_selective_proofs_of_one_document_have_no_key_in_common(credential: dict[str, Any], p256: Any) -> None:
    values = {
        issue(credential, p256.signer, suite=Suite.ECDSA_SD_2023, verification_method=p256.method)["proof"][
            "proofValue"
        ]
        for _ in range(2)
    }
    assert len(values) == 2


def test_a_version_1_1_credential_gets_the_context_of_the_proof(edwards: Any, issued: Any) -> None:
    document = {
        "@context": [V1],
        "type": ["VerifiableCredential"],
        "issuer": edwards.id,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:holder"},
    }
    signed = issued(document)
    assert signed["@context"] == [V1, DI_V2]
    assert document["@context"] == [V1]
    assert verify(signed, from_did).proofs


@pytest.mark.parametrize("context", [[V1, DI_V2], [V1, DI_V1], [V2], [V2, {"a": "urn:a"}]])
def test_a_document_whose_context_defines_the_proof_keeps_it(context: list[Any]) -> None:
    assert with_proof_terms({"@context": context}) == {"@context": context}


@pytest.mark.parametrize("context", [None, V2, [], {}])
def test_a_context_that_is_no_array_is_refused(credential: dict[str, Any], issued: Any, context: Any) -> None:
    with pytest.raises(SecuredDocumentMalformed):
        issued(credential | {"@context": context})


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"credentialSubject": {"id": "did:example:holder", "@unheard": 1}}, TermUndefined),
        ({"@context": [V2], "credentialSubject": {"nickname": "x"}, "type": "VerifiableCredential"}, TermUndefined),
        ({"@context": [V2]}, TypeUndefined),
        ({"credentialSubject": {"id": "relative"}}, IdRelative),
        ({"@context": [V2, "https://unknown.example/"]}, ContextUnknown),
    ],
)
def test_what_json_ld_would_drop_is_not_signed(
    credential: dict[str, Any],
    suite: Suite,
    change: dict[str, Any],
    error: type[Exception],
    request: pytest.FixtureRequest,
) -> None:
    issuer = request.getfixturevalue(KEYS[suite])
    with pytest.raises(error):
        issue(credential | change, issuer.signer, suite=suite, verification_method=issuer.method)


@pytest.mark.parametrize(
    ("suite", "algorithm"),
    [
        (Suite.EDDSA_RDFC_2022, Algorithm.ES256),
        (Suite.ECDSA_RDFC_2019, Algorithm.EDDSA),
        (Suite.ECDSA_JCS_2019, Algorithm.ES512),
        (Suite.ECDSA_SD_2023, Algorithm.ES384),
    ],
)
def test_a_key_of_another_kind_does_not_sign(credential: dict[str, Any], suite: Suite, algorithm: Algorithm) -> None:
    with pytest.raises(KeyUnfitForCryptosuite):
        issue(credential, SoftwareSigner.generate(algorithm), suite=suite, verification_method="did:example:i#k")


def test_a_verification_method_that_is_no_url_is_refused(credential: dict[str, Any], edwards: Any) -> None:
    with pytest.raises(VerificationMethodInvalid):
        issue(credential, edwards.signer, suite=Suite.EDDSA_RDFC_2022, verification_method="key-1")


def test_an_id_that_is_no_url_is_refused(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(ProofIdInvalid):
        issued(credential, id="1")


def test_mandatory_pointers_are_for_the_selective_suite_alone(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(ProofMemberInvalid, match="mandatory"):
        issued(credential, mandatory_pointers=("/issuer",))


def test_a_mandatory_pointer_to_nothing_is_refused(credential: dict[str, Any], p256: Any) -> None:
    with pytest.raises(JsonPointerUnmatched):
        issue(
            credential,
            p256.signer,
            suite=Suite.ECDSA_SD_2023,
            verification_method=p256.method,
            options=ProofOptions(mandatory_pointers=("/nothing",)),
        )


# Deriving


def test_without_mandatory_statements_something_has_to_be_selected(credential: dict[str, Any], p256: Any) -> None:
    base = issue(
        credential | {"issuer": p256.id}, p256.signer, suite=Suite.ECDSA_SD_2023, verification_method=p256.method
    )
    with pytest.raises(NothingSelected):
        derive(base, ())
    assert verify(derive(base, ("/issuer",)), from_did).document["issuer"] == p256.id


def test_only_a_selective_proof_is_derived_from(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(CryptosuiteUnknown):
        derive(issued(credential), ("/issuer",))


def test_a_set_of_proofs_is_not_derived_from(credential: dict[str, Any], issued: Any) -> None:
    with pytest.raises(ProofMalformed):
        derive(issued(issued(credential)), ("/issuer",))
