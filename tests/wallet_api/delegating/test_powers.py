"""By what right somebody lends another's certificate: one thing missing at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.formats.delegation import Relation
from schemas.order import HolderRef
from tests.support.delegating_town import (
    AGENT,
    BIRTH,
    CHILD,
    ENTERPRISE,
    HOUSEHOLD,
    LEGAL,
    LICENCE,
    MOTHER,
    PURPOSE,
    DelegatingTown,
)
from tests.support.wallet_fakes import example_claims
from wallet_api.delegating.errors import DelegationEnded, GrantNotPermitted, TermsInvalid
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.terms import Person
from wallet_api.delegating.using import Asked
from wallet_api.presenting import Terms
from wallet_api.selection import Wanted

HEAD = {"relation_to_head": "02", "id_number": MOTHER.code, "member_name": MOTHER.name, "head_name": MOTHER.name}
OF_HEAD = {"relation_to_head": "30", "head_name": MOTHER.name}
MANAGER = Person("111", "440799199505050031", "管理员甲")


class TestLegalRepresentative:
    """Whom the business licence names by number."""

    @pytest.mark.parametrize("relation", [Relation.MANAGER, Relation.AGENT])
    def test_gives_to_others(
        self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef, relation: Relation
    ) -> None:
        legal = town.person(LEGAL)
        made = town.granting.grant(legal.holder_id, town.wish(holder=ENTERPRISE, relation=relation))
        assert (made.holder_id, made.agent_id, made.under) == (enterprise.holder_id, agent.holder_id, None)

    def test_uses_the_licence_itself(self, town: DelegatingTown, enterprise: HolderRef) -> None:
        legal = town.person(LEGAL)
        wish = town.wish(holder=ENTERPRISE, agent=LEGAL, relation=Relation.LEGAL_REPRESENTATIVE)
        assert town.granting.grant(legal.holder_id, wish).agent_id == legal.holder_id

    def test_needs_not_name_itself(self, town: DelegatingTown, enterprise: HolderRef) -> None:
        legal = town.person(LEGAL)
        wish = town.wish(holder=ENTERPRISE, agent=None, relation=Relation.LEGAL_REPRESENTATIVE)
        made = town.granting.grant(legal.holder_id, wish)
        assert (made.agent_id, made.agent_name) == (legal.holder_id, LEGAL.name)

    @pytest.mark.parametrize(
        ("person", "relation"),
        [(AGENT, Relation.LEGAL_REPRESENTATIVE), (LEGAL, Relation.AGENT), (LEGAL, Relation.MANAGER)],
    )
    def test_each_relation_has_its_person(
        self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef, person: Person, relation: Relation
    ) -> None:
        legal = town.person(LEGAL)
        with pytest.raises(TermsInvalid):
            town.granting.grant(legal.holder_id, town.wish(holder=ENTERPRISE, agent=person, relation=relation))

    @pytest.mark.parametrize(
        "claims",
        [
            {"legal_representative_id_number": AGENT.code},
            {"legal_representative_id_type": "414"},
            {"unified_social_credit_code": "91440799MA5X00022N"},
        ],
    )
    def test_a_licence_that_names_another(self, town: DelegatingTown, agent: HolderRef, claims: dict[str, Any]) -> None:
        town.holding(town.person(ENTERPRISE), LICENCE, claims=example_claims(LICENCE, **claims))
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(town.person(LEGAL).holder_id, town.wish(holder=ENTERPRISE))

    @pytest.mark.parametrize("state", ["revoked", "suspended", "replaced", None])
    def test_a_licence_that_is_not_in_force(
        self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef, state: str | None
    ) -> None:
        town.states.changed[town.wallets.holdings(enterprise.holder_id)[0].credential.identifier] = state
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(town.person(LEGAL).holder_id, town.wish(holder=ENTERPRISE))

    def test_a_licence_that_has_expired(self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
        town.later(days=366)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(town.person(LEGAL).holder_id, town.wish(holder=ENTERPRISE))

    def test_a_short_lived_licence_shows_nothing(self, town: DelegatingTown, agent: HolderRef) -> None:
        town.holding(town.person(ENTERPRISE), LICENCE, short_lived=True)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(town.person(LEGAL).holder_id, town.wish(holder=ENTERPRISE))


class TestStranger:
    """Somebody without a right learns nothing."""

    def test_of_an_enterprise(self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(agent.holder_id, town.wish(holder=ENTERPRISE, agent=LEGAL))

    def test_of_nobody(self, town: DelegatingTown, agent: HolderRef) -> None:
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(agent.holder_id, town.wish(holder=replace(ENTERPRISE, code="91440799MA5X00022N")))

    def test_of_a_person(self, town: DelegatingTown, agent: HolderRef) -> None:
        town.person(CHILD)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(agent.holder_id, town.wish(holder=CHILD, agent=AGENT, relation=Relation.GUARDIAN))

    def test_an_enterprise_is_nobodys_guardian(self, town: DelegatingTown, enterprise: HolderRef) -> None:
        town.family()
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(enterprise.holder_id, town.wish(holder=CHILD, agent=MOTHER, relation=Relation.GUARDIAN))


class TestManager:
    """A manager adds agents, within what it has itself."""

    @pytest.fixture
    def manager(self, town: DelegatingTown) -> HolderRef:
        return town.person(MANAGER)

    @pytest.fixture
    def own(self, town: DelegatingTown, enterprise: HolderRef, manager: HolderRef, agent: HolderRef) -> Delegation:
        wanted = Wanted(("business_scope", "address"), type_id=LICENCE)
        wish = town.wish(agent=MANAGER, relation=Relation.MANAGER, wanted=wanted, purposes=(PURPOSE, "年报"))
        return town.granting.grant(enterprise.holder_id, wish)

    def test_adds_an_agent(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        made = town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE))
        assert (made.under, made.holder_id) == (own.delegation_id, enterprise.holder_id)
        assert made.agent_id == agent.holder_id

    @pytest.mark.parametrize(
        "change",
        [
            {"purposes": ("贷款",)},
            {"wanted": Wanted(("legal_representative",), type_id=LICENCE)},
            {"until": timedelta(days=31)},
        ],
        ids=["another purpose", "another field", "a longer time"],
    )
    def test_not_beyond_its_own(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef, change: dict[str, Any]
    ) -> None:
        if isinstance(until := change.get("until"), timedelta):
            change = {"until": town.now + until}
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE, **change))

    def test_not_another_certificate(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef
    ) -> None:
        town.later(days=1)
        newer = town.holding(town.person(ENTERPRISE), LICENCE)
        wanted = Wanted(("business_scope",), credential_id=newer.credential_id)
        until = town.now + timedelta(days=1)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE, wanted=wanted, until=until))

    @pytest.mark.parametrize("relation", [Relation.MANAGER, Relation.LEGAL_REPRESENTATIVE])
    def test_makes_nobody_more_than_an_agent(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef, relation: Relation
    ) -> None:
        with pytest.raises(TermsInvalid):
            town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE, relation=relation))

    def test_not_after_it_is_over(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef
    ) -> None:
        town.later(days=31)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE))

    def test_not_after_it_was_recalled(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        town.recalling.recall(enterprise.holder_id, own.delegation_id)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE))

    def test_nor_when_it_is_recalled_meanwhile(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef
    ) -> None:
        place = town.delegations.take_place

        def recalled_now() -> Any:
            town.delegations.recall(own.delegation_id, at=town.now, by=manager.holder_id)
            return place()

        town.delegations.take_place = recalled_now  # type: ignore[method-assign]
        with pytest.raises(DelegationEnded):
            town.granting.grant(manager.holder_id, town.wish(holder=ENTERPRISE))

    def test_an_agent_adds_nobody(
        self, town: DelegatingTown, own: Delegation, manager: HolderRef, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        town.granting.grant(enterprise.holder_id, town.wish())
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(agent.holder_id, town.wish(holder=ENTERPRISE, agent=MANAGER))


class TestGuardian:
    """A parent of a child under 14."""

    def wish(self, town: DelegatingTown, **changes: Any) -> Any:
        wanted = Wanted(("member_name",), type_id=HOUSEHOLD)
        made = {"holder": CHILD, "agent": MOTHER, "relation": Relation.GUARDIAN, "wanted": wanted}
        return town.wish(**made | changes)

    def test_by_the_birth_certificate(self, town: DelegatingTown) -> None:
        mother, child = town.family()
        made = town.granting.grant(mother.holder_id, self.wish(town))
        assert (made.holder_id, made.agent_id, made.relation) == (
            child.holder_id,
            mother.holder_id,
            Relation.GUARDIAN,
        )

    def registered(self, town: DelegatingTown, page: dict[str, Any], child_page: dict[str, Any]) -> HolderRef:
        mother = town.person(MOTHER)
        town.page(mother, **page)
        town.page(town.person(CHILD), **child_page)
        return mother

    @pytest.mark.parametrize(
        ("page", "child_page"),
        [
            ({}, {}),
            ({"relation_to_head": "01"}, {"relation_to_head": "20"}),
            (
                {"relation_to_head": "52", "head_name": CHILD.name},
                {"relation_to_head": "02", "head_name": CHILD.name},
            ),
        ],
        ids=["head and daughter", "oneself and son", "mother of the head"],
    )
    def test_by_the_household_register(
        self, town: DelegatingTown, page: dict[str, Any], child_page: dict[str, Any]
    ) -> None:
        mother = self.registered(town, HEAD | page, OF_HEAD | child_page)
        assert town.granting.grant(mother.holder_id, self.wish(town)).relation is Relation.GUARDIAN

    @pytest.mark.parametrize(
        ("page", "child_page"),
        [
            ({"relation_to_head": "12"}, {}),
            ({}, {"relation_to_head": "40"}),
            ({"relation_to_head": "60"}, {"relation_to_head": "02"}),
            ({"household_number": "440799000999"}, {}),
            ({"household_number": None}, {"household_number": None}),
            ({"household_address": "广东省江门市新会区示例路6号"}, {}),
            ({"household_address": None}, {"household_address": None}),
            ({"head_name": "赵无关", "member_name": "赵无关"}, {}),
            ({}, {"head_name": "陈大文"}),
            ({"member_name": "赵无关"}, {}),
            ({"id_number": AGENT.code}, {}),
            ({}, {"id_number": "440799201906180152"}),
            ({}, {"birth_date": "2020-06-18"}),
            ({"relation_to_head": "52"}, {"relation_to_head": "02"}),
        ],
    )
    def test_a_register_that_shows_no_parent(
        self, town: DelegatingTown, page: dict[str, Any], child_page: dict[str, Any]
    ) -> None:
        mother = self.registered(town, HEAD | page, OF_HEAD | child_page)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(mother.holder_id, self.wish(town))

    @pytest.mark.parametrize(
        "claims",
        [
            {"mother_id_number": AGENT.code},
            {"mother_id_type": "414"},
            {"newborn_name": "陈小欢"},
            {"birth_date": "2019-06-19"},
            {"birth_date": None},
        ],
    )
    def test_a_birth_certificate_that_shows_another_child_or_parent(
        self, town: DelegatingTown, claims: dict[str, Any]
    ) -> None:
        mother = town.person(MOTHER)
        town.holding(mother, BIRTH, claims=example_claims(BIRTH, **claims))
        town.holding(town.person(CHILD), HOUSEHOLD)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(mother.holder_id, self.wish(town))

    @pytest.mark.parametrize("child", [replace(CHILD, code_type="414"), replace(CHILD, code="44079920190618013")])
    def test_a_child_without_a_number_that_tells_its_birthday(self, town: DelegatingTown, child: Person) -> None:
        mother = town.person(MOTHER)
        town.holding(mother, BIRTH)
        town.holding(town.person(child), HOUSEHOLD)
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(mother.holder_id, self.wish(town, holder=child))

    def test_a_parent_lends_to_nobody_else(self, town: DelegatingTown, agent: HolderRef) -> None:
        mother, _ = town.family()
        with pytest.raises(TermsInvalid):
            town.granting.grant(mother.holder_id, self.wish(town, agent=AGENT))

    def test_it_ends_on_the_fourteenth_birthday(self, town: DelegatingTown) -> None:
        town.now = datetime(2033, 6, 1, tzinfo=UTC)
        mother, _ = town.family()
        birthday = datetime(2033, 6, 17, 16, tzinfo=UTC)  # midnight in Shanghai
        assert town.granting.grant(mother.holder_id, self.wish(town, until=birthday)).until == birthday
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(mother.holder_id, self.wish(town, until=birthday + timedelta(seconds=1)))

    def test_who_is_fourteen_needs_no_guardian(self, town: DelegatingTown) -> None:
        town.now = datetime(2033, 6, 17, 16, tzinfo=UTC)
        mother, _ = town.family()
        with pytest.raises(GrantNotPermitted):
            town.granting.grant(mother.holder_id, self.wish(town))


class TestARightThatEnds:
    """What rests on a right ends with it: at the next use, and in a round of upkeep without one."""

    def by_right(self, town: DelegatingTown, enterprise: HolderRef) -> tuple[HolderRef, Delegation]:
        legal = town.person(LEGAL)
        wish = town.wish(holder=ENTERPRISE, agent=None, relation=Relation.LEGAL_REPRESENTATIVE)
        return legal, town.granting.grant(legal.holder_id, wish)

    def ended(self, town: DelegatingTown, enterprise: HolderRef) -> None:
        town.states.changed[town.wallets.holdings(enterprise.holder_id)[0].credential.identifier] = "replaced"

    def test_at_the_next_use(self, town: DelegatingTown, enterprise: HolderRef) -> None:
        legal, made = self.by_right(town, enterprise)
        terms = Terms("n", "https://bank.example", PURPOSE)
        town.using.present(legal.holder_id, Asked(made.delegation_id), terms)
        self.ended(town, enterprise)
        with pytest.raises(DelegationEnded):
            town.using.present(legal.holder_id, Asked(made.delegation_id), terms)
        (kept,) = town.delegations.given_by(enterprise.holder_id, now=town.now)
        assert kept.recalled_at == town.now

    def test_in_a_round_of_upkeep(self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
        self.by_right(town, enterprise)
        town.granting.grant(enterprise.holder_id, town.wish())
        assert town.recalling.end_rights() == 0
        self.ended(town, enterprise)
        assert town.recalling.end_rights() == 1
        assert town.recalling.end_rights() == 0
        given = town.delegations.given_by(enterprise.holder_id, now=town.now)
        assert {one.relation: one.recalled_at for one in given} == {
            Relation.AGENT: None,  # a gift of the enterprise, which stays one
            Relation.LEGAL_REPRESENTATIVE: town.now,
        }

    def test_of_many_each_has_its_turn(
        self, town: DelegatingTown, enterprise: HolderRef, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("wallet_api.delegating.recalling.BATCH", 2)
        for _ in range(5):
            self.by_right(town, enterprise)
        self.ended(town, enterprise)
        assert [town.recalling.end_rights() for _ in range(4)] == [2, 2, 1, 0]


def test_numbers_are_not_tried_by_looking_at_delegations(town: DelegatingTown, enterprise: HolderRef) -> None:
    legal = town.person(LEGAL)
    town.recalling.given_by(legal.holder_id, ENTERPRISE)
    assert town.hits.seen == [("delegation", legal.holder_id)]
