"""What delegating needs from outside, beside the wallet's own ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from schemas.formats.status_claim import StatusReference
from schemas.order import HolderId, Identifier
from wallet_api.delegating.records import Delegation


@dataclass(frozen=True, slots=True)
class Most:
    """How many delegations of one holder are in force at once, and to how many managers."""

    delegations: int
    managers: int


class Delegations(Protocol):
    """Where delegations are kept, and the places of the recall lists; each call is one transaction."""

    def take_place(self) -> StatusReference:
        """Return a place in a recall list that was never given out."""

    def add(self, delegation: Delegation, *, most: Most, by: HolderId) -> Delegation:
        """Keep a new delegation and return it; one of its id that is there already stays as it is.

        Of callers at once as many succeed as ``most`` lets.

        Raises:
            TooManyDelegations, TooManyManagers: the holder has as many in force.
            DelegationEnded: the manager's own delegation, ``under``, was recalled.
        """

    def delegation(self, delegation_id: str) -> Delegation | None:
        """Return a delegation."""

    def given_by(self, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        """Return a holder's delegations, those in force before those that ended, the newest first; at most 500."""

    def received_by(self, agent_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        """Return the delegations to an agent, in the same order; at most 500."""

    def managed_by(self, agent_id: HolderId, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        """Return every delegation in force by which an agent is a holder's manager."""

    def by_right(self, *, after: str, limit: int, now: datetime) -> Sequence[Delegation]:
        """Return delegations in force to legal representatives and guardians, those after an id, in order of ids."""

    def recall(self, delegation_id: str, *, at: datetime, by: HolderId | None) -> None:
        """Recall a delegation and all that were made under it; what was recalled before stays as it is.

        ``by`` is None for the program itself.
        """


class Registrar(Protocol):
    """The city's word on a delegation (``schemas.formats.delegation_registration``)."""

    def register(self, claims: Mapping[str, Any]) -> str:
        """Return the registration of what a delegation says."""


class CertificateStates(Protocol):
    """What the register knows."""

    def state_of(self, identifier: Identifier) -> str | None:
        """Return the state of a certificate; None for one of another issuer."""


class Limits(Protocol):
    """How often something may be asked."""

    def hit(self, rule: str, subject: str, *, now: datetime) -> None:
        """Count a request; raises an error of ours when there were too many."""
