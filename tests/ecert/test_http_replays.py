"""Two workers over one database do not accept one presentation twice."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecert.http.app import create_app
from ecert.http.replays import KEPT_FOR, Replays
from ecert.settings import load
from ecert.storage.errors import StorageUnavailable
from ecert.wiring import open_container
from tests.support.ecert_world import ENVIRON, Client, StillClock, World, settings_of, world_in


@pytest.fixture
def world(seeded_home: Path, tmp_path: Path, clock: StillClock) -> Iterator[World]:
    """A worker that shares what it has seen."""
    home = shutil.copytree(seeded_home, tmp_path / "home")
    with world_in(home, clock, SHARED_REPLAYS="yes") as made:
        yield made


@pytest.fixture
def other(world: World) -> Iterator[World]:
    """A second worker: a container of its own over the same database and keys."""
    home = world.container.settings.home
    with open_container(settings_of(home, SHARED_REPLAYS="yes"), clock=world.clock, environ=ENVIRON) as container:
        yield World(container, Client(create_app(container, watch=False)), world.clock)


@pytest.fixture
def counter(world: World) -> dict[str, str]:
    return world.token("counter")


def shown(world: World) -> str:
    header = world.token("holder", holder_id=world.enterprise())
    choice = {"type_id": "business_licence", "fields": ["address"], "purpose": "窗口办事"}
    text: str = world.client.post("/v1/wallet/qr", json=choice, headers=header).json()["text"]
    return text


def judge(world: World, text: str, header: dict[str, str], **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.client.post(
        "/v1/verifications/present", json={"text": text} | more, headers=header
    ).json()
    return made


def failed(report: dict[str, Any]) -> dict[str, str]:
    return {row["code"]: row["reason"] for row in report["checks"] if row["outcome"] == "failed"}


def test_what_one_worker_accepted_is_a_replay_at_the_other(world: World, other: World, counter: dict[str, str]) -> None:
    text = shown(world)
    assert judge(world, text, counter)["verdict"] == "valid"
    report = judge(other, text, counter)
    assert failed(report) == {"presentation": "presentation_replayed"}
    assert report["claims"] == []


def test_what_the_other_refused_is_known_there_without_asking_again(
    world: World, other: World, counter: dict[str, str]
) -> None:
    text = shown(world)
    judge(world, text, counter)
    judge(other, text, counter)
    other.container.storage.protocol.sweep(now=world.clock() + KEPT_FOR)
    assert failed(judge(other, text, counter)) == {"presentation": "presentation_replayed"}


def test_of_many_requests_at_once_at_both_workers_one_is_accepted(
    world: World, other: World, counter: dict[str, str]
) -> None:
    text = shown(world)

    async def ask_all() -> list[httpx.Response]:
        clients = [
            httpx.AsyncClient(transport=httpx.ASGITransport(each.client.app), base_url="http://testserver")
            for each in (world, other)
        ]
        asked = [
            clients[number % 2].post("/v1/verifications/present", json={"text": text}, headers=counter)
            for number in range(12)
        ]
        answers = await asyncio.gather(*asked)
        for client in clients:
            await client.aclose()
        return answers

    verdicts = [answer.json()["verdict"] for answer in asyncio.run(ask_all())]
    assert sorted(verdicts) == ["invalid"] * 11 + ["valid"]


def test_a_presentation_that_is_refused_for_its_moment_costs_no_row(
    world: World, counter: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(world)
    world.clock.forward(seconds=61)
    monkeypatch.setattr(Replays, "first", None)
    assert failed(judge(world, text, counter)) == {"presentation": "presentation_too_old"}


def test_while_the_database_does_not_answer_nothing_is_accepted_and_a_second_try_is_no_replay(
    world: World, counter: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(world)

    def down(*_: object, **__: object) -> set[str]:
        raise StorageUnavailable("database does not answer or cannot write")

    world.container.evidence.gather()
    with monkeypatch.context() as patch:
        patch.setattr("ecert.storage.protocol_state.SqlProtocolState.add_each_once", down)
        answer = world.client.post("/v1/verifications/present", json={"text": text}, headers=counter)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert judge(world, text, counter)["verdict"] == "valid"


class Slow:
    """A memory whose transactions end when the test says so."""

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()

    def add_each_once(self, kind: str, keys: Sequence[str], *, expires_at: datetime, now: datetime) -> set[str]:
        assert (kind, expires_at - now) == ("presentation", KEPT_FOR)
        self.batches.append(list(keys))
        first = set(keys) - self.kept
        self.kept |= first
        return first

    async def run(self, function: Any, *args: Any) -> Any:
        done = function(*args)
        await self.gate.wait()
        return done


def replays(world: World, memory: Slow) -> Replays:
    return Replays(memory, clock=world.clock, run=memory.run)  # type: ignore[arg-type]


async def turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def test_those_that_come_during_a_transaction_share_the_next_one(world: World) -> None:
    async def story() -> tuple[list[list[str]], list[bool]]:
        memory = Slow()
        door = replays(world, memory)
        tasks = [asyncio.create_task(door.first("a"))]
        await turns()
        tasks += [asyncio.create_task(door.first(digest)) for digest in ("b", "c", "a")]
        await turns()
        assert memory.batches == [["a"]]
        memory.gate.set()
        return memory.batches, await asyncio.gather(*tasks)

    assert asyncio.run(story()) == ([["a"], ["b", "c", "a"]], [True, True, True, False])


def test_one_that_is_cancelled_takes_no_other_ones_answer_along(world: World) -> None:
    async def story() -> list[bool | BaseException]:
        memory = Slow()
        door = replays(world, memory)
        tasks = [asyncio.create_task(door.first(digest)) for digest in ("a", "b")]
        await turns()
        tasks[0].cancel()
        await turns()
        memory.gate.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    cancelled, answer = asyncio.run(story())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert answer is True


def test_a_transaction_that_fails_fails_for_all_of_it_and_the_next_one_goes_on(world: World) -> None:
    async def story() -> tuple[list[bool | BaseException], bool]:
        memory = Slow()
        memory.gate.set()
        door, working = replays(world, memory), memory.add_each_once

        def failing(*_: object, **__: object) -> set[str]:
            raise StorageUnavailable("database does not answer or cannot write")

        memory.add_each_once = failing  # type: ignore[method-assign]
        refused = await asyncio.gather(door.first("a"), door.first("b"), return_exceptions=True)
        memory.add_each_once = working  # type: ignore[method-assign]
        return list(refused), await door.first("a")

    refused, after = asyncio.run(story())
    assert [type(each) for each in refused] == [StorageUnavailable] * 2
    assert after


@pytest.mark.parametrize(
    ("variables", "shared"),
    [
        ({}, False),
        ({"ECERT_DATABASE_URL": "postgresql://db/ecert"}, True),
        ({"ECERT_DATABASE_URL": "postgresql://db/ecert", "ECERT_SHARED_REPLAYS": "no"}, False),
        ({"ECERT_SHARED_REPLAYS": "yes"}, True),
    ],
)
def test_replays_are_shared_where_there_are_several_workers(variables: dict[str, str], shared: bool) -> None:
    assert load(variables).shared_replays is shared


def test_one_process_alone_refuses_a_replay_from_its_own_memory(
    seeded_home: Path, tmp_path: Path, clock: StillClock
) -> None:
    home = shutil.copytree(seeded_home, tmp_path / "alone")
    with world_in(home, clock) as alone:
        header, text = alone.token("counter"), shown(alone)
        assert judge(alone, text, header)["verdict"] == "valid"
        assert failed(judge(alone, text, header)) == {"presentation": "presentation_replayed"}
