"""Confirming a proposed act so that the ledger and the proposal say the same, whatever comes between.

1. the proposal becomes confirming, with the officer who confirms it: from here on nobody declines it
2. the act is done; its entry in the ledger names the proposal, so that it is done once
3. the proposal is confirmed

After a crash between them whoever confirms it goes on. What the certificate does not allow any more is refused, and
the proposal is open again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from issuer.errors import ActNotAllowed, OrderRefused, StateChanged, UnknownCertificate
from issuer.orders.errors import ProposalStateChanged
from issuer.orders.events import about_proposal
from issuer.orders.ports import Proposals
from issuer.orders.records import Proposal, ProposalState
from issuer.ports import Clock, Ledger
from issuer.records import ActKind, State
from schemas.audit import AuditAct, Doer
from schemas.national import parse_identifier
from schemas.order import Identifier

_REFUSALS = (ActNotAllowed, OrderRefused, StateChanged, UnknownCertificate)
_REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act led to: the certificate that stands now, its state, the lists not published yet."""

    identifier: Identifier
    state: State
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirming:
    """The three steps."""

    proposals: Proposals
    ledger: Ledger
    clock: Clock

    def confirm(self, proposal: Proposal, do: Callable[[Proposal], Outcome], *, by: Doer) -> tuple[Proposal, Outcome]:
        """Do a proposal, open or confirming, by ``do``, which names it in the act; raises as ``ActDesk.confirm``."""
        outcome = None
        if proposal.state is ProposalState.CONFIRMING:
            claimed, outcome = proposal, self._done(proposal)
        else:
            claimed = self._claimed(proposal, by)
        if outcome is None:
            try:
                outcome = do(claimed)
            except _REFUSALS:
                outcome = self._done(claimed)  # by somebody who confirms it at the same time
                if outcome is None:
                    self._reopen(claimed, by)
                    raise
        return self._noted(claimed), outcome

    def _claimed(self, proposal: Proposal, by: Doer) -> Proposal:
        claimed = replace(proposal, state=ProposalState.CONFIRMING, decided_by=by.actor)
        event = about_proposal(AuditAct.APPROVED, claimed, by, at=self.clock())
        self.proposals.change(claimed, expected=ProposalState.PROPOSED, event=event)
        return claimed

    def _done(self, proposal: Proposal) -> Outcome | None:
        """Return the outcome of an act that the ledger has already."""
        record = self.ledger.certificate(proposal.identifier)
        if all(act.proposal != proposal.proposal_id for act in record.acts):
            return None
        if proposal.kind is not ActKind.REPLACE:
            return Outcome(proposal.identifier, record.state)
        # GB/T 36904: who replaces a certificate has its serial and the next version.
        parts = parse_identifier(proposal.identifier)
        newer = replace(parts, version=parts.version + 1).text
        return Outcome(newer, self.ledger.standing(newer).state)

    def _noted(self, claimed: Proposal) -> Proposal:
        confirmed = replace(claimed, state=ProposalState.CONFIRMED)
        with suppress(ProposalStateChanged):  # noted by somebody who confirmed it at the same time
            self.proposals.change(confirmed, expected=ProposalState.CONFIRMING, event=None)
        return confirmed

    def _reopen(self, claimed: Proposal, by: Doer) -> None:
        opened = replace(claimed, state=ProposalState.PROPOSED, decided_by=None)
        event = about_proposal(_REOPENED, opened, by, at=self.clock())
        with suppress(ProposalStateChanged):
            self.proposals.change(opened, expected=ProposalState.CONFIRMING, event=event)
