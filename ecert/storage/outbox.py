"""The outbox in the database: entries written beside the state that they announce, and marked as they go."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, literal, select, update

from ecert.storage.batches import chunks
from ecert.storage.moments import micros, moment
from ecert.storage.tables import CERTIFICATES, CREDENTIALS, STATUS_LISTS, STATUS_OUTBOX
from issuer.outbox import OutboxEntry, Waiting
from schemas.order import Identifier

_OPEN = STATUS_OUTBOX.c.published_at.is_(None)
_UNSEEN = STATUS_OUTBOX.c.seen_at.is_(None)
_COLUMNS = ("certificate_id", "list_id", "value", "asked_at")


def ask(connection: Connection, certificate_ids: Sequence[int], *, value: int, at: datetime) -> None:
    """Write an entry for each certificate and each list that its credentials stand on, all asked at one moment."""
    asked = literal(micros(at), STATUS_OUTBOX.c.asked_at.type)
    _ask(connection, CREDENTIALS.c.certificate_id.in_(certificate_ids), CREDENTIALS, asked, value)


def ask_replaced(connection: Connection, certificate_ids: Sequence[int], *, value: int) -> None:
    """Write the entries of replaced certificates: asked when the one that replaces each was planned."""
    newer = CERTIFICATES.alias("newer")
    joined = CREDENTIALS.join(newer, newer.c.replaces_id == CREDENTIALS.c.certificate_id)
    _ask(connection, CREDENTIALS.c.certificate_id.in_(certificate_ids), joined, newer.c.planned_at, value)


def _ask(
    connection: Connection, chosen: ColumnElement[bool], source: Any, asked: ColumnElement[Any], value: int
) -> None:
    columns = (CREDENTIALS.c.certificate_id, CREDENTIALS.c.list_id)
    number = literal(int(value), STATUS_OUTBOX.c.value.type)
    rows = select(*columns, number, asked).select_from(source).where(chosen).distinct()
    connection.execute(insert(STATUS_OUTBOX).from_select(_COLUMNS, rows))


def open_numbers(connection: Connection, list_id: int) -> tuple[int, ...]:
    """Return the numbers of a list's entries that are not published."""
    chosen = select(STATUS_OUTBOX.c.id).where(STATUS_OUTBOX.c.list_id == list_id, _UNSEEN, _OPEN)
    return tuple(connection.scalars(chosen.order_by(STATUS_OUTBOX.c.id)))


def mark(connection: Connection, numbers: Iterable[int], **changes: Any) -> None:
    """Set columns of entries that are not published."""
    for some in chunks(numbers):
        connection.execute(update(STATUS_OUTBOX).where(STATUS_OUTBOX.c.id.in_(some), _OPEN).values(**changes))


def mark_seen(connection: Connection, uri: str, sequence: int, *, at: datetime) -> int:
    """Mark the published entries that this edition of a list, or one before it, says; return how many are new."""
    list_id = select(STATUS_LISTS.c.id).where(STATUS_LISTS.c.uri == uri).scalar_subquery()
    said = and_(STATUS_OUTBOX.c.published_at.is_not(None), STATUS_OUTBOX.c.sequence <= sequence)
    chosen = update(STATUS_OUTBOX).where(STATUS_OUTBOX.c.list_id == list_id, _UNSEEN, said)
    return int(connection.execute(chosen.values(seen_at=micros(at))).rowcount)


def waiting(connection: Connection) -> Waiting:
    """Return what waits to be published."""
    columns = (
        func.count(STATUS_OUTBOX.c.id),
        func.count(STATUS_OUTBOX.c.list_id.distinct()),
        func.min(STATUS_OUTBOX.c.asked_at),
    )
    entries, lists, oldest = connection.execute(select(*columns).where(_UNSEEN, _OPEN)).one()
    return Waiting(entries, lists, None if oldest is None else moment(oldest))


def of_certificate(connection: Connection, identifier: Identifier) -> list[OutboxEntry]:
    """Return the entries of a certificate's decisions, oldest first."""
    rows = connection.execute(_entries().where(CERTIFICATES.c.identifier == identifier))
    return [_entry(row) for row in rows]


def _entries() -> Select[Any]:
    joined = STATUS_OUTBOX.join(CERTIFICATES, STATUS_OUTBOX.c.certificate_id == CERTIFICATES.c.id).join(
        STATUS_LISTS, STATUS_OUTBOX.c.list_id == STATUS_LISTS.c.id
    )
    columns = (*STATUS_OUTBOX.c, CERTIFICATES.c.identifier, STATUS_LISTS.c.uri)
    return select(*columns).select_from(joined).order_by(STATUS_OUTBOX.c.id)


def _entry(row: Row[Any]) -> OutboxEntry:
    return OutboxEntry(
        number=row.id,
        identifier=Identifier(row.identifier),
        uri=row.uri,
        value=row.value,
        asked_at=moment(row.asked_at),
        signed_at=_moment(row.signed_at),
        published_at=_moment(row.published_at),
        seen_at=_moment(row.seen_at),
        sequence=row.sequence,
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)
