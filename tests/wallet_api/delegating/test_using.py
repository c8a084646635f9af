"""The agent shows a certificate: what it shows, what stands in both histories, and when it does not."""

import base64
import secrets
from typing import Any

import pytest

from keys.encoding import b64url_decode
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import HolderRef
from schemas.qr import animation
from tests.support.delegating_town import AGENT, ENTERPRISE, LEGAL, LICENCE, PURPOSE, DelegatingTown, disclosed
from tests.support.wallet_fakes import example_claims
from wallet_api.delegating.errors import DelegationEnded, PurposeNotGranted, UnknownDelegation
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.using import Asked
from wallet_api.errors import CustodyKeyNeeded, DeviceKeyNeeded, FieldNotInCertificate, HandleInvalid, RequestInvalid
from wallet_api.presenting import Terms
from wallet_api.selection import Wanted
from wallet_api.showing import COUNTER_AUDIENCE, Challenge

DISABILITY = TypeId("disabled_person_certificate")
TERMS = Terms("n-1", "https://bank.example", PURPOSE)


@pytest.fixture
def given(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> Delegation:
    return town.granting.grant(enterprise.holder_id, town.wish())


def test_what_the_agent_shows(town: DelegatingTown, given: Delegation, enterprise: HolderRef, agent: HolderRef) -> None:
    town.later(hours=1)
    shown = town.using.present(agent.holder_id, Asked(given.delegation_id), TERMS)
    said = town.said(shown.presentation, enterprise)
    assert (said.proof.audience, said.proof.nonce) == (TERMS.audience, TERMS.nonce)
    assert said.proof.iat == int(town.now.timestamp())
    assert (shown.audience, shown.purpose, shown.fields) == (TERMS.audience, PURPOSE, given.fields)


def test_a_use_stands_in_both_histories(
    town: DelegatingTown, given: Delegation, enterprise: HolderRef, agent: HolderRef
) -> None:
    shown = town.using.present(agent.holder_id, Asked(given.delegation_id), TERMS)
    (theirs,), (mine,) = (town.wallet.history.page(holder.holder_id).records for holder in (enterprise, agent))
    assert mine.presentation_id == shown.presentation_id != theirs.presentation_id
    assert mine.acting is not None
    assert theirs.acting is not None
    assert (mine.acting.as_agent, mine.acting.other) == (True, ENTERPRISE.name)
    assert (theirs.acting.as_agent, theirs.acting.other) == (False, AGENT.name)
    assert (theirs.audience, theirs.purpose, theirs.fields) == (TERMS.audience, PURPOSE, given.fields)


def test_an_agent_shows_no_more_than_it_wants(town: DelegatingTown, enterprise: HolderRef, agent: HolderRef) -> None:
    wanted = Wanted(("business_scope", "address"), type_id=LICENCE)
    given = town.granting.grant(enterprise.holder_id, town.wish(wanted=wanted))
    shown = town.using.present(agent.holder_id, Asked(given.delegation_id, ("address", "address")), TERMS)
    assert disclosed(shown.presentation.partition("~~")[0] + "~") == {"address"}
    assert "address" in shown.fields
    assert "business_scope" not in shown.fields
    assert "name" in shown.fields
    assert town.wallet.history.page(enterprise.holder_id).records[0].fields == shown.fields
    code = town.using.show(agent.holder_id, Asked(given.delegation_id, ()), purpose=PURPOSE, challenge=None)
    again = town.using.renew(agent.holder_id, code.renewal)
    assert disclosed(again.presented.presentation.partition("~~")[0] + "~") == set()


def test_a_field_that_was_not_handed_over(town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
    with pytest.raises(FieldNotInCertificate):
        town.using.present(agent.holder_id, Asked(given.delegation_id, ("address",)), TERMS)


def test_another_purpose(town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
    with pytest.raises(PurposeNotGranted):
        town.using.present(agent.holder_id, Asked(given.delegation_id), Terms("n", "a", "贷款"))


@pytest.mark.parametrize("who", ["the holder", "nobody"])
def test_whom_it_was_not_given_to(
    town: DelegatingTown, given: Delegation, enterprise: HolderRef, agent: HolderRef, who: str
) -> None:
    actor, name = (enterprise, given.delegation_id) if who == "the holder" else (agent, "no-such-delegation")
    with pytest.raises(UnknownDelegation):
        town.using.present(actor.holder_id, Asked(name), TERMS)


def test_after_its_end(town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
    town.later(days=30)
    with pytest.raises(DelegationEnded):
        town.using.present(agent.holder_id, Asked(given.delegation_id), TERMS)


def test_after_a_recall(town: DelegatingTown, given: Delegation, agent: HolderRef, enterprise: HolderRef) -> None:
    town.recalling.recall(enterprise.holder_id, given.delegation_id)
    with pytest.raises(DelegationEnded):
        town.using.present(agent.holder_id, Asked(given.delegation_id), TERMS)


class TestCode:
    """At a counter."""

    def shown(self, town: DelegatingTown, agent: HolderRef, given: Delegation, **changes: Any) -> Any:
        asked = {"purpose": PURPOSE, "challenge": None} | changes
        return town.using.show(agent.holder_id, Asked(given.delegation_id), **asked)

    def test_it_is_animated_and_needs_no_network(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        code = self.shown(town, agent, given)
        assert not code.by_reference
        assert 2 <= len(code.frames) <= animation.MAX_FRAMES
        text = animation.reassemble(code.frames)
        assert text == code.presented.presentation
        assert town.said(text, enterprise).proof.audience == COUNTER_AUDIENCE

    def test_what_is_too_big_waits_under_a_reference(
        self, town: DelegatingTown, enterprise: HolderRef, agent: HolderRef
    ) -> None:
        citizen = town.person(LEGAL)
        photo = "data:image/jpeg;base64," + base64.b64encode(secrets.token_bytes(3000)).decode()
        town.holding(citizen, DISABILITY, claims=example_claims(DISABILITY, photo=photo))
        wanted = Wanted(("photo",), type_id=DISABILITY)
        given = town.granting.grant(citizen.holder_id, town.wish(wanted=wanted))
        code = self.shown(town, agent, given)
        assert code.by_reference
        assert town.wallet.showing.take_reference(code.text) == code.presented.presentation
        assert town.wallet.history.page(agent.holder_id).records[0].channel == "reference"

    def test_a_challenge_is_answered(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        challenge = Challenge("urn:ecert:counter:7", b"12345678")
        code = self.shown(town, agent, given, challenge=challenge)
        proof = town.said(code.presented.presentation, enterprise).proof
        assert (proof.audience, b64url_decode(proof.nonce)) == ("urn:ecert:counter:7", b"12345678")

    def test_a_challenge_of_a_wrong_length(self, town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
        with pytest.raises(RequestInvalid):
            self.shown(town, agent, given, challenge=Challenge("urn:ecert:counter:7", b"1234567"))

    def test_it_goes_on_with_one_record(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        code = self.shown(town, agent, given)
        town.later(seconds=20)
        again = town.using.renew(agent.holder_id, code.renewal)
        assert (again.renewal, again.presented.presentation_id) == (code.renewal, code.presented.presentation_id)
        assert town.said(again.presented.presentation, enterprise).proof.iat == int(town.now.timestamp())
        assert len(town.wallet.history.page(agent.holder_id).records) == 1
        assert len(town.wallet.history.page(enterprise.holder_id).records) == 1

    def test_not_after_a_recall(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        code = self.shown(town, agent, given)
        town.recalling.recall(enterprise.holder_id, given.delegation_id)
        with pytest.raises(DelegationEnded):
            town.using.renew(agent.holder_id, code.renewal)

    def test_not_by_another(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, enterprise: HolderRef
    ) -> None:
        code = self.shown(town, agent, given)
        with pytest.raises(HandleInvalid, match="another holder"):
            town.using.renew(enterprise.holder_id, code.renewal)

    def test_not_for_longer_than_ten_minutes(self, town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
        code = self.shown(town, agent, given)
        town.later(minutes=10)
        with pytest.raises(HandleInvalid, match="not accepted"):
            town.using.renew(agent.holder_id, code.renewal)


class TestDevice:
    """The agent's device signs."""

    @pytest.fixture
    def device(self) -> SoftwareSigner:
        return SoftwareSigner.generate()

    @pytest.fixture
    def agent(self, town: DelegatingTown, device: SoftwareSigner) -> HolderRef:
        return town.registered_device(town.person(AGENT), device)

    def test_begin_sign_complete(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, device: SoftwareSigner, enterprise: HolderRef
    ) -> None:
        begun = town.using.begin(agent.holder_id, Asked(given.delegation_id), TERMS)
        town.later(seconds=30)
        signature = device.sign(begun.signing_input.encode())
        shown = town.using.complete(agent.holder_id, begun.handle, signature)
        assert town.said(shown.presentation, enterprise).proof.nonce == TERMS.nonce

    def test_a_code(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, device: SoftwareSigner, enterprise: HolderRef
    ) -> None:
        begun = town.using.begin_qr(agent.holder_id, Asked(given.delegation_id), purpose=PURPOSE, challenge=None)
        code = town.using.complete_qr(agent.holder_id, begun.handle, device.sign(begun.signing_input.encode()))
        assert town.said(animation.reassemble(code.frames), enterprise).proof.audience == COUNTER_AUDIENCE

    def test_one_step_needs_a_custody_key(self, town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
        with pytest.raises(DeviceKeyNeeded):
            town.using.present(agent.holder_id, Asked(given.delegation_id), TERMS)

    def test_another_way_of_showing(
        self, town: DelegatingTown, given: Delegation, agent: HolderRef, device: SoftwareSigner
    ) -> None:
        begun = town.using.begin(agent.holder_id, Asked(given.delegation_id), TERMS)
        with pytest.raises(HandleInvalid, match="way of showing"):
            town.using.complete_qr(agent.holder_id, begun.handle, device.sign(begun.signing_input.encode()))

    def test_another_keys_signature(self, town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
        begun = town.using.begin(agent.holder_id, Asked(given.delegation_id), TERMS)
        other = SoftwareSigner.generate().sign(begun.signing_input.encode())
        with pytest.raises(HandleInvalid, match="signature"):
            town.using.complete(agent.holder_id, begun.handle, other)


def test_two_steps_need_a_device(town: DelegatingTown, given: Delegation, agent: HolderRef) -> None:
    with pytest.raises(CustodyKeyNeeded):
        town.using.begin(agent.holder_id, Asked(given.delegation_id), TERMS)
