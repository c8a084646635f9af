"""The orders' routes: hand in, approve, offer; what an officer may not do; and offers as wallets fetch them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecert.http.upkeep import once
from issuer.openid4vci.grants import Kind
from schemas.audit import Subject
from tests.support.ecert_world import StillClock, World, world_in

PRE = {"grants": ["pre-authorized_code"], "tx_code": {}}
DECISION = {"legal_reason": "吊销", "officer": "O-17", "case_number": "示例-2026-0042"}


@pytest.fixture
def strict(seeded_home: Path, tmp_path: Path, clock: StillClock) -> Iterator[World]:
    """A world where the licence wants four eyes."""
    home = shutil.copytree(seeded_home, tmp_path / "strict")
    with world_in(home, clock, FOUR_EYES="business_licence") as made:
        yield made


def order(world: World, **more: Any) -> dict[str, Any]:
    return {"type_id": "business_licence", "claims": world.claims(business_scope="示例经营范围。"), **more}


def hand_in(world: World, **more: Any) -> httpx.Response:
    return world.client.post("/v1/orders", json=order(world, **more), headers=world.token("preparer", department="amr"))


def offer(world: World, order_id: str, **body: Any) -> httpx.Response:
    header = world.token("preparer", department="amr")
    return world.client.post(f"/v1/orders/{order_id}/offers", json=body, headers=header)


def test_an_order_is_handed_in_and_nothing_is_issued(world: World) -> None:
    answer = hand_in(world, office="amr-example", days=30)
    made = answer.json()
    assert (answer.status_code, made["state"], made["office"], made["repeated"]) == (
        201,
        "waiting",
        "amr-example",
        False,
    )
    assert "claims" not in made
    assert made["identifier"] is None


def test_a_retry_with_the_idempotency_key_gives_the_same_order(world: World) -> None:
    header = world.token("preparer", department="amr") | {"Idempotency-Key": "k-1"}
    answers = [world.client.post("/v1/orders", json=order(world), headers=header) for _ in range(2)]
    assert answers[0].json()["order_id"] == answers[1].json()["order_id"]


def test_a_known_row_key_gives_the_first_order(world: World) -> None:
    first, again = hand_in(world, row_key="r"), hand_in(world, row_key="r")
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert again.json()["order_id"] == first.json()["order_id"]


@pytest.mark.parametrize(
    ("more", "field"), [({"office": "psb"}, "office"), ({"days": 0}, "days"), ({"ready_at": "soon"}, "ready_at")]
)
def test_a_wrong_order_is_refused_by_field(world: World, more: dict[str, Any], field: str) -> None:
    answer = hand_in(world, **more)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_order_may_be_ready_later(world: World) -> None:
    assert hand_in(world, ready_at="2026-03-05T09:00:00+08:00").json()["ready_at"] == "2026-03-05T09:00:00+08:00"


def test_orders_are_listed_without_claims_and_page_by_page(world: World) -> None:
    ids = [hand_in(world, row_key=str(number)).json()["order_id"] for number in range(3)]
    reader = world.token("auditor", department="amr")
    first = world.client.get("/v1/orders?limit=2&state=waiting", headers=reader).json()
    second = world.client.get(f"/v1/orders?limit=2&after={first['next']}", headers=reader).json()
    assert [one["order_id"] for one in (*first["orders"], *second["orders"])] == ids[::-1]
    assert second["next"] is None
    assert "claims" not in first["orders"][0]
    assert world.client.get("/v1/orders?limit=0", headers=reader).status_code == 422
    others = world.client.get("/v1/orders", headers=world.token("auditor", department="psb")).json()
    assert others["orders"] == []


def test_everyone_but_an_auditor_sees_an_orders_claims(world: World) -> None:
    path = f"/v1/orders/{hand_in(world).json()['order_id']}"
    approver, auditor = (world.client.get(path, headers=world.token(role)).json() for role in ("approver", "auditor"))
    assert approver["claims"]["business_scope"] == "示例经营范围。"
    assert "claims" not in auditor


def test_another_departments_order_is_out_of_reach(world: World) -> None:
    made = hand_in(world).json()
    path = f"/v1/orders/{made['order_id']}"
    preparer, approver = (world.token(role, department="psb") for role in ("preparer", "approver"))
    answers = [
        world.client.get(path, headers=preparer),
        world.client.post(f"{path}/approve", headers=approver),
        world.client.post(f"{path}/decline", json={}, headers=approver),
        world.client.post(f"{path}/withdraw", json={}, headers=preparer),
        world.client.post(f"{path}/offers", json={}, headers=preparer),
        world.client.post("/v1/offers", json={"order_ids": [made["order_id"]]}, headers=preparer),
        world.client.post("/v1/orders", json=order(world), headers=preparer),
    ]
    assert {answer.json()["code"] for answer in answers} == {"not_permitted"}


def test_an_order_is_withdrawn(world: World) -> None:
    made = hand_in(world).json()
    header = world.token("preparer", department="amr")
    answer = world.client.post(f"/v1/orders/{made['order_id']}/withdraw", json={"reason": "重复"}, headers=header)
    assert answer.json()["state"] == "withdrawn"
    again = world.client.post(f"/v1/orders/{made['order_id']}/withdraw", json={}, headers=header)
    assert (again.status_code, again.json()["code"]) == (409, "order_state_changed")


def test_four_eyes_before_approval_there_is_no_offer(strict: World) -> None:
    made = hand_in(strict).json()
    assert made["state"] == "awaiting_approval"
    refused = offer(strict, made["order_id"])
    assert (refused.status_code, refused.json()["code"]) == (422, "offer_refused")
    path = f"/v1/orders/{made['order_id']}/approve"
    approved = strict.client.post(path, headers=strict.token("approver", department="amr"))
    assert approved.json()["state"] == "waiting"
    assert offer(strict, made["order_id"]).status_code == 201


def test_four_eyes_an_order_is_declined(strict: World) -> None:
    path = f"/v1/orders/{hand_in(strict).json()['order_id']}/decline"
    answer = strict.client.post(path, json={"reason": "材料不齐"}, headers=strict.token("approver", department="amr"))
    assert answer.json()["state"] == "declined"


def test_an_offer_has_a_link_a_code_and_a_transaction_code(world: World) -> None:
    made = offer(world, hand_in(world).json()["order_id"], **PRE).json()
    assert made["link"].startswith("openid-credential-offer://?credential_offer_uri=")
    assert made["qr"].startswith("data:image/svg+xml;base64,")
    assert len(made["tx_code"]) == 6
    assert made["tx_code"] not in repr(made["credential_offer"])


def test_several_orders_are_one_offer(world: World) -> None:
    ids = [hand_in(world, row_key=str(number)).json()["order_id"] for number in range(2)]
    body = {"order_ids": ids, "by_reference": False}
    answer = world.client.post("/v1/offers", json=body, headers=world.token("preparer", department="amr"))
    assert (answer.status_code, answer.json()["page"]) == (201, None)


def test_an_unknown_grant_is_refused(world: World) -> None:
    answer = offer(world, hand_in(world).json()["order_id"], grants=["password"])
    assert (answer.status_code, answer.json()["code"]) == (422, "offer_refused")


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8440")


def test_an_offer_by_reference_is_fetched_until_its_code_is_used(world: World) -> None:
    """VCI 4.1.3: JSON, not kept by anybody on the way."""
    made = offer(world, hand_in(world).json()["order_id"], **PRE).json()
    path = path_of(made["page"]).removesuffix("/open")
    answer = world.client.get(path)
    assert (answer.status_code, answer.json()) == (200, made["credential_offer"])
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("no-store", "application/json")
    code = made["credential_offer"]["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"]
    world.container.storage.protocol.take(
        Kind.PRE_AUTHORIZED_CODE, code["pre-authorized_code"], now=world.container.clock()
    )
    gone = world.client.get(path)
    assert (gone.status_code, gone.json()["error"]) == (404, "invalid_request")


def test_an_offer_of_another_department_is_not_there(world: World) -> None:
    made = offer(world, hand_in(world).json()["order_id"]).json()
    assert world.client.get(f"/issuers/psb/offers/{made['offer_id']}").status_code == 404


def test_an_offers_page_opens_the_wallet_or_shows_the_code(world: World) -> None:
    made = offer(world, hand_in(world).json()["order_id"]).json()
    page = world.client.get(path_of(made["page"]))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'href="{made["link"]}"' in page.text
    assert "用本机的卡包打开" in page.text
    world.clock.forward(hours=1)
    gone = world.client.get(path_of(made["page"]))
    assert (gone.status_code, "此链接已失效" in gone.text) == (404, True)


@pytest.mark.parametrize("place", ["", "/open"])
def test_who_tries_offers_is_stopped(seeded_home: Path, tmp_path: Path, clock: StillClock, place: str) -> None:
    home = shutil.copytree(seeded_home, tmp_path / "limited")
    with world_in(home, clock, RATE_LIMITS="offer=2/60") as world:
        statuses = [world.client.get(f"/issuers/amr/offers/x{place}").status_code for _ in range(3)]
    assert statuses == [404, 404, 429]


def test_four_eyes_a_revocation_is_proposed_and_confirmed(strict: World) -> None:
    revoker, approver = (strict.token(role, department="amr") for role in ("revoker", "approver"))
    identifier = strict.licence()
    answer = strict.client.post(f"/v1/certificates/{identifier}/revoke", json=DECISION, headers=revoker)
    made = answer.json()
    assert (answer.status_code, made["state"], made["kind"]) == (202, "proposed", "revoke")
    assert strict.container.state_of(identifier) == "issued"
    listed = strict.client.get("/v1/proposals?state=proposed", headers=revoker).json()
    assert [one["proposal_id"] for one in listed["proposals"]] == [made["proposal_id"]]
    path = f"/v1/proposals/{made['proposal_id']}/confirm"
    other = strict.client.post(path, headers=strict.token("approver", department="psb"))
    assert (other.status_code, other.json()["code"]) == (403, "not_permitted")
    done = strict.client.post(path, headers=approver)
    assert (done.json()["state"], done.json()["pending"]) == ("revoked", [])
    assert strict.container.state_of(identifier) == "revoked"


def test_four_eyes_a_proposal_is_declined(strict: World) -> None:
    revoker, approver = (strict.token(role, department="amr") for role in ("revoker", "approver"))
    url = f"/v1/certificates/{strict.licence()}/revoke"
    made = strict.client.post(url, json=DECISION, headers=revoker).json()
    path = f"/v1/proposals/{made['proposal_id']}"
    assert strict.client.post(f"{path}/decline", headers=approver).json()["state"] == "declined"
    late = strict.client.post(f"{path}/confirm", headers=approver)
    assert (late.status_code, late.json()["code"]) == (409, "proposal_state_changed")


def test_four_eyes_nobody_issues_alone(strict: World) -> None:
    header = strict.token("preparer", department="amr")
    answer = strict.client.post("/v1/certificates", json=order(strict), headers=header)
    assert (answer.status_code, answer.json()["code"]) == (409, "second_officer_needed")


def test_four_eyes_a_replacement_is_proposed_seen_and_confirmed(strict: World) -> None:
    preparer, approver = (strict.token(role, department="amr") for role in ("preparer", "approver"))
    body = DECISION | {"legal_reason": "变更", "claims": strict.claims(address="江门市示例路7号")}
    url = f"/v1/certificates/{strict.licence()}/replace"
    answer = strict.client.post(url, json=body, headers=preparer)
    made = answer.json()
    assert (answer.status_code, made["kind"], "claims" in made) == (202, "replace", False)
    path = f"/v1/proposals/{made['proposal_id']}"
    assert strict.client.get(path, headers=approver).json()["claims"]["address"] == "江门市示例路7号"
    assert "claims" not in strict.client.get(path, headers=strict.token("auditor")).json()
    done = strict.client.post(f"{path}/confirm", headers=approver).json()
    assert done["state"] == "issued"
    assert strict.container.state_of(done["identifier"]) == "issued"
    assert done["identifier"].split(".")[-2] == "002"


def test_orders_past_their_end_expire_in_a_round_of_upkeep(world: World) -> None:
    made = hand_in(world, days=1).json()
    world.clock.forward(days=1)
    assert once(world.container)["orders"]
    order = world.client.get(f"/v1/orders/{made['order_id']}", headers=world.token("auditor")).json()
    assert order["state"] == "expired"


def test_every_act_is_in_the_audit_trail(strict: World) -> None:
    made = hand_in(strict).json()
    path = f"/v1/orders/{made['order_id']}"
    strict.client.post(f"{path}/approve", headers=strict.token("approver", department="amr"))
    offer(strict, made["order_id"])
    strict.client.post(f"{path}/withdraw", json={}, headers=strict.token("preparer", department="amr"))
    acts = [record.act for record in strict.container.storage.audit.records_of(Subject.ORDER, made["order_id"])]
    assert acts == ["prepared", "approved", "offer_made", "withdrawn"]
    strict.container.storage.audit.verify()
