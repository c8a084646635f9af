"""From a purpose certificate fetched ahead, or a printed copy, to the verdict of the counter that scans it."""

from typing import Any

import pytest

from schemas.order import HolderId
from schemas.qr import text
from tests.support.ecert_world import World
from verifier import Policy, Report, verify

CHOICE = {"type_id": "resident_id_card", "fields": ["name", "photo_digest", "age_over_18"], "purpose": "办理入住"}
COPY = {"purpose": "licence", "maker": "示例窗口", "cause": "办理开户 Opening an account", "days": 30}


@pytest.fixture
def person(world: World) -> HolderId:
    return world.person()


@pytest.fixture
def holder(world: World, person: HolderId) -> dict[str, str]:
    return world.token("holder", holder_id=person)


def fetched(world: World, holder: dict[str, str], **changed: Any) -> Any:
    listed = world.client.get("/v1/wallet/certificates", headers=holder).json()["certificates"]
    card = next(one["credential_id"] for one in listed if one["type_id"] == "resident_id_card")
    body = {"credential_id": card, "purpose": "identity", "count": 2} | changed
    return world.client.post("/v1/wallet/purposes", json=body, headers=holder)


def scanned(world: World, code: str) -> Report:
    world.container.publish_due()
    presentation = text.decode(code)
    assert isinstance(presentation, text.Presentation)
    evidence = world.container.evidence.gather()
    return verify(presentation.token, policy=Policy(accepted_types=None), evidence=evidence, now=world.clock())


def test_the_purposes_of_a_type_are_public(world: World) -> None:
    found = world.client.get("/v1/purposes/resident_id_card").json()
    assert [each["purpose"] for each in found["purposes"]][:1] == ["identity"]
    assert world.client.get("/v1/purposes/passport").status_code == 404


def test_a_certificate_fetched_ahead_is_shown_and_found_valid(world: World, holder: dict[str, str]) -> None:
    answer = fetched(world, holder)
    assert (answer.status_code, answer.json()["count"]) == (201, 2)
    shown = world.client.post("/v1/wallet/qr", json=CHOICE, headers=holder).json()
    assert shown["text"].startswith("ZK1:")
    report = scanned(world, shown["text"])
    assert report.verdict == "valid", report.to_dict()
    assert set(report.accepted_claims()) == set(CHOICE["fields"])


def test_a_showing_is_renewed_and_still_valid_after_a_minute(world: World, holder: dict[str, str]) -> None:
    fetched(world, holder)
    shown = world.client.post("/v1/wallet/qr", json=CHOICE, headers=holder).json()
    world.clock.forward(seconds=61)
    assert scanned(world, shown["text"]).check("presentation").reason == "presentation_too_old"
    again = world.client.post("/v1/wallet/qr/renew", json={"renewal": shown["renewal"]}, headers=holder).json()
    assert scanned(world, again["text"]).verdict == "valid"


def test_a_counters_challenge_goes_through(world: World, holder: dict[str, str]) -> None:
    fetched(world, holder)
    challenge = {"audience": "urn:ecert:counter:17", "cnonce": "AAECAwQFBgc"}
    shown = world.client.post("/v1/wallet/qr", json=CHOICE | challenge, headers=holder).json()
    assert scanned(world, shown["text"]).check("presentation").reason == "audience_mismatch"


def test_what_is_asked_wrongly_is_refused(world: World, holder: dict[str, str]) -> None:
    assert fetched(world, holder, purpose="licence").json()["code"] == "unknown_purpose"
    assert fetched(world, holder, credential_id="other").json()["code"] == "unknown_credential"
    assert fetched(world, holder, count=21).status_code == 422
    assert world.client.post("/v1/wallet/purposes", json={}).status_code == 401


def test_a_printed_copy_is_never_more_than_something_to_compare(world: World) -> None:
    preparer = world.token("preparer", department="amr")
    answer = world.client.post(f"/v1/certificates/{world.licence()}/copies", json=COPY, headers=preparer)
    assert answer.status_code == 201
    report = scanned(world, answer.json()["text"])
    assert report.verdict == "indeterminate"
    assert report.check("holder_binding").reason == "printed_copy"


def test_a_printed_copy_of_a_revoked_licence_is_invalid(world: World) -> None:
    preparer, revoker = world.token("preparer", department="amr"), world.token("revoker", department="amr")
    code = world.client.post(f"/v1/certificates/{world.licence()}/copies", json=COPY, headers=preparer).json()["text"]
    decision = {"legal_reason": "吊销", "officer": "O-1", "case_number": "1"}
    world.client.post(f"/v1/certificates/{world.licence()}/revoke", json=decision, headers=revoker)
    assert scanned(world, code).verdict == "invalid"


def test_another_department_makes_no_copies(world: World) -> None:
    preparer = world.token("preparer", department="psb")
    answer = world.client.post(f"/v1/certificates/{world.licence()}/copies", json=COPY, headers=preparer)
    assert answer.status_code == 403
