"""Who sees and who recalls what."""

from dataclasses import replace

import pytest

from schemas.formats.delegation import Relation
from schemas.order import HolderRef
from tests.support.delegating_town import AGENT, CHILD, ENTERPRISE, HOUSEHOLD, LEGAL, MOTHER, DelegatingTown
from wallet_api.delegating.errors import GrantNotPermitted, UnknownDelegation
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.terms import Person
from wallet_api.delegating.views import state_of, view
from wallet_api.errors import UnknownHolder
from wallet_api.selection import Wanted

MANAGER = Person("111", "440799199505050031", "管理员甲")


@pytest.fixture
def managed(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> tuple[Delegation, Delegation]:
    """A manager's own delegation, and the one that the manager gave the agent."""
    manager = town.person(MANAGER)
    own = town.granting.grant(enterprise.holder_id, town.wish(agent=MANAGER, relation=Relation.MANAGER))
    return own, town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE))


def test_each_side_sees_it(
    town: DelegatingTown, managed: tuple[Delegation, Delegation], enterprise: HolderRef, agent: HolderRef
) -> None:
    own, under = managed
    theirs = town.recalling.listed(enterprise.holder_id)
    assert (list(theirs.given), list(theirs.may_give)) == ([under, own], [Relation.MANAGER, Relation.AGENT])
    listed = town.recalling.listed(agent.holder_id)
    assert list(listed.may_give) == [Relation.AGENT]
    assert (list(listed.given), list(listed.received)) == ([], [under])


def test_a_stranger_has_no_list(town: DelegatingTown) -> None:
    with pytest.raises(UnknownHolder):
        town.recalling.listed(replace(town.person(AGENT), holder_id="nobody").holder_id)  # type: ignore[arg-type]


def test_the_legal_representative_sees_the_enterprises(
    town: DelegatingTown, managed: tuple[Delegation, Delegation], agent: HolderRef
) -> None:
    assert len(town.recalling.given_by(town.person(LEGAL).holder_id, ENTERPRISE)) == 2
    with pytest.raises(GrantNotPermitted):
        town.recalling.given_by(agent.holder_id, ENTERPRISE)
    with pytest.raises(GrantNotPermitted):
        town.recalling.given_by(agent.holder_id, replace(ENTERPRISE, code="91440799MA5X00022N"))


@pytest.mark.parametrize("who", [ENTERPRISE, LEGAL, MANAGER, AGENT])
def test_who_recalls_what_a_manager_gave(
    town: DelegatingTown, managed: tuple[Delegation, Delegation], who: Person
) -> None:
    own, under = managed
    assert town.recalling.recall(town.person(who).holder_id, under.delegation_id).recalled_at == town.now
    kept = town.delegations.delegation(own.delegation_id)
    assert kept is not None
    assert kept.recalled_at is None


def test_with_a_manager_go_its_agents(
    town: DelegatingTown, managed: tuple[Delegation, Delegation], enterprise: HolderRef
) -> None:
    town.recalling.recall(enterprise.holder_id, managed[0].delegation_id)
    given = town.recalling.listed(enterprise.holder_id).given
    assert [state_of(one, town.now) for one in given] == ["recalled", "recalled"]


def test_an_agent_does_not_recall_its_managers(
    town: DelegatingTown, managed: tuple[Delegation, Delegation], agent: HolderRef
) -> None:
    with pytest.raises(UnknownDelegation):
        town.recalling.recall(agent.holder_id, managed[0].delegation_id)


def test_a_stranger_recalls_nothing(town: DelegatingTown, managed: tuple[Delegation, Delegation]) -> None:
    stranger = town.person(MOTHER)
    for name in (managed[1].delegation_id, "no-such-delegation"):
        with pytest.raises(UnknownDelegation):
            town.recalling.recall(stranger.holder_id, name)


def test_a_guardian_gives_back_and_a_child_recalls(town: DelegatingTown) -> None:
    mother, child = town.family()
    wanted = Wanted(("member_name",), type_id=HOUSEHOLD)
    wish = town.wish(holder=CHILD, agent=MOTHER, relation=Relation.GUARDIAN, wanted=wanted)
    for who in (mother, child):
        made = town.granting.grant(mother.holder_id, wish)
        assert town.recalling.recall(who.holder_id, made.delegation_id).recalled_at == town.now


def test_a_view_has_both_languages_and_no_signed_text(
    town: DelegatingTown, managed: tuple[Delegation, Delegation]
) -> None:
    shown = view(managed[1], town.now)
    assert (shown["state"], shown["state_zh"], shown["relation_zh"]) == ("in_force", "有效", "代理人")
    assert {"name": "business_scope", "label_zh": "经营范围", "label_en": "Scope of business"} in shown["fields"]
    assert shown["by_manager"]
    assert "eyJ" not in str(shown)


def test_a_view_of_what_is_over(town: DelegatingTown, managed: tuple[Delegation, Delegation]) -> None:
    town.later(days=31)
    assert view(managed[1], town.now)["state"] == "over"
