"""The test environment over HTTP, with a test key and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from ecert.testmode.outcomes import DECLINE, EXPECTED, Magic
from tests.support.ecert_world import World
from tests.support.parties import OPERATOR, water
from verifier.parties.model import Access, Environment

PURPOSE = "water.account-opening"
ANSWER, PRESENT = "/v1/test/wallet/answer", "/v1/test/presentations"


def key(world: World, environment: str, purposes: frozenset[str] | None = None) -> dict[str, str]:
    """The header of a new API key of the water company."""
    now = world.clock()
    access = Access("water", Environment(environment), purposes)
    made, _ = world.container.storage.party_keys.issue(access, now=now, expires_at=now + timedelta(days=90))
    return {"Authorization": f"Bearer {made}"}


@pytest.fixture
def town(world: World) -> World:
    world.container.storage.parties.add(water(), by=OPERATOR, now=world.clock())
    return world


@pytest.fixture
def header(town: World) -> dict[str, str]:
    return key(town, "test")


def ask(world: World, header: dict[str, str]) -> dict[str, Any]:
    answer = world.client.post("/v1/verifications", json={"purpose": PURPOSE}, headers=header)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def post(world: World, path: str, header: dict[str, str], **body: Any) -> Any:
    return world.client.post(path, json=body, headers=header)


def deciding(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["check"], each["code"]) for each in result["checks"] if each["state"] in ("failed", "unknown")]


def test_every_outcome_is_seen_by_a_party_with_a_test_key(town: World, header: dict[str, str]) -> None:
    for magic, said in EXPECTED.items():
        asked = ask(town, header)
        answered = post(town, ANSWER, header, verification=asked["id"], outcome=magic)
        assert answered.status_code == 200, answered.text
        assert answered.json()["taken"] is (said.verdict.value != "invalid")
        result = town.client.get(f"/v1/verifications/{asked['id']}", headers=header).json()["result"]
        assert result["verdict"] == said.verdict.value
        assert deciding(result) == ([] if said.check is None else [(said.check, said.code)])


def test_a_request_is_named_by_its_link_too_and_can_be_declined(town: World, header: dict[str, str]) -> None:
    asked = ask(town, header)
    assert post(town, ANSWER, header, link=asked["link"], outcome=DECLINE).json()["taken"]
    assert town.client.get(f"/v1/verifications/{asked['id']}", headers=header).json()["status"] == "declined"
    again = post(town, ANSWER, header, verification=asked["id"], outcome=DECLINE)
    assert (again.status_code, again.json()["code"]) == (409, "transaction_not_waiting")


def test_a_live_key_has_no_test_wallet(town: World) -> None:
    live = key(town, "live")
    asked = ask(town, live)
    for path, body in ((ANSWER, {"verification": asked["id"]}), (PRESENT, {"type": "business_licence"})):
        answer = post(town, path, live, outcome="valid", **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    counter = post(town, PRESENT, town.token("relying_party"), type="business_licence", outcome="valid")
    assert counter.status_code == 403


def test_a_live_key_believes_no_test_certificate(town: World, header: dict[str, str]) -> None:
    asked = ask(town, key(town, "live"))
    assert not post(town, ANSWER, header, link=asked["link"], outcome="valid").json()["taken"]
    shown = post(town, PRESENT, header, type="business_licence", outcome="valid").json()["text"]
    judged = post(town, "/v1/verifications/present", key(town, "live"), text=shown).json()
    assert deciding(judged["result"]) == [("trust", "unknown_issuer")]


def test_presentations_in_hand_are_judged_by_a_test_key(town: World, header: dict[str, str]) -> None:
    for magic, said in EXPECTED.items():
        shown = post(town, PRESENT, header, type="business_licence", outcome=magic).json()["text"]
        judged = post(town, "/v1/verifications/present", header, text=shown).json()
        assert judged["verdict"] == said.verdict.value, magic
        assert deciding(judged["result"]) == ([] if said.check is None else [(said.check, said.code)])
    shown = post(town, PRESENT, header, type="business_licence", outcome="valid", audience="a", nonce="n").json()[
        "text"
    ]
    body = {"text": shown, "audience": "a", "nonce": "n"}
    assert post(town, "/v1/verifications/present", header, **body).json()["verdict"] == "valid"


def test_what_is_not_understood_is_refused(town: World, header: dict[str, str]) -> None:
    asked = ask(town, header)
    other = key(town, "test", frozenset({"water.transfer"}))
    refused = [
        (post(town, ANSWER, header, verification=asked["id"], outcome="green"), 422, "malformed_request"),
        (post(town, ANSWER, header, outcome="valid"), 422, "malformed_request"),
        (post(town, ANSWER, header, verification="no-such-id", outcome="valid"), 404, "unknown_verification"),
        (post(town, ANSWER, other, verification=asked["id"], outcome="valid"), 404, "unknown_verification"),
        (post(town, PRESENT, header, type="no_such_type", outcome="valid"), 404, "unknown_type"),
        (post(town, PRESENT, header, type="business_licence", outcome=DECLINE), 422, "malformed_request"),
    ]
    for answer, status, code in refused:
        assert answer.status_code in (status, 400), answer.text
        assert answer.json()["code"] == code


def test_magic_words_are_those_of_the_table() -> None:
    assert list(EXPECTED) == list(Magic)
