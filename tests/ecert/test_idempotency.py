"""The same request with the same key, at the same time, cut off, given up, or with a renewed token: done once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from ecert.access import Actor, Role, party_actor
from ecert.errors import IdempotencyKeyInUse, RequestTooSlow
from ecert.http.idempotency import Idempotency
from ecert.http.limits import LimitRequests, Limits
from tests.support.ecert_world import World
from verifier.parties.model import Access, Environment

BODY = {"type": "http.request", "body": b"{}", "more_body": False}


class Act:
    """An application that counts what it does, and does it slowly."""

    def __init__(self, *, fails: Exception | None = None) -> None:
        self.bodies: list[bytes] = []
        self.fails = fails
        self.go = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope
        self.bodies.append((await receive())["body"])
        await self.go.wait()
        if self.fails is not None:
            raise self.fails
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"%d" % len(self.bodies)})


def ask(app: Any, *messages: Any, actor: Actor | None = None) -> Coroutine[Any, Any, list[Any]]:
    """Send a request with a key; the answer's messages are the result."""
    waiting, sent = list(messages or [BODY]), []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/batches",
        "headers": [(b"idempotency-key", b"night-run-1")],
        "state": {"actor": actor or Actor("key-1", Role.RELYING_PARTY)},
    }

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def asked() -> list[Any]:
        await app(scope, receive, send)
        return sent

    return asked()


@pytest.fixture
def worker(world: World) -> Callable[[Act], Idempotency]:
    """Makes a worker of its own over the one database."""
    return lambda app: Idempotency(app, store=world.container.storage.idempotency, clock=world.clock)


def test_two_workers_with_the_same_key_act_once(worker: Callable[[Act], Idempotency]) -> None:
    async def story() -> list[Any]:
        act = Act()
        first = asyncio.create_task(ask(worker(act)))
        while not act.bodies:
            await asyncio.sleep(0.01)
        with pytest.raises(IdempotencyKeyInUse):
            await ask(worker(act))
        act.go.set()
        return [(await first)[1]["body"], (await ask(worker(act)))[1]["body"], act.bodies]

    assert asyncio.run(story()) == [b"1", b"1", [b"{}"]]


def test_a_body_that_was_cut_off_is_not_acted_on(worker: Callable[[Act], Idempotency]) -> None:
    async def story() -> None:
        act = Act()
        act.go.set()
        half = {"type": "http.request", "body": b"row 1\n", "more_body": True}
        assert await ask(worker(act), half) == []
        assert act.bodies == []
        assert (await ask(worker(act)))[0]["status"] == 201

    asyncio.run(story())


def test_what_was_given_up_as_too_slow_is_kept_when_it_is_done(worker: Callable[[Act], Idempotency]) -> None:
    async def story() -> None:
        act = Act()
        inside = worker(act)
        with pytest.raises(RequestTooSlow):
            await ask(LimitRequests(inside, limits=Limits(1000, 10, 0.2)))
        with pytest.raises(IdempotencyKeyInUse):
            await ask(worker(act))
        act.go.set()
        await asyncio.gather(*inside.running)
        again = await ask(worker(act))
        assert (b"idempotency-replayed", b"true") in again[0]["headers"]
        assert act.bodies == [b"{}"]

    asyncio.run(story())


def test_what_failed_is_tried_again(worker: Callable[[Act], Idempotency]) -> None:
    async def story() -> None:
        act = Act(fails=ConnectionResetError())
        act.go.set()
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await ask(worker(act))
        assert len(act.bodies) == 2

    asyncio.run(story())


@pytest.mark.parametrize(("purposes", "acts"), [(frozenset({"b", "a"}), 1), (frozenset({"a"}), 2), (None, 2)])
def test_a_renewed_token_of_the_same_reach_has_the_same_keys(
    worker: Callable[[Act], Idempotency], purposes: frozenset[str] | None, acts: int
) -> None:
    async def story() -> None:
        act = Act()
        act.go.set()
        first = party_actor("token-1", Access("water", Environment.TEST, frozenset({"a", "b"})))
        second = party_actor("token-2", Access("water", Environment.TEST, purposes))
        for actor in (first, second):
            await ask(worker(act), actor=actor)
        assert len(act.bodies) == acts

    asyncio.run(story())
