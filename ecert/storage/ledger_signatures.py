"""Recording signatures: prepared → issued, and what that replaces."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from ecert.storage import outbox
from ecert.storage.audit import AuditTrail
from ecert.storage.batches import chunks, find_rows, update_rows
from ecert.storage.crypto import Cipher
from ecert.storage.documents import intent_of
from ecert.storage.errors import UnknownIntent
from ecert.storage.ledger_intents import Fault
from ecert.storage.moments import micros
from ecert.storage.tables import CERTIFICATES, CREDENTIALS, REFRESHES
from issuer.errors import StateChanged, UnknownCertificate
from issuer.records import Act, State, StatusValue
from schemas.formats.issued import issuer_part
from schemas.order import CredentialId, Identifier, IssuedCredential

_SIGNED_COLUMNS = ("holder_kid", "token", "digest", "signer_kid", "issued_at", "expires_at")
_UNSIGNED = CREDENTIALS.c.digest.is_(None)
Signed = Sequence[tuple[Identifier, Sequence[IssuedCredential]]]


@dataclass(slots=True)
class _Plan:
    """What a batch changes: rows of credentials, and the refreshes that may be complete after it.

    ``late`` are the certificates of which a credential was signed before.
    """

    credentials: list[tuple[Any, ...]]
    refreshes: set[int]
    late: set[Identifier]


class SignatureWriter:
    """Writes signatures inside the caller's transaction."""

    def __init__(self, cipher: Cipher, audit: AuditTrail, *, fault: Fault) -> None:
        self._cipher = cipher
        self._audit = audit
        self._fault = fault

    def record(self, connection: Connection, issued: Signed) -> set[Identifier]:
        """Record signatures that are new; a certificate is issued once all that it was to have are signed.

        Return the certificates of which a credential was signed before: the first signature stays.

        Raises:
            UnknownCertificate, UnknownIntent, StateChanged: nothing is recorded.
        """
        certificates = _locked(connection, [identifier for identifier, _ in issued])
        plan = self._plan(connection, issued, certificates)
        self._fault("issued planned")
        update_rows(connection, CREDENTIALS, _SIGNED_COLUMNS, plan.credentials)
        self._fault("issued credentials")
        self._complete(connection, _complete(connection, certificates.values()))
        for ids in chunks(plan.refreshes - _open_refreshes(connection, certificates.values())):
            connection.execute(update(REFRESHES).where(REFRESHES.c.id.in_(ids)).values(is_open=False))
        self._fault("issued certificates")
        return plan.late

    def _plan(self, connection: Connection, issued: Signed, certificates: dict[str, Row[Any]]) -> _Plan:
        # Those that are given alone: a certificate may have many others.
        names = [each.credential_id for _, credentials in issued for each in credentials]
        columns = ("id", "credential_id", "certificate_id", "refresh_id", "digest")
        rows = {row.credential_id: row for row in find_rows(connection, CREDENTIALS, columns, "credential_id", names)}
        signed: dict[CredentialId, tuple[int, IssuedCredential]] = {}
        late: set[Identifier] = set()
        for identifier, credentials in issued:
            for each in credentials:
                row = rows.get(each.credential_id)
                if row is None or row.certificate_id != certificates[identifier].id:
                    raise UnknownIntent("signature is for a credential that no intent of this certificate names")
                if row.digest is not None or each.credential_id in signed:
                    late.add(identifier)
                else:
                    signed[each.credential_id] = (row.id, each)
        refreshes = {row.refresh_id for row in rows.values() if row.refresh_id is not None}
        return _Plan(self._signed_rows(list(signed.values())), refreshes, late)

    def _signed_rows(self, signed: Sequence[tuple[int, IssuedCredential]]) -> list[tuple[Any, ...]]:
        records = [(each.credential_id, each.token.encode()) for _, each in signed]
        sealed = self._cipher.seal_all(CREDENTIALS.name, records)
        return [_signed_row(key, each, record) for (key, each), record in zip(signed, sealed, strict=True)]

    def _complete(self, connection: Connection, certificates: Sequence[Row[Any]]) -> None:
        update_rows(connection, CERTIFICATES, ("state",), [(State.ISSUED.value, row.id) for row in certificates])
        for ids in chunks(sorted(row.replaces_id for row in certificates if row.replaces_id is not None)):
            old = select(CERTIFICATES.c.id, CERTIFICATES.c.state).where(CERTIFICATES.c.id.in_(ids))
            for row in connection.execute(old.order_by(CERTIFICATES.c.id).with_for_update()):
                if row.state != State.ISSUED:
                    raise StateChanged(f"certificate to replace is {row.state}, expected issued")
            mark(connection, ids, state=State.REPLACED, value=StatusValue.REPLACED)
            outbox.ask_replaced(connection, ids, value=StatusValue.REPLACED)
            self._audit.append(connection, self._decisions(connection, ids))

    def _decisions(self, connection: Connection, replaced_ids: Sequence[int]) -> Iterator[tuple[int, Act]]:
        """Give (id of the replaced certificate, decision) as the replacing intents hold them."""
        columns = (CERTIFICATES.c.identifier, CERTIFICATES.c.replaces_id, CERTIFICATES.c.sealed)
        newer = select(*columns).where(CERTIFICATES.c.replaces_id.in_(replaced_ids))
        for row in connection.execute(newer.order_by(CERTIFICATES.c.replaces_id)):
            intent = intent_of(self._cipher.open(CERTIFICATES.name, row.identifier, row.sealed))
            if intent.decision is not None:
                yield row.replaces_id, intent.decision


def _signed_row(key: int, credential: IssuedCredential, sealed: bytes) -> tuple[Any, ...]:
    signed = issuer_part(credential.format, credential.token)
    return (
        credential.holder_kid,
        sealed,
        hashlib.sha256(signed.text.encode()).digest(),
        signed.kid,
        micros(credential.issued_at),
        micros(credential.expires_at),
        key,
    )


def mark(connection: Connection, certificate_ids: Sequence[int], *, state: State, value: int) -> None:
    """Set the state of certificates and the status value of all their credentials, signed or not yet."""
    connection.execute(update(CERTIFICATES).where(CERTIFICATES.c.id.in_(certificate_ids)).values(state=state.value))
    theirs = CREDENTIALS.c.certificate_id.in_(certificate_ids)
    connection.execute(update(CREDENTIALS).where(theirs).values(value=int(value)))


def _locked(connection: Connection, identifiers: Sequence[Identifier]) -> dict[str, Row[Any]]:
    columns, wanted = ("id", "identifier", "state", "replaces_id"), set(identifiers)
    found = {
        row.identifier: row
        for row in find_rows(connection, CERTIFICATES, columns, "identifier", sorted(wanted), lock=True)
    }
    if len(found) != len(wanted):
        raise UnknownCertificate("no certificate has this identifier")
    return found


def _complete(connection: Connection, certificates: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Return the prepared certificates of which every credential of the first intent is signed."""
    prepared = [row for row in certificates if row.state == State.PREPARED]
    waiting: set[int] = set()
    for ids in chunks(row.id for row in prepared):
        first = (CREDENTIALS.c.certificate_id.in_(ids), CREDENTIALS.c.refresh_id.is_(None))
        waiting.update(connection.scalars(select(CREDENTIALS.c.certificate_id).where(*first, _UNSIGNED)))
    return [row for row in prepared if row.id not in waiting]


def _open_refreshes(connection: Connection, certificates: Iterable[Row[Any]]) -> set[int]:
    """Return the refreshes of these certificates that wait for signatures."""
    waiting: set[int] = set()
    for ids in chunks(row.id for row in certificates if row.state != State.PREPARED):
        later = (CREDENTIALS.c.certificate_id.in_(ids), CREDENTIALS.c.refresh_id.is_not(None))
        waiting.update(connection.scalars(select(CREDENTIALS.c.refresh_id).where(*later, _UNSIGNED)))
    return waiting
