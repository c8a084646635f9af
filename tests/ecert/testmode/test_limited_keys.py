"""A key that is limited to purposes hears, and checks again, nothing of the others."""

import pytest

from ecert.bulk import bulk_of
from tests.ecert.testmode.test_http import ANSWER, PURPOSE, ask, key, post
from tests.support.ecert_world import World
from tests.support.parties import OPERATOR, water

HOOK = {"url": "https://water.example/hook", "events": ["verification.valid"]}


@pytest.fixture
def town(world: World) -> World:
    world.container.storage.parties.add(water(), by=OPERATOR, now=world.clock())
    return world


def test_a_limited_key_has_no_webhooks(town: World) -> None:
    limited, whole = key(town, "test", frozenset({PURPOSE})), key(town, "test")
    made = post(town, "/v1/webhooks", whole, **HOOK).json()
    for method, path in (
        ("POST", ""),
        ("GET", ""),
        ("DELETE", f"/{made['id']}"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/any/replay"),
    ):
        answer = town.client.request(method, f"/v1/webhooks{path}", json=HOOK, headers=limited)
        assert (answer.status_code, answer.json()["code"]) == (403, "purpose_not_allowed")
    assert len(town.client.get("/v1/webhooks", headers=whole).json()["webhooks"]) == 1


@pytest.mark.parametrize(
    ("purposes", "code"),
    [(None, "current"), (frozenset({PURPOSE}), "current"), (frozenset({"water.transfer"}), "unknown_verification")],
)
def test_a_batch_checks_again_what_the_key_reaches(town: World, purposes: frozenset[str] | None, code: str) -> None:
    whole, header = key(town, "test"), key(town, "test", purposes)
    asked = ask(town, whole)
    assert post(town, ANSWER, whole, verification=asked["id"], outcome="valid").json()["taken"]
    made = post(town, "/v1/batches", header, items=[], open=True).json()
    items = [{"id": "again", "verification": asked["id"]}]
    grown = post(town, f"/v1/batches/{made['id']}/items", header, items=items, offset=0)
    assert grown.status_code == 202, grown.text
    once = post(town, "/v1/batches", header, items=items).json()
    worker = bulk_of(town.container).worker
    while worker.run_due():
        pass
    for batch in (made, once):
        (found,) = town.client.get(f"/v1/batches/{batch['id']}/results", headers=header).json()["results"]
        assert (found["checks"][0]["code"] == "unknown_verification") is (code == "unknown_verification")
