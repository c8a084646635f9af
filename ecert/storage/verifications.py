"""Verifications (``verifier.api.ports.Records``) over the table ``verifications``.

How one ends, and what goes to the relying party's webhooks because of it, is one transaction. Claims stand sealed in a
column of their own and go by themselves: they are not read once their time is over, and swept.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ecert.storage.crypto import Cipher
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.tables import VERIFICATIONS
from ecert.storage.webhooks import enqueue, forget_deliveries
from keys import strict_json
from verifier.api.model import RECORDS_KEPT, Filters, Owner, Page, Status, Verification, Via
from verifier.api.service import ended as as_ended
from verifier.parties.model import Environment

_GRACE = timedelta(minutes=1)  # an answer that came in the last second is being written
_AT_ONCE = 500
_WAITS = VERIFICATIONS.c.status == Status.WAITING.value


class SqlVerifications:
    """Verifications by their ids; every method is one transaction, but for the sweep."""

    def __init__(
        self, database: Database, *, cipher: Cipher, new_id: Callable[[], str] = lambda: secrets.token_hex(16)
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._new_id = new_id

    def add(self, verification: Verification) -> None:
        """Keep a new one; when it has ended already, its webhooks are on their way with it."""
        owner = verification.owner
        fixed = {
            "verification_id": verification.verification_id,
            "party_id": owner.party_id,
            "environment": owner.environment.value,
            "purpose_id": verification.purpose_id,
            "reference": verification.reference,
            "created_at": micros(verification.created_at),
            "expires_at": micros(verification.expires_at),
        }
        with self._database.write() as connection:
            connection.execute(insert(VERIFICATIONS).values(fixed | self._changing(verification)))
            if verification.ended_at is not None:
                enqueue(connection, verification, self._new_id, now=verification.ended_at)

    def find(self, owner: Owner, verification_id: str) -> Verification | None:
        """Return one of ``owner``'s, None when there is none."""
        chosen = select(VERIFICATIONS).where(*_of(owner), VERIFICATIONS.c.verification_id == verification_id)
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        return None if row is None else self._read(row)

    def list(self, owner: Owner, filters: Filters, *, after: int | None, limit: int) -> Page:
        """Return some of ``owner``'s, the newest first, without their claims."""
        table = VERIFICATIONS.c
        chosen = select(VERIFICATIONS).where(*_of(owner))
        if after is not None:
            chosen = chosen.where(table.id < after)
        if filters.status is not None:
            chosen = chosen.where(table.status == filters.status.value)
        if filters.purpose_id is not None:
            chosen = chosen.where(table.purpose_id == filters.purpose_id)
        if filters.reference is not None:
            chosen = chosen.where(table.reference == filters.reference)
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(table.id.desc()).limit(limit + 1)).all()
        items = [_document(row) for row in rows[:limit]]
        return Page(items, rows[limit - 1].id if len(rows) > limit else None)

    def end(self, verification_id: str, ended: Mapping[str, Any], *, now: datetime) -> bool:
        """Keep how one that waits ended, its webhooks with it; False: it did not wait, or is not there."""
        with self._database.write() as connection:
            return self._end(connection, verification_id, ended, now)

    def fetched(self, verification_id: str, *, until: datetime) -> None:
        """Keep claims that were fetched no longer than ``until``."""
        table = VERIFICATIONS.c
        sooner = update(VERIFICATIONS).where(table.verification_id == verification_id)
        with self._database.write() as connection:
            connection.execute(sooner.where(table.claims_until > micros(until)).values(claims_until=micros(until)))

    def overdue(self, *, now: datetime) -> Sequence[str]:
        """Return the ids of some that wait and whose time is over, the longest over first."""
        table = VERIFICATIONS.c
        chosen = select(table.verification_id).where(_WAITS, table.expires_at <= micros(now - _GRACE))
        with self._database.read() as connection:
            return connection.scalars(chosen.order_by(table.expires_at).limit(_AT_ONCE)).all()

    def sweep(self, *, now: datetime) -> int:
        """Remove claims whose time is over, old verifications and old deliveries; return how much it was."""
        table = VERIFICATIONS.c
        gone = update(VERIFICATIONS).where(table.claims_until <= micros(now)).values(claims_until=None, sealed=None)
        old = delete(VERIFICATIONS).where(table.created_at < micros(now - RECORDS_KEPT))
        with self._database.write() as connection:
            removed = connection.execute(gone).rowcount + connection.execute(old).rowcount
            return removed + forget_deliveries(connection, now)

    def waiting(self) -> int:
        """Return how many wait for an answer."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).where(_WAITS)).scalar_one())

    def _end(self, connection: Connection, verification_id: str, ended: Mapping[str, Any], now: datetime) -> bool:
        chosen = select(VERIFICATIONS).where(_WAITS, VERIFICATIONS.c.verification_id == verification_id)
        row = connection.execute(chosen.with_for_update()).one_or_none()
        if row is None:
            return False
        over = as_ended(self._read(row), ended, now=now)
        changed = update(VERIFICATIONS).where(VERIFICATIONS.c.id == row.id)
        connection.execute(changed.values(self._changing(over)))
        enqueue(connection, over, self._new_id, now=now)
        return True

    def _changing(self, verification: Verification) -> dict[str, Any]:
        sealed = None
        if verification.credentials:
            plain = strict_json.dumps({"credentials": list(verification.credentials)})
            sealed = self._cipher.seal(VERIFICATIONS.name, verification.verification_id, plain)
        until = verification.claims_until
        return {
            "status": verification.status.value,
            "claims_until": None if until is None or sealed is None else micros(until),
            "document": strict_json.dumps(_written(verification)).decode(),
            "sealed": sealed,
        }

    def _read(self, row: Row[Any]) -> Verification:
        read = _document(row)
        if row.sealed is None:
            return read
        opened = self._cipher.open(VERIFICATIONS.name, row.verification_id, row.sealed)
        return replace(read, credentials=strict_json.loads_object(opened)["credentials"])


def _of(owner: Owner) -> tuple[Any, ...]:
    table = VERIFICATIONS.c
    return table.party_id == owner.party_id, table.environment == owner.environment.value


def _written(verification: Verification) -> dict[str, Any]:
    return {
        "via": verification.via.value,
        "retention_days": verification.retention_days,
        "link": verification.link if verification.status is Status.WAITING else None,
        "session": verification.session,
        "response_code": verification.response_code,
        "ended_at": None if verification.ended_at is None else micros(verification.ended_at),
        "result": verification.result,
        "basis": verification.basis,
    }


def _document(row: Row[Any]) -> Verification:
    kept = strict_json.loads_object(row.document.encode())
    return Verification(
        verification_id=row.verification_id,
        owner=Owner(row.party_id, Environment(row.environment)),
        purpose_id=row.purpose_id,
        via=Via(kept["via"]),
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        retention_days=kept["retention_days"],
        reference=row.reference,
        link=kept["link"],
        session=kept["session"],
        status=Status(row.status),
        ended_at=None if kept["ended_at"] is None else moment(kept["ended_at"]),
        result=kept["result"],
        basis=kept["basis"],
        response_code=kept["response_code"],
        claims_until=None if row.claims_until is None else moment(row.claims_until),
    )
