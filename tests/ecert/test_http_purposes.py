"""From a purpose certificate fetched ahead, or a printed copy, to the verdict of the counter that scans it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ecert.ahead import fetch_ahead, unused
from issuer.errors import StateChanged
from issuer.lifecycle import Decision
from schemas.order import HolderId, Identifier
from schemas.purposes import purpose, purposes_of
from schemas.qr import text
from schemas.types import certificate_type
from tests.support.ecert_world import World
from verifier import Policy, Report, verify
from wallet_api import Wanted

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


# The supply


def ahead(world: World, holder: dict[str, str], type_id: str = "resident_id_card") -> dict[str, int]:
    listed = world.client.get("/v1/wallet/certificates", headers=holder).json()["certificates"]
    card = next(one["credential_id"] for one in listed if one["type_id"] == type_id)
    found: dict[str, int] = world.client.get(f"/v1/wallet/certificates/{card}", headers=holder).json()["ahead"]
    return found


def test_a_certificate_tells_how_many_codes_are_left(world: World, holder: dict[str, str]) -> None:
    assert set(ahead(world, holder).values()) == {0}
    fetched(world, holder)
    assert ahead(world, holder)["identity"] == 2
    world.client.post("/v1/wallet/qr", json=CHOICE, headers=holder)
    assert ahead(world, holder)["identity"] == 1


def test_a_wallet_has_at_most_ten_unused_of_a_purpose(world: World, holder: dict[str, str]) -> None:
    assert fetched(world, holder, count=10).json()["unused"] == 10
    refused = fetched(world, holder, count=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "enough_purpose_certificates")
    assert fetched(world, holder, purpose="age", count=10).status_code == 201
    assert world.client.post("/v1/wallet/qr", json=CHOICE, headers=holder).status_code == 200
    assert fetched(world, holder, count=1).json()["unused"] == 10


def test_requests_at_once_do_not_pass_the_limit_together(world: World, holder: dict[str, str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(fetched, world, holder, count=4) for _ in range(4)]
    assert sorted(one.result().status_code for one in answers) == [201, 201, 409, 409]
    assert ahead(world, holder)["identity"] == 8


def test_when_they_are_over_there_is_room_again(world: World, holder: dict[str, str]) -> None:
    fetched(world, holder, count=10)
    world.clock.forward(days=8)
    later = world.token("holder", holder_id=world.person())
    assert ahead(world, later)["identity"] == 0
    assert fetched(world, later, count=10).status_code == 201


def test_every_purpose_of_every_certificate_is_counted_as_it_is_fetched(world: World) -> None:
    """Otherwise the limit would not hold, and a wallet would fetch for ever."""
    for holder in world.container.wallet.holders.page(limit=500):
        for held in world.container.wallet.holdings.certificates(holder.holder_id):
            for each in unused(world.container, holder.holder_id, held.identifier):
                fetch_ahead(world.container, holder.holder_id, held.identifier, each, count=1)
            left = unused(world.container, holder.holder_id, held.identifier)
            assert all(count >= 1 for count in left.values()), (held.type_id, left)


# Acts reach what was fetched


@pytest.mark.parametrize(
    ("type_id", "act", "legal_reason", "reason"),
    [
        ("business_licence", "revoke", "吊销", "revoked"),
        ("business_licence", "cancel", "注销", "revoked"),
        ("driving_licence", "suspend", "暂扣", "suspended"),
    ],
)
def test_a_code_fetched_before_an_act_is_refused_after_it(
    world: World, type_id: str, act: str, legal_reason: str, reason: str
) -> None:
    holder_id, identifier = held_by(world, type_id)
    purpose_id = purposes_of(type_id)[0].id
    fetch_ahead(world.container, holder_id, identifier, purpose_id, count=2)
    wanted = fields_of(world, holder_id, identifier, purpose_id)
    shown, going_on = (world.container.wallet.showing.show_qr(holder_id, wanted, purpose="办理开户") for _ in range(2))
    assert scanned(world, shown.text).verdict == "valid"
    decision = {"legal_reason": legal_reason, "officer": "O-1", "case_number": "1"}
    revoker = world.token("revoker", department=certificate_type(type_id).department)
    assert world.client.post(f"/v1/certificates/{identifier}/{act}", json=decision, headers=revoker).status_code == 200
    assert going_on.presented.credential_id != shown.presented.credential_id
    for code in (shown.text, going_on.text):
        assert code.startswith("ZK1:")
        assert scanned(world, code).check("status").reason == reason


def test_an_unused_code_of_a_revoked_licence_is_refused(world: World) -> None:
    """The wallet does not know of the revocation; whoever scans does."""
    holder_id, licence = held_by(world, "business_licence")
    fetch_ahead(world.container, holder_id, licence, "licence", count=1)
    world.container.life.revoke(licence, Decision("吊销", officer="O-1", case_number="1"))
    world.container.evidence.invalidate()
    wanted = fields_of(world, holder_id, licence, "licence")
    shown = world.container.wallet.showing.show_qr(holder_id, wanted, purpose="办理开户")
    assert shown.text.startswith("ZK1:")
    report = scanned(world, shown.text)
    assert (report.verdict, report.check("status").reason) == ("invalid", "revoked")


def test_of_a_revoked_licence_nothing_more_is_fetched(world: World) -> None:
    enterprise = world.token("holder", holder_id=world.enterprise())
    assert ahead(world, enterprise, "business_licence")
    revoker = world.token("revoker", department="amr")
    decision = {"legal_reason": "吊销", "officer": "O-1", "case_number": "1"}
    world.client.post(f"/v1/certificates/{world.licence()}/revoke", json=decision, headers=revoker)
    assert ahead(world, enterprise, "business_licence") == {}
    with pytest.raises(StateChanged):
        fetch_ahead(world.container, world.enterprise(), world.licence(), "licence", count=1)


def held_by(world: World, type_id: str) -> tuple[HolderId, Identifier]:
    for holder in world.container.wallet.holders.page(limit=500):
        for held in world.container.wallet.holdings.certificates(holder.holder_id):
            if held.type_id == type_id:
                return holder.holder_id, held.identifier
    raise AssertionError(f"nobody holds {type_id}")


def fields_of(world: World, holder_id: HolderId, identifier: Identifier, purpose_id: str) -> Wanted:
    view = world.container.wallet.holdings.certificate(holder_id, identifier)
    held = {claim.name for claim in view.claims}
    return Wanted(tuple(held.intersection(purpose(view.certificate.type_id, purpose_id).fields)), identifier=identifier)
