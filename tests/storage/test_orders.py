"""Orders and proposals over SQL: the contracts that the fakes keep too, sealed, and one winner of several at once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from ecert.storage import Storage, migrate, open_storage
from ecert.storage.crypto import Cipher
from ecert.storage.engine import Database, connect
from ecert.storage.moments import micros
from ecert.storage.order_documents import order_document
from ecert.storage.orders import SqlOrders, SqlProposals
from ecert.storage.tables import ACT_PROPOSALS, ORDERS
from issuer.orders.errors import OrderStateChanged
from issuer.orders.events import about_proposal
from issuer.orders.records import OrderState
from schemas.order import Identifier
from tests.support.orders_contract import BY, NOW, OrdersContract, ProposalsContract, a_proposal, an_event, an_order
from tests.support.postgres import PostgresServer

DATA_KEY = b"d" * 32


@pytest.fixture
def recorded(storage: Storage) -> Callable[[], list[str]]:
    return lambda: [record.act for record in storage.audit.records()]


class TestSqlOrders(OrdersContract):
    """Orders on both databases."""

    @pytest.fixture
    def orders(self, storage: Storage) -> SqlOrders:
        return storage.orders


class TestSqlProposals(ProposalsContract):
    """Proposals on both databases."""

    @pytest.fixture
    def proposals(self, storage: Storage) -> SqlProposals:
        return storage.proposals


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Do ``work`` in threads and return what each gave or raised."""
    answers: list[Any] = []

    def one(number: int) -> None:
        try:
            answers.append(work(number))
        except OrderStateChanged as error:
            answers.append(error.code)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_the_same_orders_at_once_one_is_kept(storage: Storage) -> None:
    def hand_in(number: int) -> str:
        order = an_order(f"o-{number}", row_key="r", row_digest="d")
        return storage.orders.add(order, an_event(order)).order_id

    assert len(set(at_once(4, hand_in))) == 1
    assert len(storage.audit.records()) == 1


def test_of_changes_at_once_one_is_made(storage: Storage) -> None:
    order = an_order()
    storage.orders.add(order, an_event(order))
    ends = [OrderState.ISSUED, OrderState.WITHDRAWN] * 2

    def change(number: int) -> str:
        changed = replace(order, state=ends[number])
        storage.orders.change(changed, expected=OrderState.WAITING, event=an_event(changed, "changed"))
        return "changed"

    assert sorted(at_once(4, change)) == ["changed", *["order_state_changed"] * 3]
    assert len(storage.audit.records()) == 2


def test_nothing_of_an_order_or_a_proposal_stands_in_the_clear(storage: Storage) -> None:
    order = an_order(row_key="440799199001010011", row_digest="d")
    storage.orders.add(order, an_event(order))
    storage.proposals.add(a_proposal(), about_proposal("proposed", a_proposal(), BY, at=NOW))
    with storage.database.read() as connection:
        raw = repr([*connection.execute(select(ORDERS)), *connection.execute(select(ACT_PROPOSALS))])
    for secret in ("示例", "440799199001010011", "holder-1", "江市监罚"):
        assert secret not in raw
        assert repr(secret.encode())[2:-1] not in raw


def test_what_is_forgotten_is_in_the_database_no_more(storage: Storage) -> None:
    long = {"name": "江门市示例贸易有限公司" * 100}
    order = an_order(claims=long, state=OrderState.EXPIRED, ended_at=NOW)
    storage.orders.add(order, an_event(order))
    storage.orders.forget(before=NOW + timedelta(days=1), limit=9)
    with storage.database.read() as connection:
        (row,) = connection.execute(select(ORDERS)).all()
    assert len(row.sealed) < 1_000
    assert (row.ended_at, row.row_hash) == (None, None)


def _orders_of_0009(url: str) -> None:
    """Orders that ended under the schema of before are forgotten too; one that a crash left half made is not."""
    database = Database(connect(url))
    migrate.upgrade(database.engine, to="0009")
    cipher = Cipher(DATA_KEY)
    made = {
        "made": an_order("made", state=OrderState.ISSUED, identifier=Identifier("1.2.156.3005.2.A")),
        "half": an_order("half", state=OrderState.ISSUED),
        "gone": an_order("gone", state=OrderState.WITHDRAWN),
        "waits": an_order("waits"),
    }
    add = text(
        "INSERT INTO orders (order_id, department, state, expires_at, sealed) "
        "VALUES (:order_id, 'amr', :state, :expires_at, :sealed)"
    )
    with database.write() as connection:
        for order in made.values():
            values = {"order_id": order.order_id, "state": order.state.value, "expires_at": micros(order.expires_at)}
            connection.execute(
                add, values | {"sealed": cipher.seal(ORDERS.name, order.order_id, order_document(order))}
            )
    migrate.upgrade(database.engine)
    assert migrate.check(database.engine) == []
    database.close()
    storage = open_storage(url, data_key=DATA_KEY, lookup_key=b"l" * 32, public_url="https://ecert.example")
    later = NOW + timedelta(days=200)
    assert [storage.orders.forget(before=later, limit=9) for _ in range(2)] == [3, 0]
    kept = {name: bool(storage.orders.order(name).claims) for name in made}
    assert kept == {"made": False, "half": True, "gone": False, "waits": True}
    storage.close()


def test_orders_of_before_are_forgotten_too(tmp_path: Path) -> None:
    _orders_of_0009(f"sqlite:///{tmp_path}/ecert.db")


@pytest.mark.postgres
def test_orders_of_before_are_forgotten_too_on_postgresql(postgres: PostgresServer) -> None:
    _orders_of_0009(postgres.database())
