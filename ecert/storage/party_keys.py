"""API keys of relying parties: ``test_`` or ``live_`` and 256 random bits, of which only the SHA-256 is kept."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from ecert.storage.audit import AuditTrail
from ecert.storage.crypto import token_digest
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.tables import PARTIES, PARTY_KEYS
from schemas.audit import SYSTEM, AuditAct, AuditEvent, Doer, Subject
from verifier.errors import UnknownParty
from verifier.parties.model import Access, Environment, PartyStatus

PREFIXES = tuple(f"{environment}_" for environment in Environment)
"""What an API key starts with, so that a person sees, and a scanner of sources finds, what it is."""
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class PartyKey:
    """What is known of an API key: never the key itself. ``key_id`` is safe to log."""

    key_id: str
    access: Access
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None


class PartyKeys:
    """Keys over the table ``party_keys``; every change is one transaction, the audit trail's entry included."""

    def __init__(
        self, database: Database, *, trail: AuditTrail, random: Callable[[int], str] = secrets.token_urlsafe
    ) -> None:
        self._database = database
        self._trail = trail
        self._random = random

    def issue(self, access: Access, *, now: datetime, expires_at: datetime, by: Doer = SYSTEM) -> tuple[str, PartyKey]:
        """Return a new key, for its bearer's eyes once, and what is kept of it; raises UnknownParty."""
        key = f"{access.environment}_{self._random(32)}"
        values = {
            "key_id": self._random(9),
            "party_id": access.party_id,
            "environment": access.environment.value,
            "digest": token_digest(key),
            "purposes": None if access.purposes is None else " ".join(sorted(access.purposes)),
            "created_at": micros(now),
            "expires_at": micros(expires_at),
        }
        with self._database.write() as connection:
            party = select(PARTIES.c.party_id).where(PARTIES.c.party_id == access.party_id)
            if connection.execute(party).one_or_none() is None:
                raise UnknownParty("no relying party has this id")
            row = connection.execute(insert(PARTY_KEYS).values(values).returning(*PARTY_KEYS.c)).one()
            self._trail.note(connection, [_event(row, AuditAct.MADE, by, now)])
        return key, _key(row)

    def find(self, key: str, *, now: datetime) -> PartyKey | None:
        """Return what a key stands for, and note the day; None when unknown, expired, revoked, or its party suspended.

        The work is the same for a key that is not there.
        """
        digest, today = token_digest(key), now.date().toordinal()
        chosen = select(PARTY_KEYS, PARTIES.c.status).join(PARTIES, PARTIES.c.party_id == PARTY_KEYS.c.party_id)
        with self._database.read() as connection:
            row = connection.execute(chosen.where(PARTY_KEYS.c.digest == digest)).one_or_none()
        same = compare_digest(digest, _NO_DIGEST if row is None else row.digest)
        if row is None or not same or row.revoked_at is not None or row.expires_at <= micros(now):
            return None
        if row.status != PartyStatus.ACTIVE.value:
            return None
        if row.last_used_day is None or row.last_used_day < today:
            self._used(row.key_id, today)
        return _key(row)

    def revoke(self, key_id: str, *, now: datetime, by: Doer = SYSTEM) -> bool:
        """End a key now; False when there is none of this id or it was revoked before."""
        chosen = update(PARTY_KEYS).where(PARTY_KEYS.c.key_id == key_id, PARTY_KEYS.c.revoked_at.is_(None))
        ended = chosen.values(revoked_at=micros(now)).returning(*PARTY_KEYS.c)
        with self._database.write() as connection:
            row = connection.execute(ended).one_or_none()
            if row is not None:
                self._trail.note(connection, [_event(row, AuditAct.REVOKED, by, now)])
        return row is not None

    def of_party(self, party_id: str) -> list[PartyKey]:
        """Return every key of a party, oldest first, those that ended included."""
        chosen = select(PARTY_KEYS).where(PARTY_KEYS.c.party_id == party_id)
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(PARTY_KEYS.c.created_at, PARTY_KEYS.c.key_id))
            return [_key(row) for row in rows]

    def _used(self, key_id: str, today: int) -> None:
        day = PARTY_KEYS.c.last_used_day
        noted = update(PARTY_KEYS).where(PARTY_KEYS.c.key_id == key_id, or_(day.is_(None), day < today))
        with self._database.write() as connection:
            connection.execute(noted.values(last_used_day=today))


def _key(row: Row[Any]) -> PartyKey:
    purposes = None if row.purposes is None else frozenset(row.purposes.split())
    return PartyKey(
        key_id=row.key_id,
        access=Access(row.party_id, Environment(row.environment), purposes),
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        revoked_at=None if row.revoked_at is None else moment(row.revoked_at),
        last_used_on=None if row.last_used_day is None else date.fromordinal(row.last_used_day),
    )


def _event(row: Row[Any], act: AuditAct, by: Doer, now: datetime) -> AuditEvent:
    details = {
        "party_id": row.party_id,
        "environment": row.environment,
        "expires_at": moment(row.expires_at).isoformat(),
        "purposes": -1 if row.purposes is None else len(row.purposes.split()),
    }
    return AuditEvent(Subject.TOKEN, row.key_id, act, by, now, "", details)
