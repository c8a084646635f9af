"""Certificates and intents as the ledger has them, decrypted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from ecert.storage.audit import AuditTrail
from ecert.storage.batches import chunks, find_rows
from ecert.storage.crypto import Cipher
from ecert.storage.documents import intent_of
from ecert.storage.moments import moment
from ecert.storage.tables import CERTIFICATES, CREDENTIALS, REFRESHES, STATUS_LISTS
from issuer.errors import UnknownCertificate
from issuer.records import CertificateRecord, RecordedIntent, State
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, CredentialId, HolderId, Identifier, IssuedCredential, StatusRef

_MAX_HELD = 200
_REPLACED = CERTIFICATES.alias("replaced")


class LedgerReader:
    """Reads inside the caller's transaction."""

    def __init__(self, cipher: Cipher, audit: AuditTrail) -> None:
        self._cipher = cipher
        self._audit = audit

    def certificate(self, connection: Connection, identifier: Identifier) -> CertificateRecord:
        """Return a certificate with its signed credentials and its acts; raises UnknownCertificate."""
        row = _certificate(connection, identifier)
        credentials = connection.execute(_credentials().where(CREDENTIALS.c.certificate_id == row.id))
        return CertificateRecord(
            intent=intent_of(self._cipher.open(CERTIFICATES.name, row.identifier, row.sealed)),
            state=State(row.state),
            credentials=tuple(self._issued(credentials)),
            acts=self._audit.acts(connection, [row.id]).get(row.id, ()),
        )

    def standing(self, connection: Connection, identifier: Identifier) -> CertificateRecord:
        """Return what a certificate says and its state, without credentials and acts; raises UnknownCertificate."""
        return self._standing(_certificate(connection, identifier))

    def decided(self, connection: Connection, identifier: Identifier) -> CertificateRecord:
        """Return ``standing`` with the acts; raises UnknownCertificate."""
        row = _certificate(connection, identifier)
        return replace(self._standing(row), acts=self._audit.acts(connection, [row.id]).get(row.id, ()))

    def lists_of(self, connection: Connection, identifier: Identifier) -> list[str]:
        """Return the URIs of the status lists in which credentials of a certificate stand."""
        joined = STATUS_LISTS.join(CREDENTIALS, CREDENTIALS.c.list_id == STATUS_LISTS.c.id).join(
            CERTIFICATES, CREDENTIALS.c.certificate_id == CERTIFICATES.c.id
        )
        chosen = select(STATUS_LISTS.c.id, STATUS_LISTS.c.uri).select_from(joined).distinct()
        rows = connection.execute(chosen.where(CERTIFICATES.c.identifier == identifier).order_by(STATUS_LISTS.c.id))
        return [row.uri for row in rows]

    def standings(
        self, connection: Connection, identifiers: Iterable[Identifier]
    ) -> dict[Identifier, CertificateRecord]:
        """Return ``standing`` of each of these certificates; unknown ones are left out."""
        columns = ("identifier", "state", "sealed")
        rows = find_rows(connection, CERTIFICATES, columns, "identifier", identifiers)
        return {Identifier(row.identifier): self._standing(row) for row in rows}

    def _standing(self, row: Row[Any]) -> CertificateRecord:
        intent = intent_of(self._cipher.open(CERTIFICATES.name, row.identifier, row.sealed))
        return CertificateRecord(intent, State(row.state), (), ())

    def held_by(self, connection: Connection, holder_id: HolderId, type_id: TypeId) -> list[Identifier]:
        """Return the certificates of a type that have a signed credential of the holder, the newest first."""
        joined = CREDENTIALS.join(CERTIFICATES, CREDENTIALS.c.certificate_id == CERTIFICATES.c.id)
        chosen = select(CERTIFICATES.c.id, CERTIFICATES.c.identifier).select_from(joined).distinct()
        theirs = (CREDENTIALS.c.holder_id == holder_id, CERTIFICATES.c.type_id == type_id)
        newest = chosen.where(*theirs, CREDENTIALS.c.issued_at.is_not(None)).order_by(CERTIFICATES.c.id.desc())
        return [Identifier(row.identifier) for row in connection.execute(newest.limit(_MAX_HELD))]

    def recorded(self, connection: Connection, certificate_ids: Iterable[int]) -> dict[int, RecordedIntent]:
        """Return the first intent of each certificate, by the certificate's id."""
        found: dict[int, RecordedIntent] = {}
        for ids in chunks(certificate_ids):
            first = and_(CREDENTIALS.c.certificate_id.in_(ids), CREDENTIALS.c.refresh_id.is_(None))
            credentials = _grouped(connection.execute(_credentials().where(first)), "certificate_id")
            for row in connection.execute(select(CERTIFICATES).where(CERTIFICATES.c.id.in_(ids))):
                document = self._cipher.open(CERTIFICATES.name, row.identifier, row.sealed)
                found[row.id] = self._recorded(document, credentials[row.id])
        return found

    def refreshed(self, connection: Connection, refresh_ids: Iterable[int]) -> dict[int, RecordedIntent]:
        """Return the intent of each refresh, by the refresh's id."""
        found: dict[int, RecordedIntent] = {}
        for ids in chunks(refresh_ids):
            rows = connection.execute(_credentials().where(CREDENTIALS.c.refresh_id.in_(ids)))
            credentials = _grouped(rows, "refresh_id")
            for row in connection.execute(select(REFRESHES).where(REFRESHES.c.id.in_(ids))):
                document = self._cipher.open(REFRESHES.name, str(row.id), row.sealed)
                found[row.id] = self._recorded(document, credentials[row.id])
        return found

    def unfinished(self, connection: Connection, limit: int) -> list[RecordedIntent]:
        """Return intents without signatures that may still be signed, oldest first."""
        moot = CERTIFICATES.outerjoin(_REPLACED, CERTIFICATES.c.replaces_id == _REPLACED.c.id)
        signable = or_(CERTIFICATES.c.replaces_id.is_(None), _REPLACED.c.state == State.ISSUED)
        first = (
            select(CERTIFICATES.c.planned_at, CERTIFICATES.c.id)
            .select_from(moot)
            .where(CERTIFICATES.c.state == State.PREPARED, signable)
            .order_by(CERTIFICATES.c.planned_at, CERTIFICATES.c.id)
            .limit(limit)
        )
        later = (
            select(REFRESHES.c.planned_at, REFRESHES.c.id)
            .select_from(REFRESHES.join(CERTIFICATES, REFRESHES.c.certificate_id == CERTIFICATES.c.id))
            .where(REFRESHES.c.is_open, CERTIFICATES.c.state == State.ISSUED)
            .order_by(REFRESHES.c.planned_at, REFRESHES.c.id)
            .limit(limit)
        )
        firsts = [(row.planned_at, row.id, False) for row in connection.execute(first)]
        laters = [(row.planned_at, row.id, True) for row in connection.execute(later)]
        oldest = sorted(firsts + laters)[:limit]
        recorded = self.recorded(connection, [id_ for _, id_, refresh in oldest if not refresh])
        refreshed = self.refreshed(connection, [id_ for _, id_, refresh in oldest if refresh])
        return [_waiting(refreshed[id_] if refresh else recorded[id_]) for _, id_, refresh in oldest]

    def undelivered(self, connection: Connection, limit: int) -> list[IssuedCredential]:
        """Return signed credentials that no wallet has confirmed, oldest first."""
        waiting = and_(CREDENTIALS.c.issued_at.is_not(None), CREDENTIALS.c.delivered == 0)
        query = _credentials().where(waiting).order_by(None).order_by(CREDENTIALS.c.issued_at, CREDENTIALS.c.id)
        return list(self._issued(connection.execute(query.limit(limit))))

    def _recorded(self, document: bytes, credentials: list[Row[Any]]) -> RecordedIntent:
        statuses = tuple(StatusRef(row.uri, row.status_index) for row in credentials)
        return RecordedIntent(intent_of(document), statuses, tuple(self._issued(credentials)))

    def _issued(self, rows: Iterable[Row[Any]]) -> Iterator[IssuedCredential]:
        for row in rows:
            if row.token is not None:
                token = self._cipher.open(CREDENTIALS.name, row.credential_id, row.token)
                yield IssuedCredential(
                    credential_id=CredentialId(row.credential_id),
                    identifier=Identifier(row.identifier),
                    type_id=TypeId(row.type_id),
                    holder_id=HolderId(row.holder_id),
                    format=CredentialFormat(row.format),
                    short_lived=row.short_lived,
                    holder_kid=row.holder_kid,
                    token=token.decode(),
                    issued_at=moment(row.issued_at),
                    expires_at=moment(row.expires_at),
                    status=StatusRef(row.uri, row.status_index),
                )


def _certificate(connection: Connection, identifier: Identifier) -> Row[Any]:
    row = connection.execute(select(CERTIFICATES).where(CERTIFICATES.c.identifier == identifier)).one_or_none()
    if row is None:
        raise UnknownCertificate("no certificate has this identifier")
    return row


def _credentials() -> Select[Any]:
    joined = CREDENTIALS.join(CERTIFICATES, CREDENTIALS.c.certificate_id == CERTIFICATES.c.id).join(
        STATUS_LISTS, CREDENTIALS.c.list_id == STATUS_LISTS.c.id
    )
    columns = (*CREDENTIALS.c, CERTIFICATES.c.identifier, CERTIFICATES.c.type_id, STATUS_LISTS.c.uri)
    return select(*columns).select_from(joined).order_by(CREDENTIALS.c.id)


def _waiting(recorded: RecordedIntent) -> RecordedIntent:
    """Return the intent with the credentials alone that are not signed yet."""
    signed = {each.credential_id for each in recorded.issued}
    pairs = zip(recorded.intent.credentials, recorded.statuses, strict=True)
    left = [pair for pair in pairs if pair[0].credential_id not in signed]
    intent = replace(recorded.intent, credentials=tuple(planned for planned, _ in left))
    return RecordedIntent(intent, tuple(status for _, status in left))


def _grouped(rows: Iterable[Row[Any]], column: str) -> defaultdict[int, list[Row[Any]]]:
    groups: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, column)].append(row)
    return groups
