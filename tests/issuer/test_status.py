"""Status lists as published: what they say, how long they hold, and who wins when two publish."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from issuer.errors import ProfileRefused, PublicationConflict, RoundIncomplete, UnknownStatusList
from issuer.records import ActKind, PublishedList, State, StatusValue
from issuer.status import PublicationPolicy, StatusPublisher
from keys import strict_json
from keys.algorithms import Algorithm
from keys.errors import KeysError
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats import data_integrity, status_cwt, status_token, vc_jwt
from schemas.formats.bitstring_credential import PURPOSES, BitstringList, read_list
from schemas.formats.status_answer import entries_for, value_of
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


def seconds(publisher: StatusPublisher, uri: str, *moments: datetime) -> list[int]:
    return [int((publisher.publish(uri, each).issued_at - NOW).total_seconds()) for each in moments]


def test_editions_of_one_second_have_different_moments_as_far_as_verifiers_allow(
    publisher: StatusPublisher, uri: str
) -> None:
    assert seconds(publisher, uri, *[NOW] * 7) == [0, 1, 2, 3, 4, 5, 5]
    assert seconds(publisher, uri, NOW + timedelta(seconds=5), NOW + timedelta(seconds=60)) == [6, 60]


def test_a_clock_that_was_set_back_is_believed(publisher: StatusPublisher, uri: str) -> None:
    assert seconds(publisher, uri, NOW, NOW - timedelta(hours=1)) == [0, -3_600]


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


@pytest.mark.parametrize("method", ["publish_due", "publish_all"])
def test_a_department_whose_key_is_gone_is_in_no_other_lists_way(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, keys: FakeKeys, uri: str, method: str
) -> None:
    other = issued(ledger, an_intent("B1", department="mca"))[0].status.uri
    signer = keys.signer

    def broken(department: str) -> SoftwareSigner:
        if department == "amr":
            raise KeysError("key cannot be used")
        return signer(department)

    keys.signer = broken  # type: ignore[method-assign]
    with pytest.raises(RoundIncomplete) as caught:
        getattr(publisher, method)(NOW)
    assert str(caught.value) == "1 pieces of work failed, all others were done: keys_error"
    assert (ledger.published(uri), publisher.pending(other)) == (None, False)


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
    """Another publisher records an edition with the same sequence first, ``times`` times."""

    times = 1

    def record_signed(self, edition: PublishedList) -> bool:
        """Let the other one win."""
        if self.times:
            self.times -= 1
            super().record_signed(replace(edition, token="another's", documents={}, covers=()))
        return super().record_signed(edition)


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


class OvertakenLedger(UnsafeMemoryLedger):
    """While an edition is being shown, another publisher shows a later one."""

    def record_published(self, published: PublishedList, *, at: datetime | None = None) -> None:
        """Let the later one be first."""
        later = replace(published, token="later", sequence=published.sequence + 1)
        super().record_published(later, at=at)
        super().record_published(published, at=at)


def test_a_publisher_that_was_overtaken_is_content_with_the_later_edition(keys: FakeKeys) -> None:
    with pytest.warns(UnsafeLedgerWarning):
        overtaken = OvertakenLedger()
    uri = issued(overtaken, an_intent("A1"))[0].status.uri
    assert StatusPublisher(overtaken, keys).publish(uri, NOW).token == "later"


class StubbornLedger(UnsafeMemoryLedger):
    """Shows nothing at all the first time."""

    tried = False

    def record_published(self, published: PublishedList, *, at: datetime | None = None) -> None:
        """Show it the second time."""
        if self.tried:
            super().record_published(published, at=at)
        self.tried = True


def test_an_edition_that_was_not_shown_is_followed_by_another(keys: FakeKeys) -> None:
    with pytest.warns(UnsafeLedgerWarning):
        stubborn = StubbornLedger()
    uri = issued(stubborn, an_intent("A1"))[0].status.uri
    assert StatusPublisher(stubborn, keys).publish(uri, NOW).sequence == 2


# every form, together


def shown(ledger: UnsafeMemoryLedger, uri: str) -> dict[str, bytes]:
    found = {name: ledger.document(uri, name) for name in NAMES}
    return {name: document.body for name, document in found.items() if document is not None}


NAMES = ("jwt", "cwt", *(f"{purpose}.{form}" for purpose in PURPOSES for form in ("jwt", "json")))


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA])
def test_an_edition_has_every_form(ledger: UnsafeMemoryLedger, uri: str, algorithm: Algorithm) -> None:
    keys = FakeKeys(lambda: SoftwareSigner.generate(algorithm))
    StatusPublisher(ledger, keys).publish(uri, NOW)
    assert shown(ledger, uri).keys() == set(NAMES)


def test_a_key_without_a_cryptosuite_signs_no_embedded_proof(ledger: UnsafeMemoryLedger, uri: str) -> None:
    keys = FakeKeys(lambda: SoftwareSigner.generate(Algorithm.ES512))
    StatusPublisher(ledger, keys).publish(uri, NOW)
    assert shown(ledger, uri).keys() == {name for name in NAMES if not name.endswith(".json")}


def test_every_form_says_the_same(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, keys: FakeKeys, uri: str
) -> None:
    replaced = issued(ledger, an_intent("B1"))[0].status.index
    issued(ledger, an_intent("B1", version=2, replaces=identifier_of("B1")))
    suspend(ledger)
    suspended = ledger.certificate(identifier_of("A1")).credentials[0].status.index
    publisher.publish(uri, NOW)
    forms, key = shown(ledger, uri), keys.signer("amr").public_key
    read_cwt = status_cwt.parse(forms["cwt"]).verified_by(key)
    assert read_cwt == status_token.parse(forms["jwt"].decode()).verified_by(key)
    assert [read_cwt.statuses[index] for index in (suspended, replaced, 0)] == [2, 3, 0]
    for form in ("jwt", "json"):
        lists = [read_bitstring(forms[f"{purpose}.{form}"], form, key) for purpose in PURPOSES]
        for index, value in ((suspended, 2), (replaced, 3), (0, 0)):
            entries = entries_for(uri, index)
            assert value_of(entry.look_up(each) for entry, each in zip(entries, lists, strict=True)) == value


def read_bitstring(body: bytes, form: str, key: PublicKey) -> BitstringList:
    if form == "jwt":
        return read_list(vc_jwt.parse(body.decode()).verified_by(key).document)
    method = f"https://ecert.example/issuers/amr#{key.kid}"
    document = strict_json.loads_object(body)
    assert document["proof"]["verificationMethod"] == method
    return read_list(data_integrity.verify(document, lambda _: key).document)


def test_a_bitstring_credential_names_list_issuer_and_times(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, keys: FakeKeys, uri: str
) -> None:
    publisher.publish(uri, NOW)
    read = read_bitstring(shown(ledger, uri)["message.jwt"], "jwt", keys.signer("amr").public_key)
    assert (read.id, read.issuer) == (f"{uri}/message", "https://ecert.example/issuers/amr")
    assert (read.valid_from, read.valid_until, read.ttl_ms) == (NOW, NOW + timedelta(hours=24), 3_600_000)


def test_a_token_names_the_aggregation_of_its_issuer(publisher: StatusPublisher, keys: FakeKeys, uri: str) -> None:
    assert read(keys, publisher.publish(uri, NOW)).aggregation_uri == "https://ecert.example/issuers/amr/status-lists"


# the outbox


def step(ledger: UnsafeMemoryLedger) -> list[str]:
    return [str(entry.step) for entry in ledger.outbox_of(identifier_of("A1"))]


def test_a_decision_is_asked_until_it_is_published(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, uri: str
) -> None:
    suspend(ledger)
    assert step(ledger) == ["asked"]
    publisher.publish(uri, NOW)
    assert step(ledger) == ["published"]


class CrashingLedger(UnsafeMemoryLedger):
    """Ends the publisher between the signature and its publication."""

    crash = True

    def record_published(self, published: PublishedList, *, at: datetime | None = None) -> None:
        """Crash once."""
        if self.crash:
            self.crash = False
            raise KeyboardInterrupt
        super().record_published(published, at=at)


def test_a_crash_between_signing_and_publishing_shows_nothing_and_is_mended(keys: FakeKeys) -> None:
    with pytest.warns(UnsafeLedgerWarning):
        crashing = CrashingLedger()
    uri = issued(crashing, an_intent("A1"))[0].status.uri
    suspend(crashing)
    publisher = StatusPublisher(crashing, keys)
    with pytest.raises(KeyboardInterrupt):
        publisher.publish(uri, NOW)
    assert (step(crashing), shown(crashing, uri)) == (["signed"], {})
    publisher.publish_due(NOW)
    assert step(crashing) == ["published"]
    assert {crashing.document(uri, name).sequence for name in NAMES} == {2}  # type: ignore[union-attr]


def test_the_lag_is_that_of_the_oldest_decision_that_waits(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, uri: str
) -> None:
    suspend(ledger)
    assert publisher.lag(NOW + timedelta(minutes=7)) == timedelta(minutes=7)
    assert not publisher.late(NOW + timedelta(hours=1))
    assert publisher.late(NOW + timedelta(hours=1, seconds=1))


def test_nothing_that_waits_has_no_lag(publisher: StatusPublisher, uri: str) -> None:
    assert publisher.lag(NOW) == timedelta(0)


def test_editions_past_the_history_are_forgotten(
    publisher: StatusPublisher, ledger: UnsafeMemoryLedger, uri: str
) -> None:
    for days in (0, 1, 31):
        publisher.publish(uri, NOW + timedelta(days=days))
    assert publisher.forget(NOW + timedelta(days=31)) == 1
    assert ledger.document(uri, "jwt", at=NOW) is None
    assert ledger.document(uri, "jwt", at=NOW + timedelta(days=1)) is not None


def test_a_history_shorter_than_a_token_holds_is_refused() -> None:
    with pytest.raises(ProfileRefused):
        PublicationPolicy(history=timedelta(hours=23))


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
