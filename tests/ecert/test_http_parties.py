"""/v1/parties: an operator registers, changes and suspends relying parties, and gives them API keys."""

from typing import Any

import pytest

from ecert.parties.access import PartyBearers
from keys.signer import SoftwareSigner
from tests.support.ecert_world import World
from verifier.parties.model import Access, Environment

WATER = {
    "party_id": "water",
    "name_zh": "示例供水公司",
    "name_en": "Example Water Company",
    "credit_code": "91440799MA2X91002X",
    "sector": "water",
    "contact": "客户服务部 service@water.example",
    "purposes": ["water.account-opening", "water.transfer"],
    "return_uris": ["https://water.example/back"],
}
METER = {
    "purpose_id": "water.meter",
    "sector": "water",
    "name_zh": "抄表",
    "name_en": "Meter reading",
    "legal_basis_zh": "个人同意",
    "legal_basis_en": "Consent",
    "retention_days": 30,
    "query": {"credentials": [{"id": "id", "format": "dc+sd-jwt", "meta": {}, "claims": [{"path": ["name"]}]}]},
}


@pytest.fixture
def operator(world: World) -> dict[str, str]:
    return world.token("operator")


@pytest.fixture
def registered(world: World, operator: dict[str, str]) -> World:
    assert world.client.post("/v1/parties", json=WATER, headers=operator).status_code == 201
    return world


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in WATER.items() if key != name}


def test_a_registered_party_is_listed_and_read(registered: World, operator: dict[str, str]) -> None:
    one = registered.client.get("/v1/parties/water", headers=operator).json()
    assert {name: one[name] for name in WATER} == WATER
    assert (one["status"], one["own"], one["client_ids"]) == ("active", [], [])
    assert registered.client.get("/v1/parties", headers=operator).json() == {"parties": [one]}


def test_a_party_is_registered_once(registered: World, operator: dict[str, str]) -> None:
    answer = registered.client.post("/v1/parties", json=WATER, headers=operator)
    assert (answer.status_code, answer.json()["code"]) == (409, "party_exists")


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ({"sector": "bakery"}, "malformed_request"),
        ({"keys": {"production": {"keys": []}}}, "malformed_request"),
        ({"party_id": "Water"}, "invalid_party"),
        ({"credit_code": "91440799MA2X910021"}, "invalid_party"),
        ({"purposes": ["bank.adult-check"]}, "invalid_party"),
        ({"return_uris": ["http://water.example/"]}, "invalid_party"),
        ({"keys": {"live": {"keys": [{"kty": "oct", "k": "AA"}]}}}, "invalid_party"),
        ({"keys": {"live": {}}}, "invalid_party"),
        ({"own": [METER | {"retention_days": -1}]}, "invalid_purpose"),
        ({"own": [METER | {"query": {}}]}, "invalid_dcql_query"),
        ({"surprise": 1}, "malformed_request"),
    ],
)
def test_a_registration_with_one_flaw_changes_nothing(
    world: World, operator: dict[str, str], flaw: dict[str, Any], code: str
) -> None:
    answer = world.client.post("/v1/parties", json=WATER | flaw, headers=operator)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == code
    assert world.client.get("/v1/parties", headers=operator).json() == {"parties": []}


def test_a_registration_is_changed_whole_and_keeps_its_status(registered: World, operator: dict[str, str]) -> None:
    client = registered.client
    assert client.request("PUT", "/v1/parties/water/status", json={"status": "suspended"}, headers=operator).is_success
    jwks = {"keys": [dict(SoftwareSigner.generate().public_key.jwk)]}
    body = without("party_id") | {"own": [METER], "keys": {"test": jwks}, "contact": "another office"}
    changed = client.request("PUT", "/v1/parties/water", json=body, headers=operator).json()
    assert changed["status"] == "suspended"
    assert changed["client_ids"] == ["test_water"]
    assert changed["purposes"] == ["water.account-opening", "water.meter", "water.transfer"]
    assert client.get("/v1/parties/water", headers=operator).json() == changed
    purposes = client.get("/v1/parties/water/purposes", headers=registered.token("auditor")).json()["purposes"]
    assert METER in purposes
    assert len(purposes) == 3


def test_a_status_that_there_is_not_is_refused(registered: World, operator: dict[str, str]) -> None:
    answer = registered.client.request("PUT", "/v1/parties/water/status", json={"status": "gone"}, headers=operator)
    assert answer.json()["code"] == "malformed_request"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/parties/gas"),
        ("GET", "/v1/parties/gas/purposes"),
        ("GET", "/v1/parties/gas/keys"),
    ],
)
def test_an_unknown_party_is_not_found(registered: World, operator: dict[str, str], method: str, path: str) -> None:
    answer = registered.client.request(method, path, headers=operator)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_party")


def key_for(world: World, operator: dict[str, str], **wish: Any) -> Any:
    return world.client.post("/v1/parties/water/keys", json={"environment": "test"} | wish, headers=operator)


def test_a_key_is_shown_once_and_opens_what_relying_parties_reach(registered: World, operator: dict[str, str]) -> None:
    made = key_for(registered, operator, purposes=["water.transfer"]).json()
    assert made["key"].startswith("test_")
    header = {"Authorization": f"Bearer {made['key']}"}
    assert registered.client.get("/v1/pack/age", headers=header).status_code == 200
    assert registered.client.get("/v1/parties", headers=header).json()["code"] == "not_permitted"
    listed = registered.client.get("/v1/parties/water/keys", headers=operator)
    assert made["key"] not in listed.text
    (kept,) = listed.json()["keys"]
    assert (kept["key_id"], kept["purposes"], kept["last_used_on"]) == (
        made["key_id"],
        ["water.transfer"],
        "2026-03-02",
    )


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"environment": "dev"}, "malformed_request"),
        ({"purposes": []}, "invalid_party"),
        ({"purposes": ["water.account-opening", "bank.adult-check"]}, "invalid_party"),
        ({"days": 0}, "malformed_request"),
        ({"days": 367}, "malformed_request"),
    ],
)
def test_a_key_beyond_its_party_is_not_given(
    registered: World, operator: dict[str, str], wish: dict[str, Any], code: str
) -> None:
    assert key_for(registered, operator, **wish).json()["code"] == code
    assert registered.client.get("/v1/parties/water/keys", headers=operator).json() == {"keys": []}


def test_an_ended_an_expired_and_a_suspended_key_open_nothing(registered: World, operator: dict[str, str]) -> None:
    client = registered.client
    made = [key_for(registered, operator, days=days).json() for days in (1, 1, 30)]

    def opens(number: int) -> bool:
        header = {"Authorization": f"Bearer {made[number]['key']}"}
        return bool(client.get("/v1/pack/age", headers=header).status_code == 200)

    path = f"/v1/parties/water/keys/{made[0]['key_id']}"
    assert client.request("DELETE", path.replace("water", "gas", 1), headers=operator).status_code == 404
    assert client.request("DELETE", path, headers=operator).status_code == 204
    assert client.request("DELETE", path, headers=operator).status_code == 404
    registered.clock.forward(days=1)
    assert [opens(number) for number in range(2)] == [False, False]
    operator = registered.token("operator")
    client.request("PUT", "/v1/parties/water/status", json={"status": "suspended"}, headers=operator)
    assert not opens(2)
    answer = client.post("/v1/parties/water/keys", json={"environment": "live"}, headers=operator)
    assert answer.json()["code"] == "party_suspended"


def test_who_stands_behind_a_key_is_its_party(registered: World, operator: dict[str, str]) -> None:
    made = key_for(registered, operator, environment="live").json()
    bearers = PartyBearers(registered.container)
    assert bearers.is_one(made["key"])
    actor = bearers.find(made["key"])
    assert actor is not None
    assert (actor.token_id, actor.role, actor.access) == (
        made["key_id"],
        "relying_party",
        Access("water", Environment.LIVE),
    )
    for other in ("test_" + "x" * 38, "live_" + "x" * 44, "at_" + "x" * 40, made["key"].replace("live_", "prod_"), ""):
        assert not bearers.is_one(other)
