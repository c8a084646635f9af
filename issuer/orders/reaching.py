"""Which orders reach their holders: they wait, or their certificate, or the one that has replaced it, is in force.

Many are looked at together, so that a holder of many certificates costs a few statements.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from issuer.acts import state_on
from issuer.openid4vci.ports import Among
from issuer.orders.ports import Orders
from issuer.orders.records import OrderState, WaitingOrder, row_key_of
from issuer.ports import Clock, Ledger
from issuer.records import CertificateRecord, State
from schemas import types
from schemas.national import parse_identifier
from schemas.order import HolderId, Identifier
from schemas.validity import day_of

_MOST = 200  # orders that reach their holder and are given at once
_LINE = 50  # replacements that are followed


@dataclass(frozen=True, slots=True)
class Reach:
    """Looks at orders and at their certificates."""

    orders: Orders
    ledger: Ledger
    clock: Clock

    def of(self, holder_id: HolderId, *, department: str, among: Among) -> list[WaitingOrder]:
        """Return the holder's orders at a department, the newest first; those that do not reach hide no others."""
        found: list[WaitingOrder] = []
        after = None
        while len(found) < _MOST:
            page = self.orders.of_holder(
                holder_id, department=department, limit=_MOST, after=after, order_ids=among.order_ids
            )
            fitting = [each for each in page if among.type_ids is None or each.type_id in among.type_ids]
            found += self.reached(fitting, holder_id)
            if len(page) < _MOST:
                break
            after = page[-1].order_id
        return found[:_MOST]

    def reached(self, orders: Sequence[WaitingOrder], holder_id: HolderId) -> list[WaitingOrder]:
        """Return those of ``orders`` that reach the holder."""
        mine = [each for each in orders if holder_id in each.holders]
        waiting = {each.order_id for each in mine if self._waits(each)}
        issued = {each.order_id: self._identifier(each) for each in mine if each.order_id not in waiting}
        present = self.present({each for each in issued.values() if each is not None})
        in_force = {first for first, record in present.items() if self._in_force(record, holder_id)}
        return [each for each in mine if each.order_id in waiting or issued[each.order_id] in in_force]

    def present(self, identifiers: Collection[Identifier]) -> dict[Identifier, CertificateRecord]:
        """Return each certificate, or the last of the line that replaced it; unknown ones are left out."""
        records = dict(self.ledger.standings(identifiers))
        for _ in range(_LINE):
            newer = {first: _next(each) for first, each in records.items() if each.state is State.REPLACED}
            if not newer:
                break
            found = self.ledger.standings(set(newer.values()))
            for first, identifier in newer.items():
                del records[first]
                if identifier in found:
                    records[first] = found[identifier]
        return records

    def _waits(self, order: WaitingOrder) -> bool:
        # One that is issued and has no identifier was claimed; its certificate comes, or its time ends.
        held = order.state in (OrderState.WAITING, OrderState.ISSUED)
        return held and order.identifier is None and order.expires_at > self.clock()

    def _identifier(self, order: WaitingOrder) -> Identifier | None:
        if order.state is not OrderState.ISSUED:
            return None
        # A crash may have come between the certificate and its note.
        return order.identifier or self.ledger.recorded_as(order.department, row_key_of(order.order_id))

    def _in_force(self, record: CertificateRecord, holder_id: HolderId) -> bool:
        intent = record.intent
        today = state_on(
            record.state,
            certificate_type=types.certificate_type(intent.type_id),
            expires=intent.dates.expires,
            day=day_of(self.clock()),
        )
        return today is State.ISSUED and holder_id in {holder.holder_id for holder in intent.holders}


def _next(record: CertificateRecord) -> Identifier:
    # GB/T 36904: who replaces a certificate has its serial and the next version.
    parts = parse_identifier(record.intent.identifier)
    return replace(parts, version=parts.version + 1).text
