"""The operator gives tokens, lists them, ends them."""

from typing import Any

import pytest

from tests.support.ecert_world import World


@pytest.fixture
def operator(world: World) -> dict[str, str]:
    return world.token("operator")


def test_a_given_token_opens_what_its_role_reaches(world: World, operator: dict[str, str]) -> None:
    given = world.client.post("/v1/tokens", json={"role": "auditor", "department": "amr"}, headers=operator).json()
    header = {"Authorization": f"Bearer {given['token']}"}
    assert world.client.get(f"/v1/certificates/{world.licence()}", headers=header).status_code == 200


def test_a_holders_token_is_given_for_a_holder(world: World, operator: dict[str, str]) -> None:
    body = {"role": "holder", "holder_id": world.enterprise(), "days": 1}
    given = world.client.post("/v1/tokens", json=body, headers=operator).json()
    header = {"Authorization": f"Bearer {given['token']}"}
    assert world.client.get("/v1/wallet/certificates", headers=header).status_code == 200


def test_tokens_are_listed_without_themselves(world: World, operator: dict[str, str]) -> None:
    given = world.client.post("/v1/tokens", json={"role": "counter"}, headers=operator).json()
    listed = world.client.get("/v1/tokens", headers=operator)
    assert given["token_id"] in listed.text
    assert given["token"] not in listed.text


def test_an_ended_token_opens_nothing(world: World, operator: dict[str, str]) -> None:
    given = world.client.post("/v1/tokens", json={"role": "counter"}, headers=operator).json()
    ended = world.client.request("DELETE", f"/v1/tokens/{given['token_id']}", headers=operator)
    header = {"Authorization": f"Bearer {given['token']}"}
    assert ended.status_code == 204
    assert world.client.get("/v1/pack/age", headers=header).status_code == 401


def test_a_token_ends_once(world: World, operator: dict[str, str]) -> None:
    answer = world.client.request("DELETE", "/v1/tokens/nothing", headers=operator)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": "counter", "holder_id": "x"}, "holder_id"),
        ({"role": "holder"}, "holder_id"),
        ({"role": "counter", "department": "amr"}, "department"),
        ({"role": "counter", "days": 0}, "days"),
    ],
)
def test_a_scope_that_does_not_fit_is_refused(
    world: World, operator: dict[str, str], body: dict[str, Any], field: str
) -> None:
    answer = world.client.post("/v1/tokens", json=body, headers=operator)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_department_or_a_holder_nobody_knows_is_not_found(world: World, operator: dict[str, str]) -> None:
    for body in ({"role": "preparer", "department": "nowhere"}, {"role": "holder", "holder_id": "nobody"}):
        assert world.client.post("/v1/tokens", json=body, headers=operator).status_code == 404
