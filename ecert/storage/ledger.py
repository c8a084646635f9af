"""The ledger (``issuer.ports.Ledger``) over SQL: every method is one transaction."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from ecert.storage import outbox
from ecert.storage.audit import AuditHead, AuditTrail
from ecert.storage.batches import chunks
from ecert.storage.crypto import Cipher, Lookup
from ecert.storage.editions import SqlStatusStore
from ecert.storage.engine import Database
from ecert.storage.ledger_intents import Fault, IntentWriter
from ecert.storage.ledger_reads import LedgerReader
from ecert.storage.ledger_signatures import SignatureWriter, mark
from ecert.storage.status import StatusLists
from ecert.storage.tables import CERTIFICATES, CREDENTIALS
from issuer.errors import StateChanged, UnknownCertificate
from issuer.records import Act, CertificateRecord, Intent, RecordedIntent, State
from keys.encoding import b64url_text
from schemas.catalogue import TypeId
from schemas.order import HolderId, Identifier, IssuedCredential


def _no_fault(_: str) -> None:
    """Pass over a step."""


class SqlLedger(SqlStatusStore):
    """Certificates, credentials, status lists and the audit trail in a database."""

    def __init__(
        self, database: Database, *, cipher: Cipher, lookup: Lookup, lists: StatusLists, fault: Fault = _no_fault
    ) -> None:
        self._database = database
        self._lookup = lookup
        self._lists = lists
        self._fault = fault
        self._audit = AuditTrail(cipher)
        self._reader = LedgerReader(cipher, self._audit)
        self._intents = IntentWriter(cipher, lookup, lists=lists, reader=self._reader, fault=fault)
        self._signatures = SignatureWriter(cipher, self._audit, fault=fault)

    def record_intents(self, intents: Sequence[Intent]) -> list[RecordedIntent]:
        """Record what will be signed, with a status index for each credential; raises as the port says."""
        with self._database.write() as connection:
            recorded = self._intents.record(connection, intents)
        self._fault("intents committed")
        return recorded

    def record_issued(self, issued: Sequence[tuple[Identifier, Sequence[IssuedCredential]]]) -> set[Identifier]:
        """Record signatures; raises StateChanged, and UnknownCertificate or UnknownIntent for what is not ours.

        Return the certificates of which one was signed before; that signature stays.
        """
        with self._database.write() as connection:
            late = self._signatures.record(connection, issued)
        self._fault("issued committed")
        return late

    def recorded_as(self, department: str, row_key: str) -> Identifier | None:
        """Return the certificate that was recorded with this row key, signed or not; None: there is none."""
        chosen = select(CERTIFICATES.c.identifier).where(
            CERTIFICATES.c.row_hash == self._lookup.row(department, row_key)
        )
        with self._database.read() as connection:
            found = connection.scalar(chosen)
        return None if found is None else Identifier(found)

    def unfinished(self, *, limit: int) -> list[RecordedIntent]:
        """Return intents whose signatures were never recorded, oldest first."""
        with self._database.read() as connection:
            return self._reader.unfinished(connection, limit)

    def add_credentials(self, identifier: Identifier, intent: Intent) -> RecordedIntent:
        """Record further credentials of an issued certificate; raises as the port says."""
        with self._database.write() as connection:
            recorded = self._intents.add(connection, identifier, intent)
        self._fault("refresh committed")
        return recorded

    def certificate(self, identifier: Identifier) -> CertificateRecord:
        """Return a certificate; raises UnknownCertificate."""
        with self._database.read() as connection:
            return self._reader.certificate(connection, identifier)

    def standing(self, identifier: Identifier) -> CertificateRecord:
        """Return what a certificate says and its state, without credentials and acts; raises UnknownCertificate."""
        with self._database.read() as connection:
            return self._reader.standing(connection, identifier)

    def standings(self, identifiers: Iterable[Identifier]) -> dict[Identifier, CertificateRecord]:
        """Return ``standing`` of each of these certificates; unknown ones are left out."""
        with self._database.read() as connection:
            return self._reader.standings(connection, identifiers)

    def held_by(self, holder_id: HolderId, type_id: TypeId) -> list[Identifier]:
        """Return the certificates of a type that the holder has, the newest first, at most 200."""
        with self._database.read() as connection:
            return self._reader.held_by(connection, holder_id, type_id)

    def apply(self, act: Act, *, expected: State, new: State, value: int) -> CertificateRecord:
        """Record ``act``, the state, every status value and what waits to be published; return it with its acts.

        Raises:
            StateChanged, UnknownCertificate: nothing is recorded.
        """
        with self._database.write() as connection:
            columns = (CERTIFICATES.c.id, CERTIFICATES.c.state)
            chosen = select(*columns).where(CERTIFICATES.c.identifier == act.identifier)
            row = connection.execute(chosen.with_for_update()).one_or_none()
            if row is None:
                raise UnknownCertificate("no certificate has this identifier")
            if row.state != expected:
                raise StateChanged(f"certificate is {row.state}, expected {expected}")
            mark(connection, [row.id], state=new, value=value)
            self._fault("act marked")
            outbox.ask(connection, [row.id], value=value, at=act.at)
            self._fault("act asked")
            self._audit.append(connection, [(row.id, act)])
            self._fault("act audited")
            record = self._reader.decided(connection, act.identifier)
        self._fault("act committed")
        return record

    def lists_of(self, identifier: Identifier) -> list[str]:
        """Return the status lists in which credentials of a certificate stand; none of an unknown one."""
        with self._database.read() as connection:
            return self._reader.lists_of(connection, identifier)

    def serial_taken(self, serials: Iterable[str]) -> set[str]:
        """Return those of ``serials`` that an identifier in the ledger already uses."""
        taken: set[str] = set()
        with self._database.read() as connection:
            for some in chunks(serials):
                taken.update(connection.scalars(select(CERTIFICATES.c.serial).where(CERTIFICATES.c.serial.in_(some))))
        return taken

    def issued_digests(self, kid: str) -> list[str]:
        """Return the SHA-256 digests (base64url) of the issuer-signed JWTs that key ``kid`` made."""
        chosen = select(CREDENTIALS.c.digest).where(CREDENTIALS.c.signer_kid == kid).order_by(CREDENTIALS.c.id)
        with self._database.read() as connection:
            return [b64url_text(digest) for digest in connection.scalars(chosen)]

    def undelivered(self, *, limit: int) -> list[IssuedCredential]:
        """Return credentials that no wallet has confirmed yet, oldest first."""
        with self._database.read() as connection:
            return self._reader.undelivered(connection, limit)

    def mark_delivered(self, credentials: Sequence[IssuedCredential]) -> None:
        """Record that the wallets have them."""
        with self._database.write() as connection:
            for ids in chunks(sorted(each.credential_id for each in credentials)):
                connection.execute(update(CREDENTIALS).where(CREDENTIALS.c.credential_id.in_(ids)).values(delivered=1))

    def verify_audit(self) -> AuditHead:
        """Return the head of the audit trail when every entry fits; raises AuditBroken with the first that does not."""
        with self._database.read() as connection:
            return self._audit.verify(connection)
