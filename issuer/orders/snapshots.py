"""Snapshots: certificates of facts of a day (社保参保证明, 公积金缴存证明) that a register answers at a holder's wish.

1. the register is asked about this holder, and answers about this holder or not at all
2. its answer is checked as every order is, and kept as an order that is claimed at once
3. the certificate is issued and delivered to the wallet; a wallet may fetch it by OpenID4VCI, too

No officer takes part: the register's answer is the department's, so four eyes do not hold here. A holder asks a few
times a day at most, because each time takes status indexes for ever; what is asked is counted before the register is,
so that it holds for those who ask at once, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from issuer.issuing import Issued, Issuer
from issuer.openid4vci.ports import RateLimits
from issuer.orders.errors import SnapshotRefused
from issuer.orders.events import about_order
from issuer.orders.ports import Orders, Registers
from issuer.orders.records import OrderState, WaitingOrder, row_key_of
from issuer.ports import Clock, HolderDirectory
from issuer.prepare import Prepared
from schemas import types
from schemas.audit import SYSTEM, AuditAct, Doer
from schemas.catalogue import CertificateType
from schemas.errors import MissingHolder
from schemas.holders import HolderClaim, holders_of
from schemas.order import HolderRef
from schemas.validation import normalise

RULE = "snapshot"
_FETCHABLE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SnapshotPorts:
    """What snapshots are made with. The directory gives the holder's present key."""

    registers: Registers
    orders: Orders
    limits: RateLimits
    directory: HolderDirectory
    clock: Clock
    new_id: Callable[[], str]


def snapshot_types() -> tuple[CertificateType, ...]:
    """Return the types that state facts of a day."""
    return tuple(kind for kind in types.all_types() if kind.validity.get("rule") == "snapshot")


class SnapshotDesk:
    """The holder's use case."""

    def __init__(self, issuer: Issuer, ports: SnapshotPorts) -> None:
        self._issuer = issuer
        self._ports = ports

    def ask(self, type_id: str, holder: HolderClaim) -> Issued:
        """Issue a snapshot of today to a holder, and deliver it.

        Raises:
            UnknownType: no type has this id.
            SnapshotRefused: the type is none of ``snapshot_types``, or the register has nothing about the holder.
            TooManyRequests: the holder asked too often for this type, by the rule ``RULE``.
            OrderRefused: the register's answer breaks the type's rules.
        """
        kind = types.certificate_type(type_id)
        if kind not in snapshot_types():
            raise SnapshotRefused("type states no facts of a day")
        ref = self._ports.directory.resolve(holder.code_type, holder.code, holder.name)
        self._ports.limits.hit(RULE, f"{kind.id} {ref.holder_id}", now=self._ports.clock())
        order_id = self._ports.new_id()
        claims = self._ports.registers.snapshot(kind.id, holder)
        if claims is None:
            raise SnapshotRefused("register has nothing about the holder")
        if not _is_about(kind, normalise(kind, claims), holder):
            raise SnapshotRefused("register answered about another holder")
        ordered = self._issuer.order_for(type_id, claims, self._ports.directory, row_key=row_key_of(order_id))
        order = self._claimed(self._issuer.prepare(ordered), ref, order_id)
        issued = self._issuer.issue(ordered)
        noted = order.made(issued.identifier, at=self._ports.clock())
        self._ports.orders.change(noted, expected=OrderState.ISSUED, event=None)
        return issued

    def _claimed(self, prepared: Prepared, ref: HolderRef, order_id: str) -> WaitingOrder:
        intent, now = prepared.intent, self._ports.clock()
        waiting = WaitingOrder(
            order_id=order_id,
            type_id=intent.type_id,
            department=intent.department,
            office=intent.department,
            holders=(ref.holder_id,),
            claims=prepared.ordered,
            state=OrderState.WAITING,
            prepared_by=SYSTEM.actor,
            created_at=now,
            expires_at=now + _FETCHABLE,
            row_digest=intent.row_digest,
        )
        self._ports.orders.add(waiting, about_order(AuditAct.PREPARED, waiting, SYSTEM, at=now))
        claimed = replace(waiting, state=OrderState.ISSUED)
        event = about_order(AuditAct.CLAIMED, claimed, Doer(ref.holder_id, "holder"), at=now)
        self._ports.orders.change(claimed, expected=OrderState.WAITING, event=event)
        return claimed


def _is_about(kind: CertificateType, claims: Mapping[str, Any], holder: HolderClaim) -> bool:
    """Tell whether claims name this holder and nobody else."""
    try:
        named = {(each.code_type, each.code.upper()) for each in holders_of(kind, claims)}
    except MissingHolder:
        return False
    return named == {(holder.code_type, holder.code.upper())}
