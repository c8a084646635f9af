"""Relying parties read how much they may ask, and are refused past it; requests are logged by party, not by person."""

import io
import logging
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from ecert.http.observe import JsonLines
from tests.support.ecert_world import StillClock, World, world_in
from tests.support.parties import OPERATOR, water
from verifier.parties.model import Access, Environment


@pytest.fixture
def tight(seeded_home: Path, tmp_path: Path, clock: StillClock) -> Iterator[World]:
    """A world where a relying party may ask three times a minute."""
    home = shutil.copytree(seeded_home, tmp_path / "home")
    with world_in(home, clock, RATE_LIMITS="verify_api=3/60") as made:
        made.container.storage.parties.add(water(), by=OPERATOR, now=clock())
        yield made


def key(world: World, environment: str = "live") -> dict[str, str]:
    now = world.clock()
    access = Access("water", Environment(environment))
    made, _ = world.container.storage.party_keys.issue(access, now=now, expires_at=now + timedelta(days=1))
    return {"Authorization": f"Bearer {made}"}


def test_every_answer_says_what_is_left(tight: World) -> None:
    headers = key(tight)
    left = [tight.client.get("/v1/verifications", headers=headers).headers["ratelimit"] for _ in range(3)]
    assert left == [f'"verify_api";r={count};t=43' for count in (2, 1, 0)]
    policy = tight.client.get("/v1/verifications", headers=headers).headers["ratelimit-policy"]
    assert policy == '"verify_api";q=3;w=60'


def test_one_request_too_many_is_refused_and_told_when_to_come_again(tight: World) -> None:
    headers = key(tight)
    for _ in range(3):
        assert tight.client.get("/v1/webhooks", headers=headers).status_code == 200
    answer = tight.client.get("/v1/webhooks", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    seconds = int(answer.headers["retry-after"])
    assert answer.headers["ratelimit"] == f'"verify_api";r=0;t={seconds}'
    tight.clock.forward(seconds=seconds)
    assert tight.client.get("/v1/webhooks", headers=headers).status_code == 200


def test_what_the_test_environment_makes_is_counted_too(tight: World) -> None:
    body, headers = {"type": "business_licence", "outcome": "valid"}, key(tight, "test")
    asked = [tight.client.post("/v1/test/presentations", json=body, headers=headers).status_code for _ in range(4)]
    assert asked == [200, 200, 200, 429]


def test_test_and_live_are_counted_apart_and_all_keys_of_one_together(tight: World) -> None:
    for _ in range(3):
        tight.client.get("/v1/verifications", headers=key(tight))
    assert tight.client.get("/v1/verifications", headers=key(tight)).status_code == 429
    assert tight.client.get("/v1/verifications", headers=key(tight, "test")).status_code == 200


def test_counters_are_not_counted(tight: World) -> None:
    counter = tight.token("counter")
    for _ in range(5):
        answer = tight.client.post("/v1/verifications/present", json={"text": "x"}, headers=counter)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers


def test_other_addresses_are_not_counted(tight: World) -> None:
    assert "ratelimit" not in tight.client.get("/v1/types", headers=key(tight)).headers


def test_a_problem_names_its_request(tight: World) -> None:
    answer = tight.client.get("/v1/verifications/none", headers=key(tight) | {"X-Request-Id": "mine-1234"})
    assert (answer.json()["code"], answer.json()["request_id"]) == ("unknown_verification", "mine-1234")


def test_the_log_names_the_party_and_neither_its_key_nor_its_reference(tight: World) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("ecert.http")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    headers = key(tight)
    try:
        tight.client.get("/v1/verifications?reference=order-17", headers=headers)
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
    line = orjson.loads(stream.getvalue().splitlines()[-1])
    assert (line["party"], line["environment"], line["route"]) == ("water", "live", "/v1/verifications")
    assert "order-17" not in stream.getvalue()
    assert headers["Authorization"].split()[1] not in stream.getvalue()


@pytest.mark.parametrize("path", ["/v1/share/queryCert", "/v1/batches", "/v1/watches"])
def test_everything_that_a_relying_party_asks_is_counted(tight: World, path: str) -> None:
    headers = key(tight)
    statuses = [tight.client.post(path, json={}, headers=headers).status_code for _ in range(4)]
    assert [status == 429 for status in statuses] == [False, False, False, True]
