"""Selective disclosure: a base proof, what the holder derives from it, and what a verifier refuses of it."""

from typing import Any

import cbor2
import pytest

from keys.encoding import b64url_decode, b64url_text
from tests.support.vc_api import VcApi, assert_refused, assert_verified, changed

NAME = "ecdsa-sd-2023"
SUBJECT = {"id": "did:example:subject", "name": "陈大文", "description": "示例"}
BASE, DERIVED = b"\xd9\x5d\x00", b"\xd9\x5d\x01"
MANDATORY = {"mandatoryPointers": ["/issuer"]}


@pytest.fixture
def base(vc_api: VcApi) -> dict[str, Any]:
    return vc_api.issued(NAME, MANDATORY, credentialSubject=SUBJECT)


@pytest.fixture
def derived(vc_api: VcApi, base: dict[str, Any]) -> dict[str, Any]:
    answer = vc_api.derive(base, ["/credentialSubject/name"])
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["verifiableCredential"])


def value_of(credential: dict[str, Any]) -> bytes:
    text = credential["proof"]["proofValue"]
    assert text[0] == "u"
    return b64url_decode(text[1:])


def with_value(credential: dict[str, Any], value: bytes) -> dict[str, Any]:
    return credential | {"proof": credential["proof"] | {"proofValue": "u" + b64url_text(value)}}


def components(value: bytes) -> list[Any]:
    return list(cbor2.loads(value[3:]))


def test_a_base_proof_is_its_header_and_five_components(base: dict[str, Any]) -> None:
    value = value_of(base)
    signature, key, hmac_key, signatures, pointers = components(value)
    assert value[:3] == BASE
    assert (len(signature), key[:2], len(hmac_key)) == (64, b"\x80\x24", 32)
    assert {len(each) for each in signatures} == {64}
    assert pointers == ["/issuer"]


@pytest.mark.parametrize("options", [None, {}, {"mandatoryPointers": []}])
def test_without_mandatory_pointers_it_is_issued_all_the_same(vc_api: VcApi, options: dict[str, Any] | None) -> None:
    assert components(value_of(vc_api.issued(NAME, options)))[4] == []


@pytest.mark.parametrize(
    "pointers", [["/nothing"], ["/issuer", "/credentialSubject/nothing"], ["issuer"], ["/credentialSubject/0"]]
)
def test_a_mandatory_pointer_that_leads_nowhere_is_refused(vc_api: VcApi, pointers: list[str]) -> None:
    assert_refused(vc_api.issue(NAME, vc_api.credential(NAME), {"mandatoryPointers": pointers}))


def test_a_derived_proof_shows_what_was_selected_and_what_is_mandatory(derived: dict[str, Any]) -> None:
    assert value_of(derived)[:3] == DERIVED
    assert derived["credentialSubject"] == {"id": SUBJECT["id"], "name": SUBJECT["name"]}
    assert "issuer" in derived


def test_a_derived_credential_verifies(vc_api: VcApi, derived: dict[str, Any]) -> None:
    assert_verified(vc_api.verify(derived))


def test_a_derived_credential_is_presented(vc_api: VcApi, derived: dict[str, Any]) -> None:
    presented = vc_api.presented(vc_api.presentation(derived))
    assert_verified(vc_api.verify_presentation(presented, {"challenge": "uChallenge", "domain": "example.com"}))


@pytest.mark.parametrize("pointers", [["/nothing"], ["name"], ["/credentialSubject/name/x"]])
def test_a_selective_pointer_that_leads_nowhere_is_refused(
    vc_api: VcApi, base: dict[str, Any], pointers: list[str]
) -> None:
    assert_refused(vc_api.derive(base, pointers))


def test_only_a_base_proof_is_derived_from(vc_api: VcApi, derived: dict[str, Any]) -> None:
    assert_refused(vc_api.derive(derived, ["/credentialSubject/name"]))


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-jcs-2019-p256", "vc-jwt"])
def test_a_credential_of_another_mechanism_is_not_derived_from(vc_api: VcApi, name: str) -> None:
    assert_refused(vc_api.derive(vc_api.issued(name), ["/issuer"]))


def test_a_disclosed_value_that_was_changed_does_not_verify(vc_api: VcApi, derived: dict[str, Any]) -> None:
    subject = derived["credentialSubject"] | {"name": "李小明"}
    assert_refused(vc_api.verify(derived | {"credentialSubject": subject}))


def test_a_value_that_was_left_out_afterwards_does_not_verify(vc_api: VcApi, derived: dict[str, Any]) -> None:
    assert_refused(vc_api.verify(derived | {"credentialSubject": {"id": SUBJECT["id"]}}))


@pytest.mark.parametrize("header", [b"", BASE, b"\xd9\x5d\x02", b"\xd9\x5d", b"\x00\x00\x00", b"\xd9\x5d\x01\x85"])
def test_another_header_does_not_verify(vc_api: VcApi, derived: dict[str, Any], header: bytes) -> None:
    assert_refused(vc_api.verify(with_value(derived, header + value_of(derived)[3:])))


def test_another_multibase_prefix_does_not_verify(vc_api: VcApi, derived: dict[str, Any]) -> None:
    proof = derived["proof"] | {"proofValue": "z" + derived["proof"]["proofValue"][1:]}
    assert_refused(vc_api.verify(derived | {"proof": proof}))


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("component", [None, 7, "text", [], {}, b"", [7], {"a": b""}, cbor2.CBORTag(1, 0)])
def test_a_component_of_another_kind_does_not_verify(
    vc_api: VcApi, derived: dict[str, Any], position: int, component: Any
) -> None:
    parts = components(value_of(derived))
    # An absent map or list is right where there is nothing to list.
    if parts[position] == component:
        pytest.skip("the component is this one")
    parts[position] = component
    assert_refused(vc_api.verify(with_value(derived, DERIVED + cbor2.dumps(parts))))


@pytest.mark.parametrize("count", [0, 4, 6])
def test_another_number_of_components_does_not_verify(vc_api: VcApi, derived: dict[str, Any], count: int) -> None:
    parts = [*components(value_of(derived)), b""][:count]
    assert_refused(vc_api.verify(with_value(derived, DERIVED + cbor2.dumps(parts))))


def test_a_signature_too_few_does_not_verify(vc_api: VcApi, derived: dict[str, Any]) -> None:
    parts = components(value_of(derived))
    parts[2] = parts[2][1:]
    assert_refused(vc_api.verify(with_value(derived, DERIVED + cbor2.dumps(parts))))


def test_bytes_after_the_components_do_not_verify(vc_api: VcApi, derived: dict[str, Any]) -> None:
    assert_refused(vc_api.verify(with_value(derived, value_of(derived) + b"\0")))


def test_what_is_no_cbor_does_not_verify(vc_api: VcApi, derived: dict[str, Any]) -> None:
    assert_refused(vc_api.verify(with_value(derived, value_of(derived)[:-1])))


def test_an_undefined_term_beside_what_was_disclosed_does_not_verify(vc_api: VcApi, derived: dict[str, Any]) -> None:
    assert_refused(vc_api.verify(changed(derived, unknown="dropped")))


def test_a_credential_of_the_first_version_may_hide_its_date(vc_api: VcApi) -> None:
    document = vc_api.credential_v1(NAME, credentialSubject={"id": SUBJECT["id"]})
    base = vc_api.issue(NAME, document, MANDATORY).json()["verifiableCredential"]
    derived = vc_api.derive(base, ["/credentialSubject/id"]).json()["verifiableCredential"]
    assert "issuanceDate" not in derived
    assert_verified(vc_api.verify(derived))
