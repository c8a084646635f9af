"""Errors of ``issuer.orders``.

OrderError
├── UnknownOrder
├── OrderStateChanged      the order's state does not allow this (any more)
├── SameOfficer            four eyes: who prepared or proposed does not approve
├── SecondOfficerNeeded    four eyes: one officer alone does not issue this type
├── OfferRefused           no offer can be made of these orders, or not in this way
├── UnknownProposal
├── ProposalStateChanged   the proposal was decided, or has expired
└── SnapshotRefused        the type is no snapshot, or the register has nothing about the holder
"""

from issuer.errors import IssuerError


class OrderError(IssuerError):
    """An order, an offer or a proposal cannot be carried out."""

    code = "order_error"


class UnknownOrder(OrderError):
    """No order has this id."""

    code = "unknown_order"


class OrderStateChanged(OrderError):
    """The order's state does not allow this (any more); nothing was done."""

    code = "order_state_changed"


class SameOfficer(OrderError):
    """Four eyes: the officer who prepared an order, or proposed an act, does not decide on it."""

    code = "same_officer"


class SecondOfficerNeeded(OrderError):
    """Four eyes: a certificate of this type is issued by an order that a second officer approves."""

    code = "second_officer_needed"


class OfferRefused(OrderError):
    """No offer can be made of these orders, or not in this way."""

    code = "offer_refused"


class UnknownProposal(OrderError):
    """No proposal has this id."""

    code = "unknown_proposal"


class ProposalStateChanged(OrderError):
    """The proposal was decided before, or has expired; nothing was done."""

    code = "proposal_state_changed"


class SnapshotRefused(OrderError):
    """The type states no facts of a day, or the register has nothing about the holder."""

    code = "snapshot_refused"
