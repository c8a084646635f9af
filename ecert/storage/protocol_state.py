"""The state that the protocols share among workers and machines (``issuer.openid4vci.ports.ProtocolState``) in a table.

A row is found by its kind and the SHA-256 of its key, and its value is sealed for that place: who reads the table
learns no code, no token, and nothing of what they stand for. Each method is one transaction, and of several callers at
once one comes first: by one statement (``take``, ``add_once``), or with the row locked (``change``).
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, tuple_, update

from ecert.storage.batches import chunks, mark
from ecert.storage.crypto import Cipher
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.errors import StateTooLarge
from ecert.storage.moments import micros
from ecert.storage.tables import PROTOCOL_STATE as STATE
from issuer.openid4vci.ports import Change
from keys import strict_json

MAX_VALUE = 65_536
"""Bytes of a value as JSON: a pushed request with authorization details has less than a tenth."""
_SWEPT_AT_ONCE = 5_000  # a transaction: on SQLite nobody else writes meanwhile

# As text: every accepted presentation costs one, and building it anew costs more than running it. A row that has
# expired and was not swept yet is not there: it becomes the new one.
_ADD_ONCE = (
    f"INSERT INTO {STATE.name} (kind, key_digest, expires_at) VALUES {{rows}} "  # noqa: S608  (values go beside it)
    "ON CONFLICT (kind, key_digest) "
    "DO UPDATE SET expires_at = excluded.expires_at, group_digest = NULL, sealed = NULL "
    f"WHERE {STATE.name}.expires_at <= {{now}} RETURNING key_digest"
)


class SqlProtocolState:
    """Values by kind and key over the table ``protocol_state``."""

    def __init__(self, database: Database, *, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime, group: str = "") -> None:
        """Keep a value, in place of one that is there.

        Raises:
            StateTooLarge: the value has more than ``MAX_VALUE`` bytes.
        """
        place = _digest(key)
        changed = {
            "group_digest": _digest(group) if group else None,
            "expires_at": micros(expires_at),
            "sealed": self._sealed(kind, place, value),
        }
        with self._database.write() as connection:
            added = upsert(connection, STATE).values(kind=kind, key_digest=place, **changed)
            connection.execute(added.on_conflict_do_update(index_elements=_PLACE, set_=changed))

    def get(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value, None when it is not there."""
        place = _digest(key)
        with self._database.read() as connection:
            row = connection.execute(select(STATE.c.sealed).where(_at(kind, place, now))).one_or_none()
        return None if row is None else self._opened(kind, place, row.sealed)

    def take(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value and remove it: of several callers at once one gets it, the others None."""
        place = _digest(key)
        with self._database.write() as connection:
            taken = delete(STATE).where(_at(kind, place, now)).returning(STATE.c.sealed)
            row = connection.execute(taken).one_or_none()
        return None if row is None else self._opened(kind, place, row.sealed)

    def change(self, kind: str, key: str, change: Change, *, now: datetime) -> Mapping[str, Any] | None:
        """Replace a value by what ``change`` makes of it, with nobody in between; return what was there before.

        ``change`` is called while the row is locked (on SQLite: the database), so it must not ask the database itself.

        Raises:
            StateTooLarge: what ``change`` made has more than ``MAX_VALUE`` bytes; the value is as it was.
        """
        place = _digest(key)
        with self._database.write() as connection:
            chosen = select(STATE.c.sealed).where(_at(kind, place, now)).with_for_update()
            row = connection.execute(chosen).one_or_none()
            if row is None:
                return None
            before = self._opened(kind, place, row.sealed)
            after = change(before)
            if after is None:
                connection.execute(delete(STATE).where(_at(kind, place, now)))
            else:
                sealed = self._sealed(kind, place, after)
                connection.execute(update(STATE).where(_at(kind, place, now)).values(sealed=sealed))
        return before

    def prolong(self, kind: str, key: str, *, expires_at: datetime, now: datetime) -> bool:
        """Let a value that is there expire at another moment; False when it is not there. One statement."""
        later = update(STATE).where(_at(kind, _digest(key), now)).values(expires_at=micros(expires_at))
        with self._database.write() as connection:
            return connection.execute(later).rowcount == 1

    def add_once(self, kind: str, key: str, *, expires_at: datetime, now: datetime) -> bool:
        """Remember a key; False when it is remembered already. One statement; nothing is sealed."""
        return bool(self.add_each_once(kind, [key], expires_at=expires_at, now=now))

    def add_each_once(self, kind: str, keys: Collection[str], *, expires_at: datetime, now: datetime) -> set[str]:
        """Remember keys, in one transaction; return those that were not remembered yet (``add_once`` for each)."""
        by_place = {_digest(key): key for key in keys}
        added: set[str] = set()
        with self._database.write() as connection:
            value = mark(connection)
            # In order: of two transactions with several keys in common, one waits for the other and not each for each.
            for places in chunks(sorted(by_place)):
                rows = ", ".join([f"({value}, {value}, {value})"] * len(places))
                values = [each for place in places for each in (kind, place, micros(expires_at))]
                found = connection.exec_driver_sql(_ADD_ONCE.format(rows=rows, now=value), (*values, micros(now)))
                added.update(by_place[bytes(place)] for (place,) in found)
        return added

    def remove_group(self, group: str) -> int:
        """Remove every value of a group and return how many there were; the empty name is no group."""
        if not group:
            return 0
        with self._database.write() as connection:
            return connection.execute(delete(STATE).where(STATE.c.group_digest == _digest(group))).rowcount

    def sweep(self, *, now: datetime) -> int:
        """Remove what has expired and return how much it was; rows that another sweeps are passed over."""
        expired = select(STATE.c.kind, STATE.c.key_digest).where(STATE.c.expires_at <= micros(now))
        some = expired.limit(_SWEPT_AT_ONCE).with_for_update(skip_locked=True)
        removed, latest = 0, -1
        while latest:
            with self._database.write() as connection:
                latest = connection.execute(delete(STATE).where(tuple_(*_PLACE).in_(some))).rowcount
            removed += latest
        return removed

    def _sealed(self, kind: str, place: bytes, value: Mapping[str, Any]) -> bytes:
        plain = strict_json.dumps(dict(value))
        if len(plain) > MAX_VALUE:
            raise StateTooLarge(f"value of kind {kind} has {len(plain)} bytes, at most {MAX_VALUE} are kept")
        return self._cipher.seal(STATE.name, _identity(kind, place), plain)

    def _opened(self, kind: str, place: bytes, sealed: bytes | None) -> Mapping[str, Any]:
        if sealed is None:
            return {}
        return strict_json.loads_object(self._cipher.open(STATE.name, _identity(kind, place), sealed))


_PLACE = (STATE.c.kind, STATE.c.key_digest)


def _at(kind: str, place: bytes, now: datetime) -> ColumnElement[bool]:
    return and_(STATE.c.kind == kind, STATE.c.key_digest == place, STATE.c.expires_at > micros(now))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _identity(kind: str, place: bytes) -> str:
    return f"{kind}\0{place.hex()}"
