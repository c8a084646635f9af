"""Delegating, joined: ``services(container)`` is what the routes need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecert.receiving import RegisterStates
from ecert.storage import SqlDelegations
from ecert.wiring import Container
from keys.signer import Signer
from schemas.formats import delegation_registration as registrations
from schemas.formats.status_claim import StatusReference
from schemas.order import HolderId
from wallet_api.delegating.granting import Granting
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.ports import Most
from wallet_api.delegating.recalling import Recalling
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.routes import Services
from wallet_api.delegating.using import Using


@dataclass(frozen=True, slots=True)
class _Published:
    """Delegations whose changes the next verification of this process sees."""

    store: SqlDelegations
    container: Container

    def take_place(self) -> StatusReference:
        return self.store.take_place()

    def add(self, delegation: Delegation, *, most: Most, by: HolderId) -> Delegation:
        made = self.store.add(delegation, most=most, by=by)
        self._changed()  # it may be the first of its list
        return made

    def delegation(self, delegation_id: str) -> Delegation | None:
        return self.store.delegation(delegation_id)

    def given_by(self, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        return self.store.given_by(holder_id, now=now)

    def received_by(self, agent_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        return self.store.received_by(agent_id, now=now)

    def managed_by(self, agent_id: HolderId, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        return self.store.managed_by(agent_id, holder_id, now=now)

    def by_right(self, *, after: str, limit: int, now: datetime) -> Sequence[Delegation]:
        return self.store.by_right(after=after, limit=limit, now=now)

    def recall(self, delegation_id: str, *, at: datetime, by: HolderId | None) -> None:
        self.store.recall(delegation_id, at=at, by=by)
        self._changed()

    def _changed(self) -> None:
        self.container.recalls.invalidate()
        self.container.evidence.invalidate()


@dataclass(frozen=True, slots=True)
class _AnchorRegistrar:
    """Delegations are registered by the trust anchor, which every verifier has."""

    signer: Signer

    def register(self, claims: Mapping[str, Any]) -> str:
        return registrations.register(claims, self.signer)


def services(container: Container) -> Services:
    """Return the use cases over one container."""
    wallet, storage = container.wallet, container.storage
    delegations = _Published(storage.delegations, container)
    states = RegisterStates(container)
    registrar = _AnchorRegistrar(container.installation.anchor_signer)
    parts = DelegatingParts(wallet.parts, wallet.presenting, delegations, states, registrar, storage.rate_limits)
    return Services(Granting(parts), Recalling(parts), Using(parts, wallet.showing), container.clock)
