"""Orders and proposals over SQL (``issuer.orders.ports``): every method is one transaction, its event included."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, insert, select, update

from ecert.storage.audit import AuditTrail
from ecert.storage.crypto import Cipher, Lookup
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.moments import micros
from ecert.storage.order_documents import order_document, order_of, proposal_document, proposal_of
from ecert.storage.tables import ACT_PROPOSALS, ORDER_HOLDERS, ORDERS
from issuer.errors import RowKeyConflict
from issuer.orders.errors import OrderStateChanged, ProposalStateChanged, UnknownOrder, UnknownProposal
from issuer.orders.records import OrderState, Proposal, ProposalState, Query, WaitingOrder
from schemas.audit import AuditEvent
from schemas.order import HolderId

_HELD = (OrderState.WAITING.value, OrderState.ISSUED.value)
_OPEN = (OrderState.AWAITING_APPROVAL.value, OrderState.WAITING.value)


class SqlOrders:
    """Orders in a database: sealed, found by opaque ids and keyed hashes."""

    def __init__(self, database: Database, *, cipher: Cipher, lookup: Lookup, trail: AuditTrail) -> None:
        self._database = database
        self._cipher = cipher
        self._lookup = lookup
        self._trail = trail

    def add(self, order: WaitingOrder, event: AuditEvent) -> WaitingOrder:
        """Keep a new order and return it, or the one of a known row key; raises RowKeyConflict."""
        row_hash = None if order.row_key is None else self._lookup.row(f"orders {order.department}", order.row_key)
        values = {
            "order_id": order.order_id,
            "department": order.department,
            "state": order.state.value,
            "row_hash": row_hash,
            "expires_at": micros(order.expires_at),
            "ended_at": _ended_at(order),
            "sealed": self._sealed(order),
        }
        with self._database.write() as connection:
            new = upsert(connection, ORDERS).values(values).on_conflict_do_nothing(index_elements=[ORDERS.c.row_hash])
            number = connection.execute(new.returning(ORDERS.c.id)).scalar_one_or_none()
            if number is None:
                known = self._opened(connection.execute(select(ORDERS).where(ORDERS.c.row_hash == row_hash)).one())
                if known.row_digest != order.row_digest:
                    # The key itself may be somebody's number, so it is not named.
                    raise RowKeyConflict("row key was used before for another content")
                return known
            holders = [{"order_number": number, "holder_id": holder_id} for holder_id in order.holders]
            connection.execute(insert(ORDER_HOLDERS), holders)
            self._trail.note(connection, [event])
        return order

    def order(self, order_id: str) -> WaitingOrder:
        """Return an order; raises UnknownOrder."""
        with self._database.read() as connection:
            return self._one(connection, select(ORDERS).where(ORDERS.c.order_id == order_id))

    def change(self, order: WaitingOrder, *, expected: OrderState, event: AuditEvent | None) -> None:
        """Put ``order`` in the place of the one with its id; raises UnknownOrder, OrderStateChanged."""
        chosen = ORDERS.c.order_id == order.order_id
        with self._database.write() as connection:
            before = self._one(connection, select(ORDERS).where(chosen).with_for_update())
            if before.state is not expected:
                raise OrderStateChanged(f"order is {before.state}, expected {expected}")
            after = replace(order, holders=before.holders, claims=before.claims)
            values = {"state": after.state.value, "ended_at": _ended_at(after), "sealed": self._sealed(after)}
            connection.execute(update(ORDERS).where(chosen).values(values))
            self._trail.note(connection, [] if event is None else [event])

    def of_holder(
        self,
        holder_id: HolderId,
        *,
        department: str,
        limit: int,
        after: str | None = None,
        order_ids: Collection[str] = (),
    ) -> Sequence[WaitingOrder]:
        """Return the holder's orders at a department that wait or are issued, the newest first."""
        joined = ORDERS.join(ORDER_HOLDERS, ORDERS.c.id == ORDER_HOLDERS.c.order_number)
        mine = select(ORDERS).select_from(joined).where(ORDER_HOLDERS.c.holder_id == holder_id)
        held = mine.where(ORDERS.c.department == department, ORDERS.c.state.in_(_HELD))
        if order_ids:
            held = held.where(ORDERS.c.order_id.in_(order_ids))
        if after is not None:
            held = held.where(ORDERS.c.id < select(ORDERS.c.id).where(ORDERS.c.order_id == after).scalar_subquery())
        with self._database.read() as connection:
            return [self._opened(row) for row in connection.execute(held.order_by(ORDERS.c.id.desc()).limit(limit))]

    def page(self, query: Query) -> Sequence[WaitingOrder]:
        """Return orders, the newest first."""
        with self._database.read() as connection:
            return [self._opened(row) for row in connection.execute(_page(ORDERS, ORDERS.c.order_id, query))]

    def overdue(self, *, now: datetime, limit: int) -> Sequence[str]:
        """Return the ids of orders that await approval or wait, and whose end has come, the oldest first."""
        late = select(ORDERS.c.order_id).where(ORDERS.c.state.in_(_OPEN), ORDERS.c.expires_at <= micros(now))
        with self._database.read() as connection:
            return list(connection.scalars(late.order_by(ORDERS.c.id).limit(limit)))

    def forget(self, *, before: datetime, limit: int) -> int:
        """Empty the claims of ``limit`` orders that ended before a moment; return how many there were."""
        ended = select(ORDERS).where(ORDERS.c.ended_at < micros(before)).order_by(ORDERS.c.ended_at).limit(limit)
        with self._database.write() as connection:
            rows = connection.execute(ended.with_for_update(skip_locked=True)).all()
            for row in rows:
                values: dict[str, Any] = {"ended_at": None}
                order = self._opened(row)
                # Before ``ended_at`` was noted, a crash may have left an order that still makes its certificate.
                if order.state is not OrderState.ISSUED or order.identifier is not None:
                    values["sealed"] = self._sealed(replace(order, claims={}))
                connection.execute(update(ORDERS).where(ORDERS.c.id == row.id).values(values))
        return len(rows)

    def _one(self, connection: Connection, chosen: Select[Any]) -> WaitingOrder:
        row = connection.execute(chosen).one_or_none()
        if row is None:
            raise UnknownOrder("no order has this id")
        return self._opened(row)

    def _sealed(self, order: WaitingOrder) -> bytes:
        return self._cipher.seal(ORDERS.name, order.order_id, order_document(order))

    def _opened(self, row: Row[Any]) -> WaitingOrder:
        return order_of(self._cipher.open(ORDERS.name, row.order_id, row.sealed))


class SqlProposals:
    """Proposed acts in a database, sealed, because a decision may say whom it concerns."""

    def __init__(self, database: Database, *, cipher: Cipher, trail: AuditTrail) -> None:
        self._database = database
        self._cipher = cipher
        self._trail = trail

    def add(self, proposal: Proposal, event: AuditEvent) -> None:
        """Keep a new proposal."""
        values = {
            "proposal_id": proposal.proposal_id,
            "department": proposal.department,
            "state": proposal.state.value,
            "sealed": self._sealed(proposal),
        }
        with self._database.write() as connection:
            connection.execute(insert(ACT_PROPOSALS).values(values))
            self._trail.note(connection, [event])

    def proposal(self, proposal_id: str) -> Proposal:
        """Return a proposal; raises UnknownProposal."""
        with self._database.read() as connection:
            chosen = select(ACT_PROPOSALS).where(ACT_PROPOSALS.c.proposal_id == proposal_id)
            return self._one(connection, chosen)

    def change(self, proposal: Proposal, *, expected: ProposalState, event: AuditEvent | None) -> None:
        """Put ``proposal`` in the place of the one with its id; raises UnknownProposal, ProposalStateChanged."""
        chosen = ACT_PROPOSALS.c.proposal_id == proposal.proposal_id
        with self._database.write() as connection:
            before = self._one(connection, select(ACT_PROPOSALS).where(chosen).with_for_update())
            if before.state is not expected:
                raise ProposalStateChanged(f"proposal is {before.state}, expected {expected}")
            values = {"state": proposal.state.value, "sealed": self._sealed(proposal)}
            connection.execute(update(ACT_PROPOSALS).where(chosen).values(values))
            self._trail.note(connection, [] if event is None else [event])

    def page(self, query: Query) -> Sequence[Proposal]:
        """Return proposals, the newest first."""
        chosen = _page(ACT_PROPOSALS, ACT_PROPOSALS.c.proposal_id, query)
        with self._database.read() as connection:
            return [self._opened(row) for row in connection.execute(chosen)]

    def _one(self, connection: Connection, chosen: Select[Any]) -> Proposal:
        row = connection.execute(chosen).one_or_none()
        if row is None:
            raise UnknownProposal("no proposal has this id")
        return self._opened(row)

    def _sealed(self, proposal: Proposal) -> bytes:
        return self._cipher.seal(ACT_PROPOSALS.name, proposal.proposal_id, proposal_document(proposal))

    def _opened(self, row: Row[Any]) -> Proposal:
        return proposal_of(self._cipher.open(ACT_PROPOSALS.name, row.proposal_id, row.sealed))


def _ended_at(order: WaitingOrder) -> int | None:
    # Without claims there is nothing to forget.
    return None if order.ended_at is None or not order.claims else micros(order.ended_at)


def _page(table: Table, name: Any, query: Query) -> Select[Any]:
    chosen = select(table).order_by(table.c.id.desc()).limit(query.limit)
    if query.department is not None:
        chosen = chosen.where(table.c.department == query.department)
    if query.state is not None:
        chosen = chosen.where(table.c.state == str(query.state))
    if query.after is not None:
        chosen = chosen.where(table.c.id < select(table.c.id).where(name == query.after).scalar_subquery())
    return chosen
