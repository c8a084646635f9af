"""What receiving over OpenID4VCI needs from outside. What waits for the network is async, all else is called in
threads (``InThread``)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from schemas.order import HolderId, Identifier
from wallet_api.openid4vci.sources import Source

T = TypeVar("T")

MAX_ANSWER = 1_048_576
"""Bytes of an answer that are read at most."""
MAX_SECONDS = 10.0
"""Seconds that one request may take."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request to an issuer or an authorization server."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """The answer; ``headers`` by their names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class HttpPort(Protocol):
    """The way to other servers, with limits: ``MAX_ANSWER``, ``MAX_SECONDS``, and no redirect is followed."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send one request.

        Raises:
            AddressRefused: no https, or the host has an address that is not public.
            HttpFailed: no answer, or one over the limits.
        """


class Sessions(Protocol):
    """What waits between two steps of a holder, shared by all workers: sealed, until it expires."""

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime) -> None:
        """Keep a value, in place of one that is there."""

    def get(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value, None when it is not there or has expired."""

    def take(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value and remove it: of several callers at once one gets it, the others None."""


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """A credential issuer of the trust list, by its names."""

    name_zh: str
    name_en: str


class TrustView(Protocol):
    """The trust list, as a wallet asks it."""

    def issuer(self, identifier: str) -> TrustedIssuer | None:
        """Return the issuer that the list names in force now, None for any other."""


class CertificateStates(Protocol):
    """What is known of a certificate beside what its credentials say: the register, or its status list."""

    def state_of(self, identifier: Identifier) -> str | None:
        """Return the state (issued, suspended, revoked, cancelled, replaced, expired); None when nothing is known."""


class Sources(Protocol):
    """Where certificates came from, and what is needed to fetch them again; each call is one transaction."""

    def put(self, source: Source) -> None:
        """Keep a source, in place of the one with its id."""

    def source(self, holder_id: HolderId, source_id: str) -> Source | None:
        """Return one source of a holder."""

    def of_holder(self, holder_id: HolderId) -> Sequence[Source]:
        """Return a holder's sources, the last changed first."""

    def claim(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Source]:
        """Return sources that are due, the longest due first, and make them due at ``until``: no other worker gets
        them before."""

    def claim_one(self, source_id: str, *, now: datetime, until: datetime) -> Source | None:
        """As ``claim`` for one source; None when it is not due, or another worker has it."""

    def hasten(self, source_id: str, *, now: datetime) -> None:
        """Make a source due now if it is kept and is due later; all else of it stays as it is."""


class InThread(Protocol):
    """Runs what waits for storage or keys in a thread."""

    def __call__(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> Awaitable[T]:
        """Return what ``function`` returns."""
