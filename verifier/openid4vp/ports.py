"""What the OpenID4VP verifier needs from outside."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from keys.signer import Signer
from schemas.dcql import Query
from schemas.openid4vp.client_id import ClientId
from verifier.evidence import Evidence
from verifier.openid4vp.transactions import Transaction
from verifier.purposes.model import Purpose, RelyingParty

Change = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


class TransactionState(Protocol):
    """Short-lived values that every worker shares, sealed, until they expire."""

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime) -> None:
        """Keep a value, in place of one that is there."""

    def get(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value, None when it is not there or has expired."""

    def change(self, kind: str, key: str, change: Change, *, now: datetime) -> Mapping[str, Any] | None:
        """Replace a value by what ``change`` makes of it, with nobody in between; return what was there before."""

    def add_once(self, kind: str, key: str, *, expires_at: datetime, now: datetime) -> bool:
        """Remember a key; False when it is remembered already."""


class RequestSigners(Protocol):
    """The relying parties' keys for request objects."""

    def signer(self, party_id: str) -> Signer:
        """Return the present key of a party, with its certificate chain (leaf first, without the anchor)."""


class EvidenceNow(Protocol):
    """What is known now: trust and status lists.

    Nobody remembers what was shown here: the nonce is fresh and the transaction answers once (docs/adr/0024).
    """

    def evidence(self, wanted: Sequence[str] = ()) -> Evidence:
        """Return it; called in a thread, may ask the database.

        ``wanted`` are status lists that verified certificates name (``Report.wanted_lists``): those of issuers
        elsewhere are fetched first, which takes a few seconds at most.
        """


class RateLimits(Protocol):
    """How often somebody may ask."""

    def hit(self, rule: str, subject: str, *, now: datetime) -> None:
        """Count a request of ``subject``; raises an error with ``retry_after`` (seconds) when it is one too many."""


class Attesters(Protocol):
    """Who says to a wallet that a relying party is registered, and for what (``verifier_info``, 5.11)."""

    def info(
        self, party_id: str, purpose_id: str, *, client_id: ClientId, query: Query
    ) -> tuple[Mapping[str, Any], ...]:
        """Return the attestations for one request; none when there is nothing to say."""


class Parties(Protocol):
    """The relying parties that are known, with their purposes."""

    def find(self, party_id: str) -> RelyingParty | None:
        """Return a party, None when nobody has this id."""

    def purpose(self, party_id: str, purpose_id: str) -> Purpose | None:
        """Return a purpose that the party may ask for, None when it has none of this id."""


class Told(Protocol):
    """Who hears how transactions end: the verify API's records and webhooks."""

    def ended(self, transaction: Transaction, *, now: datetime) -> None:
        """A transaction was answered or declined."""
