"""Webhooks and the outbox of what goes to them (``verifier.api.ports.Webhooks``).

A delivery is written in the transaction of what it tells. Of several workers one sends it: it is claimed with its row
locked and due again only later, so that it comes back by itself when the one that claimed it ends.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ecert.storage.crypto import Cipher
from ecert.storage.dialects import one_at_a_time
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.tables import WEBHOOK_DELIVERIES, WEBHOOKS
from ecert.storage.turns import WAITS, any_due, by_turns
from verifier.api.errors import TooManyWebhooks
from verifier.api.model import Owner, Verification
from verifier.api.webhooks import MAX_ENDPOINTS, PAUSE, Delivery, DeliveryState, Endpoint, Sending, body_of, next_try
from verifier.parties.model import Environment

_KEPT = timedelta(days=30)


class SqlWebhooks:
    """Endpoints and deliveries; every method is one transaction."""

    def __init__(self, database: Database, *, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def add(self, endpoint: Endpoint, secret: bytes) -> None:
        """Keep a new endpoint; raises TooManyWebhooks."""
        values = {
            "endpoint_id": endpoint.endpoint_id,
            "party_id": endpoint.owner.party_id,
            "environment": endpoint.owner.environment.value,
            "url": endpoint.url,
            "events": " ".join(endpoint.events),
            "created_at": micros(endpoint.created_at),
            "sealed": self._cipher.seal(WEBHOOKS.name, endpoint.endpoint_id, secret),
        }
        with self._database.write() as connection:
            one_at_a_time(connection, WEBHOOKS, endpoint.owner.party_id, endpoint.owner.environment.value)
            count = select(func.count()).select_from(WEBHOOKS).where(*_of(endpoint.owner))
            if connection.execute(count).scalar_one() >= MAX_ENDPOINTS:
                raise TooManyWebhooks(f"relying party has {MAX_ENDPOINTS} webhooks in this environment")
            connection.execute(insert(WEBHOOKS).values(values))

    def of(self, owner: Owner) -> Sequence[Endpoint]:
        """Return ``owner``'s endpoints, the oldest first."""
        chosen = select(WEBHOOKS).where(*_of(owner)).order_by(WEBHOOKS.c.created_at, WEBHOOKS.c.endpoint_id)
        with self._database.read() as connection:
            return [_endpoint(row) for row in connection.execute(chosen)]

    def remove(self, owner: Owner, endpoint_id: str) -> bool:
        """Remove an endpoint and what waits for it; False when there is none."""
        mine = select(WEBHOOKS.c.endpoint_id).where(*_of(owner), WEBHOOKS.c.endpoint_id == endpoint_id)
        with self._database.write() as connection:
            if connection.execute(mine.with_for_update()).one_or_none() is None:
                return False
            deliveries = delete(WEBHOOK_DELIVERIES).where(WEBHOOK_DELIVERIES.c.endpoint_id == endpoint_id)
            connection.execute(deliveries)
            connection.execute(delete(WEBHOOKS).where(WEBHOOKS.c.endpoint_id == endpoint_id))
        return True

    def deliveries(self, owner: Owner, state: DeliveryState | None, *, limit: int) -> Sequence[Delivery]:
        """Return deliveries to ``owner``'s endpoints, the newest first."""
        return self._deliveries(_of(owner), state, limit)

    def dead(self, *, limit: int) -> Sequence[Delivery]:
        """Return the dead letters of everybody, the newest first."""
        return self._deliveries((), DeliveryState.DEAD, limit)

    def replay(self, owner: Owner, delivery_id: str, *, now: datetime) -> bool:
        """Let a delivery be sent once more, from the first try on; False when there is none."""
        return self._again(delivery_id, _of(owner), now)

    def replay_any(self, delivery_id: str, *, now: datetime) -> bool:
        """As ``replay``, whosever it is: for operators."""
        return self._again(delivery_id, (), now)

    def claim(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Sending]:
        """Return deliveries that are due, by turns of the relying parties, and make them due at ``until``."""
        due = by_turns(now, limit=limit).with_for_update(skip_locked=True, of=WEBHOOK_DELIVERIES)
        # Asked every other second, and mostly there is nothing: a read keeps nobody from writing.
        with self._database.read() as connection:
            if connection.execute(any_due(now)).first() is None:
                return []
        with self._database.write() as connection:
            rows = connection.execute(due).all()
            mine = update(WEBHOOK_DELIVERIES).where(WEBHOOK_DELIVERIES.c.id.in_([row.id for row in rows]))
            connection.execute(mine.values(due_at=micros(until)))
        return [self._sending(row) for row in rows]

    def done(self, delivery_id: str, *, status: int | None, ok: bool, now: datetime) -> None:
        """Keep how a try went: sent, to be tried again, or dead. Without an answer (``status`` None) whatever waits for
        that endpoint waits for a while."""
        table = WEBHOOK_DELIVERIES.c
        chosen = select(table.tries, table.endpoint_id).where(table.delivery_id == delivery_id, WAITS).with_for_update()
        with self._database.write() as connection:
            row = connection.execute(chosen).one_or_none()
            if row is None:
                return
            changed = _after(row.tries + 1, status=status, ok=ok, now=now)
            connection.execute(update(WEBHOOK_DELIVERIES).where(table.delivery_id == delivery_id).values(changed))
            if status is None:
                pause = micros(now + PAUSE)
                others = update(WEBHOOK_DELIVERIES).where(table.endpoint_id == row.endpoint_id, WAITS)
                connection.execute(others.where(table.due_at < pause).values(due_at=pause))

    def _deliveries(self, whose: tuple[Any, ...], state: DeliveryState | None, limit: int) -> Sequence[Delivery]:
        table = WEBHOOK_DELIVERIES.c
        chosen = select(WEBHOOK_DELIVERIES).join(WEBHOOKS, WEBHOOKS.c.endpoint_id == table.endpoint_id).where(*whose)
        if state is not None:
            chosen = chosen.where(table.state == state.value)
        with self._database.read() as connection:
            return [_delivery(row) for row in connection.execute(chosen.order_by(table.id.desc()).limit(limit))]

    def _again(self, delivery_id: str, whose: tuple[Any, ...], now: datetime) -> bool:
        table = WEBHOOK_DELIVERIES.c
        endpoints = select(WEBHOOKS.c.endpoint_id).where(*whose)
        chosen = update(WEBHOOK_DELIVERIES).where(table.delivery_id == delivery_id, table.endpoint_id.in_(endpoints))
        again = {"state": DeliveryState.WAITING.value, "tries": 0, "due_at": micros(now)}
        with self._database.write() as connection:
            return connection.execute(chosen.values(again)).rowcount > 0

    def _sending(self, row: Row[Any]) -> Sending:
        secret = self._cipher.open(WEBHOOKS.name, row.endpoint_id, row.sealed)
        return Sending(row.delivery_id, row.url, secret, bytes(row.body), row.tries, row.endpoint_id, row.party_id)


def enqueue(connection: Connection, verification: Verification, new_id: Callable[[], str], *, now: datetime) -> None:
    """Write a delivery for each endpoint that hears of how ``verification`` ended."""
    said = verification.verification_id, body_of(verification)
    enqueue_event(connection, verification.owner, verification.event, said, new_id, now=now)


def enqueue_event(
    connection: Connection,
    owner: Owner,
    event: str | None,
    said: tuple[str, bytes],
    new_id: Callable[[], str],
    *,
    now: datetime,
) -> None:
    """Write a delivery for each of ``owner``'s endpoints that hears of ``event``; ``said``: the id of what it is about,
    and the body."""
    subject, body = said
    # Locked as the foreign key would: an endpoint that is being removed is waited for, and is then not there.
    chosen = select(WEBHOOKS).where(*_of(owner)).order_by(WEBHOOKS.c.endpoint_id)
    endpoints = connection.execute(chosen.with_for_update(read=True, key_share=True)).all()
    rows = [
        {
            "delivery_id": new_id(),
            "endpoint_id": row.endpoint_id,
            "verification_id": subject,
            "event": event,
            "state": DeliveryState.WAITING.value,
            "tries": 0,
            "created_at": micros(now),
            "due_at": micros(now),
            "body": body,
        }
        for row in endpoints
        if event in row.events.split()
    ]
    if rows:
        connection.execute(insert(WEBHOOK_DELIVERIES), rows)


def forget_deliveries(connection: Connection, now: datetime) -> int:
    """Remove what is older than 30 days, whatever became of it, and return how much it was."""
    table = WEBHOOK_DELIVERIES.c
    old = delete(WEBHOOK_DELIVERIES).where(table.created_at < micros(now - _KEPT))
    return connection.execute(old).rowcount


def _after(tries: int, *, status: int | None, ok: bool, now: datetime) -> dict[str, Any]:
    changed: dict[str, Any] = {"tries": tries, "status": status}
    if ok:
        return changed | {"state": DeliveryState.SENT.value}
    due = next_try(tries, now=now)
    return changed | ({"state": DeliveryState.DEAD.value} if due is None else {"due_at": micros(due)})


def _of(owner: Owner) -> tuple[Any, ...]:
    return WEBHOOKS.c.party_id == owner.party_id, WEBHOOKS.c.environment == owner.environment.value


def _endpoint(row: Row[Any]) -> Endpoint:
    owner = Owner(row.party_id, Environment(row.environment))
    return Endpoint(row.endpoint_id, owner, row.url, tuple(row.events.split()), moment(row.created_at))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        endpoint_id=row.endpoint_id,
        event=row.event,
        verification_id=row.verification_id,
        created_at=moment(row.created_at),
        state=DeliveryState(row.state),
        tries=row.tries,
        due_at=moment(row.due_at),
        status=row.status,
    )
