"""Relying parties (``verifier.parties.ports.Parties``) over the table ``parties``."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select, update

from ecert.storage.audit import AuditTrail
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.moments import micros
from ecert.storage.tables import PARTIES
from keys import strict_json
from schemas.audit import AuditAct, AuditEvent, Doer, Subject
from verifier.errors import PartyExists, UnknownParty
from verifier.parties.documents import document, read_party
from verifier.parties.model import Party, PartyStatus


class SqlParties:
    """Parties by id; every change is one transaction, the audit trail's entry included."""

    def __init__(self, database: Database, *, trail: AuditTrail) -> None:
        self._database = database
        self._trail = trail

    def find(self, party_id: str) -> Party | None:
        """Return the party of this id, None when there is none."""
        with self._database.read() as connection:
            chosen = select(PARTIES.c.document).where(PARTIES.c.party_id == party_id)
            found = connection.execute(chosen).scalar_one_or_none()
        return None if found is None else _read(found)

    def all(self) -> Sequence[Party]:
        """Return every party, by id."""
        with self._database.read() as connection:
            found = connection.execute(select(PARTIES.c.document).order_by(PARTIES.c.party_id)).scalars().all()
        return [_read(each) for each in found]

    def add(self, party: Party, *, by: Doer, now: datetime) -> None:
        """Keep a new party; raises PartyExists."""
        values = {"party_id": party.party_id, **_values(party, now)}
        with self._database.write() as connection:
            added = upsert(connection, PARTIES).values(values).on_conflict_do_nothing(index_elements=["party_id"])
            if connection.execute(added.returning(PARTIES.c.party_id)).one_or_none() is None:
                raise PartyExists("a relying party of this id is registered already")
            self._trail.note(connection, [_event(party, AuditAct.MADE, by, now)])

    def change(self, party: Party, *, by: Doer, now: datetime) -> Party:
        """Keep a party in place of the one with its id and return it: its status stays. Raises UnknownParty."""
        return self._changed(party.party_id, lambda before: party.with_status(before.status), by, now)

    def set_status(self, party_id: str, status: PartyStatus, *, by: Doer, now: datetime) -> Party:
        """Keep a party's status, nothing else of it, and return the party; raises UnknownParty."""
        return self._changed(party_id, lambda before: before.with_status(status), by, now)

    def _changed(self, party_id: str, how: Callable[[Party], Party], by: Doer, now: datetime) -> Party:
        mine = PARTIES.c.party_id == party_id
        with self._database.write() as connection:
            found = connection.execute(select(PARTIES.c.document).where(mine).with_for_update()).scalar_one_or_none()
            if found is None:
                raise UnknownParty("no relying party has this id")
            party = how(_read(found))
            connection.execute(update(PARTIES).where(mine).values(_values(party, now)))
            self._trail.note(connection, [_event(party, AuditAct.CHANGED, by, now)])
        return party


def _values(party: Party, now: datetime) -> dict[str, object]:
    return {
        "status": party.status.value,
        "changed_at": micros(now),
        "document": strict_json.dumps(document(party)).decode(),
    }


def _read(kept: str) -> Party:
    return read_party(strict_json.loads_object(kept.encode()))


def _event(party: Party, act: AuditAct, by: Doer, now: datetime) -> AuditEvent:
    details = {
        "status": party.status.value,
        "sector": party.body.sector.value,
        "purposes": len(party.purposes),
        "return_uris": len(party.return_uris),
        "keys": sum(map(len, party.keys.values())),
    }
    return AuditEvent(Subject.PARTY, party.party_id, act, by, now, "", details)
