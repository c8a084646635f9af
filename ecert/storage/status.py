"""Status indexes: given out by a counter that only grows, in the order of a keyed permutation.

The counter is raised in the transaction that records what the indexes are for. A crash before its commit takes back
both; a crash after it leaves both. Writers of one department wait for each other at its one row.
"""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ecert.storage.crypto import Cipher
from ecert.storage.dialects import upsert
from ecert.storage.order import KeyedOrder
from ecert.storage.tables import CREDENTIALS, DEPARTMENTS, STATUS_LISTS
from issuer.errors import UnknownStatusList
from issuer.records import StatusListRow
from schemas.order import StatusRef

_TABLE = STATUS_LISTS.name
_COUNTER_BITS = 32
_MOST_ORDERS = 64  # a megabyte each once warm
MAX_SIZE = 2**31 - 1
"""The largest list: its counter and size fit a 32-bit column."""

_LOCK = select(DEPARTMENTS.c.open_list_id).where(DEPARTMENTS.c.department == bindparam("name")).with_for_update()
_TAKE = (
    update(STATUS_LISTS)
    .where(STATUS_LISTS.c.id == bindparam("list"))
    .values(taken=STATUS_LISTS.c.taken + bindparam("count"))
)


class Slot(NamedTuple):
    """One index: ``key`` is the 64-bit id (list, counter) for the row that it belongs to.

    A tuple, because a batch makes hundreds of thousands.
    """

    key: int
    list_id: int
    status: StatusRef


class StatusLists:
    """Allocates indexes and opens lists; ``public_url`` is the base of their URIs."""

    def __init__(
        self, cipher: Cipher, *, public_url: str, size: int, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        if not 0 < size <= MAX_SIZE:
            raise ValueError(f"status list size is {size}, expected 1 to {MAX_SIZE}")
        self._cipher = cipher
        self._base = public_url.rstrip("/") + "/status/"
        self._size = size
        self._random = random
        self._orders: dict[str, KeyedOrder] = {}

    def lock(self, connection: Connection, department: str) -> None:
        """Wait until this transaction is the only one that gives out the department's indexes."""
        connection.execute(upsert(connection, DEPARTMENTS).values(department=department).on_conflict_do_nothing())
        connection.execute(_LOCK, {"name": department})

    def take(self, connection: Connection, department: str, count: int) -> list[Slot]:
        """Return ``count`` indexes that were never given out; the department must be locked.

        A list that is full is followed by a new one, so there is always room.
        """
        slots: list[Slot] = []
        current = connection.execute(_LOCK, {"name": department}).scalar()
        row = None if current is None else self._list(connection, current)
        while len(slots) < count:
            if row is None or row.taken >= row.size:
                row = self._open(connection, department)
            share = min(count - len(slots), row.size - row.taken)
            connection.execute(_TAKE, {"list": row.id, "count": share})
            slots += self._slots(row, share)
            row = None
        return slots

    def rows(self, connection: Connection) -> list[StatusListRow]:
        """Return every list, in the order in which they were opened."""
        found = connection.execute(select(STATUS_LISTS).order_by(STATUS_LISTS.c.id))
        return [StatusListRow(row.uri, row.department, row.size, row.taken) for row in found]

    def _list(self, connection: Connection, list_id: int) -> Row[Any] | None:
        return connection.execute(select(STATUS_LISTS).where(STATUS_LISTS.c.id == list_id)).one_or_none()

    def _open(self, connection: Connection, department: str) -> Row[Any]:
        uri = self._base + secrets.token_urlsafe(16)
        values = {
            "uri": uri,
            "department": department,
            "size": self._size,
            "taken": 0,
            "sealed": self._cipher.seal(_TABLE, uri, self._random(32)),
        }
        row = connection.execute(insert(STATUS_LISTS).values(values).returning(*STATUS_LISTS.c)).one()
        connection.execute(
            update(DEPARTMENTS).where(DEPARTMENTS.c.department == department).values(open_list_id=row.id)
        )
        return row

    def _slots(self, row: Row[Any], count: int) -> list[Slot]:
        list_id, uri, first = row.id, row.uri, row.id << _COUNTER_BITS | row.taken
        indexes = self._order(row).indexes(row.taken, count)
        return [Slot(key, list_id, StatusRef(uri, index)) for key, index in enumerate(indexes, first)]

    def _order(self, row: Row[Any]) -> KeyedOrder:
        known = self._orders.get(row.uri)
        if known is None:
            if len(self._orders) >= _MOST_ORDERS:
                self._orders.clear()
            known = self._orders[row.uri] = KeyedOrder(row.size, self._cipher.open(_TABLE, row.uri, row.sealed))
        return known


def values_of(connection: Connection, uri: str) -> dict[int, int]:
    """Return index → value of a list's entries that are not 0; raises UnknownStatusList."""
    if connection.execute(select(STATUS_LISTS.c.id).where(STATUS_LISTS.c.uri == uri)).first() is None:
        raise UnknownStatusList("no status list has this uri")
    columns = (CREDENTIALS.c.status_index, CREDENTIALS.c.value)
    joined = CREDENTIALS.join(STATUS_LISTS, CREDENTIALS.c.list_id == STATUS_LISTS.c.id)
    marked = select(*columns).select_from(joined).where(STATUS_LISTS.c.uri == uri, CREDENTIALS.c.value != 0)
    return {index: value for index, value in connection.execute(marked)}
