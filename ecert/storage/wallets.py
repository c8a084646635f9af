"""The wallets (``wallet_api.ports.Wallets``) over SQL: every method is one transaction."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ecert.storage.crypto import Cipher, Lookup
from ecert.storage.dialects import upsert
from ecert.storage.documents import credential_document, credential_of
from ecert.storage.engine import Database
from ecert.storage.moments import micros, moment
from ecert.storage.shown import shown_document, shown_of
from ecert.storage.tables import HOLDER_KEYS, HOLDERS, HOLDINGS, REFERENCES, SHOWN
from keys import strict_json
from keys.public import PublicKey
from schemas.order import CredentialId, HolderId
from wallet_api.errors import UnknownCredential, UnknownHolder, UnknownHolderKey, UnknownRecord
from wallet_api.records import Holder, HolderKey, HolderKind, Holding, KeyPlace, ShownRecord


def _random_id() -> str:
    return secrets.token_urlsafe(16)


class SqlWallets:
    """Holders under opaque random ids, with their keys, credentials, history and references."""

    def __init__(
        self, database: Database, *, cipher: Cipher, lookup: Lookup, new_id: Callable[[], str] = _random_id
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._lookup = lookup
        self._new_id = new_id

    def find_or_add_holder(self, kind: HolderKind, code_type: str, code: str, name: str) -> Holder:
        """Return the holder with this number; made when new. Two callers at once get the same holder."""
        code_hash = self._lookup.holder(code_type, code)
        chosen = select(HOLDERS).where(HOLDERS.c.code_hash == code_hash)
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is not None:
            return self._holder(row)
        holder_id = self._new_id()
        values = {
            "holder_id": holder_id,
            "kind": kind.value,
            "code_type": code_type,
            "code_hash": code_hash,
            "sealed": self._cipher.seal(HOLDERS.name, holder_id, strict_json.dumps({"code": code, "name": name})),
        }
        with self._database.write() as connection:
            connection.execute(upsert(connection, HOLDERS).values(values).on_conflict_do_nothing())
            return self._holder(connection.execute(chosen).one())

    def find_holder(self, code_type: str, code: str) -> Holder | None:
        """Return the holder with this number, None when there is none; nobody is made."""
        with self._database.read() as connection:
            row = connection.execute(
                select(HOLDERS).where(HOLDERS.c.code_hash == self._lookup.holder(code_type, code))
            ).one_or_none()
        return None if row is None else self._holder(row)

    def holder(self, holder_id: HolderId) -> Holder:
        """Return a holder; raises UnknownHolder."""
        with self._database.read() as connection:
            return self._holder(_existing(connection, holder_id))

    def holders(self, *, limit: int, offset: int = 0) -> list[Holder]:
        """Return holders in the order they were made."""
        with self._database.read() as connection:
            rows = connection.execute(select(HOLDERS).order_by(HOLDERS.c.id).limit(limit).offset(offset))
            return [self._holder(row) for row in rows]

    def add_key(self, key: HolderKey) -> None:
        """Make ``key`` the holder's present key (a known one becomes present again); raises UnknownHolder."""
        values = {
            "jwk": strict_json.dumps(key.key.jwk).decode(),
            "place": key.place.value,
            "store_name": key.store_name,
        }
        with self._database.write() as connection:
            _existing(connection, key.holder_id, lock=True)
            turns = select(func.coalesce(func.max(HOLDER_KEYS.c.turn), 0) + 1)
            turn = connection.execute(turns.where(HOLDER_KEYS.c.holder_id == key.holder_id)).scalar_one()
            added = upsert(connection, HOLDER_KEYS).values(
                holder_id=key.holder_id, kid=key.key.kid, turn=turn, **values
            )
            again = {**values, "turn": turn}
            connection.execute(added.on_conflict_do_update(index_elements=["holder_id", "kid"], set_=again))

    def present_key(self, holder_id: HolderId) -> HolderKey | None:
        """Return the holder's present key."""
        with self._database.read() as connection:
            return present_key(connection, holder_id)

    def key(self, holder_id: HolderId, kid: str) -> HolderKey:
        """Return one key of a holder; raises UnknownHolderKey."""
        chosen = select(HOLDER_KEYS).where(HOLDER_KEYS.c.holder_id == holder_id, HOLDER_KEYS.c.kid == kid)
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is None:
            raise UnknownHolderKey("holder has no key of this thumbprint")
        return _key(row)

    def add_holdings(self, holdings: Sequence[Holding]) -> None:
        """Keep credentials; one that is there already stays as it is. Raises UnknownHolder; then none is kept."""
        if not holdings:
            return
        with self._database.write() as connection:
            for holder_id in sorted({each.credential.holder_id for each in holdings}):
                _existing(connection, holder_id)
            rows = [
                {
                    "holder_id": each.credential.holder_id,
                    "credential_id": each.credential.credential_id,
                    "issued_at": micros(each.credential.issued_at),
                    "received_at": micros(each.received_at),
                    "sealed": self._cipher.seal(
                        HOLDINGS.name,
                        _place(each.credential.holder_id, each.credential.credential_id),
                        credential_document(each.credential),
                    ),
                }
                for each in holdings
            ]
            connection.execute(upsert(connection, HOLDINGS).on_conflict_do_nothing(), rows)

    def holdings(self, holder_id: HolderId) -> list[Holding]:
        """Return a holder's credentials, those issued last first."""
        chosen = select(HOLDINGS).where(HOLDINGS.c.holder_id == holder_id)
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(HOLDINGS.c.issued_at.desc(), HOLDINGS.c.id))
            return [self._holding(row) for row in rows]

    def holding(self, holder_id: HolderId, credential_id: CredentialId) -> Holding:
        """Return one credential of a holder; raises UnknownCredential."""
        theirs = (HOLDINGS.c.holder_id == holder_id, HOLDINGS.c.credential_id == credential_id)
        with self._database.read() as connection:
            row = connection.execute(select(HOLDINGS).where(*theirs)).one_or_none()
        if row is None:
            raise UnknownCredential("holder has no credential of this id")
        return self._holding(row)

    def add_shown(self, record: ShownRecord) -> None:
        """Remember a presentation; one that is remembered already stays as it is. Raises UnknownHolder."""
        sealed = self._cipher.seal(SHOWN.name, record.presentation_id, shown_document(record))
        values = {"presentation_id": record.presentation_id, "holder_id": record.holder_id, "at": micros(record.at)}
        with self._database.write() as connection:
            _existing(connection, record.holder_id)
            connection.execute(upsert(connection, SHOWN).values(sealed=sealed, **values).on_conflict_do_nothing())

    def shown(self, holder_id: HolderId, *, limit: int) -> list[ShownRecord]:
        """Return a holder's history, newest first."""
        chosen = select(SHOWN).where(SHOWN.c.holder_id == holder_id)
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(SHOWN.c.at.desc(), SHOWN.c.id.desc()).limit(limit))
            return [self._shown(row) for row in rows]

    def shown_one(self, holder_id: HolderId, presentation_id: str) -> ShownRecord:
        """Return one entry of a holder's history; raises UnknownRecord."""
        with self._database.read() as connection:
            row = connection.execute(select(SHOWN).where(*_entry(holder_id, presentation_id))).one_or_none()
        if row is None:
            raise UnknownRecord("holder's history has no entry of this id")
        return self._shown(row)

    def change_shown(
        self, holder_id: HolderId, presentation_id: str, change: Callable[[ShownRecord], ShownRecord]
    ) -> None:
        """Keep what ``change`` makes of an entry, at its old moment; the row is locked. Raises UnknownRecord."""
        mine = _entry(holder_id, presentation_id)
        with self._database.write() as connection:
            row = connection.execute(select(SHOWN).where(*mine).with_for_update()).one_or_none()
            if row is None:
                raise UnknownRecord("holder's history has no entry of this id")
            sealed = self._cipher.seal(SHOWN.name, presentation_id, shown_document(change(self._shown(row))))
            connection.execute(update(SHOWN).where(*mine).values(sealed=sealed))

    def add_reference(self, token_digest: str, presentation: str, expires_at: datetime) -> None:
        """Keep a presentation for one fetch by reference; raises StorageConflict for a digest that is there."""
        sealed = self._cipher.seal(REFERENCES.name, token_digest, presentation.encode())
        values = {"token_digest": token_digest, "expires_at": micros(expires_at), "sealed": sealed}
        with self._database.write() as connection:
            connection.execute(insert(REFERENCES).values(values))

    def take_reference(self, token_digest: str, now: datetime) -> str | None:
        """Return the presentation of a reference and forget it; of callers at once, one gets it. Old ones go, too."""
        mine = delete(REFERENCES).where(REFERENCES.c.token_digest == token_digest).returning(*REFERENCES.c)
        with self._database.write() as connection:
            row = connection.execute(mine).one_or_none()
            connection.execute(delete(REFERENCES).where(REFERENCES.c.expires_at <= micros(now)))
        if row is None or row.expires_at <= micros(now):
            return None
        return self._cipher.open(REFERENCES.name, token_digest, row.sealed).decode()

    def forget_references(self, *, now: datetime) -> int:
        """Delete the presentations that waited too long for their fetch; return how many they were."""
        with self._database.write() as connection:
            return connection.execute(delete(REFERENCES).where(REFERENCES.c.expires_at <= micros(now))).rowcount

    def _holder(self, row: Row[Any]) -> Holder:
        content = strict_json.loads_object(self._cipher.open(HOLDERS.name, row.holder_id, row.sealed))
        return Holder(HolderId(row.holder_id), HolderKind(row.kind), row.code_type, content["code"], content["name"])

    def _holding(self, row: Row[Any]) -> Holding:
        document = self._cipher.open(HOLDINGS.name, _place(row.holder_id, row.credential_id), row.sealed)
        return Holding(credential_of(document), moment(row.received_at))

    def _shown(self, row: Row[Any]) -> ShownRecord:
        document = self._cipher.open(SHOWN.name, row.presentation_id, row.sealed)
        return shown_of(document, row.presentation_id, HolderId(row.holder_id), moment(row.at))


def present_key(connection: Connection, holder_id: HolderId) -> HolderKey | None:
    """Return the holder's present key inside the caller's transaction."""
    theirs = select(HOLDER_KEYS).where(HOLDER_KEYS.c.holder_id == holder_id)
    row = connection.execute(theirs.order_by(HOLDER_KEYS.c.turn.desc()).limit(1)).one_or_none()
    return None if row is None else _key(row)


def _existing(connection: Connection, holder_id: HolderId, *, lock: bool = False) -> Row[Any]:
    chosen = select(HOLDERS).where(HOLDERS.c.holder_id == holder_id)
    row = connection.execute(chosen.with_for_update() if lock else chosen).one_or_none()
    if row is None:
        raise UnknownHolder("no holder has this id")
    return row


def _key(row: Row[Any]) -> HolderKey:
    key = PublicKey.from_jwk(strict_json.loads_object(row.jwk.encode()))
    return HolderKey(HolderId(row.holder_id), key, KeyPlace(row.place), row.store_name)


def _entry(holder_id: HolderId, presentation_id: str) -> tuple[Any, ...]:
    return SHOWN.c.holder_id == holder_id, SHOWN.c.presentation_id == presentation_id


def _place(holder_id: HolderId, credential_id: CredentialId) -> str:
    return f"{holder_id}\0{credential_id}"
