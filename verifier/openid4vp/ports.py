"""What the OpenID4VP verifier needs from outside."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from keys.signer import Signer
from verifier.evidence import Evidence
from verifier.openid4vp.transactions import Transaction

Change = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


class TransactionState(Protocol):
    """Short-lived values that every worker shares, sealed, until they expire."""

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime) -> None:
        """Keep a value, in place of one that is there."""

    def get(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value, None when it is not there or has expired."""

    def change(self, kind: str, key: str, change: Change, *, now: datetime) -> Mapping[str, Any] | None:
        """Replace a value by what ``change`` makes of it, with nobody in between; return what was there before."""


class RequestSigners(Protocol):
    """The relying parties' keys for request objects."""

    def signer(self, party_id: str) -> Signer:
        """Return the present key of a party, with its certificate chain (leaf first, without the anchor)."""


class EvidenceNow(Protocol):
    """What is known now: trust, status lists, what was shown a moment ago."""

    def evidence(self) -> Evidence:
        """Return it; called in a thread, may ask the database."""

    def remember(self, digest: str) -> bool:
        """Remember that a presentation was shown; False when it is remembered already."""


class Told(Protocol):
    """Who hears how transactions end: the verify API's records and webhooks."""

    def ended(self, transaction: Transaction, *, now: datetime) -> None:
        """A transaction was answered or declined."""
