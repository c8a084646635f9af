"""After a kill between any two steps: no index twice, nothing lost, everything planned can be finished.

Real processes on both databases, killed with SIGKILL at each named step, at random moments, and (PostgreSQL) with the
server itself taken away.
"""

import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from ecert.storage import Storage, migrate
from ecert.storage.engine import Database, connect
from ecert.storage.tables import CREDENTIALS, STATUS_LISTS
from issuer.errors import StateChanged
from issuer.records import ActKind, State
from tests.support.issuing_process import STEPS, Child, Report, issuing, killing_at, opened
from tests.support.ledger_contract import an_act, an_intent, identifier_of, issued, signed
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.crash
KILLED = -9


def assert_nothing_is_lost(url: str, reports: Iterable[dict[str, Any]]) -> None:
    """Look at a database as the next start finds it, finish what is unfinished, and look again."""
    storage = opened(url)
    try:
        _assert_each_index_once(storage, reports)
        _assert_what_was_reported_is_there(storage, reports)
        unfinished = storage.ledger.unfinished(limit=1000)
        storage.ledger.record_issued([(each.intent.identifier, signed(each)) for each in unfinished])
        assert storage.ledger.unfinished(limit=1000) == []
        assert {storage.ledger.certificate(each.intent.identifier).state for each in unfinished} <= {State.ISSUED}
        storage.ledger.verify_audit()
        (again,) = storage.ledger.record_intents([an_intent("AFTER")])
        given = {(uri, index) for report in reports for uri, index in report.get("statuses", ())}
        assert given.isdisjoint((status.uri, status.index) for status in again.statuses)
    finally:
        storage.close()


def _assert_each_index_once(storage: Storage, reports: Iterable[dict[str, Any]]) -> None:
    joined = CREDENTIALS.join(STATUS_LISTS, CREDENTIALS.c.list_id == STATUS_LISTS.c.id)
    with storage.database.read() as connection:
        rows = connection.execute(select(STATUS_LISTS.c.uri, CREDENTIALS.c.status_index).select_from(joined)).all()
    kept = {(row.uri, row.status_index) for row in rows}
    given = [(uri, index) for report in reports for uri, index in report.get("statuses", ())]
    assert len(kept) == len(rows)
    assert len(set(given)) == len(given)
    assert set(given) <= kept
    taken = {row.uri: row.taken for row in storage.ledger.status_lists()}
    assert all(sum(uri == each for each, _ in kept) == count for uri, count in taken.items())


def _assert_what_was_reported_is_there(storage: Storage, reports: Iterable[dict[str, Any]]) -> None:
    ledger = storage.ledger
    for report in reports:
        for serial in report.get("issued", ()):
            assert len(ledger.certificate(identifier_of(serial)).credentials) >= 2
        if "suspended" in report:
            record = ledger.certificate(identifier_of(report["suspended"]))
            assert (record.state, [act.kind for act in record.acts]) == (State.SUSPENDED, [ActKind.SUSPEND])
        if "replaced" in report:
            old, new = (ledger.certificate(identifier_of(report["replaced"], version)) for version in (1, 2))
            assert (old.state, new.state, len(old.acts)) == (State.REPLACED, State.ISSUED, 1)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_between_two_steps_loses_nothing(url: str, step: str) -> None:
    child = issuing(url, fault=killing_at(step))
    assert child.ended() == KILLED
    assert child.reports
    assert_nothing_is_lost(url, child.reports)


@pytest.mark.parametrize("seed", range(3))
def test_kills_at_any_moment_lose_nothing(url: str, seed: int) -> None:
    moments = random.Random(seed)  # noqa: S311 (when to kill is no secret)
    reports: list[dict[str, Any]] = []
    for _ in range(3):
        child = issuing(url)
        child.first_report()
        child.kill_after(moments.uniform(0.001, 0.08))
        assert child.ended() == KILLED
        reports += child.reports
    assert_nothing_is_lost(url, reports)


def test_writers_at_once_never_share_an_index_or_a_serial(url: str) -> None:
    children = [issuing(url, rounds=6) for _ in range(4)]
    assert [child.ended() for child in children] == [0, 0, 0, 0]
    reports = [report for child in children for report in child.reports]
    assert len(reports) == 4 * 6 * 6
    assert_nothing_is_lost(url, reports)


def _at_once(url: str, work: Any) -> list[dict[str, Any]]:
    """Let four processes do ``work(storage, number)`` and return what they report."""

    def child(number: int) -> Child:
        def inside(report: Report) -> None:
            storage = opened(url)
            try:
                report(answer=work(storage, number))
            except StateChanged:
                report(answer="state_changed")
            storage.close()

        return Child.start(inside)

    children = [child(number) for number in range(4)]
    assert [each.ended() for each in children] == [0, 0, 0, 0]
    return [report for each in children for report in each.reports]


def test_writers_of_one_row_key_get_one_certificate(url: str) -> None:
    def work(storage: Storage, number: int) -> list[str]:
        answers: list[str] = []
        for batch in range(12):
            names = [f"{batch}X{row}" for row in range(4)]
            rows = [an_intent(f"{number}R{name}", row_key=name, row_digest="d") for name in names]
            answers += [each.intent.identifier for each in storage.ledger.record_intents(rows)]
        return answers

    answers = [report["answer"] for report in _at_once(url, work)]
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)


def test_of_acts_at_once_one_is_done(url: str) -> None:
    storage = opened(url)
    issued(storage.ledger, an_intent("A1"))
    storage.close()

    def work(storage: Storage, _: int) -> str:
        act = an_act(ActKind.REVOKE, identifier_of("A1"))
        return storage.ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1).state

    answers = [report["answer"] for report in _at_once(url, work)]
    assert sorted(answers) == ["revoked", "state_changed", "state_changed", "state_changed"]


def test_of_replacements_at_once_one_is_recorded(url: str) -> None:
    storage = opened(url)
    issued(storage.ledger, an_intent("A1"))
    storage.close()

    def work(storage: Storage, number: int) -> str:
        newer = an_intent(f"N{number}", version=2, replaces=identifier_of("A1"))
        return storage.ledger.record_intents([newer])[0].intent.identifier

    answers = [report["answer"] for report in _at_once(url, work)]
    assert answers.count("state_changed") == 3


def test_first_starts_at_once_make_one_schema(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('first')}/ecert.db"
    _assert_one_schema(url)


@pytest.mark.postgres
def test_first_starts_at_once_make_one_schema_on_postgresql(postgres: PostgresServer) -> None:
    _assert_one_schema(postgres.database())


def _assert_one_schema(url: str) -> None:
    def start(_: Report) -> None:
        database = Database(connect(url))
        migrate.upgrade(database.engine)
        database.close()

    children = [Child.start(start) for _ in range(4)]
    assert [child.ended() for child in children] == [0, 0, 0, 0]
    database = Database(connect(url))
    assert migrate.check(database.engine) == []
    database.close()


@pytest.fixture
def durable() -> Iterator[PostgresServer]:
    """A server that waits for the disk, to be taken away."""
    server = PostgresServer.start(durable=True)
    yield server
    server.stop()


@pytest.mark.postgres
def test_a_server_taken_away_loses_nothing_that_was_reported(durable: PostgresServer) -> None:
    url = durable.database()
    database = Database(connect(url))
    migrate.upgrade(database.engine)
    database.close()
    child = issuing(url)
    child.first_report()
    durable.crash()
    assert child.ended() == 1
    durable.up()
    assert child.reports[-1] == {"error": "storage_unavailable"}
    assert_nothing_is_lost(url, child.reports)


def test_a_storage_that_lost_its_server_works_again_when_it_is_back(url: str) -> None:
    """A connection that died in the pool is replaced, not handed out."""
    storage = opened(url)
    issued(storage.ledger, an_intent("A1"))
    if storage.database.engine.dialect.name == "postgresql":
        other = Database(connect(url))
        with other.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        other.close()
    assert storage.ledger.certificate(identifier_of("A1")).state is State.ISSUED
    storage.close()
