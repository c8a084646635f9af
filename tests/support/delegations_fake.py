"""Delegations in memory (``wallet_api.delegating.ports.Delegations``)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from schemas.formats.delegation import Relation
from schemas.formats.status_claim import StatusReference
from schemas.order import HolderId
from wallet_api.delegating.errors import DelegationEnded, TooManyDelegations, TooManyManagers
from wallet_api.delegating.ports import Most
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

    def given_by(self, holder_id: HolderId) -> Sequence[Delegation]:
        return [one for one in reversed(self._kept.values()) if one.holder_id == holder_id]

    def received_by(self, agent_id: HolderId) -> Sequence[Delegation]:
        return [one for one in reversed(self._kept.values()) if one.agent_id == agent_id]

    def recall(self, delegation_id: str, *, at: datetime, by: HolderId) -> None:
        del by
        for name, one in self._kept.items():
            if delegation_id in (name, one.under) and one.recalled_at is None:
                self._kept[name] = replace(one, recalled_at=at)
