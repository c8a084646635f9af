"""Orders and proposals over SQL: the contracts that the fakes keep too, sealed, and one winner of several at once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from ecert.storage import Storage
from ecert.storage.orders import SqlOrders, SqlProposals
from ecert.storage.tables import ACT_PROPOSALS, ORDERS
from issuer.orders.errors import OrderStateChanged
from issuer.orders.events import about_proposal
from issuer.orders.records import OrderState
from tests.support.orders_contract import BY, NOW, OrdersContract, ProposalsContract, a_proposal, an_event, an_order


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
    for text in ("示例", "440799199001010011", "holder-1", "江市监罚"):
        assert text not in raw
        assert repr(text.encode())[2:-1] not in raw
