"""Status lists as published: what they say, how long they hold, and who wins when two publish."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from issuer.errors import ProfileRefused, PublicationConflict, UnknownStatusList
from issuer.records import ActKind, PublishedList, State, StatusValue
from issuer.status import PublicationPolicy, StatusPublisher
from schemas.formats import status_token
from schemas.formats.status_token import StatusToken
from tests.support.issuer_fakes import FakeKeys, FixedClock, UnsafeLedgerWarning, UnsafeMemoryLedger
from tests.support.ledger_contract import an_act, an_intent, identifier_of, issued

CLOCK = FixedClock()
NOW = CLOCK()


@pytest.fixture
def ledger() -> UnsafeMemoryLedger:
    with pytest.warns(UnsafeLedgerWarning):
        return UnsafeMemoryLedger()


@pytest.fixture
def keys() -> FakeKeys:
    return FakeKeys()


@pytest.fixture
def publisher(ledger: UnsafeMemoryLedger, keys: FakeKeys) -> StatusPublisher:
    return StatusPublisher(ledger, keys)


@pytest.fixture
def uri(ledger: UnsafeMemoryLedger) -> str:
    return issued(ledger, an_intent("A1"))[0].status.uri


def suspend(ledger: UnsafeMemoryLedger) -> None:
    act = an_act(ActKind.SUSPEND, identifier_of("A1"))
    ledger.apply(act, expected=State.ISSUED, new=State.SUSPENDED, value=StatusValue.SUSPENDED)


def read(keys: FakeKeys, published: PublishedList) -> StatusToken:
    return status_token.parse(published.token).verified_by(keys.signer("amr").public_key)


def test_a_token_names_its_list_and_how_long_it_holds(publisher: StatusPublisher, keys: FakeKeys, uri: str) -> None:
    token = read(keys, publisher.publish(uri, NOW))
    assert token.uri == uri
    assert (token.times.iat, token.times.ttl) == (int(NOW.timestamp()), 3600)
    assert token.times.exp == int(NOW.timestamp()) + 24 * 3600


def test_a_token_has_a_place_for_every_index(publisher: StatusPublisher, keys: FakeKeys, uri: str) -> None:
    assert len(read(keys, publisher.publish(uri, NOW)).statuses) == 2**20


def test_a_token_says_what_the_ledger_says(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, keys: FakeKeys, uri: str
) -> None:
    suspend(ledger)
    statuses = read(keys, publisher.publish(uri, NOW)).statuses
    credentials = ledger.certificate(identifier_of("A1")).credentials
    assert [statuses[each.status.index] for each in credentials] == [2, 2]


def test_each_token_has_the_next_sequence(publisher: StatusPublisher, uri: str) -> None:
    assert [publisher.publish(uri, NOW).sequence for _ in range(3)] == [1, 2, 3]


def test_the_published_token_is_in_the_ledger(publisher: StatusPublisher, ledger: UnsafeMemoryLedger, uri: str) -> None:
    assert publisher.publish(uri, NOW) == ledger.published(uri)


def test_an_unknown_list_is_not_published(publisher: StatusPublisher) -> None:
    with pytest.raises(UnknownStatusList):
        publisher.publish("https://ecert.example/status/none", NOW)


def test_a_list_that_was_never_published_is_due(publisher: StatusPublisher, uri: str) -> None:
    assert [each.uri for each in publisher.publish_due(NOW)] == [uri]


def test_a_fresh_list_is_not_due(publisher: StatusPublisher, uri: str) -> None:
    publisher.publish(uri, NOW)
    assert publisher.publish_due(NOW + timedelta(minutes=29)) == []


def test_a_list_is_due_at_half_its_ttl(publisher: StatusPublisher, uri: str) -> None:
    publisher.publish(uri, NOW)
    assert [each.sequence for each in publisher.publish_due(NOW + timedelta(minutes=30))] == [2]


def test_a_decision_that_was_never_published_makes_a_list_due(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, uri: str
) -> None:
    """A crash between the decision and its publication: the watchman mends it."""
    publisher.publish(uri, NOW)
    suspend(ledger)
    assert publisher.pending(uri)
    publisher.publish_due(NOW)
    assert not publisher.pending(uri)


def test_a_list_that_was_never_published_is_pending(publisher: StatusPublisher, uri: str) -> None:
    assert publisher.pending(uri)


def test_all_lists_are_published_though_none_is_due(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, uri: str
) -> None:
    other = issued(ledger, an_intent("B1", department="mca"))[0].status.uri
    publisher.publish_due(NOW)
    assert {each.uri for each in publisher.publish_all(NOW)} == {uri, other}


def test_the_age_is_that_of_the_oldest_of_the_newest_tokens(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, uri: str
) -> None:
    other = issued(ledger, an_intent("B1", department="mca"))[0].status.uri
    publisher.publish(uri, NOW)
    publisher.publish(other, NOW + timedelta(minutes=10))
    assert publisher.age(NOW + timedelta(minutes=15)) == timedelta(minutes=15, seconds=0)


def test_a_list_without_a_token_is_older_than_any(publisher: StatusPublisher, uri: str) -> None:
    assert publisher.age(NOW) == timedelta.max


def test_without_lists_there_is_no_age(publisher: StatusPublisher) -> None:
    assert publisher.age(NOW) is None


class RacedLedger(UnsafeMemoryLedger):
    """Another publisher records a token with the same sequence first, ``times`` times."""

    times = 1

    def record_published(self, published: PublishedList) -> None:
        """Let the other one win."""
        if self.times:
            self.times -= 1
            stale = PublishedList(published.uri, "stale", published.issued_at, published.expires_at, published.sequence)
            super().record_published(stale)
        super().record_published(published)


@pytest.fixture
def raced() -> Iterator[RacedLedger]:
    with pytest.warns(UnsafeLedgerWarning):
        yield RacedLedger()


def test_a_publisher_that_lost_the_race_publishes_again(raced: RacedLedger, keys: FakeKeys) -> None:
    uri = issued(raced, an_intent("A1"))[0].status.uri
    published = StatusPublisher(raced, keys).publish(uri, NOW)
    assert (published.sequence, raced.published(uri)) == (2, published)


def test_a_publisher_that_always_loses_says_so(raced: RacedLedger, keys: FakeKeys) -> None:
    raced.times = 1000
    uri = issued(raced, an_intent("A1"))[0].status.uri
    with pytest.raises(PublicationConflict):
        StatusPublisher(raced, keys).publish(uri, NOW)


@pytest.mark.parametrize(
    ("ttl", "lifetime"),
    [
        (timedelta(seconds=1), timedelta(hours=1)),
        (timedelta(hours=2), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(hours=25)),
    ],
)
def test_times_that_contradict_each_other_are_refused(ttl: timedelta, lifetime: timedelta) -> None:
    with pytest.raises(ProfileRefused):
        PublicationPolicy(ttl=ttl, lifetime=lifetime)
