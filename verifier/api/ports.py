"""What the verify API needs from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from schemas.dcql import Query
from verifier.api.model import Filters, Owner, Page, Verification
from verifier.api.webhooks import Delivery, DeliveryState, Endpoint
from verifier.openid4vp.requests import Asked, Begun
from verifier.parties.model import Access
from verifier.purposes.model import Purpose


class Purposes(Protocol):
    """What relying parties may ask for (``verifier.parties.registry.Registry``)."""

    def purpose(self, access: Access, purpose_id: str) -> Purpose:
        """Return a purpose that ``access`` reaches; raises PurposeNotAllowed, PartySuspended, UnknownParty."""

    def query(self, access: Access, purpose_id: str, asked: Query | None = None) -> Query:
        """Return what is asked within the purpose; raises OverAsking."""

    def check_return_uri(self, access: Access, uri: str) -> None:
        """Return when a browser may be sent there; raises ReturnUriNotAllowed."""


class Transactions(Protocol):
    """Where transactions with wallets begin (``verifier.openid4vp.requests.Requests``)."""

    def begin(self, asked: Asked) -> Begun:
        """Start a transaction."""


class Records(Protocol):
    """Where verifications are kept."""

    def add(self, verification: Verification) -> None:
        """Keep a new one; when it has ended already, its webhooks are on their way with it."""

    def find(self, owner: Owner, verification_id: str) -> Verification | None:
        """Return one of ``owner``'s, None when there is none."""

    def list(self, owner: Owner, filters: Filters, *, after: int | None, limit: int) -> Page:
        """Return some of ``owner``'s, the newest first."""

    def end(self, verification_id: str, ended: Mapping[str, Any], *, now: datetime) -> bool:
        """Keep how one that waits ended (fields of ``Verification``), its webhooks with it; False: it did not wait."""

    def overdue(self, *, now: datetime) -> Sequence[str]:
        """Return the ids of some that wait and whose time is over, the longest over first."""

    def fetched(self, verification_id: str, *, until: datetime) -> None:
        """Keep claims that were fetched no longer than ``until``."""


class Webhooks(Protocol):
    """Where webhooks and their deliveries are kept."""

    def add(self, endpoint: Endpoint, secret: bytes) -> None:
        """Keep a new endpoint; raises TooManyWebhooks."""

    def of(self, owner: Owner) -> Sequence[Endpoint]:
        """Return ``owner``'s endpoints, the oldest first."""

    def remove(self, owner: Owner, endpoint_id: str) -> bool:
        """Remove an endpoint and what waits for it; False when there is none."""

    def deliveries(self, owner: Owner, state: DeliveryState | None, *, limit: int) -> Sequence[Delivery]:
        """Return deliveries to ``owner``'s endpoints, the newest first."""

    def replay(self, owner: Owner, delivery_id: str, *, now: datetime) -> bool:
        """Let a delivery be sent once more, from the first try on; False when there is none."""
