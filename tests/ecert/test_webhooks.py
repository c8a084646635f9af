"""The outbox is sent: signed, a few at once, again after a failure, and to public addresses alone."""

import asyncio
import base64
import hashlib
import hmac
from datetime import timedelta

import pytest

from ecert import webhooks
from ecert.http import upkeep
from ecert.protocol_http import HttpOptions, ProtocolHttp
from ecert.webhooks import AT_ONCE_PER_PARTY, WebhookSender, sender_of
from tests.support.ecert_world import World
from tests.support.verifications import LIVE, OTHER, a_verification, an_endpoint, answer
from verifier.api.webhooks import PER_PARTY, DeliveryState
from wallet_api.openid4vci.errors import HttpFailed
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse

SECRET = b"s" * 32


class Receiver:
    """A relying party's server."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[HttpRequest] = []
        self.running = self.most = 0

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 204
        if not status:
            raise HttpFailed("server was not reached")
        return HttpResponse(status)


def told(world: World, count: int = 1) -> None:
    storage = world.container.storage
    storage.webhooks.add(an_endpoint(), SECRET)
    for number in range(count):
        now = world.clock()
        storage.verifications.add(a_verification(number, **answer(credentials=None), ended_at=now))


def states(world: World) -> list[tuple[str, int, int | None]]:
    found = world.container.storage.webhooks.deliveries(LIVE, None, limit=100)
    return [(each.state.value, each.tries, each.status) for each in found]


def sender(world: World, receiver: Receiver) -> WebhookSender:
    return WebhookSender(world.container.storage.webhooks, receiver, clock=world.clock)


def test_what_is_due_is_sent_once_with_its_signature(world: World) -> None:
    told(world)
    receiver = Receiver()
    assert sender(world, receiver).send_due() == 1
    assert sender(world, receiver).send_due() == 0
    (request,) = receiver.requests
    assert (request.method, request.url) == ("POST", "https://water.example/hooks/1")
    name, moment = request.headers["Webhook-Id"], request.headers["Webhook-Timestamp"]
    assert moment == str(int(world.clock().timestamp()))
    expected = hmac.new(SECRET, f"{name}.{moment}.".encode() + request.body, hashlib.sha256).digest()
    assert request.headers["Webhook-Signature"] == "v1," + base64.b64encode(expected).decode()
    assert states(world) == [("sent", 1, 204)]


@pytest.mark.parametrize(("status", "kept"), [(500, 500), (302, 302), (0, None)])
def test_what_was_not_acknowledged_comes_again_with_the_same_id(world: World, status: int, kept: int | None) -> None:
    told(world)
    receiver = Receiver(status)
    assert sender(world, receiver).send_due() == 0
    assert states(world) == [("waiting", 1, kept)]
    world.clock.forward(seconds=60)
    assert sender(world, receiver).send_due() == 1
    first, second = receiver.requests
    assert first.headers["Webhook-Id"] == second.headers["Webhook-Id"]
    assert first.headers["Webhook-Timestamp"] != second.headers["Webhook-Timestamp"]


class Poisoned(Receiver):
    """A server behind which one address breaks what sends."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        if request.url.endswith("/2"):
            raise LookupError("whatever it is")
        await asyncio.sleep(0.05)
        return await super().send(request)


def test_what_breaks_for_one_address_stops_no_other_and_counts_its_tries(world: World) -> None:
    world.container.storage.webhooks.add(an_endpoint(2), SECRET)
    told(world, 3)
    receiver = Poisoned()
    assert sender(world, receiver).send_due() == 3
    assert sorted(states(world)) == [("sent", 1, 204)] * 3 + [("waiting", 1, None)] * 3
    world.clock.forward(minutes=5)
    assert sender(world, receiver).send_due() == 0
    assert len(receiver.requests) == 3


def test_few_are_sent_at_once(world: World) -> None:
    told(world, PER_PARTY + 1)
    receiver = Receiver()
    assert sender(world, receiver).send_due() == PER_PARTY
    assert 1 < receiver.most <= AT_ONCE_PER_PARTY


class Silent(Receiver):
    """Servers of which one does not answer in time."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        answer = await super().send(request)
        if "bank" in request.url:
            return answer
        raise HttpFailed("server did not answer in time")


def test_a_server_that_does_not_answer_keeps_nobody_elses_webhooks_waiting(world: World) -> None:
    told(world, 640)
    world.clock.forward(seconds=1)
    storage = world.container.storage
    storage.webhooks.add(an_endpoint(2, OTHER, url="https://bank.example/h"), SECRET)
    storage.verifications.add(a_verification(999, OTHER, **answer(credentials=None), ended_at=world.clock()))
    receiver = Silent()
    sending = sender(world, receiver)
    assert (sending.send_due(), sending.busy) == (1, True)
    assert len(receiver.requests) == 1 + AT_ONCE_PER_PARTY
    assert (sending.send_due(), sending.busy) == (0, False)
    assert len(receiver.requests) == 1 + AT_ONCE_PER_PARTY
    world.clock.forward(minutes=5)
    assert sending.send_due() == 0
    assert len(receiver.requests) == 1 + 2 * AT_ONCE_PER_PARTY


def test_a_private_address_gets_nothing(world: World) -> None:
    told(world)

    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.7"]

    http = ProtocolHttp("https://ecert.example", options=HttpOptions(), resolve=resolve)
    assert WebhookSender(world.container.storage.webhooks, http, clock=world.clock).send_due() == 0
    assert states(world) == [("waiting", 1, None)]


def test_after_a_day_of_failures_and_more_a_delivery_is_dead(world: World) -> None:
    told(world)
    receiver = Receiver(*[500] * 10)
    for _ in range(10):
        sender(world, receiver).send_due()
        world.clock.forward(days=1)
    assert states(world) == [("dead", 10, 500)]
    assert world.container.storage.webhooks.deliveries(LIVE, DeliveryState.DEAD, limit=1)


def test_a_round_of_upkeep_ends_what_nobody_answered(world: World) -> None:
    storage = world.container.storage
    storage.webhooks.add(an_endpoint(), SECRET)
    now = world.clock()
    storage.verifications.add(a_verification(created_at=now, expires_at=now + timedelta(minutes=5)))
    world.clock.forward(minutes=7)
    assert all(upkeep.once(world.container).values())
    assert [each.event for each in storage.webhooks.deliveries(LIVE, None, limit=1)] == ["verification.expired"]


def test_the_watchman_sends_until_he_is_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told(world)
    receiver = Receiver()
    monkeypatch.setattr(webhooks, "sender_of", lambda _: sender(world, receiver))

    async def watch() -> None:
        task = asyncio.create_task(webhooks.forever(world.container, seconds=0.01))
        async with asyncio.timeout(20):
            while not receiver.requests:
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(watch())


def test_the_sender_of_an_installation_sends_nothing_where_nothing_waits(world: World) -> None:
    assert sender_of(world.container).send_due() == 0
