"""The gate before pictures: few at once, a short line, and a clear answer to the others."""

import asyncio
import threading
from collections.abc import Callable

import httpx
import pytest

from ecert.errors import PicturesBusy
from ecert.http.app import create_app
from ecert.http.gate import WAITING, Gate
from ecert.settings import load
from tests.support.ecert_world import World


class Slow:
    """What is read until somebody says that it ended; counts how many are read at once."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.now = self.most = self.calls = 0
        self._lock = threading.Lock()

    def __call__(self, data: object) -> tuple[str, tuple[str, ...]]:
        del data
        with self._lock:
            self.calls += 1
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.ended.wait(10)
        with self._lock:
            self.now -= 1
        return "hello", ()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_full_line_refuses_one_more_and_lets_the_others_in_by_turns(at_once: int) -> None:
    slow = Slow()

    async def crowd() -> None:
        gate = Gate(at_once)
        fit = at_once * (1 + WAITING)
        readings = [asyncio.create_task(gate.run(slow, number)) for number in range(fit)]
        await _until(lambda: slow.now == at_once)
        with pytest.raises(PicturesBusy, match=f"{fit} pictures are being read or wait, limit {fit}"):
            await gate.run(slow, "one more")
        slow.ended.set()
        assert len(await asyncio.gather(*readings)) == fit
        assert await gate.run(slow, "later") == ("hello", ())

    asyncio.run(crowd())
    assert (slow.most, slow.calls) == (at_once, at_once * (1 + WAITING) + 1)


def test_a_reading_that_was_given_up_keeps_its_place_until_it_ends() -> None:
    slow = Slow()

    async def given_up() -> None:
        gate = Gate(1)
        reading = asyncio.create_task(gate.run(slow, 1))
        await _until(lambda: slow.now == 1)
        reading.cancel()
        waiting = asyncio.create_task(gate.run(slow, 2))
        await asyncio.sleep(0.02)
        assert slow.calls == 1, "the thread still works"
        slow.ended.set()
        assert await waiting == ("hello", ())
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(given_up())


def test_one_that_gave_up_waiting_leaves_the_line() -> None:
    slow = Slow()

    async def given_up() -> None:
        gate = Gate(1)
        readings = [asyncio.create_task(gate.run(slow, number)) for number in range(1 + WAITING)]
        await _until(lambda: slow.now == 1)
        readings[-1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await readings[-1]
        readings[-1] = asyncio.create_task(gate.run(slow, "in its place"))
        slow.ended.set()
        assert len(await asyncio.gather(*readings)) == 1 + WAITING

    asyncio.run(given_up())


def test_a_reading_that_fails_leaves_its_place() -> None:
    def fails(_: object) -> None:
        raise PicturesBusy("as any error of ours")

    async def again() -> None:
        gate = Gate(1)
        for _ in range(2 * (1 + WAITING)):
            with pytest.raises(PicturesBusy, match="as any"):
                await gate.run(fails, 1)

    asyncio.run(again())


def test_over_http_the_answer_says_when_to_come_again(still_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    monkeypatch.setattr("verifier.routes.code_in_picture", slow)
    headers = still_world.token("counter") | {"Content-Type": "image/png"}
    app = create_app(still_world.container, watch=False)
    fit = still_world.container.settings.pictures * (1 + WAITING)

    async def crowd() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8440") as client:

            def ask() -> asyncio.Task[httpx.Response]:
                return asyncio.create_task(client.post("/v1/verifications/present", content=b"x", headers=headers))

            asked = [ask() for _ in range(fit + 1)]
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            refused = next(task for task in asked if task.done()).result()
            assert (refused.status_code, refused.json()["code"]) == (503, "pictures_busy")
            assert refused.headers["retry-after"] == "2"
            text = await client.post(
                "/v1/verifications/present", json={"text": "hello"}, headers=still_world.token("counter")
            )
            assert text.status_code == 200, "texts do not stand in that line"
            slow.ended.set()
            assert sorted(task.result().status_code for task in await _all(asked)) == [200] * fit + [503]

    asyncio.run(crowd())
    assert slow.most == still_world.container.settings.pictures


async def _all(tasks: list[asyncio.Task[httpx.Response]]) -> list[asyncio.Task[httpx.Response]]:
    await asyncio.gather(*tasks)
    return tasks


def test_two_pictures_are_read_at_once_unless_a_setting_says_otherwise() -> None:
    assert (load({}).pictures, load({"ECERT_PICTURES": "5"}).pictures) == (2, 5)
