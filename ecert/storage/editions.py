"""Status lists as they are published (``issuer.ports.StatusStore``): values, editions, documents, outbox.

1  snapshot          values, last sequence and open outbox entries of one moment
2  record_signed     the edition with all its documents, shown to nobody: the sequence is taken, or lost to another
3  record_published  the edition is shown, and its outbox entries are published, in one transaction

A crash between 2 and 3 leaves an edition that nobody is shown; the next one covers what it said.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, delete, func, insert, select, tuple_, update

from ecert.storage import outbox
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.status import StatusLists, values_of
from ecert.storage.tables import CERTIFICATES, CREDENTIALS, STATUS_DOCUMENTS, STATUS_EDITIONS, STATUS_LISTS
from issuer.errors import UnknownStatusList
from issuer.outbox import OutboxEntry, PublishedDocument, Snapshot, Waiting
from issuer.records import PublishedList, State, StatusListRow, StatusValue
from issuer.status_history import EditionFacts, forgettable
from schemas.order import Identifier

TOKEN = "jwt"  # noqa: S105 (a name, no secret)
"""The name of the token itself among an edition's documents."""
_VALUES = {
    State.REVOKED.value: StatusValue.INVALID.value,
    State.CANCELLED.value: StatusValue.INVALID.value,
    State.SUSPENDED.value: StatusValue.SUSPENDED.value,
    State.REPLACED.value: StatusValue.REPLACED.value,
}
_SHOWN = STATUS_EDITIONS.c.published_at.is_not(None)


class SqlStatusStore:
    """The status lists of a database. Every method is one transaction."""

    _database: Database
    _lists: StatusLists
    _fault: Callable[[str], None]

    def status_lists(self) -> list[StatusListRow]:
        """Return every status list."""
        with self._database.read() as connection:
            return self._lists.rows(connection)

    def status_values(self, uri: str) -> Mapping[int, int]:
        """Return index → value of the entries of a list that are not 0; raises UnknownStatusList."""
        with self._database.read() as connection:
            return values_of(connection, uri)

    def snapshot(self, uri: str) -> Snapshot:
        """Return a list's values with what waits to be published, all of one moment; raises UnknownStatusList."""
        with self._database.read() as connection:
            list_id = connection.scalar(select(STATUS_LISTS.c.id).where(STATUS_LISTS.c.uri == uri))
            if list_id is None:
                raise UnknownStatusList("no status list has this uri")
            last = connection.scalar(select(func.max(STATUS_EDITIONS.c.sequence)).where(STATUS_EDITIONS.c.uri == uri))
            return Snapshot(values_of(connection, uri), last or 0, outbox.open_numbers(connection, list_id))

    def record_signed(self, edition: PublishedList) -> bool:
        """Record an edition that is shown to nobody; False when its sequence, or a later one, is taken."""
        with self._database.write() as connection:
            _lock(connection, edition.uri)
            newest = select(func.max(STATUS_EDITIONS.c.sequence)).where(STATUS_EDITIONS.c.uri == edition.uri)
            if (connection.scalar(newest) or 0) >= edition.sequence:
                return False
            self._insert(connection, edition)
            signed = micros(edition.issued_at)
            outbox.mark(connection, edition.covers, signed_at=signed, sequence=edition.sequence)
        self._fault("edition signed")
        return True

    def record_published(self, published: PublishedList, *, at: datetime | None = None) -> None:
        """Publish an edition with its documents and outbox entries; an earlier sequence changes nothing."""
        when = micros(at or published.issued_at)
        with self._database.write() as connection:
            _lock(connection, published.uri)
            if (connection.scalar(_newest_shown(published.uri)) or 0) >= published.sequence:
                return
            mine = and_(STATUS_EDITIONS.c.uri == published.uri, STATUS_EDITIONS.c.sequence == published.sequence)
            recorded = connection.scalar(select(STATUS_EDITIONS.c.token).where(mine))
            if recorded is None:
                self._insert(connection, published)
            elif recorded != published.token:
                return
            connection.execute(update(STATUS_EDITIONS).where(mine).values(published_at=when))
            self._fault("edition shown")
            changes = {"signed_at": micros(published.issued_at), "published_at": when, "sequence": published.sequence}
            outbox.mark(connection, published.covers, **changes)
        self._fault("edition published")

    def published(self, uri: str) -> PublishedList | None:
        """Return the newest published token of a list."""
        with self._database.read() as connection:
            row = connection.execute(_shown(uri)).first()
        return None if row is None else _edition(row)

    def document(self, uri: str, name: str, *, at: datetime | None = None) -> PublishedDocument | None:
        """Return a form of the newest published edition, or of the one that held ``at``; None when there is none."""
        chosen = _shown(uri)
        if at is not None:
            when = micros(at)
            chosen = chosen.where(STATUS_EDITIONS.c.issued_at <= when, STATUS_EDITIONS.c.expires_at > when)
        with self._database.read() as connection:
            row = connection.execute(chosen).first()
            if row is None:
                return None
            body = row.token.encode() if name == TOKEN else connection.scalar(_body(row, name))
        if body is None:
            return None
        return PublishedDocument(uri, name, bytes(body), moment(row.issued_at), moment(row.expires_at), row.sequence)

    def forget_editions(self, *, before: datetime) -> int:
        """Delete editions that need not be kept (``issuer.status_history``) and return how many they were."""
        with self._database.write() as connection:
            keys = [
                (uri, sequence)
                for uri, editions in _facts(connection).items()
                for sequence in sorted(forgettable(editions, before=before))
            ]
            for table in (STATUS_DOCUMENTS, STATUS_EDITIONS):
                theirs = tuple_(table.c.uri, table.c.sequence)
                for start in range(0, len(keys), 500):
                    connection.execute(delete(table).where(theirs.in_(keys[start : start + 500])))
        return len(keys)

    def contradictions(self) -> int:
        """Return how many credentials have another status value than their certificate's state asks for."""
        expected = case(_VALUES, value=CERTIFICATES.c.state, else_=0)
        joined = CREDENTIALS.join(CERTIFICATES, CREDENTIALS.c.certificate_id == CERTIFICATES.c.id)
        wrong = select(func.count()).select_from(joined).where(CREDENTIALS.c.value != expected)
        with self._database.read() as connection:
            return int(connection.scalar(wrong) or 0)

    def waiting(self) -> Waiting:
        """Return how many decisions wait to be published, and since when."""
        with self._database.read() as connection:
            return outbox.waiting(connection)

    def outbox_of(self, identifier: Identifier) -> list[OutboxEntry]:
        """Return the outbox entries of a certificate's decisions, oldest first."""
        with self._database.read() as connection:
            return outbox.of_certificate(connection, identifier)

    def mark_seen(self, uri: str, sequence: int, *, at: datetime) -> int:
        """Note that a verifier has this edition; return how many decisions that tells somebody of."""
        with self._database.write() as connection:
            return outbox.mark_seen(connection, uri, sequence, at=at)

    def _insert(self, connection: Connection, edition: PublishedList) -> None:
        key = {"uri": edition.uri, "sequence": edition.sequence}
        values = {
            "token": edition.token,
            "issued_at": micros(edition.issued_at),
            "expires_at": micros(edition.expires_at),
            "content": edition.content,
        }
        connection.execute(insert(STATUS_EDITIONS).values(**key, **values))
        self._fault("edition inserted")
        rows = [{**key, "name": name, "body": body} for name, body in edition.documents.items()]
        if rows:
            connection.execute(insert(STATUS_DOCUMENTS), rows)


def _facts(connection: Connection) -> dict[str, list[EditionFacts]]:
    names = ("uri", "sequence", "issued_at", "expires_at", "published_at", "content")
    found: dict[str, list[EditionFacts]] = {}
    for row in connection.execute(select(*(STATUS_EDITIONS.c[name] for name in names))):
        times = moment(row.issued_at), moment(row.expires_at)
        facts = EditionFacts(row.sequence, *times, row.published_at is not None, row.content or "")
        found.setdefault(row.uri, []).append(facts)
    return found


def _lock(connection: Connection, uri: str) -> None:
    """Wait until this transaction is the only one that records editions of the list."""
    connection.execute(select(STATUS_LISTS.c.id).where(STATUS_LISTS.c.uri == uri).with_for_update())


def _newest_shown(uri: str) -> Select[Any]:
    return select(func.max(STATUS_EDITIONS.c.sequence)).where(STATUS_EDITIONS.c.uri == uri, _SHOWN)


def _shown(uri: str) -> Select[Any]:
    chosen = select(STATUS_EDITIONS).where(STATUS_EDITIONS.c.uri == uri, _SHOWN)
    return chosen.order_by(STATUS_EDITIONS.c.sequence.desc()).limit(1)


def _body(row: Row[Any], name: str) -> Select[Any]:
    mine = (STATUS_DOCUMENTS.c.uri == row.uri, STATUS_DOCUMENTS.c.sequence == row.sequence)
    return select(STATUS_DOCUMENTS.c.body).where(*mine, STATUS_DOCUMENTS.c.name == name)


def _edition(row: Row[Any]) -> PublishedList:
    return PublishedList(row.uri, row.token, moment(row.issued_at), moment(row.expires_at), row.sequence)
