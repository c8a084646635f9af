"""Verifications, webhooks and their outbox on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from ecert.storage import Storage
from ecert.storage.tables import VERIFICATIONS, WEBHOOKS
from ecert.storage.webhooks import enqueue
from tests.support.parties import OPERATOR, water
from tests.support.verifications import LIVE, NAME, NOW, OTHER, TEST, a_verification, an_endpoint, answer
from verifier.api.errors import TooManyWebhooks
from verifier.api.expiry import Expiry
from verifier.api.model import RECORDS_KEPT, Filters, Owner, Status
from verifier.api.service import Listener
from verifier.api.webhooks import MAX_ENDPOINTS, PAUSE, PER_PARTY, TRIES, DeliveryState
from verifier.parties.model import Environment, PartyStatus

SECRET = b"s" * 32
ALL = Filters()


def test_a_verification_comes_back_as_it_was(storage: Storage) -> None:
    storage.verifications.add(a_verification())
    assert storage.verifications.find(LIVE, "verification-1") == a_verification()


@pytest.mark.parametrize("owner", [TEST, OTHER], ids=["the other environment", "another party"])
def test_a_verification_is_its_owners_alone(storage: Storage, owner: object) -> None:
    storage.verifications.add(a_verification())
    assert storage.verifications.find(owner, "verification-1") is None  # type: ignore[arg-type]
    assert not storage.verifications.list(owner, ALL, after=None, limit=9).items  # type: ignore[arg-type]


def test_an_answer_is_kept_once(storage: Storage) -> None:
    storage.verifications.add(a_verification())
    assert storage.verifications.end("verification-1", answer(), now=NOW)
    assert not storage.verifications.end("verification-1", answer("invalid"), now=NOW)
    found = storage.verifications.find(LIVE, "verification-1")
    assert found is not None
    assert (found.status, found.result["verdict"], found.ended_at) == (Status.ANSWERED, "valid", NOW)  # type: ignore[index]
    assert found.credentials == [{"id": "id", "claims": {"name": NAME}}]
    assert found.link is None


def test_of_answers_at_once_one_is_kept(storage: Storage) -> None:
    storage.verifications.add(a_verification())
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda _: storage.verifications.end("verification-1", answer(), now=NOW), range(4)))
    assert sorted(kept) == [False, False, False, True]


def test_the_table_shows_no_claims(storage: Storage) -> None:
    storage.verifications.add(a_verification())
    storage.verifications.end("verification-1", answer(), now=NOW)
    with storage.database.read() as connection:
        row = connection.execute(select(VERIFICATIONS)).one()
    assert NAME not in str(row)
    assert NAME.encode() not in bytes(row.sealed)


def test_claims_are_swept_when_their_time_is_over(storage: Storage) -> None:
    storage.verifications.add(a_verification())
    storage.verifications.end("verification-1", answer(), now=NOW)
    storage.verifications.fetched("verification-1", until=NOW + timedelta(minutes=10))
    storage.verifications.fetched("verification-1", until=NOW + timedelta(minutes=30))
    assert storage.verifications.sweep(now=NOW + timedelta(minutes=9)) == 0
    assert storage.verifications.sweep(now=NOW + timedelta(minutes=10)) == 1
    with storage.database.read() as connection:
        assert connection.execute(select(VERIFICATIONS.c.sealed)).scalar_one() is None
    found = storage.verifications.find(LIVE, "verification-1")
    assert found is not None
    assert found.result is not None
    assert found.credentials is None


def test_an_old_verification_is_swept_whole(storage: Storage) -> None:
    storage.verifications.add(a_verification())
    assert storage.verifications.sweep(now=NOW + RECORDS_KEPT + timedelta(seconds=1)) == 1
    assert storage.verifications.find(LIVE, "verification-1") is None


def test_pages_follow_each_other_and_end(storage: Storage) -> None:
    for number in range(5):
        storage.verifications.add(a_verification(number))
    names, after = [], None
    for _ in range(3):
        page = storage.verifications.list(LIVE, ALL, after=after, limit=2)
        names.append([each.verification_id[-1] for each in page.items])
        after = page.after
    assert (names, after) == ([["4", "3"], ["2", "1"], ["0"]], None)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(status=Status.ANSWERED), 1),
        (Filters(status=Status.WAITING), 2),
        (Filters(purpose_id="water.account-opening"), 3),
        (Filters(purpose_id="water.transfer"), 0),
        (Filters(reference="order-18"), 1),
    ],
)
def test_a_list_is_filtered(storage: Storage, filters: Filters, found: int) -> None:
    for number in (1, 2):
        storage.verifications.add(a_verification(number))
    storage.verifications.add(a_verification(3, reference="order-18"))
    storage.verifications.end("verification-1", answer(), now=NOW)
    assert len(storage.verifications.list(LIVE, filters, after=None, limit=9).items) == found


def test_what_nobody_answers_expires_and_is_told(storage: Storage) -> None:
    storage.webhooks.add(an_endpoint(), SECRET)
    storage.verifications.add(a_verification())
    assert not storage.verifications.overdue(now=NOW + timedelta(minutes=5))
    assert storage.verifications.waiting() == 1
    later = NOW + timedelta(minutes=7)
    expiry = Expiry(storage.verifications, storage.protocol, Listener(storage.verifications), lambda: later)
    assert (expiry.run(), expiry.run()) == (1, 0)
    assert [each.event for each in storage.webhooks.deliveries(LIVE, None, limit=9)] == ["verification.expired"]


def test_an_end_is_told_to_the_endpoints_that_want_it_in_their_environment(storage: Storage) -> None:
    storage.webhooks.add(an_endpoint(1), SECRET)
    storage.webhooks.add(an_endpoint(2, events=("verification.expired",)), SECRET)
    storage.webhooks.add(an_endpoint(3, TEST), SECRET)
    storage.verifications.add(a_verification())
    storage.verifications.end("verification-1", answer(), now=NOW)
    found = storage.webhooks.deliveries(LIVE, DeliveryState.WAITING, limit=9)
    assert [(each.endpoint_id, each.event) for each in found] == [("endpoint-1", "verification.valid")]
    assert not storage.webhooks.deliveries(TEST, None, limit=9)
    sending = storage.webhooks.claim(now=NOW, until=NOW + timedelta(minutes=5), limit=9)
    assert [(each.url, each.secret) for each in sending] == [("https://water.example/hooks/1", SECRET)]
    assert NAME.encode() not in sending[0].body


def test_what_has_ended_already_is_told_when_it_is_kept(storage: Storage) -> None:
    storage.webhooks.add(an_endpoint(), SECRET)
    storage.verifications.add(a_verification(**answer(credentials=None), ended_at=NOW))
    assert [each.event for each in storage.webhooks.deliveries(LIVE, None, limit=9)] == ["verification.valid"]


def test_workers_at_once_share_what_is_due(storage: Storage) -> None:
    storage.webhooks.add(an_endpoint(), SECRET)
    for number in range(12):
        storage.verifications.add(a_verification(number, **answer(credentials=None), ended_at=NOW))

    def claim(_: int) -> list[str]:
        return [each.delivery_id for each in storage.webhooks.claim(now=NOW, until=NOW + timedelta(hours=1), limit=3)]

    with ThreadPoolExecutor(4) as pool:
        claimed = [name for names in pool.map(claim, range(8)) for name in names]
    while rest := claim(0):
        claimed += rest
    assert len(claimed) == len(set(claimed)) == 12


def _told(storage: Storage, owner: Owner, number: int, count: int, endpoint: int) -> None:
    storage.webhooks.add(an_endpoint(endpoint, owner), SECRET)
    for each in range(number, number + count):
        storage.verifications.add(a_verification(each, owner, **answer(credentials=None), ended_at=NOW))


def test_relying_parties_take_turns(storage: Storage) -> None:
    _told(storage, LIVE, 0, 40, 1)
    _told(storage, OTHER, 100, 2, 2)
    urls = [each.url[-1] for each in storage.webhooks.claim(now=NOW, until=NOW + timedelta(hours=1), limit=32)]
    assert urls[:5] == ["1", "2", "1", "2", "1"]
    assert (urls.count("1"), urls.count("2")) == (PER_PARTY, 2)


def test_what_waits_for_an_endpoint_that_does_not_answer_waits_for_a_while(storage: Storage) -> None:
    _told(storage, LIVE, 0, 3, 1)
    _told(storage, OTHER, 100, 1, 2)
    first = storage.webhooks.claim(now=NOW, until=NOW + timedelta(hours=1), limit=1)[0]
    storage.webhooks.done(first.delivery_id, status=None, ok=False, now=NOW)
    soon, later = NOW + PAUSE - timedelta(seconds=1), NOW + PAUSE
    assert [each.party_id for each in storage.webhooks.claim(now=soon, until=soon, limit=9)] == [OTHER.party_id]
    again = storage.webhooks.claim(now=later, until=later + PAUSE, limit=9)
    assert [each.tries for each in again if each.party_id == LIVE.party_id] == [1, 0, 0]


def test_a_suspended_party_hears_nothing_until_it_may_ask_again(storage: Storage) -> None:
    storage.parties.add(water(), by=OPERATOR, now=NOW)
    _told(storage, Owner("water", Environment.LIVE), 0, 1, 1)
    _told(storage, OTHER, 100, 1, 2)
    storage.parties.change("water", lambda one: one.with_status(PartyStatus.SUSPENDED), by=OPERATOR, now=NOW)
    until = NOW + timedelta(hours=1)
    assert [each.party_id for each in storage.webhooks.claim(now=NOW, until=until, limit=9)] == [OTHER.party_id]
    assert not storage.webhooks.claim(now=NOW, until=until, limit=9)
    storage.parties.change("water", lambda one: one.with_status(PartyStatus.ACTIVE), by=OPERATOR, now=NOW)
    assert [each.party_id for each in storage.webhooks.claim(now=NOW, until=until, limit=9)] == ["water"]


def test_what_waits_for_a_month_is_forgotten(storage: Storage) -> None:
    _one_delivery(storage)
    assert storage.verifications.sweep(now=NOW + timedelta(days=31)) == 1
    assert not storage.webhooks.deliveries(LIVE, None, limit=9)


def _one_delivery(storage: Storage) -> str:
    storage.webhooks.add(an_endpoint(), SECRET)
    storage.verifications.add(a_verification(**answer(credentials=None), ended_at=NOW))
    return storage.webhooks.deliveries(LIVE, None, limit=1)[0].delivery_id


def test_a_delivery_that_fails_is_tried_ten_times_and_dies(storage: Storage) -> None:
    name = _one_delivery(storage)
    for _ in range(TRIES):
        assert storage.webhooks.deliveries(LIVE, DeliveryState.WAITING, limit=1)
        storage.webhooks.done(name, status=500, ok=False, now=NOW)
    dead = storage.webhooks.dead(limit=9)
    assert [(each.delivery_id, each.tries, each.status) for each in dead] == [(name, TRIES, 500)]
    storage.webhooks.done(name, status=200, ok=True, now=NOW)
    assert storage.webhooks.dead(limit=9) == dead


def test_a_try_that_fails_waits_before_the_next(storage: Storage) -> None:
    name = _one_delivery(storage)
    storage.webhooks.done(name, status=None, ok=False, now=NOW)
    assert not storage.webhooks.claim(now=NOW + timedelta(seconds=59), until=NOW, limit=1)
    assert storage.webhooks.claim(now=NOW + timedelta(seconds=60), until=NOW, limit=1)


@pytest.mark.parametrize("ok", [True, False])
def test_a_delivery_can_be_sent_again(storage: Storage, ok: bool) -> None:
    name = _one_delivery(storage)
    storage.webhooks.done(name, status=204, ok=ok, now=NOW)
    assert not storage.webhooks.replay(TEST, name, now=NOW)
    assert storage.webhooks.replay(LIVE, name, now=NOW)
    assert storage.webhooks.replay_any(name, now=NOW)
    assert not storage.webhooks.replay_any("another", now=NOW)
    assert storage.webhooks.claim(now=NOW, until=NOW, limit=1)[0].tries == 0


def test_an_endpoint_goes_with_what_waits_for_it(storage: Storage) -> None:
    _one_delivery(storage)
    assert not storage.webhooks.remove(TEST, "endpoint-1")
    assert storage.webhooks.remove(LIVE, "endpoint-1")
    assert not storage.webhooks.of(LIVE)
    assert not storage.webhooks.claim(now=NOW, until=NOW, limit=1)


def test_a_party_has_so_many_endpoints_and_no_more(storage: Storage) -> None:
    for number in range(MAX_ENDPOINTS):
        storage.webhooks.add(an_endpoint(number), SECRET)
    with pytest.raises(TooManyWebhooks):
        storage.webhooks.add(an_endpoint(99), SECRET)
    storage.webhooks.add(an_endpoint(99, TEST), SECRET)
    assert len(storage.webhooks.of(LIVE)) == MAX_ENDPOINTS


def test_the_table_shows_no_secret(storage: Storage) -> None:
    storage.webhooks.add(an_endpoint(), SECRET)
    with storage.database.read() as connection:
        assert SECRET not in bytes(connection.execute(select(WEBHOOKS.c.sealed)).scalar_one())


def test_what_was_sent_is_forgotten_after_a_month(storage: Storage) -> None:
    name = _one_delivery(storage)
    storage.webhooks.done(name, status=204, ok=True, now=NOW)
    assert storage.verifications.sweep(now=NOW + timedelta(days=31)) == 1
    assert not storage.webhooks.deliveries(LIVE, None, limit=9)


def test_an_endpoint_that_is_removed_meanwhile_is_no_fault_of_the_verification(storage: Storage) -> None:
    storage.webhooks.add(an_endpoint(), SECRET)
    removing = Thread(target=storage.webhooks.remove, args=(LIVE, "endpoint-1"))

    def new_id() -> str:
        removing.start()
        removing.join(0.5)
        return "delivery-1"

    with storage.database.write() as connection:
        enqueue(connection, a_verification(**answer(), ended_at=NOW), new_id, now=NOW)
    removing.join()
    assert not storage.webhooks.of(LIVE)
    assert not storage.webhooks.deliveries(LIVE, None, limit=9)
