"""The audit trail shows every change that another hand makes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, text

from ecert.storage import Storage
from ecert.storage.audit import START, AuditHead
from ecert.storage.errors import AuditBroken, StorageError
from issuer.records import ActKind, State
from tests.support.ledger_contract import an_act, an_intent, identifier_of, issued

KINDS = (ActKind.SUSPEND, ActKind.REINSTATE, ActKind.REVOKE)


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
