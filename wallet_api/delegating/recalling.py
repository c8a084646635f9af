"""Seeing and recalling delegations: the holder, whoever acts for it, the manager who made one, and the agent itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.formats.delegation import Relation
from schemas.order import HolderId
from wallet_api.delegating.errors import GrantNotPermitted, UnknownDelegation
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.powers import Powers, relations_of
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.terms import Person
from wallet_api.holders import normal_number


@dataclass(frozen=True, slots=True)
class Listed:
    """A holder's delegations, the newest first: what it gave and received; and what it may make others."""

    given: Sequence[Delegation]
    received: Sequence[Delegation]
    may_give: Sequence[Relation]


class Recalling:
    """Looking at delegations, and ending them."""

    __slots__ = ("_parts", "_powers")

    def __init__(self, parts: DelegatingParts) -> None:
        self._parts = parts
        self._powers = Powers(parts)

    def listed(self, actor_id: HolderId) -> Listed:
        """Return the delegations that a holder gave and received; raises UnknownHolder."""
        holder, delegations = self._parts.wallet.wallets.holder(actor_id), self._parts.delegations
        return Listed(delegations.given_by(actor_id), delegations.received_by(actor_id), relations_of(holder))

    def given_by(self, actor_id: HolderId, person: Person) -> Sequence[Delegation]:
        """Return the delegations of a holder for whom ``actor`` may act; raises GrantNotPermitted."""
        holder = self._parts.wallet.wallets.find_holder(person.code_type, normal_number(person.code))
        if holder is None:
            raise GrantNotPermitted("who asks is not shown to be the holder's legal representative or guardian")
        self._powers.over(holder, actor_id)
        return self._parts.delegations.given_by(holder.holder_id)

    def recall(self, actor_id: HolderId, delegation_id: str) -> Delegation:
        """End a delegation, and those made under it, now; ended before it stays as it is.

        Raises:
            UnknownDelegation: there is none of this id, or who asks may not know of it.
        """
        found = self._parts.delegations.delegation(delegation_id)
        if found is None or not self._may_recall(actor_id, found):
            raise UnknownDelegation("no delegation of this id was given or received by who asks")
        self._parts.delegations.recall(delegation_id, at=self._parts.wallet.clock(), by=actor_id)
        return self._parts.delegations.delegation(delegation_id) or found

    def _may_recall(self, actor_id: HolderId, found: Delegation) -> bool:
        if actor_id in (found.agent_id, found.holder_id):
            return True
        under = None if found.under is None else self._parts.delegations.delegation(found.under)
        if under is not None and under.agent_id == actor_id:
            return True
        try:
            self._powers.over(self._parts.wallet.wallets.holder(found.holder_id), actor_id)
        except GrantNotPermitted:
            return False
        return True
