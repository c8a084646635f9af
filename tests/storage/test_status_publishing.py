"""Publishing over a real database: all forms at once or none, whatever ends in between; and the upgrade to it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from ecert.storage import Storage, migrate, open_storage
from ecert.storage.crypto import Cipher, Lookup
from ecert.storage.engine import Database, connect
from ecert.storage.ledger import SqlLedger
from ecert.storage.moments import micros
from ecert.storage.status import StatusLists
from issuer.records import ActKind, PublishedList, State
from issuer.status import StatusPublisher
from tests.support.issuer_fakes import FakeKeys
from tests.support.issuing_process import Child, Report, killing_at, opened
from tests.support.ledger_contract import NOW, an_act, an_intent, identifier_of, issued
from tests.support.postgres import PostgresServer
from tests.support.status_store_contract import an_edition, revoke

NAMES = ("jwt", "cwt", "revocation.jwt", "revocation.json", "suspension.jwt", "message.json")
STEPS = ("edition inserted", "edition signed", "edition shown", "edition published")
KILLED = -9
DATA_KEY, LOOKUP_KEY, URL = b"d" * 32, b"l" * 32, "https://ecert.example"


def sequences(storage: Storage, uri: str) -> set[int | None]:
    """Return the sequences of all forms that are shown: one, or the lists contradict each other."""
    found = [storage.ledger.document(uri, name) for name in NAMES]
    return {None if each is None else each.sequence for each in found}


def suspend(storage: Storage) -> None:
    act = an_act(ActKind.SUSPEND, identifier_of("A1"))
    storage.ledger.apply(act, expected=State.ISSUED, new=State.SUSPENDED, value=2)


@pytest.mark.crash
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_while_publishing_leaves_every_form_of_one_edition(url: str, step: str) -> None:
    storage = opened(url)
    uri = issued(storage.ledger, an_intent("A1"))[0].status.uri
    keys = FakeKeys()
    publisher = StatusPublisher(storage.ledger, keys)
    publisher.publish(uri, NOW)
    suspend(storage)
    storage.close()

    def publish(report: Report) -> None:
        child = opened(url, fault=killing_at(step, 1))
        StatusPublisher(child.ledger, keys).publish(uri, NOW)
        report(published=True)

    child = Child.start(publish)
    assert (child.ended(), child.reports) == (KILLED, [])
    again = opened(url)
    shown = sequences(again, uri)
    assert shown == {2} if step == "edition published" else shown == {1}
    (entry,) = again.ledger.outbox_of(identifier_of("A1"))
    assert entry.pending == (shown == {1})
    publisher = StatusPublisher(again.ledger, keys)
    publisher.publish_due(NOW)
    assert not publisher.pending(uri)
    assert len(sequences(again, uri)) == 1
    assert again.ledger.waiting().entries == 0
    again.close()


@pytest.mark.crash
def test_publishers_at_once_leave_one_row_of_editions(url: str) -> None:
    storage = opened(url)
    uri = revoke(storage.ledger)
    storage.close()
    keys = FakeKeys()
    keys.signer("amr")

    def publish(report: Report) -> None:
        child = opened(url)
        made = [StatusPublisher(child.ledger, keys).publish(uri, NOW).sequence for _ in range(4)]
        report(sequences=made)
        child.close()

    children = [Child.start(publish) for _ in range(3)]
    assert [child.ended() for child in children] == [0, 0, 0]
    again = opened(url)
    assert len(sequences(again, uri)) == 1
    assert not StatusPublisher(again.ledger, keys).pending(uri)
    again.close()


def test_many_editions_are_forgotten_with_their_documents(opened: Callable[..., Storage]) -> None:
    storage = opened()
    uri = revoke(storage.ledger)
    for sequence in range(1, 6):
        storage.ledger.record_published(an_edition(uri, sequence))
    assert storage.ledger.forget_editions(before=NOW + timedelta(days=1)) == 4
    assert storage.ledger.forget_editions(before=NOW + timedelta(days=1)) == 0
    with storage.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM status_documents")) == 2


def _old(url: str) -> Database:
    database = Database(connect(url))
    migrate.upgrade(database.engine, to="0001")
    return database


def _upgraded_from_0001(url: str) -> None:
    """Live with the first schema for a while, upgrade, and look whether everything is there."""
    database = _old(url)
    cipher = Cipher(DATA_KEY)
    lists = StatusLists(cipher, public_url=URL, size=64)
    ledger = SqlLedger(database, cipher=cipher, lookup=Lookup(LOOKUP_KEY), lists=lists)
    credentials = issued(ledger, an_intent("A1"))
    uri = credentials[0].status.uri
    token = PublishedList(uri, "token-7", NOW, NOW + timedelta(hours=24), 7)
    values = {"uri": uri, "token": "token-7", "issued": micros(NOW), "expires": micros(token.expires_at), "number": 7}
    with database.write() as connection:
        connection.execute(
            text("INSERT INTO published_status_lists VALUES (:uri, :token, :issued, :expires, :number)"), values
        )
        connection.execute(text("UPDATE credentials SET value = 1"))
    migrate.upgrade(database.engine)
    assert migrate.check(database.engine) == []
    database.close()
    storage = open_storage(url, data_key=DATA_KEY, lookup_key=LOOKUP_KEY, public_url=URL)
    assert storage.ledger.published(uri) == token
    assert storage.ledger.certificate(identifier_of("A1")).credentials == tuple(credentials)
    assert storage.ledger.document(uri, "jwt", at=NOW).body == b"token-7"  # type: ignore[union-attr]
    assert storage.ledger.document(uri, "cwt") is None
    found = storage.ledger.snapshot(uri)
    assert (len(found.values), found.sequence, found.waiting) == (2, 7, ())
    suspend(storage)
    assert StatusPublisher(storage.ledger, FakeKeys()).publish(uri, NOW).sequence == 8
    assert sequences(storage, uri) == {8}
    storage.close()


def test_an_upgrade_keeps_what_was_published(tmp_path_factory: pytest.TempPathFactory) -> None:
    _upgraded_from_0001(f"sqlite:///{tmp_path_factory.mktemp('old')}/ecert.db")


@pytest.mark.postgres
def test_an_upgrade_keeps_what_was_published_on_postgresql(postgres: PostgresServer) -> None:
    _upgraded_from_0001(postgres.database())
