"""What the issuer needs from outside: a ledger, signers, a holder directory, a delivery. No SQL, no HTTP words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from issuer.outbox import OutboxEntry, PublishedDocument, Snapshot, Waiting
from issuer.records import Act, CertificateRecord, Intent, PublishedList, RecordedIntent, State, StatusListRow
from keys.signer import Signer
from schemas.order import HolderRef, Identifier, IssuedCredential


class StatusStore(Protocol):
    """The status lists: their values, their editions, and the outbox. Every method is one transaction."""

    def status_lists(self) -> list[StatusListRow]:
        """Return every status list."""

    def status_values(self, uri: str) -> Mapping[int, int]:
        """Return index → value of the entries of a list that are not 0; raises UnknownStatusList."""

    def snapshot(self, uri: str) -> Snapshot:
        """Return a list's values with what waits to be published, all of one moment; raises UnknownStatusList."""

    def record_signed(self, edition: PublishedList) -> bool:
        """Record an edition that is signed and shown to nobody; its outbox entries are signed.

        Return False, and record nothing, when the list has an edition of this sequence or a later one.
        """

    def record_published(self, published: PublishedList, *, at: datetime | None = None) -> None:
        """Publish an edition, its documents and its outbox entries in one transaction, recorded before or not.

        A ``sequence`` not above the published one changes nothing. ``at`` is the moment, ``issued_at`` by default.
        """

    def published(self, uri: str) -> PublishedList | None:
        """Return the newest published token of a list, without its other documents."""

    def document(self, uri: str, name: str, *, at: datetime | None = None) -> PublishedDocument | None:
        """Return a form of the newest published edition (``jwt`` is the token), or of the one that held ``at``.

        That is the newest of those with ``issued_at`` <= ``at`` < ``expires_at``. None: there is no such form, or
        nothing was published then, or it was forgotten.
        """

    def forget_editions(self, *, before: datetime) -> int:
        """Delete editions that need not be kept (``issuer.status_history``) and return how many they were."""

    def waiting(self) -> Waiting:
        """Return how many decisions wait to be published, and since when."""

    def outbox_of(self, identifier: Identifier) -> list[OutboxEntry]:
        """Return the outbox entries of a certificate's decisions, oldest first; none for an unknown certificate."""

    def mark_seen(self, uri: str, sequence: int, *, at: datetime) -> int:
        """Note that a verifier has this edition: published entries that it says are seen. Return how many are new."""


class Ledger(StatusStore, Protocol):
    """The record of certificates. Every method is one transaction, durable when it returns."""

    def record_intents(self, intents: Sequence[Intent]) -> list[RecordedIntent]:
        """Record what will be signed and give each credential a status index: random order, never given twice.

        An intent whose (department, row_key) is known is not recorded again: the first one comes back, with its
        ``issued`` when it was signed.

        Raises:
            RowKeyConflict: a known row key with another ``row_digest``.
            StateChanged: the certificate that one replaces is not issued any more, or another intent replaces it.
            StatusListFull: no list of the department has an index left and none could be opened.
        """

    def record_issued(self, issued: Sequence[tuple[Identifier, Sequence[IssuedCredential]]]) -> set[Identifier]:
        """Record signatures: prepared → issued; the certificate that one replaces becomes replaced, with its
        credentials' statuses and the intent's ``decision`` among its acts, in the same transaction. The
        first signatures stay: of the certificates that come back a credential was signed before, and what is given
        here for it is not recorded.

        Raises:
            StateChanged: the certificate that one replaces was revoked, cancelled or suspended since; nothing is
                recorded.
        """

    def recorded_as(self, department: str, row_key: str) -> Identifier | None:
        """Return the certificate that was recorded with this row key, signed or not; None: there is none."""

    def unfinished(self, *, limit: int) -> list[RecordedIntent]:
        """Return intents whose signatures were never recorded (a crash in between), oldest first.

        Left out: an intent whose ``replaces`` is not issued any more; it can never be signed. Credentials added to an
        issued certificate (``add_credentials``) whose signatures are missing come back too, alone in their intent.
        """

    def add_credentials(self, identifier: Identifier, intent: Intent) -> RecordedIntent:
        """Record further credentials of an issued certificate (a refresh), with new status indexes.

        ``intent`` is complete, its ``credentials`` are the further ones alone; they are recorded by ``record_issued``
        and take part in every later act. Their status values start as those of the certificate's state.

        Raises:
            UnknownCertificate: no such certificate.
            StateChanged: the certificate is not issued.
            TooManyCredentials: with these, more than ``MAX_IN_FORCE`` of a format would be in force.
        """

    def certificate(self, identifier: Identifier) -> CertificateRecord:
        """Return a certificate; raises UnknownCertificate."""

    def standing(self, identifier: Identifier) -> CertificateRecord:
        """Return what a certificate says and its state, without credentials and acts; raises UnknownCertificate."""

    def standings(self, identifiers: Iterable[Identifier]) -> Mapping[Identifier, CertificateRecord]:
        """Return ``standing`` of each of these certificates; unknown ones are left out."""

    def apply(self, act: Act, *, expected: State, new: State, value: int) -> CertificateRecord:
        """Record ``act``, set the state and the status value of every credential, and write the outbox entries.

        The certificate comes back with its acts and without its credentials, of which there may be many.

        Raises:
            StateChanged: the state was no longer ``expected``.
            UnknownCertificate: no such certificate.
        """

    def lists_of(self, identifier: Identifier) -> list[str]:
        """Return the status lists in which credentials of a certificate stand; none of an unknown one."""

    def serial_taken(self, serials: Iterable[str]) -> set[str]:
        """Return those of ``serials`` that an identifier in the ledger already uses."""

    def issued_digests(self, kid: str) -> list[str]:
        """Return the digests (SHA-256, base64url) of the issuer-signed JWTs that key ``kid`` made, for a kept list."""

    def undelivered(self, *, limit: int) -> list[IssuedCredential]:
        """Return credentials that no wallet has confirmed yet, oldest first; none of those that are ``fetched``."""

    def mark_delivered(self, credentials: Sequence[IssuedCredential]) -> None:
        """Record that the wallets have them."""


class SigningKeys(Protocol):
    """The departments' signing keys."""

    def signer(self, department: str) -> Signer:
        """Return the present signing key of a department, with its certificate chain."""

    def issuer_uri(self, department: str) -> str:
        """Return the department's ``iss``: ``<public URL>/issuers/<department>``."""


class HolderDirectory(Protocol):
    """Who holds: national numbers in, opaque references out."""

    def resolve(self, code_type: str, code: str, name: str) -> HolderRef:
        """Return the holder with this number, made when new; the key is the holder's present one."""


class Delivery(Protocol):
    """The way to the holders' wallets."""

    def deliver(self, credentials: Sequence[IssuedCredential]) -> None:
        """Hand credentials to their holders' wallets; repeating a call changes nothing."""


class Clock(Protocol):
    """The time, passed in so that tests can choose it."""

    def __call__(self) -> datetime:
        """Return the present moment, UTC, with its time zone."""
