"""Life-cycle acts with four eyes: a revoker proposes, an approver who is somebody else confirms, and then it is done.

Types without the switch are acted on at once, as ``LifeCycle`` does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from issuer.errors import ActNotAllowed, OrderRefused
from issuer.issuing import Issuer
from issuer.lifecycle import Decision, Done, LifeCycle, Replaced
from issuer.orders.confirming import Confirming, Outcome
from issuer.orders.errors import ProposalStateChanged, SecondOfficerNeeded
from issuer.orders.events import about_proposal
from issuer.orders.four_eyes import FourEyes, must_differ
from issuer.orders.ports import Proposals
from issuer.orders.records import MAX_PAGE, Proposal, ProposalState, Query
from issuer.ports import Clock, HolderDirectory, Ledger
from issuer.records import ActKind, Intent, State
from issuer.row_keys import PROPOSAL
from schemas.audit import AuditAct, Doer
from schemas.order import Identifier, Order

GOOD_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ActPorts:
    """What the desk of acts works with."""

    proposals: Proposals
    ledger: Ledger
    directory: HolderDirectory
    clock: Clock
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Work:
    """By whom acts are done: the issuer and the life cycle."""

    issuer: Issuer
    life: LifeCycle


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a confirmed proposal led to: the certificate that stands now, its state, the lists not published yet."""

    proposal: Proposal
    identifier: Identifier
    state: State
    pending: tuple[str, ...]


class ActDesk:
    """Acts on certificates, with a second officer where the switch wants one."""

    def __init__(self, work: Work, ports: ActPorts, *, four_eyes: FourEyes) -> None:
        self._issuer, self._life = work.issuer, work.life
        self._ports = ports
        self._four_eyes = four_eyes
        self._confirming = Confirming(ports.proposals, ports.ledger, ports.clock)

    def alone(self, type_id: str) -> None:
        """Return if one officer alone may issue certificates of this type; raises SecondOfficerNeeded."""
        if self._four_eyes.needed(type_id):
            raise SecondOfficerNeeded("type wants four eyes: hand in an order that a second officer approves")

    def act(self, kind: ActKind, identifier: Identifier, decision: Decision, *, by: Doer) -> Done | Proposal:
        """Do an act (any but replace), or keep it as a proposal where the type wants four eyes.

        Raises:
            ActNotAllowed, UnknownCertificate, StateChanged: as ``LifeCycle.act``, for a proposal too.
        """
        intent = self._ports.ledger.standing(identifier).intent
        if not self._four_eyes.needed(intent.type_id):
            return self._life.act(kind, identifier, decision)
        if kind is ActKind.REPLACE:
            raise ActNotAllowed("replace is not allowed without the order for the new certificate")
        self._life.check(kind, identifier, decision)
        return self._propose(self._proposal(kind, intent, decision, by), by)

    def replace(
        self,
        identifier: Identifier,
        claims: Mapping[str, Any],
        decision: Decision,
        *,
        by: Doer,
        row_key: str | None = None,
    ) -> Replaced | Proposal:
        """Issue the next version of a certificate, or keep that as a proposal where the type wants four eyes.

        Raises:
            ActNotAllowed, UnknownCertificate, StateChanged, OrderRefused: as ``LifeCycle.replace``.
        """
        intent = self._ports.ledger.standing(identifier).intent
        if not self._four_eyes.needed(intent.type_id):
            return self._life.replace(self._successor(identifier, claims, row_key=row_key), decision)
        self._life.check(ActKind.REPLACE, identifier, decision)
        problems = self._issuer.problems(intent.type_id, claims)
        if problems:
            raise OrderRefused(problems)
        proposal = self._proposal(ActKind.REPLACE, intent, decision, by)
        return self._propose(replace(proposal, claims=claims), by)

    def confirm(self, proposal_id: str, *, by: Doer) -> Confirmed:
        """Do a proposed act, once; after a crash whoever confirms it goes on (``issuer.orders.confirming``).

        Raises:
            UnknownProposal, ProposalStateChanged: there is none, it was decided, or has expired.
            SameOfficer: the officer proposed it.
            ActNotAllowed, StateChanged, OrderRefused: the certificate or the claims do not allow it any more.
        """
        proposal = self._in_state(proposal_id, ProposalState.PROPOSED, ProposalState.CONFIRMING)
        must_differ(proposal.proposed_by, by.actor)
        decided, done = self._confirming.confirm(proposal, self._do, by=by)
        return Confirmed(decided, done.identifier, done.state, done.pending)

    def decline(self, proposal_id: str, *, by: Doer) -> Proposal:
        """End a proposal without doing it; who proposed it may, too.

        Raises:
            UnknownProposal, ProposalStateChanged: there is none; it was decided, is being confirmed, or has expired.
        """
        proposal = self._in_state(proposal_id, ProposalState.PROPOSED)
        declined = replace(proposal, state=ProposalState.DECLINED, decided_by=by.actor)
        event = about_proposal(AuditAct.DECLINED, declined, by, at=self._ports.clock())
        self._ports.proposals.change(declined, expected=ProposalState.PROPOSED, event=event)
        return declined

    def proposal(self, proposal_id: str) -> Proposal:
        """Return a proposal, expired when its time has come; raises UnknownProposal."""
        return self._today(self._ports.proposals.proposal(proposal_id))

    def page(self, query: Query) -> Sequence[Proposal]:
        """Return proposals, the newest first, at most ``MAX_PAGE`` at once."""
        found = self._ports.proposals.page(replace(query, limit=min(max(query.limit, 1), MAX_PAGE)))
        return [self._today(proposal) for proposal in found]

    def _do(self, proposal: Proposal) -> Outcome:
        name = proposal.proposal_id
        if proposal.claims is None:
            done = self._life.act(proposal.kind, proposal.identifier, proposal.decision, proposal=name)
            return Outcome(proposal.identifier, done.record.state, done.pending)
        order = self._successor(proposal.identifier, proposal.claims, row_key=f"{PROPOSAL}{name}")
        made = self._life.replace(order, proposal.decision, proposal=name)
        return Outcome(made.issued.identifier, State.ISSUED, made.pending)

    def _successor(self, identifier: Identifier, claims: Mapping[str, Any], *, row_key: str | None) -> Order:
        old = self._ports.ledger.standing(identifier).intent
        order = self._issuer.order_for(old.type_id, claims, self._ports.directory, row_key=row_key)
        return replace(order, replaces=identifier)

    def _proposal(self, kind: ActKind, intent: Intent, decision: Decision, by: Doer) -> Proposal:
        now = self._ports.clock()
        return Proposal(
            proposal_id=self._ports.new_id(),
            kind=kind,
            identifier=intent.identifier,
            decision=decision,
            type_id=intent.type_id,
            department=intent.department,
            state=ProposalState.PROPOSED,
            proposed_by=by.actor,
            created_at=now,
            expires_at=now + GOOD_FOR,
        )

    def _propose(self, proposal: Proposal, by: Doer) -> Proposal:
        event = about_proposal("proposed", proposal, by, at=proposal.created_at)
        self._ports.proposals.add(proposal, event)
        return proposal

    def _in_state(self, proposal_id: str, *states: ProposalState) -> Proposal:
        proposal = self.proposal(proposal_id)
        if proposal.state not in states:
            raise ProposalStateChanged(f"proposal is {proposal.state}, expected {' or '.join(states)}")
        return proposal

    def _today(self, proposal: Proposal) -> Proposal:
        if proposal.state is ProposalState.PROPOSED and proposal.expires_at <= self._ports.clock():
            return replace(proposal, state=ProposalState.EXPIRED)
        return proposal
