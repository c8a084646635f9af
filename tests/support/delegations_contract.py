"""What every store of delegations must do, as tests: the fake in memory and the SQL adapter run the same ones.

``delegations`` is an empty store, ``people`` are the ids of seven holders in it.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.catalogue import TypeId
from schemas.formats.delegation import Relation
from schemas.order import CredentialId, HolderId, Identifier
from wallet_api.delegating.errors import DelegationEnded, TooManyDelegations, TooManyManagers
from wallet_api.delegating.ports import Delegations, Most
from wallet_api.delegating.records import Delegation

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
MOST = Most(delegations=4, managers=2)
People = list[HolderId]


def a_delegation(delegations: Delegations, people: People, name: str = "one", **changes: Any) -> Delegation:
    """Return a plausible delegation by the first of the people to the second."""
    made = Delegation(
        delegation_id=name,
        holder_id=people[0],
        agent_id=people[1],
        agent_kid="kid-of-the-agent",
        relation=Relation.AGENT,
        credential_id=CredentialId("credential"),
        identifier=Identifier("1.2.156.3005.2.11440799MB2X00012C001.11440799MB2X00012C.X.001.0"),
        type_id=TypeId("business_licence"),
        fields=("address", "name"),
        purposes=("办理食品经营许可", "年报"),
        since=NOW,
        until=NOW + timedelta(days=30),
        place=delegations.take_place(),
        holder_name="江门市示例侨味食品有限公司",
        agent_name="陈小文",
        certificate="eyJ.certificate~",
        granted="eyJ.granted~",
    )
    return replace(made, **changes)


class DelegationsContract:
    """Keeping, counting, finding, recalling."""

    def test_a_place_is_given_out_once(self, delegations: Delegations) -> None:
        places = [delegations.take_place() for _ in range(20)]
        assert len({(one.uri, one.index) for one in places}) == 20

    def test_a_delegation_comes_back_as_it_was_given(self, delegations: Delegations, people: People) -> None:
        made = a_delegation(delegations, people)
        assert delegations.add(made, most=MOST, by=people[0]) == made
        assert delegations.delegation("one") == made
        assert delegations.delegation("other") is None

    def test_one_that_is_there_stays_as_it_is(self, delegations: Delegations, people: People) -> None:
        made = delegations.add(a_delegation(delegations, people), most=MOST, by=people[0])
        assert delegations.add(replace(made, granted="eyJ.another~"), most=MOST, by=people[0]) == made
        assert delegations.delegation("one") == made

    def test_each_side_finds_its_own_the_newest_first(self, delegations: Delegations, people: People) -> None:
        for hour, name in enumerate(("one", "two")):
            later = a_delegation(delegations, people, name, since=NOW + timedelta(hours=hour))
            delegations.add(later, most=MOST, by=people[0])
        assert [one.delegation_id for one in delegations.given_by(people[0], now=NOW)] == ["two", "one"]
        assert [one.delegation_id for one in delegations.received_by(people[1], now=NOW)] == ["two", "one"]
        assert list(delegations.given_by(people[1], now=NOW)) == list(delegations.received_by(people[0], now=NOW)) == []

    def test_what_is_in_force_comes_before_what_ended(self, delegations: Delegations, people: People) -> None:
        for name, changes in (("one", {}), ("two", {}), ("over", {"until": NOW + timedelta(hours=1)})):
            delegations.add(a_delegation(delegations, people, name, **changes), most=MOST, by=people[0])
        delegations.recall("two", at=NOW, by=None)
        later = NOW + timedelta(hours=1)
        assert [one.delegation_id for one in delegations.given_by(people[0], now=later)] == ["one", "over", "two"]

    def test_a_manager_is_found_by_what_is_in_force(self, delegations: Delegations, people: People) -> None:
        for name, relation in (("a", Relation.MANAGER), ("b", Relation.MANAGER), ("c", Relation.AGENT)):
            delegations.add(a_delegation(delegations, people, name, relation=relation), most=MOST, by=people[0])
        delegations.recall("b", at=NOW, by=people[0])
        found = delegations.managed_by(people[1], people[0], now=NOW)
        assert [one.delegation_id for one in found] == ["a"]
        assert list(delegations.managed_by(people[1], people[2], now=NOW)) == []
        assert list(delegations.managed_by(people[1], people[0], now=NOW + timedelta(days=30))) == []

    def test_what_rests_on_a_right_is_gone_through_by_ids(self, delegations: Delegations, people: People) -> None:
        relations = {
            "a": Relation.GUARDIAN,
            "b": Relation.AGENT,
            "c": Relation.LEGAL_REPRESENTATIVE,
            "d": Relation.GUARDIAN,
        }
        for name, relation in relations.items():
            delegations.add(a_delegation(delegations, people, name, relation=relation), most=MOST, by=people[0])
        delegations.recall("d", at=NOW, by=people[0])

        def found(after: str, limit: int) -> list[str]:
            return [one.delegation_id for one in delegations.by_right(after=after, limit=limit, now=NOW)]

        assert (found("", 10), found("", 1), found("a", 10), found("c", 10)) == (["a", "c"], ["a"], ["c"], [])

    def test_no_more_in_force_than_may_be(self, delegations: Delegations, people: People) -> None:
        for number in range(4):
            delegations.add(a_delegation(delegations, people, f"n{number}"), most=MOST, by=people[0])
        with pytest.raises(TooManyDelegations):
            delegations.add(a_delegation(delegations, people, "n4"), most=MOST, by=people[0])
        delegations.recall("n0", at=NOW, by=people[0])
        delegations.add(a_delegation(delegations, people, "n4"), most=MOST, by=people[0])

    def test_what_is_over_does_not_count(self, delegations: Delegations, people: People) -> None:
        for number in range(4):
            delegations.add(a_delegation(delegations, people, f"n{number}"), most=MOST, by=people[0])
        late = a_delegation(delegations, people, "late", since=NOW + timedelta(days=30), until=NOW + timedelta(days=31))
        assert delegations.add(late, most=MOST, by=people[0]) == late

    def test_managers_are_counted_by_person(self, delegations: Delegations, people: People) -> None:
        def manager(name: str, agent: int) -> Delegation:
            made = a_delegation(delegations, people, name, relation=Relation.MANAGER, agent_id=people[agent])
            return delegations.add(made, most=MOST, by=people[0])

        manager("a", 1)
        manager("b", 2)
        manager("c", 1)
        with pytest.raises(TooManyManagers):
            manager("d", 3)
        delegations.recall("b", at=NOW, by=people[0])
        manager("d", 3)

    def test_a_recall_ends_what_was_made_under_it(self, delegations: Delegations, people: People) -> None:
        delegations.add(a_delegation(delegations, people, relation=Relation.MANAGER), most=MOST, by=people[0])
        under = a_delegation(delegations, people, "under", agent_id=people[2], under="one")
        delegations.add(under, most=MOST, by=people[1])
        delegations.add(a_delegation(delegations, people, "beside"), most=MOST, by=people[0])
        delegations.recall("one", at=NOW + timedelta(hours=1), by=people[0])
        recalled = {one.delegation_id: one.recalled_at for one in delegations.given_by(people[0], now=NOW)}
        assert recalled == {"one": NOW + timedelta(hours=1), "under": NOW + timedelta(hours=1), "beside": None}

    def test_a_second_recall_changes_nothing(self, delegations: Delegations, people: People) -> None:
        delegations.add(a_delegation(delegations, people), most=MOST, by=people[0])
        delegations.recall("one", at=NOW, by=people[0])
        delegations.recall("one", at=NOW + timedelta(hours=1), by=people[1])
        found = delegations.delegation("one")
        assert found is not None
        assert found.recalled_at == NOW

    def test_nothing_is_made_under_what_was_recalled(self, delegations: Delegations, people: People) -> None:
        delegations.add(a_delegation(delegations, people, relation=Relation.MANAGER), most=MOST, by=people[0])
        delegations.recall("one", at=NOW, by=people[0])
        with pytest.raises(DelegationEnded):
            delegations.add(a_delegation(delegations, people, "under", under="one"), most=MOST, by=people[1])
