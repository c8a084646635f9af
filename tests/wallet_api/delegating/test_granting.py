"""Making a delegation: what is signed, what is refused, and each refusal for its own reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.errors import EcertError
from keys.signer import SoftwareSigner
from schemas.formats import delegation as delegations
from schemas.formats.delegation import Relation
from schemas.formats.sd_jwt import SdJwt
from schemas.order import CredentialFormat, HolderRef
from tests.support.delegating_town import AGENT, CARD, ENTERPRISE, LEGAL, LICENCE, PURPOSE, DelegatingTown, disclosed
from wallet_api.delegating import errors
from wallet_api.delegating.terms import PERIOD, Person
from wallet_api.delegating.using import Asked
from wallet_api.errors import (
    CustodyKeyNeeded,
    DeviceKeyNeeded,
    FieldNotInCertificate,
    HandleInvalid,
    NoCredentialForFields,
    PurposeInvalid,
    UnknownCredential,
)
from wallet_api.presenting import Terms
from wallet_api.selection import Wanted

TERMS = Terms("n-1", "https://bank.example", PURPOSE)


def test_an_enterprise_lends_its_licence(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
    made = town.granting.grant(enterprise.holder_id, town.wish())
    assert (made.holder_id, made.agent_id, made.relation) == (enterprise.holder_id, agent.holder_id, Relation.AGENT)
    assert (made.since, made.until) == (town.now.replace(microsecond=0), town.wish().until.replace(microsecond=0))
    assert made.under is made.recalled_at is None
    assert town.delegations.delegation(made.delegation_id) == made


def test_only_what_was_chosen_leaves_the_holder(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
    made = town.granting.grant(enterprise.holder_id, town.wish())
    assert disclosed(made.certificate) == {"business_scope"}
    assert "business_scope" in made.fields
    assert "legal_representative_id_number" not in made.fields


def test_the_holders_key_signs_and_the_agents_is_bound(
    town: DelegatingTown, enterprise: HolderRef, agent: HolderRef
) -> None:
    made = town.granting.grant(enterprise.holder_id, town.wish())
    said = town.said(town.using.present(agent.holder_id, Asked(made.delegation_id), TERMS).presentation, enterprise)
    assert said.agent_key == agent.key
    assert (said.agent_name, said.purposes, said.status) == (AGENT.name, (PURPOSE,), made.place)


def test_a_certificate_is_named_by_any_of_its_credentials(
    town: DelegatingTown, enterprise: HolderRef, agent: HolderRef
) -> None:
    held = town.wallet.holdings.certificates(enterprise.holder_id)[0].newest
    other = town.vc_jwt(
        enterprise, LICENCE, identifier=town.wallets.holdings(enterprise.holder_id)[0].credential.identifier
    )
    town.wallet.receiving.deliver([other])
    wish = town.wish(wanted=Wanted(("address",), credential_id=other.credential_id))
    assert town.granting.grant(enterprise.holder_id, wish).credential_id == held.credential_id


def test_purposes_are_signed_once_and_in_one_form(
    town: DelegatingTown, enterprise: HolderRef, agent: HolderRef
) -> None:
    made = town.granting.grant(enterprise.holder_id, town.wish(purposes=(f" {PURPOSE} ", PURPOSE, "年报")))
    assert made.purposes == (PURPOSE, "年报")


def test_every_grant_counts_for_the_limit(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
    town.granting.grant(enterprise.holder_id, town.wish())
    with pytest.raises(errors.UnknownAgent):
        town.granting.grant(enterprise.holder_id, town.wish(agent=LEGAL))
    assert town.hits.seen == [("delegation", enterprise.holder_id)] * 2


WRONG: dict[str, tuple[dict[str, Any], type[EcertError]]] = {
    "an agent of another name": ({"agent": replace(AGENT, name="陈大武")}, errors.UnknownAgent),
    "an agent of another number": ({"agent": replace(AGENT, code="440799199505050023")}, errors.UnknownAgent),
    "an agent that is no person": ({"agent": ENTERPRISE}, errors.UnknownAgent),
    "oneself as agent": ({"agent": None}, errors.TermsInvalid),
    "no purpose": ({"purposes": ()}, errors.TermsInvalid),
    "too many purposes": ({"purposes": tuple(map(str, range(21)))}, errors.TermsInvalid),
    "an empty purpose": ({"purposes": (" ",)}, PurposeInvalid),
    "a purpose of two lines": ({"purposes": ("a\nb",)}, PurposeInvalid),
    "a field that the type has not": ({"wanted": Wanted(("colour",), type_id=LICENCE)}, FieldNotInCertificate),
    "a type that it has not": ({"wanted": Wanted((), type_id=CARD)}, NoCredentialForFields),
    "a relation of the licence's representative": ({"relation": Relation.LEGAL_REPRESENTATIVE}, errors.TermsInvalid),
    "a relation of a guardian": ({"relation": Relation.GUARDIAN}, errors.TypeNotDelegable),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_flaw(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef, name: str) -> None:
    changes, refusal = WRONG[name]
    with pytest.raises(refusal):
        town.granting.grant(enterprise.holder_id, town.wish(**changes))
    assert list(town.delegations.given_by(enterprise.holder_id, now=town.now)) == []


def test_nobody_lends_another_holders_credential(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
    card = town.holding(town.person(LEGAL), CARD)
    wanted = Wanted((), credential_id=card.credential_id)
    with pytest.raises(UnknownCredential):
        town.granting.grant(enterprise.holder_id, town.wish(wanted=wanted))


def test_a_name_that_no_delegation_can_hold(town: DelegatingTown, enterprise: HolderRef) -> None:
    long = Person("111", AGENT.code, "长" * 201)
    town.person(long)
    with pytest.raises(errors.UnknownAgent):
        town.granting.grant(enterprise.holder_id, town.wish(agent=long))


def test_an_agent_without_a_key(town: DelegatingTown, enterprise: HolderRef) -> None:
    from wallet_api.records import HolderKind

    town.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, AGENT.code_type, AGENT.code, AGENT.name)
    with pytest.raises(errors.UnknownAgent):
        town.granting.grant(enterprise.holder_id, town.wish())


@pytest.mark.parametrize(
    ("until", "good"),
    [(timedelta(), False), (timedelta(seconds=1), True), (PERIOD, True), (PERIOD + timedelta(seconds=1), False)],
)
def test_how_long_it_runs(
    town: DelegatingTown, enterprise: HolderRef, agent: HolderRef, until: timedelta, good: bool
) -> None:
    enterprise = town.person(ENTERPRISE)
    town.holding(enterprise, LICENCE, expires_at=town.now + timedelta(days=4000))
    wish = town.wish(until=town.now.replace(microsecond=0) + until)
    if good:
        assert town.granting.grant(enterprise.holder_id, wish).until == wish.until
        return
    with pytest.raises(errors.TermsInvalid):
        town.granting.grant(enterprise.holder_id, wish)


def test_it_does_not_outlive_the_certificate(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
    ends = town.wallets.holdings(enterprise.holder_id)[0].credential.expires_at
    town.granting.grant(enterprise.holder_id, town.wish(until=ends))
    with pytest.raises(errors.TermsInvalid):
        town.granting.grant(enterprise.holder_id, town.wish(until=ends + timedelta(seconds=1)))


def test_a_type_that_is_used_by_its_holder_alone(town: DelegatingTown, agent: HolderRef) -> None:
    citizen = town.person(LEGAL)
    town.holding(citizen, CARD)
    with pytest.raises(errors.TypeNotDelegable):
        town.granting.grant(citizen.holder_id, town.wish(wanted=Wanted((), type_id=CARD)))


def test_a_short_lived_credential_is_not_lent(town: DelegatingTown, agent: HolderRef) -> None:
    enterprise = town.person(ENTERPRISE)
    town.holding(enterprise, LICENCE, short_lived=True)
    with pytest.raises(NoCredentialForFields):
        town.granting.grant(enterprise.holder_id, town.wish())


def test_a_sixth_manager_is_one_too_many(town: DelegatingTown, enterprise: HolderRef) -> None:
    people = [Person("111", f"44079919950505{number:04}", f"管理员{number}") for number in range(6)]
    for one in people:
        town.person(one)
    for one in people[:5]:
        town.granting.grant(enterprise.holder_id, town.wish(agent=one, relation=Relation.MANAGER))
    with pytest.raises(errors.TooManyManagers):
        town.granting.grant(enterprise.holder_id, town.wish(agent=people[5], relation=Relation.MANAGER))


class TestDevice:
    """The holder's device signs."""

    @pytest.fixture(params=list(Algorithm))
    def device(self, request: pytest.FixtureRequest) -> SoftwareSigner:
        return SoftwareSigner.generate(request.param)

    @pytest.fixture
    def held(self, town: DelegatingTown, device: SoftwareSigner) -> HolderRef:
        holder = town.registered_device(town.person(ENTERPRISE), device)
        town.holding(holder, LICENCE)
        return holder

    def test_begin_sign_complete(
        self, town: DelegatingTown, held: HolderRef, agent: HolderRef, device: SoftwareSigner
    ) -> None:
        begun = town.granting.begin(held.holder_id, town.wish())
        town.later(seconds=100)
        made = town.granting.complete(held.holder_id, begun.handle, device.sign(begun.signing_input.encode()))
        assert (begun.kid, begun.algorithm) == (device.public_key.kid, device.public_key.algorithm.value)
        assert made.since == town.now.replace(microsecond=0) - timedelta(seconds=100)
        shown = town.using.present(agent.holder_id, Asked(made.delegation_id), TERMS).presentation
        assert town.said(shown, held).agent_key == agent.key

    def test_what_the_device_signs_names_what_is_lent(
        self, town: DelegatingTown, held: HolderRef, agent: HolderRef
    ) -> None:
        from keys import strict_json
        from keys.encoding import b64url_decode

        begun = town.granting.begin(held.holder_id, town.wish())
        claims = strict_json.loads_object(b64url_decode(begun.signing_input.partition(".")[2]))
        assert (claims["agent_name"], claims["purposes"], claims["relation"]) == (AGENT.name, [PURPOSE], "agent")

    def test_completing_twice_makes_one(
        self, town: DelegatingTown, held: HolderRef, agent: HolderRef, device: SoftwareSigner
    ) -> None:
        begun = town.granting.begin(held.holder_id, town.wish())
        signed = [device.sign(begun.signing_input.encode()) for _ in range(2)]
        made = [town.granting.complete(held.holder_id, begun.handle, signature) for signature in signed]
        assert made[0] == made[1]
        assert len(town.delegations.given_by(held.holder_id, now=town.now)) == 1

    def test_one_step_needs_a_custody_key(self, town: DelegatingTown, held: HolderRef, agent: HolderRef) -> None:
        with pytest.raises(DeviceKeyNeeded):
            town.granting.grant(held.holder_id, town.wish())

    def test_two_steps_need_a_device(self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
        with pytest.raises(CustodyKeyNeeded):
            town.granting.begin(enterprise.holder_id, town.wish())

    def test_a_device_signs_for_its_holder_alone(self, town: DelegatingTown, held: HolderRef, agent: HolderRef) -> None:
        with pytest.raises(errors.GrantNotPermitted):
            town.granting.begin(town.person(LEGAL).holder_id, town.wish(holder=ENTERPRISE))

    def test_another_keys_signature(self, town: DelegatingTown, held: HolderRef, agent: HolderRef) -> None:
        begun = town.granting.begin(held.holder_id, town.wish())
        other = SoftwareSigner.generate().sign(begun.signing_input.encode())
        with pytest.raises(HandleInvalid, match="signature"):
            town.granting.complete(held.holder_id, begun.handle, other)

    def test_another_holders_handle(
        self, town: DelegatingTown, held: HolderRef, agent: HolderRef, device: SoftwareSigner
    ) -> None:
        begun = town.granting.begin(held.holder_id, town.wish())
        with pytest.raises(HandleInvalid, match="another holder"):
            town.granting.complete(agent.holder_id, begun.handle, device.sign(begun.signing_input.encode()))

    def test_a_handle_that_is_too_old(
        self, town: DelegatingTown, held: HolderRef, agent: HolderRef, device: SoftwareSigner
    ) -> None:
        begun = town.granting.begin(held.holder_id, town.wish())
        town.later(seconds=120)
        with pytest.raises(HandleInvalid, match="not accepted"):
            town.granting.complete(held.holder_id, begun.handle, device.sign(begun.signing_input.encode()))


def test_what_is_handed_over_is_an_sd_jwt_without_proof(
    town: DelegatingTown, enterprise: HolderRef, agent: HolderRef
) -> None:
    made = town.granting.grant(enterprise.holder_id, town.wish())
    credential = town.wallets.holding(enterprise.holder_id, made.credential_id).credential
    assert credential.format is CredentialFormat.SD_JWT_VC
    assert SdJwt.parse_issued(made.certificate).key_binding is None
    assert delegations.digest_of(made.certificate) == delegations.digest_of(credential.token)
