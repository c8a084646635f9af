"""What the wallet needs from outside."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from keys.public import PublicKey
from keys.signer import Signer
from schemas.order import CredentialId, HolderId
from schemas.report import Report
from wallet_api.records import Holder, HolderKey, HolderKind, Holding, ShownRecord


class Wallets(Protocol):
    """Where holders, their keys, their credentials and their history are kept; each call is one transaction."""

    def find_or_add_holder(self, kind: HolderKind, code_type: str, code: str, name: str) -> Holder:
        """Return the holder with this number, found by a keyed hash of it; made when new."""

    def find_holder(self, code_type: str, code: str) -> Holder | None:
        """Return the holder with this number, None when there is none; nobody is made."""

    def holder(self, holder_id: HolderId) -> Holder:
        """Return a holder; raises UnknownHolder."""

    def holders(self, *, limit: int, offset: int = 0) -> list[Holder]:
        """Return holders in the order they were made."""

    def add_key(self, key: HolderKey) -> None:
        """Make ``key`` the holder's present key; earlier ones stay for what is bound to them."""

    def present_key(self, holder_id: HolderId) -> HolderKey | None:
        """Return the holder's present key."""

    def key(self, holder_id: HolderId, kid: str) -> HolderKey:
        """Return one key of a holder; raises UnknownHolderKey."""

    def add_holdings(self, holdings: Sequence[Holding]) -> None:
        """Keep credentials; one that is there already stays as it is."""

    def holdings(self, holder_id: HolderId) -> list[Holding]:
        """Return a holder's credentials, newest first."""

    def holding(self, holder_id: HolderId, credential_id: CredentialId) -> Holding:
        """Return one credential of a holder; raises UnknownCredential."""

    def add_shown(self, record: ShownRecord) -> None:
        """Remember a presentation."""

    def shown(self, holder_id: HolderId, *, limit: int) -> list[ShownRecord]:
        """Return a holder's history, newest first."""

    def shown_one(self, holder_id: HolderId, presentation_id: str) -> ShownRecord:
        """Return one entry of a holder's history; raises UnknownRecord."""

    def change_shown(
        self, holder_id: HolderId, presentation_id: str, change: Callable[[ShownRecord], ShownRecord]
    ) -> None:
        """Keep what ``change`` makes of an entry; of several at once each is given what the one before it made.

        Raises:
            UnknownRecord: the holder has no entry of this id.
        """

    def add_reference(self, token_digest: str, presentation: str, expires_at: datetime) -> None:
        """Keep a presentation for one fetch by reference."""

    def take_reference(self, token_digest: str, now: datetime) -> str | None:
        """Return the presentation of a reference and forget it; None when used, unknown or too old."""


class CustodyKeys(Protocol):
    """Keys kept for holders without a device, in the encrypted key store."""

    def create(self, name: str) -> Signer:
        """Make a key under ``name``."""

    def open(self, name: str) -> Signer:
        """Return the signer of ``name``."""


class CredentialCheck(Protocol):
    """What the wallet lets a verifier say about a credential that it receives."""

    def check(self, token: str, *, holder_key: PublicKey | None) -> Report:
        """Return the report on ``token`` as it would be received."""
