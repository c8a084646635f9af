"""The contract of background work (``verifier.batches.ports.Jobs``), batches and watches, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from ecert.storage import Storage
from ecert.storage.tables import WEBHOOK_DELIVERIES
from verifier.api.errors import TooManyWebhooks
from verifier.api.model import Owner
from verifier.api.webhooks import Endpoint
from verifier.batches.model import (
    MAX_ITEMS,
    MAX_RUNNING,
    SLICE,
    Batch,
    BatchItemsOutOfOrder,
    BatchNotOpen,
    BatchState,
    BatchTooLarge,
    Item,
    Outcome,
    UnknownBatch,
)
from verifier.batches.ports import Job, Jobs
from verifier.parties.model import Environment
from verifier.watches import model as watching
from verifier.watches.model import Edition, TooManyWatches, Watch

NOW = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
OWNER, OTHER = Owner("water", Environment.LIVE), Owner("bank", Environment.LIVE)
LIST = "https://ecert.example/status/1"


@pytest.fixture
def jobs(storage: Storage) -> Jobs:
    return storage.jobs


def items(count: int, start: int = 0) -> list[Item]:
    return [Item(str(number), text="eyJ") for number in range(start, start + count)]


def batch(batch_id: str = "b1") -> Batch:
    return Batch(batch_id, OWNER, NOW)


def outcomes(numbers: range, verdict: str = "valid") -> list[tuple[int, Outcome]]:
    return [(number, Outcome(str(number), verdict, [])) for number in numbers]


def deliveries(storage: Storage) -> list[str]:
    with storage.database.read() as connection:
        return list(connection.scalars(select(WEBHOOK_DELIVERIES.c.event)).all())


def listen(storage: Storage) -> None:
    endpoint = Endpoint("hook", OWNER, "https://water.example/h", ("batch.done", "watch.changed"), NOW)
    storage.webhooks.add(endpoint, b"s" * 32)


# Jobs


def test_work_is_added_once_and_claimed_by_one(jobs: Jobs) -> None:
    jobs.add("batch", ["a", "b"], due_at=NOW)
    jobs.add("batch", ["a"], due_at=NOW - timedelta(days=1))
    jobs.add("batch", [], due_at=NOW)
    first = jobs.claim(now=NOW, until=LATER, limit=1)
    second = jobs.claim(now=NOW, until=LATER, limit=9)
    assert (list(first), list(second)) == ([Job("batch", "a", 1)], [Job("batch", "b", 1)])
    assert not jobs.claim(now=NOW, until=LATER, limit=9)


def test_work_is_not_claimed_before_it_is_due(jobs: Jobs) -> None:
    jobs.add("batch", ["a"], due_at=LATER)
    assert not jobs.claim(now=NOW, until=LATER, limit=9)


def test_work_of_a_worker_that_died_comes_back(jobs: Jobs) -> None:
    jobs.add("batch", ["a"], due_at=NOW)
    jobs.claim(now=NOW, until=LATER, limit=9)
    assert list(jobs.claim(now=LATER, until=LATER + timedelta(minutes=5), limit=9)) == [Job("batch", "a", 2)]


def test_work_that_is_done_is_forgotten_and_what_failed_comes_again(jobs: Jobs) -> None:
    jobs.add("batch", ["a", "b"], due_at=NOW)
    done, failed = jobs.claim(now=NOW, until=LATER, limit=9)
    jobs.done(done)
    jobs.again(failed, due_at=NOW + timedelta(seconds=30))
    assert not jobs.claim(now=NOW, until=LATER, limit=9)
    assert list(jobs.claim(now=NOW + timedelta(minutes=1), until=LATER, limit=9)) == [replace(failed, tries=2)]


def test_of_workers_at_once_each_piece_goes_to_one(jobs: Jobs) -> None:
    jobs.add("batch", [str(number) for number in range(20)], due_at=NOW)
    with ThreadPoolExecutor(4) as pool:
        claimed = pool.map(lambda _: jobs.claim(now=NOW, until=LATER, limit=5), range(4))
        keys = [job.key for some in claimed for job in some]
    rest = [job.key for job in jobs.claim(now=NOW, until=LATER, limit=20)]
    assert sorted(keys + rest, key=int) == [str(number) for number in range(20)]


# Batches


def test_a_batch_grows_while_it_is_open_and_runs_when_it_is_closed(storage: Storage) -> None:
    made = storage.batches.add(batch(), items(2), close=False)
    assert (made.state, made.total, storage.jobs.waiting()) == (BatchState.OPEN, 2, 0)
    assert storage.batches.waiting("b1", range(9)) is None
    made = storage.batches.append(OWNER, "b1", items(SLICE, 2), offset=2, close=True)
    assert (made.state, made.total, storage.jobs.waiting()) == (BatchState.RUNNING, SLICE + 2, 2)
    found = storage.batches.waiting("b1", range(1, 3))
    assert found is not None
    assert [number for number, _ in found[1]] == [1, 2]
    assert found[1][0][1] == Item("1", text="eyJ")


def test_the_same_items_sent_twice_are_there_once(storage: Storage) -> None:
    storage.batches.add(batch(), items(2), close=False)
    storage.batches.append(OWNER, "b1", items(2, 2), offset=2, close=True)
    again = storage.batches.append(OWNER, "b1", items(2, 2), offset=2, close=True)
    assert (again.total, again.state) == (4, BatchState.RUNNING)
    for wrong, offset in ((items(2, 9), 2), (items(1), 9), ([], 0)):
        with pytest.raises(BatchItemsOutOfOrder):
            storage.batches.append(OWNER, "b1", wrong, offset=offset, close=True)
    with pytest.raises(BatchNotOpen):
        storage.batches.append(OWNER, "b1", items(1, 4), offset=4, close=True)


def test_a_batch_has_its_limits(storage: Storage) -> None:
    storage.batches.add(batch(), [], close=False)
    with pytest.raises(BatchTooLarge):
        storage.batches.append(OWNER, "b1", items(1), offset=MAX_ITEMS, close=True)
    with pytest.raises(UnknownBatch):
        storage.batches.append(OTHER, "b1", items(1), offset=0, close=True)
    for number in range(MAX_RUNNING - 1):
        storage.batches.add(batch(f"more-{number}"), [], close=False)
    with pytest.raises(BatchTooLarge):
        storage.batches.add(batch("one too many"), [], close=False)


def test_with_the_last_outcome_a_batch_is_done_and_told_once(storage: Storage) -> None:
    listen(storage)
    storage.batches.add(batch(), items(3), close=True)
    storage.batches.record("b1", outcomes(range(2)), now=NOW)
    storage.batches.record("b1", outcomes(range(2), "invalid"), now=NOW)  # done twice, kept once
    assert deliveries(storage) == []
    storage.batches.record("b1", outcomes(range(2, 3), "indeterminate"), now=LATER)
    storage.batches.record("b1", [], now=LATER)
    done = storage.batches.find(OWNER, "b1")
    assert done is not None
    assert (done.state, done.ended_at, done.done) == (BatchState.DONE, LATER, 3)
    assert done.counts == {"valid": 2, "invalid": 0, "indeterminate": 1}
    assert deliveries(storage) == ["batch.done"]


def test_of_workers_with_the_last_slices_one_ends_the_batch(storage: Storage) -> None:
    listen(storage)
    storage.batches.add(batch(), items(8), close=True)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: storage.batches.record("b1", outcomes(range(n, n + 2)), now=NOW), range(0, 8, 2)))
    found = storage.batches.find(OWNER, "b1")
    assert found is not None
    assert (found.state, found.done, deliveries(storage)) == (BatchState.DONE, 8, ["batch.done"])


def test_a_batch_without_items_is_done_at_once(storage: Storage) -> None:
    assert storage.batches.add(batch(), [], close=True).state is BatchState.DONE


def test_outcomes_and_batches_are_read_in_pages(storage: Storage) -> None:
    storage.batches.add(batch(), items(5), close=True)
    storage.batches.record("b1", outcomes(range(5)), now=NOW)
    found, after = storage.batches.outcomes("b1", after=-1, limit=3)
    rest, end = storage.batches.outcomes("b1", after=after or 0, limit=3)
    assert ([each.item_id for each in found], [each.item_id for each in rest], end) == (
        ["0", "1", "2"],
        ["3", "4"],
        None,
    )
    storage.batches.add(batch("b2"), [], close=True)
    newest, after = storage.batches.list(OWNER, after=None, limit=1)
    older, end = storage.batches.list(OWNER, after=after, limit=1)
    assert ([each.batch_id for each in (*newest, *older)], end) == (["b2", "b1"], None)
    assert storage.batches.list(OTHER, after=None, limit=9) == ([], None)


def test_a_cancelled_batch_forgets_what_waits(storage: Storage) -> None:
    storage.batches.add(batch(), items(2), close=True)
    assert storage.batches.cancel(OWNER, "b1", now=NOW).state is BatchState.CANCELLED
    assert storage.jobs.waiting() == 0
    storage.batches.record("b1", outcomes(range(2)), now=NOW)
    assert storage.batches.cancel(OWNER, "b1", now=LATER).ended_at == NOW


# Watches


def watch(watch_id: str = "w1", index: int = 7, **changed: object) -> Watch:
    made = Watch(watch_id, OWNER, LIST, index, NOW, NOW + timedelta(days=30), 0)
    return replace(made, **changed)  # type: ignore[arg-type]


def edition(value: int, *, minutes: int = 0) -> Edition:
    return Edition(LIST, NOW + timedelta(minutes=minutes), [(7, value)])


def test_a_change_is_told_once_in_the_edition_that_says_it(storage: Storage) -> None:
    listen(storage)
    storage.watches.add([watch()], now=NOW)
    assert storage.watches.lists(Environment.LIVE) == [LIST]
    assert storage.watches.lists(Environment.TEST) == []
    assert storage.watches.due(Environment.LIVE, LIST, NOW, limit=9) == [7]
    assert storage.watches.looked(Environment.LIVE, edition(0), now=NOW) == 0
    assert storage.watches.due(Environment.LIVE, LIST, NOW, limit=9) == []
    with ThreadPoolExecutor(4) as pool:
        looked = pool.map(lambda _: storage.watches.looked(Environment.LIVE, edition(1, minutes=1), now=NOW), range(4))
        assert sorted(looked) == [0, 0, 0, 1]
    assert storage.watches.looked(Environment.LIVE, edition(0), now=NOW) == 0  # an older edition says nothing
    assert deliveries(storage) == ["watch.changed"]


def test_a_place_is_watched_once_and_for_the_longer_time(storage: Storage) -> None:
    storage.watches.add([watch()], now=NOW)
    (kept,) = storage.watches.add([watch("w2", expires_at=NOW + timedelta(days=60))], now=NOW)
    assert (kept.watch_id, kept.expires_at) == ("w1", NOW + timedelta(days=60))
    storage.watches.add([watch("w3", 8)], now=NOW)
    newest, after = storage.watches.list(OWNER, after=None, limit=1)
    older, end = storage.watches.list(OWNER, after=after, limit=1)
    assert ([each.watch_id for each in (*newest, *older)], end) == (["w3", "w1"], None)


def test_a_watch_ends_by_its_owner_or_in_time(storage: Storage) -> None:
    listen(storage)
    storage.watches.add([watch(), watch("w2", 8)], now=NOW)
    assert not storage.watches.remove(OTHER, "w1")
    assert storage.watches.remove(OWNER, "w1")
    over = NOW + timedelta(days=30)
    late = Edition(LIST, NOW, [(8, 1)])
    assert storage.watches.looked(Environment.LIVE, late, now=over) == 0
    assert storage.watches.looked(Environment.LIVE, Edition(LIST, NOW, []), now=over) == 0
    assert storage.watches.sweep(now=over) == 1
    assert deliveries(storage) == []


def test_watches_have_their_limit(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.storage.watch_records.MAX_WATCHES", 1)
    storage.watches.add([watch()], now=NOW)
    with pytest.raises(TooManyWatches):
        storage.watches.add([watch("w2", 8)], now=NOW)
    assert watching.MAX_WATCHES == 100_000


# Several at once


def at_once(count: int, add: Callable[[int], object]) -> int:
    """Call from as many threads at the same moment; return how many went well."""
    begin = Barrier(count)

    def one(number: int) -> bool:
        begin.wait()
        try:
            add(number)
        except (TooManyWatches, TooManyWebhooks, BatchTooLarge):
            return False
        return True

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(one, range(count)))


def test_no_limit_is_passed_by_requests_at_once(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("watch_records.MAX_WATCHES", "webhooks.MAX_ENDPOINTS", "batch_records.MAX_RUNNING"):
        monkeypatch.setattr(f"ecert.storage.{place}", 2)
    hook = Endpoint("hook", OWNER, "https://water.example/h", ("batch.done",), NOW)
    assert at_once(8, lambda n: storage.watches.add([watch(f"w{n}", n)], now=NOW)) == 2
    assert at_once(8, lambda n: storage.webhooks.add(replace(hook, endpoint_id=f"h{n}"), b"s" * 32)) == 2
    assert at_once(8, lambda n: storage.batches.add(batch(f"b{n}"), items(1), close=True)) == 2


def test_the_same_places_at_once_are_watched_once(storage: Storage) -> None:
    def add(number: int) -> None:
        places = [watch(f"w{number}-{place}", place) for place in range(20)]
        kept = storage.watches.add(places if number % 2 else places[::-1], now=NOW)
        assert [each.index for each in kept] == (list(range(20)) if number % 2 else list(range(19, -1, -1)))

    assert at_once(6, add) == 6
    assert len(storage.watches.list(OWNER, after=None, limit=100)[0]) == 20
