"""Delegations on both databases: the contract, what the tables show, who is counted at once, and the recall lists."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ecert.storage import SqlDelegations, Storage
from ecert.storage.delegations import LIST_SIZE
from ecert.storage.tables import DELEGATIONS
from schemas.audit import Subject
from schemas.formats.delegation import Relation
from schemas.order import HolderId
from tests.support.delegations_contract import MOST, NOW, DelegationsContract, a_delegation
from tests.support.wallets_contract import a_holder
from wallet_api.delegating.errors import DelegationEnded, TooManyManagers


@pytest.fixture
def people(storage: Storage) -> list[HolderId]:
    """Seven holders."""
    return [a_holder(storage.wallets, f"44079919900307{number:04}").holder_id for number in range(7)]


@pytest.fixture
def delegations(storage: Storage) -> SqlDelegations:
    return storage.delegations


class TestSqlDelegations(DelegationsContract):
    """The tables keep the contract."""


def test_the_table_shows_neither_names_nor_purposes(
    storage: Storage, delegations: SqlDelegations, people: list[HolderId]
) -> None:
    delegations.add(a_delegation(delegations, people), most=MOST, by=people[0])
    with storage.database.read() as connection:
        row = connection.execute(select(DELEGATIONS)).one()
    for secret in ("陈小文", "办理", "eyJ", "business_licence", "1.2.156"):
        assert secret not in repr(row._mapping)
        assert secret.encode() not in row.sealed


def test_giving_and_recalling_stand_in_the_audit_trail(
    storage: Storage, delegations: SqlDelegations, people: list[HolderId]
) -> None:
    delegations.add(a_delegation(delegations, people), most=MOST, by=people[0])
    delegations.recall("one", at=NOW + timedelta(hours=1), by=people[1])
    entries = [one for one in storage.audit.records(limit=10) if one.subject is Subject.DELEGATION]
    said = {(one.act, one.subject_id, one.by.actor, one.by.role) for one in entries}
    assert said == {("granted", "one", people[0], "holder"), ("recalled", "one", people[1], "holder")}
    assert "陈" not in repr(entries)


def test_a_recall_list_says_what_was_recalled(delegations: SqlDelegations, people: list[HolderId]) -> None:
    assert list(delegations.recall_lists()) == []
    made = [a_delegation(delegations, people, name) for name in ("one", "two")]
    for each in made:
        delegations.add(each, most=MOST, by=people[0])
    delegations.recall("two", at=NOW, by=people[0])
    (found,) = delegations.recall_lists()
    assert (found.uri, found.size) == ("https://ecert.example/wallet/status/1", LIST_SIZE)
    assert made[1].place.uri == found.uri
    assert found.recalled == {made[1].place.index}


def test_a_full_list_is_followed_by_another(storage: Storage, people: list[HolderId]) -> None:
    small = SqlDelegations(
        storage.database,
        cipher=storage.delegations._cipher,
        trail=storage.delegations._trail,
        public_url="https://ecert.example/",
        size=3,
    )
    places = [small.take_place() for _ in range(7)]
    assert [one.uri.rpartition("/")[2] for one in places] == ["1", "1", "1", "2", "2", "2", "3"]
    assert {one.index for one in places[:3]} == {one.index for one in places[3:6]} == {0, 1, 2}
    small.add(a_delegation(small, people), most=MOST, by=people[0])
    assert [one.uri.rpartition("/")[2] for one in small.recall_lists()] == ["1", "2", "3"]


def test_places_taken_at_once_differ(delegations: SqlDelegations) -> None:
    with ThreadPoolExecutor(4) as pool:
        places = list(pool.map(lambda _: delegations.take_place(), range(24)))
    assert len({(one.uri, one.index) for one in places}) == 24


def test_managers_added_at_once_are_no_more_than_may_be(delegations: SqlDelegations, people: list[HolderId]) -> None:
    made = [
        a_delegation(delegations, people, f"m{number}", agent_id=people[number], relation=Relation.MANAGER)
        for number in range(1, 7)
    ]
    most = replace(MOST, delegations=100)

    def add(number: int) -> bool:
        try:
            delegations.add(made[number], most=most, by=people[0])
        except TooManyManagers:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        added = list(pool.map(add, range(6)))
    assert sum(added) == most.managers


def test_what_is_made_while_its_manager_is_recalled_is_recalled_or_refused(
    delegations: SqlDelegations, people: list[HolderId]
) -> None:
    most = replace(MOST, delegations=100)
    delegations.add(a_delegation(delegations, people, relation=Relation.MANAGER), most=most, by=people[0])
    made = [a_delegation(delegations, people, f"u{number}", under="one") for number in range(12)]

    def step(number: int) -> None:
        if number == 6:
            delegations.recall("one", at=NOW, by=people[0])
            return
        try:
            delegations.add(made[number], most=most, by=people[1])
        except DelegationEnded:
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(step, range(12)))
    assert all(one.recalled_at == NOW for one in delegations.given_by(people[0], now=NOW))


def test_what_was_over_long_ago_is_forgotten(delegations: SqlDelegations, people: list[HolderId]) -> None:
    delegations.add(a_delegation(delegations, people, relation=Relation.MANAGER), most=MOST, by=people[0])
    delegations.add(a_delegation(delegations, people, "under", under="one"), most=MOST, by=people[1])
    later = a_delegation(delegations, people, "later", until=NOW + timedelta(days=31))
    delegations.add(later, most=MOST, by=people[0])
    assert delegations.forget(before=NOW + timedelta(days=30)) == 0
    assert delegations.forget(before=NOW + timedelta(days=30, seconds=1)) == 2
    assert [one.delegation_id for one in delegations.given_by(people[0], now=NOW)] == ["later"]
