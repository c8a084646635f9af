"""Verifying presentations: the holder's proof, for this challenge and domain, and every credential inside."""

from typing import Any

import pytest

from schemas.formats.data_integrity.options import AUTHENTICATION
from tests.support.vc_api import REMOVED, V1, V2, VcApi, assert_refused, assert_verified

ASKED = {"challenge": "uChallenge", "domain": "example.com"}
BAD_MEMBERS: dict[str, dict[str, Any]] = {
    "no context": {"context": REMOVED},
    "context empty": {"context": []},
    "base context not first": {"context": ["https://www.w3.org/ns/credentials/examples/v2", V2]},
    "no type": {"type": REMOVED},
    "type without VerifiablePresentation": {"type": ["VerifiableCredential"]},
    "type undefined": {"type": ["VerifiablePresentation", "Unknown"]},
    "holder an object without id": {"holder": {"name": "陈大文"}},
    "holder null": {"holder": None},
    "holder no URL": {"holder": "chen"},
    "id null": {"id": None},
    "id no URL": {"id": "not-a-url"},
    "credential a URL": {"verifiableCredential": ["https://example.org/credentials/1"]},
    "credential null": {"verifiableCredential": None},
    "credential a number": {"verifiableCredential": [7]},
    "member undefined": {"unknown": "dropped"},
}


@pytest.mark.parametrize("options", [None, {}, {"checks": []}, ASKED, {"challenge": "uChallenge"}])
def test_a_presentation_by_its_holder_verifies(vc_api: VcApi, options: dict[str, Any] | None) -> None:
    document = vc_api.presentation(vc_api.issued("ecdsa-rdfc-2019-p256"))
    assert_verified(vc_api.verify_presentation(vc_api.presented(document), options))


def test_a_presentation_without_credentials_verifies(vc_api: VcApi) -> None:
    assert_verified(vc_api.verify_presentation(vc_api.presented(vc_api.presentation()), ASKED))


def test_a_presentation_with_several_credentials_verifies(vc_api: VcApi) -> None:
    inner = [vc_api.issued("ecdsa-rdfc-2019-p256"), vc_api.issued("vc-jwt"), vc_api.issued("bitstring")]
    assert_verified(vc_api.verify_presentation(vc_api.presented(vc_api.presentation(*inner)), ASKED))


def test_a_presentation_of_the_first_version_verifies(vc_api: VcApi) -> None:
    answer = vc_api.issue("ecdsa-rdfc-2019-p256", vc_api.credential_v1("ecdsa-rdfc-2019-p256"))
    document = vc_api.presentation(answer.json()["verifiableCredential"], context=[V1])
    assert_verified(vc_api.verify_presentation(vc_api.presented(document), ASKED))


def test_a_holder_may_be_an_object(vc_api: VcApi) -> None:
    document = vc_api.presentation(holder={"id": vc_api.issuer("eddsa-rdfc-2022").id})
    assert_verified(vc_api.verify_presentation(vc_api.presented(document), ASKED))


def test_a_holders_own_statement_verifies(vc_api: VcApi) -> None:
    document = vc_api.presentation(vc_api.issued())
    assert_verified(vc_api.verify_presentation(vc_api.presented(document), ASKED))


@pytest.mark.parametrize("flaw", BAD_MEMBERS)
def test_a_flawed_presentation_does_not_verify(vc_api: VcApi, flaw: str) -> None:
    presented = vc_api.presented(vc_api.presentation(vc_api.issued("ecdsa-rdfc-2019-p256")))
    members = BAD_MEMBERS[flaw]
    members = {("@context" if name == "context" else name): value for name, value in members.items()}
    flawed = {name: value for name, value in (presented | members).items() if value is not REMOVED}
    assert_refused(vc_api.verify_presentation(flawed, ASKED))


@pytest.mark.parametrize("options", [{"challenge": "uOther"}, {"domain": "example.org"}, {"challenge": ""}])
def test_a_presentation_made_for_another_does_not_verify(vc_api: VcApi, options: dict[str, str]) -> None:
    presented = vc_api.presented(vc_api.presentation())
    assert_refused(vc_api.verify_presentation(presented, ASKED | options))


@pytest.mark.parametrize("name", ["challenge", "domain"])
def test_a_presentation_without_what_was_asked_for_does_not_verify(vc_api: VcApi, name: str) -> None:
    said = {key: value for key, value in ASKED.items() if key != name}
    presented = vc_api.signed(vc_api.presentation(), purpose=AUTHENTICATION, **said)
    assert_refused(vc_api.verify_presentation(presented, ASKED))


@pytest.mark.parametrize("options", [{"challenge": 7}, {"domain": None}, {"domain": ["example.com"]}])
def test_options_of_the_wrong_kind_are_refused(vc_api: VcApi, options: dict[str, Any]) -> None:
    assert_refused(vc_api.verify_presentation(vc_api.presented(vc_api.presentation()), options))


def test_a_presentation_with_the_purpose_of_a_credential_does_not_verify(vc_api: VcApi) -> None:
    assert_refused(vc_api.verify_presentation(vc_api.signed(vc_api.presentation())), "proof_purpose_mismatch")


def test_a_presentation_without_a_proof_does_not_verify(vc_api: VcApi) -> None:
    assert_refused(vc_api.verify_presentation(vc_api.presentation(vc_api.issued())))


def test_a_credential_is_no_presentation(vc_api: VcApi) -> None:
    assert_refused(vc_api.verify_presentation(vc_api.issued()))


def test_a_presentation_is_no_credential(vc_api: VcApi) -> None:
    assert_refused(vc_api.verify(vc_api.presented(vc_api.presentation())))


def test_a_credential_inside_that_was_changed_does_not_verify(vc_api: VcApi) -> None:
    inner = vc_api.issued("ecdsa-rdfc-2019-p256") | {"credentialSubject": {"id": "did:example:another"}}
    assert_refused(vc_api.verify_presentation(vc_api.presented(vc_api.presentation(inner))), "invalid_signature")


def test_a_credential_inside_without_a_proof_does_not_verify(vc_api: VcApi) -> None:
    presented = vc_api.presented(vc_api.presentation(vc_api.credential()))
    assert_refused(vc_api.verify_presentation(presented))


def test_a_credential_inside_with_an_undefined_term_does_not_verify(vc_api: VcApi) -> None:
    presented = vc_api.presented(vc_api.presentation(vc_api.issued("ecdsa-rdfc-2019-p256")))
    presented["verifiableCredential"][0]["unknown"] = "dropped"
    assert_refused(vc_api.verify_presentation(presented))


def test_a_credential_inside_that_is_over_does_not_verify(vc_api: VcApi) -> None:
    inner = vc_api.issued("ecdsa-rdfc-2019-p256", validUntil="2020-01-01T00:00:00Z")
    assert_refused(vc_api.verify_presentation(vc_api.presented(vc_api.presentation(inner))), "vc_api_outside_validity")


def test_an_own_statement_needs_no_holder_because_it_has_a_proof_of_its_own(vc_api: VcApi) -> None:
    document = vc_api.presentation(vc_api.issued(), vc_api.issued(id="urn:uuid:1"), holder=REMOVED)
    assert_verified(vc_api.verify_presentation(vc_api.presented(document), ASKED))


def test_an_own_statement_of_another_holder_does_not_verify(lenient: VcApi) -> None:
    document = lenient.presentation(lenient.issued(), holder="did:example:acme")
    assert_refused(lenient.verify_presentation(lenient.presented(document)), "credential_of_another_holder")


def test_an_own_statement_in_anothers_name_does_not_verify(lenient: VcApi) -> None:
    inner = lenient.signed(lenient.credential(issuer="did:example:acme"))
    document = lenient.presentation(inner)
    assert_refused(lenient.verify_presentation(lenient.presented(document)), "credential_of_another_holder")


def test_a_holder_that_does_not_control_the_key_does_not_verify(vc_api: VcApi) -> None:
    document = vc_api.presentation(holder="did:example:acme")
    assert_refused(vc_api.verify_presentation(vc_api.presented(document)), "holder_not_controller")
