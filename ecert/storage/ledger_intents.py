"""Recording what will be signed: row keys, replacements, status indexes, then the rows.

1  lock the departments' rows: from here no other writer gives out their indexes or records their row keys
2  find the row keys that are known
3  check what is replaced
4  take status indexes
5  insert
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, or_, select

from ecert.storage.batches import chunks, find_rows, insert_rows
from ecert.storage.crypto import Cipher, Lookup
from ecert.storage.documents import intent_document
from ecert.storage.ledger_reads import LedgerReader
from ecert.storage.moments import micros
from ecert.storage.status import Slot, StatusLists
from ecert.storage.tables import CERTIFICATES, CREDENTIALS, REFRESHES
from issuer import records
from issuer.errors import RowKeyConflict, StateChanged, TooManyCredentials, UnknownCertificate
from issuer.records import Intent, RecordedIntent, State
from schemas.order import Identifier

Fault = Callable[[str], None]
"""Called between two steps with the step's name; tests end the process there."""

_CERTIFICATE_COLUMNS = (
    *("id", "identifier", "serial", "version", "type_id", "revision"),
    *("department", "state", "row_hash", "planned_at", "replaces_id", "sealed"),
)
_CREDENTIAL_COLUMNS = (
    *("id", "certificate_id", "refresh_id", "credential_id", "holder_id", "format"),
    *("short_lived", "list_id", "status_index", "value", "delivered"),
)
_PREPARED = State.PREPARED.value
_FETCHED = 2  # in ``delivered``: no wallet of ours waits for it


class _Fresh(NamedTuple):
    """An intent that is recorded now, at its place in the batch."""

    position: int
    intent: Intent
    row_hash: bytes | None


class IntentWriter:
    """Writes intents inside the caller's transaction."""

    def __init__(
        self, cipher: Cipher, lookup: Lookup, *, lists: StatusLists, reader: LedgerReader, fault: Fault
    ) -> None:
        self._cipher = cipher
        self._lookup = lookup
        self._lists = lists
        self._reader = reader
        self._fault = fault

    def record(self, connection: Connection, intents: Sequence[Intent]) -> list[RecordedIntent]:
        """Record the intents whose row keys are new and return all of them, in the order given.

        Raises:
            RowKeyConflict, StateChanged, UnknownCertificate: as the port says; nothing is recorded.
        """
        for department in sorted({intent.department for intent in intents}):
            self._lists.lock(connection, department)
        self._fault("intents locked")
        fresh, answers, repeats = self._known(connection, intents)
        replaced = self._replaced(connection, [each.intent for each in fresh])
        answers.update(self._insert(connection, fresh, replaced))
        answers.update({position: answers[first] for position, first in repeats.items()})
        return [answers[position] for position in range(len(intents))]

    def add(self, connection: Connection, identifier: Identifier, intent: Intent) -> RecordedIntent:
        """Record further credentials of an issued certificate; raises as the port says."""
        self._lists.lock(connection, intent.department)
        row = connection.execute(
            select(CERTIFICATES.c.id, CERTIFICATES.c.state)
            .where(CERTIFICATES.c.identifier == identifier)
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise UnknownCertificate("no certificate has this identifier")
        if row.state != State.ISSUED:
            raise StateChanged(f"certificate is {row.state}, expected issued")
        _check_room(connection, row.id, intent)
        slots = self._lists.take(connection, intent.department, max(1, len(intent.credentials)))
        refresh_id = slots[0].key
        values = {
            "id": refresh_id,
            "certificate_id": row.id,
            "planned_at": micros(intent.planned_at),
            "is_open": True,
            "sealed": self._cipher.seal(REFRESHES.name, str(refresh_id), intent_document(intent)),
        }
        connection.execute(insert(REFRESHES).values(values))
        rows = _credential_rows(intent, slots, certificate_id=row.id, refresh_id=refresh_id)
        insert_rows(connection, CREDENTIALS, _CREDENTIAL_COLUMNS, rows)
        self._fault("refresh inserted")
        return RecordedIntent(intent, tuple(slot.status for slot in slots[: len(intent.credentials)]))

    def _known(
        self, connection: Connection, intents: Sequence[Intent]
    ) -> tuple[list[_Fresh], dict[int, RecordedIntent], dict[int, int]]:
        """Sort a batch into new intents, answers from before, and repeats (position → first position in the batch)."""
        hashes = [self._hash(intent) for intent in intents]
        ids = _ids_by_hash(connection, {value for value in hashes if value is not None})
        recorded = self._reader.recorded(connection, ids.values())
        fresh: list[_Fresh] = []
        answers: dict[int, RecordedIntent] = {}
        repeats: dict[int, int] = {}
        first_by_hash: dict[bytes, int] = {}
        for position, (intent, row_hash) in enumerate(zip(intents, hashes, strict=True)):
            if row_hash is None:
                fresh.append(_Fresh(position, intent, None))
            elif row_hash in ids:
                answers[position] = recorded[ids[row_hash]]
                _same_row(answers[position].intent, intent)
            elif row_hash in first_by_hash:
                repeats[position] = first_by_hash[row_hash]
                _same_row(intents[repeats[position]], intent)
            else:
                first_by_hash[row_hash] = position
                fresh.append(_Fresh(position, intent, row_hash))
        return fresh, answers, repeats

    def _hash(self, intent: Intent) -> bytes | None:
        return None if intent.row_key is None else self._lookup.row(intent.department, intent.row_key)

    def _replaced(self, connection: Connection, intents: Sequence[Intent]) -> dict[Identifier, int]:
        """Return identifier → id of what the intents replace, locked; raises StateChanged, UnknownCertificate."""
        wanted = [intent.replaces for intent in intents if intent.replaces is not None]
        if len(set(wanted)) != len(wanted):
            raise StateChanged("two intents replace one certificate")
        found: dict[Identifier, int] = {}
        for identifiers in chunks(wanted):
            columns = (CERTIFICATES.c.id, CERTIFICATES.c.identifier, CERTIFICATES.c.state)
            chosen = select(*columns).where(CERTIFICATES.c.identifier.in_(identifiers))
            for row in connection.execute(chosen.order_by(CERTIFICATES.c.id).with_for_update()):
                if row.state != State.ISSUED:
                    raise StateChanged(f"certificate to replace is {row.state}, expected issued")
                found[row.identifier] = row.id
        for ids in chunks(found.values()):
            if connection.execute(select(CERTIFICATES.c.id).where(CERTIFICATES.c.replaces_id.in_(ids))).first():
                raise StateChanged("another intent replaces this certificate")
        if len(found) != len(wanted):
            raise UnknownCertificate("no certificate has the identifier that is to be replaced")
        return found

    def _insert(
        self, connection: Connection, fresh: Sequence[_Fresh], replaced: dict[Identifier, int]
    ) -> dict[int, RecordedIntent]:
        slots = self._slots(connection, fresh)
        self._fault("intents allocated")
        sealed = self._cipher.seal_all(
            CERTIFICATES.name, [(each.intent.identifier, intent_document(each.intent)) for each in fresh]
        )
        certificates: list[tuple[Any, ...]] = []
        credentials: list[tuple[Any, ...]] = []
        answers: dict[int, RecordedIntent] = {}
        for each, record in zip(fresh, sealed, strict=True):
            intent, mine = each.intent, slots[each.position]
            key = mine[0].key
            replaces_id = None if intent.replaces is None else replaced[intent.replaces]
            certificates.append(_certificate_row(each, key, replaces_id, record))
            credentials += _credential_rows(intent, mine, certificate_id=key, refresh_id=None)
            answers[each.position] = RecordedIntent(
                intent, tuple([slot.status for slot in mine[: len(intent.credentials)]])
            )
        insert_rows(connection, CERTIFICATES, _CERTIFICATE_COLUMNS, certificates)
        self._fault("intents certificates")
        insert_rows(connection, CREDENTIALS, _CREDENTIAL_COLUMNS, credentials)
        self._fault("intents credentials")
        return answers

    def _slots(self, connection: Connection, fresh: Sequence[_Fresh]) -> dict[int, list[Slot]]:
        """Return the indexes of each intent by its position; at least one, of which the certificate's id is made."""
        counts = Counter[str]()
        for each in fresh:
            counts[each.intent.department] += max(1, len(each.intent.credentials))
        stores = {
            department: iter(self._lists.take(connection, department, count))
            for department, count in sorted(counts.items())
        }
        return {
            each.position: list(islice(stores[each.intent.department], max(1, len(each.intent.credentials))))
            for each in fresh
        }


def _certificate_row(each: _Fresh, key: int, replaces_id: int | None, sealed: bytes) -> tuple[Any, ...]:
    intent = each.intent
    return (
        key,
        intent.identifier,
        serial_of(intent.identifier),
        intent.version,
        intent.type_id,
        intent.revision,
        intent.department,
        _PREPARED,
        each.row_hash,
        micros(intent.planned_at),
        replaces_id,
        sealed,
    )


def serial_of(identifier: str) -> str:
    """Return the serial (流水号) of an identifier: the third part from the end (GB/T 36904); all of a shorter text."""
    parts = identifier.rsplit(".", 3)
    return parts[1] if len(parts) == 4 else identifier


def _check_room(connection: Connection, certificate_id: int, intent: Intent) -> None:
    """Return if the certificate may have these credentials beside those that are in force, or being signed."""
    ends = CREDENTIALS.c.expires_at
    in_force = or_(ends.is_(None), ends > micros(intent.planned_at))
    chosen = select(CREDENTIALS.c.format, func.count()).where(CREDENTIALS.c.certificate_id == certificate_id, in_force)
    held = {row[0]: row[1] for row in connection.execute(chosen.group_by(CREDENTIALS.c.format))}
    for form, more in Counter(each.format for each in intent.credentials).items():
        if held.get(form.value, 0) + more > records.MAX_IN_FORCE:
            most = records.MAX_IN_FORCE
            raise TooManyCredentials(f"certificate would have more than {most} credentials of {form} in force")


def _credential_rows(
    intent: Intent, slots: Sequence[Slot], *, certificate_id: int, refresh_id: int | None
) -> list[tuple[Any, ...]]:
    return [
        (
            slot.key,
            certificate_id,
            refresh_id,
            each.credential_id,
            each.holder.holder_id,
            str.__str__(each.format),  # a plain string for the driver, quicker than .value
            each.short_lived,
            slot.list_id,
            slot.status.index,
            0,
            _FETCHED if each.fetched else 0,
        )
        for each, slot in zip(intent.credentials, slots, strict=False)
    ]


def _ids_by_hash(connection: Connection, hashes: set[bytes]) -> dict[bytes, int]:
    rows = find_rows(connection, CERTIFICATES, ("row_hash", "id"), "row_hash", hashes)
    return {bytes(row.row_hash): row.id for row in rows}


def _same_row(first: Intent, again: Intent) -> None:
    if first.row_digest != again.row_digest:
        # The key itself may be somebody's number, so it is not named.
        raise RowKeyConflict("row key was used before for another content")
