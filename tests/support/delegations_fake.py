"""Delegations in memory (``wallet_api.delegating.ports.Delegations``)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from schemas.formats.delegation import Relation
from schemas.formats.status_claim import StatusReference
from schemas.order import HolderId
from wallet_api.delegating.errors import DelegationEnded, TooManyDelegations, TooManyManagers
from wallet_api.delegating.ports import Most
from wallet_api.delegating.powers import BY_RIGHT
from wallet_api.delegating.records import Delegation

RECALLS = "https://wallet.example/wallet/status/1"


class FakeDelegations:
    """A dictionary that keeps the contract."""

    def __init__(self) -> None:
        self._kept: dict[str, Delegation] = {}
        self._taken = 0

    def take_place(self) -> StatusReference:
        self._taken += 1
        return StatusReference(RECALLS, self._taken)

    def add(self, delegation: Delegation, *, most: Most, by: HolderId) -> Delegation:
        del by
        if delegation.delegation_id in self._kept:
            return self._kept[delegation.delegation_id]
        mine = [
            one
            for one in self._kept.values()
            if one.holder_id == delegation.holder_id and one.recalled_at is None and one.until > delegation.since
        ]
        if len(mine) >= most.delegations:
            raise TooManyDelegations("the holder has the most")
        managers = {one.agent_id for one in mine if one.relation is Relation.MANAGER} - {delegation.agent_id}
        if delegation.relation is Relation.MANAGER and len(managers) >= most.managers:
            raise TooManyManagers("the holder has the most")
        if delegation.under is not None and self._kept[delegation.under].recalled_at is not None:
            raise DelegationEnded("the manager's own delegation was recalled")
        self._kept[delegation.delegation_id] = delegation
        return delegation

    def delegation(self, delegation_id: str) -> Delegation | None:
        return self._kept.get(delegation_id)

    def given_by(self, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        return self._several(now, lambda one: one.holder_id == holder_id)

    def received_by(self, agent_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        return self._several(now, lambda one: one.agent_id == agent_id)

    def managed_by(self, agent_id: HolderId, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        found = (one for one in self._kept.values() if (one.agent_id, one.holder_id) == (agent_id, holder_id))
        return [one for one in found if one.relation is Relation.MANAGER and _in_force(one, now)]

    def by_right(self, *, after: str, limit: int, now: datetime) -> Sequence[Delegation]:
        found = (self._kept[name] for name in sorted(self._kept) if name > after)
        return [one for one in found if one.relation in BY_RIGHT and _in_force(one, now)][:limit]

    def recall(self, delegation_id: str, *, at: datetime, by: HolderId | None) -> None:
        del by
        for name, one in self._kept.items():
            if delegation_id in (name, one.under) and one.recalled_at is None:
                self._kept[name] = replace(one, recalled_at=at)

    def _several(self, now: datetime, mine: Callable[[Delegation], bool]) -> Sequence[Delegation]:
        found = [one for one in reversed(self._kept.values()) if mine(one)]
        return sorted(found, key=lambda one: not _in_force(one, now))[:500]


def _in_force(one: Delegation, now: datetime) -> bool:
    return one.recalled_at is None and now < one.until
