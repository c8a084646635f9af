"""What a holder may fetch (``issuer.openid4vci.ports.Entitlements``): orders, and the certificates made of them.

1. an order that waits is claimed, once nothing speaks against issuing: from here on it cannot be withdrawn
2. its certificate is issued with one fetched credential for each key; the ledger knows the order by its row key, so
   that however many fetch at once, or after a crash, there is one certificate
3. the order notes the certificate's identifier; where nothing could be recorded, it waits again

Every later fetch adds credentials to that certificate, or to the one that has replaced it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from issuer.errors import (
    OrderRefused,
    ProfileRefused,
    RowKeyConflict,
    StateChanged,
    TooManyCredentials,
    UnknownCertificate,
)
from issuer.issuing import Issued, Issuer, Plan
from issuer.openid4vci.errors import CredentialRequestDenied
from issuer.openid4vci.ports import ANY, Among, Entitlement, Wanted
from issuer.orders.errors import OrderStateChanged, UnknownOrder
from issuer.orders.events import about_order
from issuer.orders.ports import Orders
from issuer.orders.reaching import Reach
from issuer.orders.records import OrderState, WaitingOrder, row_key_of
from issuer.ports import Clock, Ledger
from issuer.records import CredentialIntent, Intent
from keys.errors import EcertError
from keys.public import PublicKey
from schemas.audit import AuditAct, Doer
from schemas.order import CredentialFormat, CredentialId, HolderId, HolderRef, Identifier, IssuedCredential, Order


@dataclass(frozen=True, slots=True)
class EntitlementPorts:
    """What entitlements are read from."""

    orders: Orders
    ledger: Ledger
    clock: Clock


class OrderEntitlements:
    """Entitlements over orders and the issuer."""

    def __init__(self, issuer: Issuer, ports: EntitlementPorts) -> None:
        self._issuer = issuer
        self._ports = ports
        self._reach = Reach(ports.orders, ports.ledger, ports.clock)

    def of(self, holder_id: HolderId, *, department: str, among: Among = ANY) -> Sequence[Entitlement]:
        """Return what the holder may fetch from the department, the newest order first, at most 200."""
        orders = self._reach.of(holder_id, department=department, among=among)
        return [Entitlement(order.order_id, order.type_id, self._is_ready(order)) for order in orders]

    def issue(self, wanted: Wanted) -> tuple[IssuedCredential, ...]:
        """Return new credentials, one for each key, in the order of the keys.

        Raises:
            CredentialRequestDenied: the order does not reach the holder (any more), is of another type, cannot be
                signed yet, or its certificate is not in force.
        """
        order = self._order(wanted)
        try:
            identifier = order.identifier
            if identifier is None:
                issued = self._first(order, wanted)
                if not issued.repeated:
                    return issued.credentials
                identifier = issued.identifier  # made before, for other keys
            return self._further(identifier, wanted)
        except (OrderRefused, ProfileRefused, RowKeyConflict, StateChanged, UnknownCertificate) as refusal:
            raise CredentialRequestDenied("certificate of the order cannot be issued or is not in force") from refusal
        except TooManyCredentials as refusal:
            raise CredentialRequestDenied("certificate has as many credentials in force as it may have") from refusal
        except OrderStateChanged as refusal:
            raise CredentialRequestDenied("order was ended") from refusal

    def _order(self, wanted: Wanted) -> WaitingOrder:
        try:
            order = self._ports.orders.order(wanted.order_id)
        except UnknownOrder:
            raise CredentialRequestDenied("no such order waits") from None
        fits = wanted.configuration.type.id == order.type_id and wanted.keys
        if not fits or not self._reach.reached([order], wanted.holder_id):
            raise CredentialRequestDenied("order does not reach the holder, or the certificate is not in force")
        if not self._is_ready(order):
            raise CredentialRequestDenied("certificate cannot be signed yet")
        return order

    def _first(self, order: WaitingOrder, wanted: Wanted) -> Issued:
        holders = tuple(HolderRef(each, wanted.keys[0] if each == wanted.holder_id else None) for each in order.holders)
        ordered = Order(order.type_id, holders, order.claims, row_key=row_key_of(order.order_id))
        claim = partial(self._claim, order, wanted.holder_id)
        try:
            issued = self._issuer.issue_planned(ordered, _plan(wanted), before=claim)
        except EcertError:
            self._release(order)
            raise
        claimed = replace(order, state=OrderState.ISSUED)
        noted = claimed.made(issued.identifier, at=self._ports.clock())
        self._ports.orders.change(noted, expected=OrderState.ISSUED, event=None)
        return issued

    def _claim(self, order: WaitingOrder, holder_id: HolderId) -> None:
        if order.state is OrderState.ISSUED:
            return
        claimed = replace(order, state=OrderState.ISSUED)
        event = about_order(AuditAct.CLAIMED, order, Doer(holder_id, "holder"), at=self._ports.clock())
        try:
            self._ports.orders.change(claimed, expected=OrderState.WAITING, event=event)
        except OrderStateChanged:
            if self._ports.orders.order(order.order_id).state is not OrderState.ISSUED:
                raise

    def _release(self, order: WaitingOrder) -> None:
        """Let an order of which nothing was recorded wait again, so that it can be withdrawn, and expires."""
        kept = self._ports.orders.order(order.order_id)
        if kept.state is OrderState.ISSUED and kept.identifier is None and self._recorded(kept) is None:
            waiting = replace(kept, state=OrderState.WAITING)
            self._ports.orders.change(waiting, expected=OrderState.ISSUED, event=None)

    def _recorded(self, order: WaitingOrder) -> Identifier | None:
        return self._ports.ledger.recorded_as(order.department, row_key_of(order.order_id))

    def _further(self, identifier: Identifier, wanted: Wanted) -> tuple[IssuedCredential, ...]:
        record = self._reach.present([identifier]).get(identifier)
        if record is None:
            raise UnknownCertificate("no certificate has this identifier")
        holder = HolderRef(wanted.holder_id, wanted.keys[0])
        return self._issuer.further(record.intent.identifier, _plan(wanted), holders=(holder,)).credentials

    def _is_ready(self, order: WaitingOrder) -> bool:
        return order.ready_at is None or order.ready_at <= self._ports.clock()


def _plan(wanted: Wanted) -> Plan:
    """Plan one fetched credential for each key, in the format that is wanted."""

    def plan(intent: Intent, new_id: Callable[[], str]) -> tuple[CredentialIntent, ...]:
        del intent
        return tuple(_fetched(wanted.holder_id, key, wanted.configuration.format, new_id()) for key in wanted.keys)

    return plan


def _fetched(holder_id: HolderId, key: PublicKey, form: CredentialFormat, credential_id: str) -> CredentialIntent:
    holder = HolderRef(holder_id, key)
    return CredentialIntent(CredentialId(credential_id), form, holder, short_lived=False, fetched=True)
