"""Delegating over HTTP: given, shown, recalled; both sides of it; the errors' codes."""

from datetime import timedelta
from typing import Any

import pytest

from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.formats import delegation as delegations
from schemas.qr import animation
from tests.support.ecert_world import World
from wallet_api.records import HolderKind

AGENT = {"code_type": "111", "code": "440799199505050015", "name": "陈小文"}
ENTERPRISE = {"code_type": "001", "code": "91440799MA5X00014T"}
PURPOSE = "办理食品经营许可"
USE = {"nonce": "n-1", "audience": "https://bank.example", "purpose": PURPOSE}
BASE = "/v1/wallet/delegations"


@pytest.fixture
def agent(world: World) -> dict[str, str]:
    holder = world.container.wallet.holders.resolve(AGENT["code_type"], AGENT["code"], AGENT["name"])
    return world.token("holder", holder_id=holder.holder_id)


@pytest.fixture
def enterprise(world: World) -> dict[str, str]:
    return world.token("holder", holder_id=world.enterprise())


def body(world: World, **changes: Any) -> dict[str, Any]:
    until = (world.clock.now + timedelta(days=30)).isoformat()
    made = {"type_id": "business_licence", "fields": ["address"], "agent": AGENT, "purposes": [PURPOSE], "until": until}
    return made | changes


def test_given_shown_recalled(world: World, enterprise: dict[str, str], agent: dict[str, str]) -> None:
    given = world.client.post(BASE, json=body(world), headers=enterprise).json()
    assert (given["state"], given["agent_name"], given["relation_zh"]) == ("in_force", "陈小文", "代理人")
    path = f"{BASE}/{given['delegation_id']}"
    shown = world.client.post(f"{path}/presentations", json=USE, headers=agent).json()
    assert delegations.is_delegated(shown["presentation"])
    recalled = world.client.post(f"{path}/recall", headers=enterprise).json()
    assert recalled["state"] == "recalled"
    refused = world.client.post(f"{path}/presentations", json=USE, headers=agent)
    assert (refused.status_code, refused.json()["code"]) == (409, "delegation_ended")
    assert [one["state"] for one in world.client.get(BASE, headers=agent).json()["received"]] == ["recalled"]


def test_both_histories_say_who_acted(world: World, enterprise: dict[str, str], agent: dict[str, str]) -> None:
    given = world.client.post(BASE, json=body(world), headers=enterprise).json()
    world.client.post(f"{BASE}/{given['delegation_id']}/presentations", json=USE, headers=agent)
    for header, as_agent in ((enterprise, False), (agent, True)):
        (record,) = world.client.get("/v1/wallet/history", headers=header).json()["shown"]
        assert record["acting"]["as_agent"] is as_agent
        assert (record["audience"], record["purpose"]) == (USE["audience"], PURPOSE)


def test_a_code_goes_on_while_it_is_shown(world: World, enterprise: dict[str, str], agent: dict[str, str]) -> None:
    given = world.client.post(BASE, json=body(world), headers=enterprise).json()
    asked = {"purpose": PURPOSE, "image": "png"}
    code = world.client.post(f"{BASE}/{given['delegation_id']}/qr", json=asked, headers=agent).json()
    assert code["mode"] == "inline"
    assert len(code["frames"]) == len(code["images"])
    assert delegations.is_delegated(animation.reassemble(code["frames"]))
    again = world.client.post(f"{BASE}/qr/renew", json={"renewal": code["renewal"]}, headers=agent).json()
    assert again["images"][0].startswith("data:image/svg+xml;base64,")


def test_devices_sign_on_both_sides(world: World, enterprise: dict[str, str], agent: dict[str, str]) -> None:
    """Each registers its device; what is bound to a device's key from then on is signed by it."""
    theirs, mine = world.register_device(enterprise), world.register_device(agent)
    world.clock.forward(hours=2)  # the newest certificate is lent, and times are rounded to the hour
    preparer = world.token("preparer", department="amr")
    order = {"type_id": "business_licence", "claims": world.claims(business_scope="示例经营范围。")}
    world.client.post("/v1/certificates", json=order, headers=preparer)
    given = _signed(world, enterprise, theirs, (f"{BASE}/begin", f"{BASE}/complete", body(world)))
    path = f"{BASE}/{given['delegation_id']}"
    shown = _signed(world, agent, mine, (f"{path}/presentations/begin", f"{BASE}/presentations/complete", USE))
    assert delegations.is_delegated(shown["presentation"])
    code = _signed(world, agent, mine, (f"{path}/qr/begin", f"{BASE}/qr/complete", {"purpose": PURPOSE}))
    assert delegations.is_delegated(animation.reassemble(code["frames"]))


def test_the_legal_representative_acts_for_the_enterprise(
    world: World, enterprise: dict[str, str], agent: dict[str, str]
) -> None:
    legal = world.token("holder", holder_id=_person(world, "440799199003070112"))
    given = world.client.post(BASE, json=body(world, holder=ENTERPRISE, relation="manager"), headers=legal).json()
    assert given["relation"] == "manager"
    listed = world.client.post(f"{BASE}/of", json={"holder": ENTERPRISE}, headers=legal).json()["given"]
    assert [one["delegation_id"] for one in listed] == [given["delegation_id"]]
    refused = world.client.post(f"{BASE}/of", json={"holder": ENTERPRISE}, headers=agent)
    assert (refused.status_code, refused.json()["code"]) == (403, "grant_not_permitted")


def test_a_parent_uses_a_childs_certificate(world: World) -> None:
    mother = world.token("holder", holder_id=_person(world, "440799199208150247"))
    child = {"code_type": "111", "code": "440799201906180136"}
    asked = body(
        world,
        type_id="household_register",
        fields=["member_name"],
        holder=child,
        relation="guardian",
        agent={"code_type": "111", "code": "440799199208150247", "name": "李小明"},
    )
    given = world.client.post(BASE, json=asked, headers=mother)
    assert given.status_code == 200, given.text
    assert given.json()["relation_zh"] == "监护人"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"agent": AGENT | {"name": "陈小武"}}, 422, "unknown_agent"),
        ({"until": "tomorrow"}, 422, "delegation_terms_invalid"),
        ({"until": "2026-04-01T00:00:00"}, 422, "delegation_terms_invalid"),
        ({"until": "1970-04-01T00:00:00Z"}, 422, "delegation_terms_invalid"),
        ({"until": "9999-12-31T23:59:59-12:00"}, 422, "delegation_terms_invalid"),
        ({"purposes": []}, 422, "malformed_request"),
        ({"purposes": ["长" * 201]}, 422, "malformed_request"),
        ({"relation": "friend"}, 422, "malformed_request"),
        ({"holder": ENTERPRISE | {"code": "91440799MA5X00022N"}}, 403, "grant_not_permitted"),
        ({"credential_id": "x"}, 422, "presentation_request_invalid"),
        ({"type_id": "marriage_certificate"}, 409, "no_credential_for_fields"),
    ],
)
def test_one_flaw(
    world: World, enterprise: dict[str, str], agent: dict[str, str], change: dict[str, Any], status: int, code: str
) -> None:
    answer = world.client.post(BASE, json=body(world, **change), headers=enterprise)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert AGENT["code"] not in answer.text


def test_numbers_are_not_tried_for_long(world: World, enterprise: dict[str, str]) -> None:
    answers = [world.client.post(BASE, json=body(world), headers=enterprise) for _ in range(31)]
    assert {one.json()["code"] for one in answers[:30]} == {"unknown_agent"}
    assert answers[30].status_code == 429


def _person(world: World, code: str) -> str:
    found = world.container.storage.wallets.find_holder("111", code)
    assert found is not None
    assert found.kind is HolderKind.NATURAL_PERSON
    return found.holder_id


def _signed(
    world: World, header: dict[str, str], device: SoftwareSigner, steps: tuple[str, str, dict[str, Any]]
) -> dict[str, Any]:
    """Begin, sign with the device, complete; return the answer."""
    begin, complete, asked = steps
    begun = world.client.post(begin, json=asked, headers=header).json()
    signature = b64url_text(device.sign(begun["signing_input"].encode()))
    signed = {"handle": begun["handle"], "signature": signature}
    done = world.client.post(complete, json=signed, headers=header)
    assert done.status_code == 200, done.text
    answer: dict[str, Any] = done.json()
    return answer
