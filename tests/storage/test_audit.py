"""The audit trail shows every change that another hand makes."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from ecert.storage import Role, Storage, TokenScope, migrate, open_storage
from ecert.storage.audit import START, AuditHead, AuditTrail
from ecert.storage.crypto import Cipher, Lookup
from ecert.storage.documents import act_members
from ecert.storage.engine import Database, connect
from ecert.storage.errors import AuditBroken, StorageError
from ecert.storage.ledger import SqlLedger
from ecert.storage.status import StatusLists
from issuer.records import ActKind, State
from keys import strict_json
from schemas.audit import AuditAct, AuditEvent, Doer, Subject
from schemas.order import HolderId
from tests.support.ledger_contract import NOW, an_act, an_intent, identifier_of, issued
from tests.support.postgres import PostgresServer

KINDS = (ActKind.SUSPEND, ActKind.REINSTATE, ActKind.REVOKE)

DATA_KEY = b"d" * 32


@pytest.fixture
def acted(storage: Storage) -> Storage:
    """Two certificates; three acts on the first."""
    for serial in ("A1", "B1"):
        issued(storage.ledger, an_intent(serial))
    steps = ((State.ISSUED, State.SUSPENDED, 2), (State.SUSPENDED, State.ISSUED, 0), (State.ISSUED, State.REVOKED, 1))
    for kind, (expected, new, value) in zip(KINDS, steps, strict=True):
        storage.ledger.apply(an_act(kind, identifier_of("A1")), expected=expected, new=new, value=value)
    return storage


@contextmanager
def another_hand(storage: Storage) -> Iterator[Connection]:
    """Give a connection on which the trail can be changed, as its owner could who drops the triggers."""
    with storage.database.write() as connection:
        if connection.dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                connection.execute(text(f"DROP TRIGGER audit_entries_no_{verb}"))
        else:
            connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        yield connection
        if connection.dialect.name != "sqlite":
            connection.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))


def test_an_empty_trail_holds(storage: Storage) -> None:
    assert storage.ledger.verify_audit() == AuditHead(0, START)


def test_a_trail_that_nobody_touched_holds(acted: Storage) -> None:
    head = acted.ledger.verify_audit()
    assert head.sequence == 3
    assert head.digest != START


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET sealed = digest", "DELETE FROM audit_entries"])
def test_the_database_refuses_to_change_the_trail(acted: Storage, statement: str) -> None:
    with pytest.raises(StorageError), acted.database.write() as connection:
        connection.execute(text(statement))
    assert acted.ledger.verify_audit().sequence == 3


TAMPERING = {
    "content": ("UPDATE audit_entries SET sealed = digest WHERE sequence = 2", 2),
    "another entry's content": (
        "UPDATE audit_entries SET sealed = (SELECT sealed FROM audit_entries WHERE sequence = 1) WHERE sequence = 2",
        2,
    ),
    "digest": ("UPDATE audit_entries SET digest = previous WHERE sequence = 2", 2),
    "previous": ("UPDATE audit_entries SET previous = digest WHERE sequence = 3", 3),
    "removed": ("DELETE FROM audit_entries WHERE sequence = 2", 2),
    "moved": ("UPDATE audit_entries SET sequence = 4 WHERE sequence = 3", 3),
    "cut short": ("DELETE FROM audit_entries WHERE sequence = 3", 3),
    "another certificate": (
        "UPDATE audit_entries SET certificate_id = (SELECT max(id) FROM certificates) WHERE sequence = 1",
        1,
    ),
    "head": ("UPDATE audit_head SET sequence = 2", 4),
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_tampering_is_found_where_it_was_done(acted: Storage, tampering: str) -> None:
    statement, sequence = TAMPERING[tampering]
    with another_hand(acted) as connection:
        connection.execute(text(statement))
    with pytest.raises(AuditBroken) as broken:
        acted.ledger.verify_audit()
    assert broken.value.sequence == sequence


def test_a_trail_cut_short_with_its_head_differs_from_the_head_kept_elsewhere(acted: Storage) -> None:
    kept = acted.ledger.verify_audit()
    with another_hand(acted) as connection:
        connection.execute(text("DELETE FROM audit_entries WHERE sequence = 3"))
        second = "SELECT digest FROM audit_entries WHERE sequence = 2"
        connection.execute(text("UPDATE audit_head SET sequence = 2, digest = (" + second + ")"))  # noqa: S608
    assert acted.ledger.verify_audit() != kept


def an_event(subject_id: str = "o-1", act: str = AuditAct.PREPARED, subject: Subject = Subject.ORDER) -> AuditEvent:
    return AuditEvent(subject, subject_id, act, Doer("t-1", "preparer"), NOW, "amr", {"copies": 2, "reason": "示例"})


@pytest.fixture
def mixed(acted: Storage) -> Storage:
    """Three acts on a certificate, then four on orders and an office: entries 1 to 7."""
    acted.audit.record(an_event(), an_event("o-2"), an_event("o-1", AuditAct.APPROVED))
    acted.audit.record(an_event("civil", AuditAct.CHANGED, Subject.OFFICE))
    return acted


def test_acts_on_everything_stand_in_one_chain(mixed: Storage) -> None:
    head = mixed.audit.verify()
    assert head.sequence == 7
    assert head == mixed.ledger.verify_audit()
    assert len(mixed.ledger.certificate(identifier_of("A1")).acts) == 3


def test_an_event_comes_back_as_it_was_recorded(mixed: Storage) -> None:
    record = mixed.audit.records(after=3, limit=1)[0]
    event = an_event()
    assert (record.sequence, record.subject, record.subject_id, record.act) == (4, Subject.ORDER, "o-1", "prepared")
    assert (record.by, record.at, record.department, record.details) == (event.by, NOW, "amr", dict(event.details))


def test_a_decision_on_a_certificate_is_read_in_the_same_words(mixed: Storage) -> None:
    record = mixed.audit.records(limit=1)[0]
    act = an_act(ActKind.SUSPEND, identifier_of("A1"))
    assert (record.subject, record.subject_id, record.act) == (Subject.CERTIFICATE, identifier_of("A1"), "suspend")
    assert record.by == Doer(act.officer, "officer")
    assert record.details == {"legal_reason": act.legal_reason, "case_number": act.case_number}


def test_the_acts_on_one_order_are_found(mixed: Storage) -> None:
    found = mixed.audit.records_of(Subject.ORDER, "o-1")
    assert [(each.sequence, each.act) for each in found] == [(4, "prepared"), (6, "approved")]
    assert mixed.audit.records_of(Subject.OFFER, "o-1") == []


def test_an_event_recorded_in_a_transaction_that_fails_is_gone_with_it(acted: Storage) -> None:
    def half_done() -> None:
        with acted.database.write() as connection:
            acted.audit.trail.note(connection, [an_event()])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    assert acted.audit.verify().sequence == 3


def test_a_decision_is_written_with_the_bytes_that_it_always_had(acted: Storage) -> None:
    """The digests of old trails are frozen: number, act, salt, in this order."""
    before, cipher = acted.audit.verify(), Cipher(DATA_KEY)
    act = an_act(ActKind.SUSPEND, identifier_of("B1"))
    with acted.database.write() as connection:
        number = connection.execute(text("SELECT max(id) FROM certificates")).scalar_one()
        AuditTrail(cipher, random=bytes).append(connection, [(number, act)])
        digest = connection.execute(text("SELECT digest FROM audit_head")).scalar_one()
    content = strict_json.dumps({"sequence": 4, "act": act_members(act), "salt": "00" * 16})
    assert bytes(digest) == hashlib.sha256(before.digest + content).digest()


def test_no_event_leaves_the_trail_as_it_is(acted: Storage) -> None:
    head = acted.audit.verify()
    acted.audit.record()
    assert acted.audit.verify() == head


def test_the_database_refuses_to_change_an_event(mixed: Storage) -> None:
    for statement in ("UPDATE audit_entries SET subject_id = 'x'", "DELETE FROM audit_entries WHERE sequence = 7"):
        with pytest.raises(StorageError), mixed.database.write() as connection:
            connection.execute(text(statement))
    assert mixed.audit.verify().sequence == 7


_COPIED = (
    "INSERT INTO audit_entries (sequence, subject_kind, subject_id, sealed, previous, digest) "
    "SELECT 8, subject_kind, subject_id, sealed, digest, digest FROM audit_entries WHERE sequence = 7"
)
EVENT_TAMPERING = {
    "content": ("UPDATE audit_entries SET sealed = digest WHERE sequence = 5", 5),
    "subject": ("UPDATE audit_entries SET subject_id = 'o-3' WHERE sequence = 5", 5),
    "kind of subject": ("UPDATE audit_entries SET subject_kind = 'offer' WHERE sequence = 5", 5),
    "no subject": ("UPDATE audit_entries SET subject_kind = NULL, subject_id = NULL WHERE sequence = 5", 5),
    "a certificate beside the subject": (
        "UPDATE audit_entries SET certificate_id = (SELECT min(id) FROM certificates) WHERE sequence = 5",
        5,
    ),
    "a subject beside the certificate": ("UPDATE audit_entries SET subject_kind = 'order' WHERE sequence = 2", 2),
    "no certificate": ("UPDATE audit_entries SET certificate_id = NULL WHERE sequence = 2", 2),
    "digest": ("UPDATE audit_entries SET digest = previous WHERE sequence = 6", 6),
    "removed": ("DELETE FROM audit_entries WHERE sequence = 4", 4),
    "moved": ("UPDATE audit_entries SET sequence = 9 WHERE sequence = 7", 7),
    "added": (_COPIED, 8),
    "cut short": ("DELETE FROM audit_entries WHERE sequence > 5", 6),
}


@pytest.mark.parametrize("tampering", EVENT_TAMPERING)
def test_tampering_with_an_event_is_found_where_it_was_done(mixed: Storage, tampering: str) -> None:
    statement, sequence = EVENT_TAMPERING[tampering]
    with another_hand(mixed) as connection:
        connection.execute(text(statement))
    with pytest.raises(AuditBroken) as broken:
        mixed.audit.verify()
    assert broken.value.sequence == sequence


def test_content_under_an_unknown_data_key_is_broken_where_it_stands(mixed: Storage) -> None:
    sealed = Cipher(b"x" * 32).seal("audit_entries", "5", b"{}")
    with another_hand(mixed) as connection:
        connection.execute(text("UPDATE audit_entries SET sealed = :sealed WHERE sequence = 5"), {"sealed": sealed})
    with pytest.raises(AuditBroken, match="audit entry 5: content is sealed with a data key"):
        mixed.audit.verify()


def test_a_trail_goes_on_from_every_head_that_it_had(acted: Storage) -> None:
    heads = [AuditHead(0, START), acted.audit.verify()]
    for number in range(3):
        acted.audit.record(an_event(f"o-{number}"))
        heads.append(acted.audit.verify())
    assert [acted.audit.verify(kept=head) for head in heads] == [heads[-1]] * 5


def test_a_head_of_another_trail_is_told_from_this_ones(mixed: Storage) -> None:
    head = mixed.audit.verify()
    with pytest.raises(AuditBroken, match="audit entry 7: is not the one"):
        mixed.audit.verify(kept=AuditHead(7, START))
    with pytest.raises(AuditBroken, match="audit entry 8: is missing"):
        mixed.audit.verify(kept=AuditHead(9, head.digest))


def test_a_token_that_is_made_and_ended_stands_in_the_trail(storage: Storage) -> None:
    by = Doer("t-1", "operator")
    scope = TokenScope("amr", None, frozenset({"business_licence"}))
    _, known = storage.tokens.issue(Role.PREPARER, now=NOW, expires_at=NOW, scope=scope, by=by)
    assert [storage.tokens.revoke(known.token_id, now=NOW, by=by) for _ in range(2)] == [True, False]
    _, own = storage.tokens.issue(Role.HOLDER, now=NOW, expires_at=NOW, scope=TokenScope(holder_id=HolderId("h-1")))
    made, ended, third = storage.audit.records()
    details = {"role": "preparer", "expires_at": NOW.isoformat(), "allows": "business_licence"}
    assert [each.act for each in (made, ended)] == ["made", "revoked"]
    for each in (made, ended):
        assert (each.subject, each.subject_id, each.by) == (Subject.TOKEN, known.token_id, by)
        assert (each.department, each.details) == ("amr", details)
    assert (third.subject_id, third.by.actor, third.details["holder_id"]) == (own.token_id, "system", "h-1")


def _trail_of_0002(url: str) -> None:
    """Decide on certificates with the schema of before, upgrade, and go on: the old digests stay."""
    database = Database(connect(url))
    migrate.upgrade(database.engine, to="0002")
    cipher = Cipher(DATA_KEY)
    lists = StatusLists(cipher, public_url="https://ecert.example", size=64)
    ledger = SqlLedger(database, cipher=cipher, lookup=Lookup(b"l" * 32), lists=lists)
    issued(ledger, an_intent("A1"))
    with database.write() as connection:
        certificate_id = connection.execute(text("SELECT id FROM certificates")).scalar_one()
        digest = START
        for number in (1, 2):
            act = an_act(ActKind.SUSPEND, identifier_of("A1"))
            content = strict_json.dumps({"sequence": number, "act": act_members(act), "salt": "00" * 16})
            previous, digest = digest, hashlib.sha256(digest + content).digest()
            values = {"n": number, "c": certificate_id, "p": previous, "d": digest}
            values["s"] = cipher.seal("audit_entries", str(number), content)
            connection.execute(text("INSERT INTO audit_entries VALUES (:n, :c, :s, :p, :d)"), values)
        connection.execute(text("UPDATE audit_head SET sequence = 2, digest = :d"), {"d": digest})
    migrate.upgrade(database.engine)
    assert migrate.check(database.engine) == []
    database.close()
    storage = open_storage(url, data_key=DATA_KEY, lookup_key=b"l" * 32, public_url="https://ecert.example")
    before = AuditHead(2, digest)
    assert storage.audit.verify() == before
    storage.audit.record(an_event())
    assert storage.audit.verify(kept=before).sequence == 3
    for statement in ("UPDATE audit_entries SET sealed = digest", "DELETE FROM audit_entries"):
        with pytest.raises(StorageError), storage.database.write() as connection:
            connection.execute(text(statement))
    storage.close()


def test_an_upgrade_keeps_the_trail_its_digests_and_its_triggers(tmp_path: Path) -> None:
    _trail_of_0002(f"sqlite:///{tmp_path}/ecert.db")


@pytest.mark.postgres
def test_an_upgrade_keeps_the_trail_its_digests_and_its_triggers_on_postgresql(postgres: PostgresServer) -> None:
    _trail_of_0002(postgres.database())
