"""Batches and watches over HTTP with a test key, by the client package against the application in memory."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from ecert.bulk import TRIES, bulk_of
from ecert.http.app import create_app
from ecert.presenting import WalletPresenting
from ecert.problems import begun_again
from ecert.receiving import WalletReceiving
from ecert.storage import SqlBatches
from ecert.storage.errors import StorageBusy
from ecert.storage.tables import BATCH_ITEMS, WEBHOOK_DELIVERIES
from ecert.testmode.parts import sample_town
from keys import strict_json
from tests.support.ecert_world import World
from tests.support.parties import OPERATOR, water
from verifier.api.model import Owner
from verifier.api.webhooks import Endpoint
from verifier.batches.judging import Judging
from verifier.batches.model import Batch, Item, Outcome
from verifier.client import ApiProblem, AsyncClient, Client
from verifier.parties.model import Access, Environment

PURPOSE = "water.account-opening"


class InMemory(httpx.BaseTransport):
    """httpx's transport over an application, for a client that waits in its thread."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
                answer = await client.request(
                    request.method, str(request.url), headers=request.headers, content=request.content
                )
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

        return asyncio.run(send())


class Bank:
    """The water company with a key, its client, and the worker of the installation."""

    def __init__(self, world: World, environment: Environment = Environment.TEST) -> None:
        self.world, container = world, world.container
        self.owner = Owner("water", environment)
        now = world.clock()
        self.key, _ = container.storage.party_keys.issue(
            Access("water", environment), now=now, expires_at=now + timedelta(days=90)
        )
        transport = InMemory(world.client.app)
        self.client = Client("http://testserver", key=self.key, transport=transport, sleep=lambda _: None)
        town = sample_town(container, WalletPresenting(container, WalletReceiving(container).http))
        self.wallet = town.wallet
        self.bulk = bulk_of(container, testing=town.evidence)

    def shown(self, outcome: str) -> str:
        body = {"type": "business_licence", "outcome": outcome}
        header = {"Authorization": f"Bearer {self.key}"}
        answer = self.world.client.post("/v1/test/presentations", json=body, headers=header)
        return str(answer.json()["text"])

    def work(self) -> None:
        while self.bulk.worker.run_due():
            pass

    def listen(self) -> None:
        made = Endpoint(
            "hook", self.owner, "https://water.example/h", ("batch.done", "watch.changed"), self.world.clock()
        )
        self.world.container.storage.webhooks.add(made, b"s" * 32)

    def heard(self) -> list[dict[str, Any]]:
        with self.world.container.storage.database.read() as connection:
            rows = connection.scalars(select(WEBHOOK_DELIVERIES.c.body).order_by(WEBHOOK_DELIVERIES.c.id)).all()
        return [strict_json.loads_object(row) for row in rows]


@pytest.fixture
def bank(world: World) -> Iterator[Bank]:
    world.container.storage.parties.add(water(), by=OPERATOR, now=world.clock())
    made = Bank(world)
    with made.client:
        yield made


def test_a_batch_of_every_kind_of_item_is_judged_with_reasons(bank: Bank) -> None:
    bank.listen()
    kept = bank.client.present(bank.shown("valid"))
    fresh = kept.result.checks[6].evidence  # type: ignore[union-attr]
    items = [
        {"id": "good", "text": bank.shown("valid")},
        {"id": "revoked", "text": bank.shown("revoked")},
        {"id": "stale", "text": bank.shown("stale_list")},
        {"id": "nonsense", "text": "no presentation"},
        {"id": "place", "status": {"list": fresh["list"], "index": 0}},
        {"id": "suspended", "status": {"list": fresh["list"], "index": 2}},
        {"id": "nowhere", "status": {"list": "https://other.example/1", "index": 2}},
        {"id": "again", "verification": kept.id},
        {"id": "unknown", "verification": "no-such-id"},
    ]
    made = bank.client.create_batch(items, reference="night-run")
    assert (made.state, made.total, made.done) == ("running", 9, 0)
    bank.work()
    done = bank.client.wait_batch(made.id)
    assert (done.state, dict(done.counts)) == ("done", {"valid": 3, "invalid": 3, "indeterminate": 3})
    found = {each.id: each for each in bank.client.batch_results(made.id)}
    reasons = {
        name: [row.code for row in each.checks if row.state in ("failed", "unknown")] for name, each in found.items()
    }
    assert list(found) == [each["id"] for each in items]
    assert reasons["good"] == reasons["place"] == reasons["again"] == []
    assert (reasons["revoked"], reasons["stale"]) == (["revoked"], ["status_list_stale"])
    assert (reasons["suspended"], reasons["nowhere"]) == (["suspended"], ["status_list_missing"])
    assert reasons["unknown"] == ["unknown_verification"]
    (event,) = bank.heard()
    assert (event["type"], event["data"]["id"], event["data"]["counts"]["valid"]) == ("batch.done", made.id, 3)


def test_a_verification_that_was_not_valid_is_not_valid_by_night(bank: Bank) -> None:
    outcomes = ("valid", "expired", "wrong_holder", "stale_list")
    earlier = {outcome: bank.client.present(bank.shown(outcome)) for outcome in outcomes}
    items = [{"id": outcome, "verification": each.id} for outcome, each in earlier.items()]
    made = bank.client.create_batch(items)
    bank.work()
    found = {each.id: each.verdict for each in bank.client.batch_results(made.id)}
    assert found == {each: earlier[each].result.verdict for each in outcomes}  # type: ignore[union-attr]
    assert found["valid"] == "valid"
    assert len(set(found.values())) == 3


def test_a_presentation_is_gone_with_its_outcome_and_sealed_before(bank: Bank) -> None:
    shown = bank.shown("valid")

    def kept() -> list[bytes | None]:
        with bank.world.container.storage.database.read() as connection:
            return list(connection.scalars(select(BATCH_ITEMS.c.sealed)).all())

    bank.client.create_batch([{"id": "1", "text": shown}])
    assert shown[:20].encode() not in (kept()[0] or b"")
    bank.work()
    assert kept() == [None]


def test_a_large_batch_comes_in_parts_and_is_done_by_several_workers(bank: Bank) -> None:
    items = [
        {"id": str(number), "status": {"list": "https://other.example/1", "index": number}} for number in range(1_100)
    ]
    made = bank.client.create_batch(items)
    assert (made.state, made.total) == ("running", 1_100)
    assert bank.world.container.storage.jobs.waiting() == 11
    bank.work()
    assert bank.client.batch(made.id).state == "done"
    assert [each.id for each in bank.client.batch_results(made.id)] == [each["id"] for each in items]


def test_an_item_that_cannot_be_judged_hinders_no_other_and_the_batch_ends(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Judging.judge

    def judge(self: Judging, batch: Batch, items: Sequence[Item], *, now: datetime) -> list[Outcome]:
        if any(item.item_id == "bad" for item in items):
            raise LookupError("whatever it is")
        return real(self, batch, items, now=now)

    monkeypatch.setattr(Judging, "judge", judge)
    bank.listen()
    items = [{"id": name, "verification": "none"} for name in ("one", "bad", "two")]
    made = bank.client.create_batch(items)
    done = []
    for _ in range(TRIES):
        bank.work()
        done.append(bank.client.batch(made.id).done)
        bank.world.clock.forward(minutes=6)
    assert done == [0, *[2] * 8, 3]
    outcomes = {each.id: each.checks[0].code for each in bank.client.batch_results(made.id)}
    assert outcomes == {"one": "unknown_verification", "bad": "not_judged", "two": "unknown_verification"}
    assert bank.client.batch(made.id).counts["indeterminate"] == 3
    assert [each["type"] for each in bank.heard()] == ["batch.done"]
    assert bank.world.container.storage.jobs.waiting() == 0


def test_work_that_cannot_even_be_given_up_stays(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise StorageBusy("database was locked for too long")

    monkeypatch.setattr(SqlBatches, "waiting", broken)
    monkeypatch.setattr(SqlBatches, "left", broken)
    bank.client.create_batch([{"id": "one", "verification": "none"}])
    for _ in range(TRIES + 2):
        bank.work()
        bank.world.clock.forward(minutes=6)
    assert bank.world.container.storage.jobs.waiting() == 1


def test_a_batch_is_about_a_purpose_that_the_party_has(bank: Bank) -> None:
    made = bank.client.create_batch([{"id": "1", "text": bank.shown("valid")}], purpose=PURPOSE)
    bank.work()
    (found,) = bank.client.batch_results(made.id)
    assert found.checks[-1].code == "mismatch"
    with pytest.raises(ApiProblem) as caught:
        bank.client.create_batch([], purpose="bank.account-opening")
    assert caught.value.problem == "purpose_not_allowed"


def test_a_cancelled_batch_does_no_more(bank: Bank) -> None:
    made = bank.client.create_batch([{"id": "1", "text": bank.shown("valid")}])
    assert bank.client.cancel_batch(made.id).state == "cancelled"
    bank.work()
    assert list(bank.client.batch_results(made.id)) == []
    assert bank.client.cancel_batch(made.id).done == 0
    assert bank.world.container.storage.jobs.waiting() == 0


def test_a_batch_is_its_partys_in_its_environment_alone(bank: Bank) -> None:
    made = bank.client.create_batch([{"id": "1", "verification": "v"}])
    with Bank(bank.world, Environment.LIVE).client as live:
        for ask in (lambda: live.batch(made.id), lambda: live.cancel_batch(made.id)):
            with pytest.raises(ApiProblem) as caught:
                ask()
            assert caught.value.problem == "unknown_batch"
    header = {"Authorization": f"Bearer {bank.key}"}
    listed = bank.world.client.get("/v1/batches", headers=header).json()
    assert [each["id"] for each in listed["batches"]] == [made.id]


def test_an_item_is_one_of_three_things(bank: Bank) -> None:
    header = {"Authorization": f"Bearer {bank.key}"}
    for item in ({"id": "1"}, {"id": "1", "text": "x", "verification": "v"}, {"id": "a b", "text": "x"}):
        answer = bank.world.client.post("/v1/batches", json={"items": [item]}, headers=header)
        assert answer.json()["code"] == "malformed_request"


def test_a_watched_certificate_that_is_revoked_is_told_once(bank: Bank, world: World) -> None:
    live = Bank(world, Environment.LIVE)
    live.listen()
    record = world.container.storage.ledger.certificate(world.licence())
    status = record.credentials[0].status
    world.container.publish_due()
    (watch,) = live.client.watch((status.uri, status.index), reference="loan-17", days=30)
    assert (watch.value, watch.reference) == (0, "loan-17")
    assert live.bulk.watches.look() == 0
    world.clock.forward(minutes=1)
    revoker = world.token("revoker")
    act = {"legal_reason": "吊销", "officer": "王示例", "case_number": "2026-1"}
    path = f"/v1/certificates/{world.licence()}/revoke"
    answer = world.client.post(path, json=act, headers=revoker)
    assert answer.status_code in (200, 202), answer.text
    world.container.publish_all()
    assert live.bulk.watches.look() == 1
    assert live.bulk.watches.look() == 0
    (event,) = live.heard()
    assert event["type"] == "watch.changed"
    assert event["data"] == {
        "id": watch.id,
        "environment": "live",
        "list": status.uri,
        "index": status.index,
        "before": 0,
        "value": 1,
        "status": "revoked",
        "reference": "loan-17",
        "verification": None,
    }
    assert next(iter(live.client.watches())).value == 1


def test_a_revocation_in_the_second_of_an_edition_that_was_looked_at_is_told(bank: Bank, world: World) -> None:
    live = Bank(world, Environment.LIVE)
    live.listen()
    status = world.container.storage.ledger.certificate(world.licence()).credentials[0].status
    world.container.publish_due()
    live.client.watch((status.uri, status.index), days=30)
    world.clock.forward(minutes=1)
    world.container.publish_all()
    assert live.bulk.watches.look() == 0
    act = {"legal_reason": "吊销", "officer": "王示例", "case_number": "2026-1"}
    path = f"/v1/certificates/{world.licence()}/revoke"
    assert world.client.post(path, json=act, headers=world.token("revoker")).status_code in (200, 202)
    world.container.publish_due()
    assert live.bulk.watches.look() == 1


def test_what_a_verification_rests_on_is_watched(bank: Bank) -> None:
    kept = bank.client.present(bank.shown("valid"))
    (watch,) = bank.client.watch(verification=kept.id)
    assert (watch.index, watch.verification) == (0, kept.id)
    (same,) = bank.client.watch(verification=kept.id, days=1)
    assert same == watch
    bank.client.remove_watch(watch.id)
    assert list(bank.client.watches()) == []
    with pytest.raises(ApiProblem) as caught:
        bank.client.remove_watch(watch.id)
    assert caught.value.problem == "unknown_watch"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"places": [{"list": "https://other.example/1", "index": 1}]}, "nothing_to_watch"),
        ({"verification": "no-such-id"}, "unknown_verification"),
        ({}, "malformed_request"),
        ({"places": []}, "malformed_request"),
    ],
)
def test_what_cannot_be_watched_is_refused(bank: Bank, body: dict[str, Any], code: str) -> None:
    answer = bank.world.client.post("/v1/watches", json=body, headers={"Authorization": f"Bearer {bank.key}"})
    assert answer.json()["code"] == code


def test_watches_and_batches_are_forgotten_in_time(bank: Bank) -> None:
    kept = bank.client.present(bank.shown("valid"))
    bank.client.watch(verification=kept.id, days=1)
    bank.client.create_batch([])
    storage, now = bank.world.container.storage, bank.world.clock() + timedelta(days=31)
    assert (storage.watches.sweep(now=now), storage.batches.sweep(now=now)) == (1, 1)
    assert list(bank.client.watches()) == []


def test_the_async_client_verifies_with_the_test_wallet(bank: Bank) -> None:
    async def drive() -> Any:
        transport = httpx.ASGITransport(bank.world.client.app)
        async with AsyncClient("http://testserver", key=bank.key, transport=transport) as client:
            made = await client.create(PURPOSE, reference="order-17")
            answer: Callable[..., Any] = bank.wallet.answer
            await answer(made.link, "valid")
            ended = await client.wait(made.id)
            return ended, await client.receipt(made.id), [each async for each in client.list(reference="order-17")]

    bank.wallet._parts.http.serve(create_app(bank.world.container, watch=False))  # type: ignore[attr-defined]
    ended, receipt, listed = asyncio.run(drive())
    assert ended.is_valid
    assert ended.claims("resident_id_card")["name"]
    assert receipt.count(".") == 2
    assert [each.id for each in listed] == [ended.id]


def test_a_database_that_does_not_answer_ends_no_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = bulk_of(world.container)
    work, left = world.container.storage.jobs.claim, iter([True])

    def claim(**asked: Any) -> Any:
        if next(left, False):
            raise StorageBusy("the database does not answer")
        return work(**asked)

    monkeypatch.setattr(type(world.container.storage.jobs), "claim", lambda self, **asked: claim(**asked))
    assert bulk.worker.run_attempted() == 0
    assert next(left, "used") == "used"
    assert bulk.worker.run_attempted() == 0


def test_work_that_fails_begins_again() -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise StorageBusy("the database does not answer")
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(begun_again(work, seconds=0))
    assert begun == [0, 1, 2]
