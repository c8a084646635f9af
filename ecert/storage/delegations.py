"""Delegations (``wallet_api.delegating.ports.Delegations``) over SQL, and what their recall lists say."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, delete, func, insert, or_, select, update

from ecert.storage.audit import AuditTrail
from ecert.storage.crypto import Cipher
from ecert.storage.delegation_documents import delegation_document, delegation_of
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.order import KeyedOrder
from ecert.storage.tables import DELEGATION_LISTS, DELEGATIONS, HOLDERS
from schemas.audit import SYSTEM, AuditAct, AuditEvent, Detail, Doer, Subject
from schemas.formats.delegation import Relation
from schemas.formats.status_claim import StatusReference
from schemas.order import HolderId
from wallet_api.delegating.errors import DelegationEnded, TooManyDelegations, TooManyManagers
from wallet_api.delegating.ports import Most
from wallet_api.delegating.powers import BY_RIGHT
from wallet_api.delegating.records import Delegation

LIST_SIZE = 2**17
RECALLS_PATH = "/wallet/status/"
_MOST_ROWS = 500
_BY_RIGHT = sorted(relation.value for relation in BY_RIGHT)
_LISTS, _ROWS = DELEGATION_LISTS.c, DELEGATIONS.c


@dataclass(frozen=True, slots=True)
class RecallListRow:
    """A recall list as it has to be published: its URI, its size, and the places that were recalled."""

    uri: str
    size: int
    recalled: frozenset[int]


class SqlDelegations:
    """Every method is one transaction, the audit trail's entry included; ``public_url`` is the base of the lists."""

    def __init__(
        self,
        database: Database,
        *,
        cipher: Cipher,
        trail: AuditTrail,
        public_url: str,
        size: int = LIST_SIZE,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._trail = trail
        self._base = public_url.rstrip("/") + RECALLS_PATH
        self._size = size
        self._random = random

    def take_place(self) -> StatusReference:
        """Return a place that was never given out; a list that is full is followed by a new one."""
        newest = select(DELEGATION_LISTS).order_by(_LISTS.number.desc()).limit(1).with_for_update()
        with self._database.write() as connection:
            row = connection.execute(newest).one_or_none()
            if row is None or row.taken >= row.size:
                row = self._new_list(connection)
            more = update(DELEGATION_LISTS).where(_LISTS.number == row.number).values(taken=_LISTS.taken + 1)
            taken = connection.execute(more.returning(_LISTS.taken)).scalar_one() - 1
        key = self._cipher.open(DELEGATION_LISTS.name, str(row.number), row.sealed)
        return StatusReference(self._uri(row.number), KeyedOrder(row.size, key).indexes(taken, 1)[0])

    def add(self, delegation: Delegation, *, most: Most, by: HolderId) -> Delegation:
        """Keep a new delegation and return it; one of its id that is there already stays as it is."""
        with self._database.write() as connection:
            # Who gives at the same time waits here, so that both count the same.
            holders = select(HOLDERS.c.id).where(HOLDERS.c.holder_id == delegation.holder_id)
            connection.execute(holders.with_for_update())
            known = connection.execute(_one(delegation.delegation_id)).one_or_none()
            if known is not None:
                return self._delegation(known)
            _check_room(connection, delegation, most)
            _check_under(connection, delegation)
            connection.execute(insert(DELEGATIONS).values(self._values(delegation)))
            details = {"relation": delegation.relation.value, "type_id": str(delegation.type_id)}
            event = _event(delegation.delegation_id, AuditAct.GRANTED, by, delegation.since, details)
            self._trail.note(connection, [event])
        return delegation

    def delegation(self, delegation_id: str) -> Delegation | None:
        """Return a delegation."""
        with self._database.read() as connection:
            row = connection.execute(_one(delegation_id)).one_or_none()
        return None if row is None else self._delegation(row)

    def given_by(self, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        """Return a holder's delegations, those in force before those that ended, the newest first; at most 500."""
        return self._several(now, _ROWS.holder_id == holder_id)

    def received_by(self, agent_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        """Return the delegations to an agent, in the same order; at most 500."""
        return self._several(now, _ROWS.agent_id == agent_id)

    def managed_by(self, agent_id: HolderId, holder_id: HolderId, *, now: datetime) -> Sequence[Delegation]:
        """Return every delegation in force by which an agent is a holder's manager."""
        theirs = (_ROWS.agent_id == agent_id, _ROWS.holder_id == holder_id, _ROWS.relation == Relation.MANAGER.value)
        return self._read(select(DELEGATIONS).where(*theirs, *_in_force(now)).order_by(_ROWS.id))

    def by_right(self, *, after: str, limit: int, now: datetime) -> Sequence[Delegation]:
        """Return delegations in force to legal representatives and guardians, those after an id, in order of ids."""
        chosen = select(DELEGATIONS).where(_ROWS.delegation_id > after, _ROWS.relation.in_(_BY_RIGHT), *_in_force(now))
        return self._read(chosen.order_by(_ROWS.delegation_id).limit(limit))

    def recall(self, delegation_id: str, *, at: datetime, by: HolderId | None) -> None:
        """Recall a delegation and all that were made under it; what was recalled before stays as it is."""
        mine = or_(_ROWS.delegation_id == delegation_id, _ROWS.under == delegation_id)
        recalled = update(DELEGATIONS).where(mine, _ROWS.recalled_at.is_(None)).values(recalled_at=micros(at))
        with self._database.write() as connection:
            # The row first: who adds under it waits, and then sees that it was recalled.
            connection.execute(_one(delegation_id).with_for_update())
            ids = sorted(connection.execute(recalled.returning(_ROWS.delegation_id)).scalars())
            self._trail.note(connection, [_event(each, AuditAct.RECALLED, by, at, {}) for each in ids])

    def forget(self, *, before: datetime) -> int:
        """Delete the delegations that were over before a moment; return how many they were."""
        with self._database.write() as connection:
            return connection.execute(delete(DELEGATIONS).where(_ROWS.until < micros(before))).rowcount

    def recall_lists(self) -> Sequence[RecallListRow]:
        """Return every recall list as it stands now."""
        with self._database.read() as connection:
            lists = connection.execute(select(_LISTS.number, _LISTS.size).order_by(_LISTS.number)).all()
            places = select(_ROWS.list_number, _ROWS.place).where(_ROWS.recalled_at.is_not(None))
            recalled: dict[int, set[int]] = {row.number: set() for row in lists}
            for number, place in connection.execute(places):
                recalled.setdefault(number, set()).add(place)
        return [RecallListRow(self._uri(row.number), row.size, frozenset(recalled[row.number])) for row in lists]

    def _several(self, now: datetime, whose: Any) -> Sequence[Delegation]:
        ended = case((and_(*_in_force(now)), 0), else_=1)
        order = (ended, _ROWS.since.desc(), _ROWS.id.desc())
        return self._read(select(DELEGATIONS).where(whose).order_by(*order).limit(_MOST_ROWS))

    def _read(self, chosen: Any) -> Sequence[Delegation]:
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        return [self._delegation(row) for row in rows]

    def _new_list(self, connection: Connection) -> Row[Any]:
        number = connection.execute(select(func.coalesce(func.max(_LISTS.number), 0) + 1)).scalar_one()
        sealed = self._cipher.seal(DELEGATION_LISTS.name, str(number), self._random(32))
        values = {"number": number, "size": self._size, "taken": 0, "sealed": sealed}
        # Two that open the first list at once both take what one of them made.
        connection.execute(upsert(connection, DELEGATION_LISTS).values(values).on_conflict_do_nothing())
        return connection.execute(select(DELEGATION_LISTS).where(_LISTS.number == number).with_for_update()).one()

    def _values(self, delegation: Delegation) -> dict[str, Any]:
        return {
            "delegation_id": delegation.delegation_id,
            "holder_id": delegation.holder_id,
            "agent_id": delegation.agent_id,
            "relation": delegation.relation.value,
            "under": delegation.under,
            "list_number": int(delegation.place.uri.rpartition("/")[2]),
            "place": delegation.place.index,
            "since": micros(delegation.since),
            "until": micros(delegation.until),
            "sealed": self._cipher.seal(DELEGATIONS.name, delegation.delegation_id, delegation_document(delegation)),
        }

    def _delegation(self, row: Row[Any]) -> Delegation:
        document = self._cipher.open(DELEGATIONS.name, row.delegation_id, row.sealed)
        recalled = None if row.recalled_at is None else moment(row.recalled_at)
        return delegation_of(document, row, since=moment(row.since), until=moment(row.until), recalled=recalled)

    def _uri(self, number: int) -> str:
        return f"{self._base}{number}"


def _one(delegation_id: str) -> Any:
    return select(DELEGATIONS).where(_ROWS.delegation_id == delegation_id)


def _in_force(now: datetime) -> tuple[Any, ...]:
    return _ROWS.recalled_at.is_(None), _ROWS.until > micros(now)


def _check_room(connection: Connection, delegation: Delegation, most: Most) -> None:
    now = micros(delegation.since)
    mine = (_ROWS.holder_id == delegation.holder_id, _ROWS.recalled_at.is_(None), _ROWS.until > now)
    if connection.execute(select(func.count()).where(*mine)).scalar_one() >= most.delegations:
        raise TooManyDelegations(f"the holder has {most.delegations} delegations in force, which is the most")
    if delegation.relation is not Relation.MANAGER:
        return
    others = select(func.count(_ROWS.agent_id.distinct())).where(
        *mine, _ROWS.relation == Relation.MANAGER.value, _ROWS.agent_id != delegation.agent_id
    )
    if connection.execute(others).scalar_one() >= most.managers:
        raise TooManyManagers(f"the holder has {most.managers} managers, which is the most")


def _check_under(connection: Connection, delegation: Delegation) -> None:
    if delegation.under is None:
        return
    row = connection.execute(_one(delegation.under).with_for_update()).one()
    if row.recalled_at is not None:
        raise DelegationEnded("the manager's own delegation was recalled")


def _event(
    delegation_id: str, act: AuditAct, by: HolderId | None, at: datetime, details: Mapping[str, Detail]
) -> AuditEvent:
    doer = SYSTEM if by is None else Doer(by, "holder")
    return AuditEvent(Subject.DELEGATION, delegation_id, act, doer, at, details=details)
