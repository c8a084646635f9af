"""Suspension, revocation and cancellation with four eyes: proposed by one officer, done by the word of another."""

from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import ActNotAllowed, OrderRefused, StateChanged, UnknownCertificate
from issuer.lifecycle import Decision, Done, Replaced
from issuer.orders.errors import ProposalStateChanged, SameOfficer, SecondOfficerNeeded, UnknownProposal
from issuer.orders.proposals import GOOD_FOR
from issuer.orders.records import MAX_PAGE, Proposal, ProposalState, Query
from issuer.records import ActKind, State
from schemas.audit import Doer
from schemas.order import Identifier

REVOKER, APPROVER = Doer("officer-3", "revoker"), Doer("officer-4", "approver")


def state(office: Any, identifier: Identifier) -> State:
    found: State = office.desk.ledger.certificate(identifier).state
    return found


def proposed(office: Any, decision: Decision) -> tuple[Identifier, Proposal]:
    identifier = office.desk.issue().identifier
    made = office.act_desk.act(ActKind.REVOKE, identifier, decision, by=REVOKER)
    assert isinstance(made, Proposal)
    return identifier, made


def test_one_pair_of_eyes_acts_at_once(office: Any, decision: Decision) -> None:
    identifier = office.desk.issue().identifier
    assert isinstance(office.act_desk.act(ActKind.REVOKE, identifier, decision, by=REVOKER), Done)
    assert state(office, identifier) is State.REVOKED


def test_four_eyes_an_act_is_proposed_and_nothing_is_done(strict: Any, decision: Decision) -> None:
    identifier, proposal = proposed(strict, decision)
    assert state(strict, identifier) is State.ISSUED
    assert (proposal.state, proposal.kind, proposal.decision) == (ProposalState.PROPOSED, ActKind.REVOKE, decision)
    assert strict.audit.acts == ["proposal.proposed"]


def test_a_confirmed_proposal_is_done(strict: Any, decision: Decision) -> None:
    identifier, proposal = proposed(strict, decision)
    done = strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    assert (done.identifier, done.state, done.pending) == (identifier, State.REVOKED, ())
    assert strict.act_desk.proposal(proposal.proposal_id).decided_by == "officer-4"
    assert strict.audit.acts == ["proposal.proposed", "proposal.approved"]
    assert state(strict, identifier) is State.REVOKED


def test_who_proposed_does_not_confirm(strict: Any, decision: Decision) -> None:
    identifier, proposal = proposed(strict, decision)
    with pytest.raises(SameOfficer):
        strict.act_desk.confirm(proposal.proposal_id, by=Doer("officer-3", "approver"))
    assert state(strict, identifier) is State.ISSUED


def test_a_declined_proposal_is_over(strict: Any, decision: Decision) -> None:
    identifier, proposal = proposed(strict, decision)
    strict.act_desk.decline(proposal.proposal_id, by=REVOKER)
    for act in (strict.act_desk.confirm, strict.act_desk.decline):
        with pytest.raises(ProposalStateChanged, match="declined"):
            act(proposal.proposal_id, by=APPROVER)
    assert state(strict, identifier) is State.ISSUED


def test_a_proposal_ends_after_a_month(strict: Any, decision: Decision) -> None:
    _, proposal = proposed(strict, decision)
    strict.desk.clock.move(GOOD_FOR - timedelta(seconds=1))
    assert strict.act_desk.proposal(proposal.proposal_id).state is ProposalState.PROPOSED
    strict.desk.clock.move(timedelta(seconds=1))
    assert [one.state for one in strict.act_desk.page(Query())] == [ProposalState.EXPIRED]
    with pytest.raises(ProposalStateChanged, match="expired"):
        strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)


def test_an_act_that_the_certificate_does_not_allow_is_not_proposed(strict: Any, decision: Decision) -> None:
    identifier = strict.desk.issue().identifier
    for kind in (ActKind.REINSTATE, ActKind.REPLACE):
        with pytest.raises(ActNotAllowed):
            strict.act_desk.act(kind, identifier, decision, by=REVOKER)
    with pytest.raises(UnknownCertificate):
        strict.act_desk.act(ActKind.REVOKE, Identifier("nothing"), decision, by=REVOKER)
    assert strict.proposals.kept == {}


def test_of_two_proposals_one_is_done(strict: Any, decision: Decision) -> None:
    identifier, first = proposed(strict, decision)
    second = strict.act_desk.act(ActKind.REVOKE, identifier, decision, by=REVOKER)
    strict.act_desk.confirm(first.proposal_id, by=APPROVER)
    with pytest.raises((ActNotAllowed, StateChanged)):
        strict.act_desk.confirm(second.proposal_id, by=APPROVER)


def test_an_unknown_proposal_is_refused(strict: Any) -> None:
    with pytest.raises(UnknownProposal):
        strict.act_desk.confirm("nothing", by=APPROVER)


def test_a_page_has_a_limit(strict: Any) -> None:
    asked: list[Query] = []

    def page(query: Query) -> list[Proposal]:
        asked.append(query)
        return []

    strict.proposals.page = page
    strict.act_desk.page(Query(limit=1_000_000))
    assert asked[0].limit == MAX_PAGE


class Crash(BaseException):
    """The process ends here."""


def ending(patch: pytest.MonkeyPatch, part: Any, method: str, *, after: bool) -> None:
    work = getattr(part, method)

    def end(*args: Any, **kwargs: Any) -> None:
        if after:
            work(*args, **kwargs)
        raise Crash

    patch.setattr(part, method, end)


@pytest.mark.parametrize("after", [False, True])
def test_after_a_crash_at_the_act_whoever_confirms_goes_on(
    strict: Any, decision: Decision, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    identifier, proposal = proposed(strict, decision)
    with monkeypatch.context() as patch:
        ending(patch, strict.desk.ledger, "apply", after=after)
        with pytest.raises(Crash):
            strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    assert strict.act_desk.proposal(proposal.proposal_id).state is ProposalState.CONFIRMING
    with pytest.raises(ProposalStateChanged, match="confirming"):
        strict.act_desk.decline(proposal.proposal_id, by=APPROVER)
    with pytest.raises(SameOfficer):
        strict.act_desk.confirm(proposal.proposal_id, by=REVOKER)
    done = strict.act_desk.confirm(proposal.proposal_id, by=Doer("officer-5", "approver"))
    assert (done.identifier, done.state, done.proposal.state) == (identifier, State.REVOKED, ProposalState.CONFIRMED)
    assert done.proposal.decided_by == "officer-4"
    assert [act.proposal for act in strict.desk.ledger.certificate(identifier).acts] == [proposal.proposal_id]
    assert strict.audit.acts == ["proposal.proposed", "proposal.approved"]


def test_an_act_that_was_taken_back_is_not_done_again(
    strict: Any, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = strict.desk.issue("drug_business_licence").identifier
    proposal = strict.act_desk.act(ActKind.SUSPEND, identifier, decision, by=REVOKER)
    with monkeypatch.context() as patch:
        ending(patch, strict.desk.ledger, "apply", after=True)
        with pytest.raises(Crash):
            strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    strict.desk.life_cycle.reinstate(identifier, decision)
    done = strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    assert (done.state, done.proposal.state) == (State.ISSUED, ProposalState.CONFIRMED)
    assert state(strict, identifier) is State.ISSUED


def test_what_is_being_confirmed_is_not_declined(strict: Any, decision: Decision) -> None:
    identifier, proposal = proposed(strict, decision)
    apply = strict.desk.ledger.apply

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        done = apply(*args, **kwargs)
        with pytest.raises(ProposalStateChanged):
            strict.act_desk.decline(proposal.proposal_id, by=Doer("officer-5", "approver"))
        return done

    strict.desk.ledger.apply = interrupted
    assert strict.act_desk.confirm(proposal.proposal_id, by=APPROVER).proposal.state is ProposalState.CONFIRMED
    assert strict.audit.acts == ["proposal.proposed", "proposal.approved"]
    assert state(strict, identifier) is State.REVOKED


def test_of_two_who_confirm_at_once_both_hear_that_it_is_done(strict: Any, decision: Decision) -> None:
    _, proposal = proposed(strict, decision)
    apply = strict.desk.ledger.apply

    def outrun(*args: Any, **kwargs: Any) -> Any:
        strict.desk.ledger.apply = apply
        strict.act_desk.confirm(proposal.proposal_id, by=Doer("officer-5", "approver"))
        return apply(*args, **kwargs)

    strict.desk.ledger.apply = outrun
    done = strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    assert (done.state, done.proposal.decided_by) == (State.REVOKED, "officer-4")


def test_what_the_certificate_allows_no_more_opens_the_proposal_again(strict: Any, decision: Decision) -> None:
    identifier, proposal = proposed(strict, decision)
    strict.desk.life_cycle.revoke(identifier, decision)
    with pytest.raises(ActNotAllowed):
        strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    again = strict.act_desk.proposal(proposal.proposal_id)
    assert (again.state, again.decided_by) == (ProposalState.PROPOSED, None)
    assert strict.audit.acts == ["proposal.proposed", "proposal.approved", "proposal.reopened"]
    strict.act_desk.decline(proposal.proposal_id, by=APPROVER)


REPLACE = Decision("变更", officer="A-17", case_number="江市监〔2026〕9号")


def replacing(office: Any, identifier: Identifier, **changes: Any) -> Any:
    claims = office.desk.claims(address="江门市示例路7号", **changes)
    return office.act_desk.replace(identifier, claims, REPLACE, by=REVOKER)


def test_one_pair_of_eyes_replaces_at_once(office: Any) -> None:
    identifier = office.desk.issue().identifier
    made = replacing(office, identifier)
    assert isinstance(made, Replaced)
    assert state(office, identifier) is State.REPLACED
    assert state(office, made.issued.identifier) is State.ISSUED


def test_four_eyes_a_replacement_is_proposed_with_its_claims_and_confirmed(strict: Any) -> None:
    identifier = strict.desk.issue().identifier
    proposal = replacing(strict, identifier)
    assert (proposal.kind, proposal.claims["address"]) == (ActKind.REPLACE, "江门市示例路7号")
    assert "示例路" not in repr(proposal)
    assert state(strict, identifier) is State.ISSUED
    confirmed = strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    assert (confirmed.state, confirmed.proposal.state) == (State.ISSUED, ProposalState.CONFIRMED)
    record = strict.desk.ledger.certificate(confirmed.identifier)
    assert (record.intent.replaces, record.intent.claims["address"]) == (identifier, "江门市示例路7号")
    assert state(strict, identifier) is State.REPLACED


@pytest.mark.parametrize("method", ["record_intents", "record_issued"])
@pytest.mark.parametrize("after", [False, True])
def test_after_a_crash_at_a_replacement_whoever_confirms_goes_on(
    strict: Any, monkeypatch: pytest.MonkeyPatch, method: str, after: bool
) -> None:
    identifier = strict.desk.issue().identifier
    proposal = replacing(strict, identifier)
    with monkeypatch.context() as patch:
        ending(patch, strict.desk.ledger, method, after=after)
        with pytest.raises(Crash):
            strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    done = strict.act_desk.confirm(proposal.proposal_id, by=APPROVER)
    assert (done.state, done.proposal.state) == (State.ISSUED, ProposalState.CONFIRMED)
    assert strict.desk.ledger.certificate(done.identifier).intent.replaces == identifier
    assert [act.proposal for act in strict.desk.ledger.certificate(identifier).acts] == [proposal.proposal_id]
    assert len(strict.desk.ledger._certificates) == 2


def test_four_eyes_a_replacement_with_bad_claims_or_of_what_is_gone_is_not_proposed(
    strict: Any, decision: Decision
) -> None:
    identifier = strict.desk.issue().identifier
    with pytest.raises(OrderRefused):
        replacing(strict, identifier, name=None)
    strict.desk.life_cycle.revoke(identifier, decision)
    with pytest.raises(ActNotAllowed):
        replacing(strict, identifier)
    assert strict.proposals.kept == {}


def test_four_eyes_one_officer_alone_issues_nothing(office: Any, strict: Any) -> None:
    office.act_desk.alone("business_licence")
    with pytest.raises(SecondOfficerNeeded):
        strict.act_desk.alone("business_licence")
