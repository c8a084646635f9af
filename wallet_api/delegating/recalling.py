"""Seeing and recalling delegations: the holder, whoever acts for it, the manager who made one, and the agent itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.formats.delegation import Relation
from schemas.order import HolderId
from wallet_api.delegating.drafts import RULE
from wallet_api.delegating.errors import GrantNotPermitted, UnknownDelegation
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.powers import Powers, relations_of
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.terms import Person
from wallet_api.holders import normal_number

BATCH = 200


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
        now = self._parts.wallet.clock()
        given, received = delegations.given_by(actor_id, now=now), delegations.received_by(actor_id, now=now)
        return Listed(given, received, relations_of(holder))

    def given_by(self, actor_id: HolderId, person: Person) -> Sequence[Delegation]:
        """Return the delegations of a holder for whom ``actor`` may act; raises GrantNotPermitted."""
        now = self._parts.wallet.clock()
        self._parts.limits.hit(RULE, actor_id, now=now)
        holder = self._parts.wallet.wallets.find_holder(person.code_type, normal_number(person.code))
        if holder is None:
            raise GrantNotPermitted("who asks is not shown to be the holder's legal representative or guardian")
        self._powers.over(holder, actor_id)
        return self._parts.delegations.given_by(holder.holder_id, now=now)

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

    def end_rights(self) -> int:
        """Recall delegations to legal representatives and guardians who are none any more; return how many they were.

        ``BATCH`` are looked at, from a point by chance on: ids are random, so that in many rounds, and by many
        workers, all of them are.
        """
        now, delegations = self._parts.wallet.clock(), self._parts.delegations
        after = self._parts.wallet.randomness(16).hex()
        found: dict[str, Delegation] = {}
        for start in (after, ""):
            some = delegations.by_right(after=start, limit=BATCH - len(found), now=now)
            found |= {each.delegation_id: each for each in some}
        ended = [each for each in found.values() if not self._powers.still_rests(each)]
        for each in ended:
            delegations.recall(each.delegation_id, at=now, by=None)
        return len(ended)

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
