"""Whether what a proposal asks for has been done, as the ledger tells: after a crash, or by somebody else meanwhile."""

from dataclasses import replace

from issuer.errors import UnknownCertificate
from issuer.orders.records import Proposal
from issuer.ports import Ledger
from issuer.records import State
from schemas.national import parse_identifier
from schemas.order import Identifier


def row_key(proposal: Proposal) -> str:
    """Return the row key by which the ledger knows the certificate that a proposal's claims make."""
    return f"proposal:{proposal.proposal_id}"


def carried_out(proposal: Proposal, ledger: Ledger) -> tuple[Identifier, State] | None:
    """Return the certificate that stands and its state when the proposal was carried out, None when it was not."""
    if proposal.claims is not None:
        return _replaced(proposal, ledger)
    record = ledger.certificate(proposal.identifier)
    done = any(act.proposal_id == proposal.proposal_id for act in record.acts)
    return (proposal.identifier, record.state) if done else None


def _replaced(proposal: Proposal, ledger: Ledger) -> tuple[Identifier, State] | None:
    parts = parse_identifier(proposal.identifier)
    try:
        newer = ledger.standing(replace(parts, version=parts.version + 1).text)
    except UnknownCertificate:
        return None
    same = newer.intent.row_key == row_key(proposal)
    return (newer.intent.identifier, newer.state) if same else None
