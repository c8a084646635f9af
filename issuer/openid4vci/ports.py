"""What the OpenID4VCI servers need from outside. Every call is one transaction, durable when it returns."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from issuer.openid4vci.configuration import Configuration
from issuer.openid4vci.grants import TokenGrant
from keys.public import PublicKey
from schemas.catalogue import AssuranceLevel as AssuranceLevel
from schemas.order import HolderId, IssuedCredential

Change = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
"""From a value of the state to the one that takes its place; None removes it."""


class ProtocolState(Protocol):
    """Short-lived state that every worker shares: values by kind and key, until they expire.

    Keys are secrets (codes, tokens); the store keeps digests of them, and the values sealed. A value that has expired
    is not there.
    """

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime, group: str = "") -> None:
        """Keep a value, in place of one that is there. ``group`` is a name by which several are removed at once."""

    def get(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value, None when it is not there."""

    def take(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        """Return a value and remove it: of several callers at once one gets it, the others None."""

    def change(self, kind: str, key: str, change: Change, *, now: datetime) -> Mapping[str, Any] | None:
        """Replace a value by what ``change`` makes of it, with nobody in between; return what was there before.

        None, and ``change`` is not called, when it is not there. What ``change`` raises leaves the value as it was.
        """

    def prolong(self, kind: str, key: str, *, expires_at: datetime, now: datetime) -> bool:
        """Let a value that is there expire at another moment; False, and nothing comes back, when it is not there."""

    def add_once(self, kind: str, key: str, *, expires_at: datetime, now: datetime) -> bool:
        """Remember a key; False when it is remembered already, of several callers at once for all but one."""

    def remove_group(self, group: str) -> int:
        """Remove every value of a group and return how many there were."""

    def sweep(self, *, now: datetime) -> int:
        """Remove what has expired and return how much it was."""


class RateLimits(Protocol):
    """How often a route may be asked."""

    def hit(self, rule: str, subject: str, *, now: datetime) -> None:
        """Count a request of ``subject`` (a client, an address) under a rule of the configuration.

        Raises:
            TooManyRequests: the rule's limit is reached.
        """


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as an identity proofing says: a number of GB/T 36903's code types, and how sure it is."""

    code_type: str
    code: str = field(repr=False)
    name: str = field(repr=False)
    level: AssuranceLevel


@dataclass(frozen=True, slots=True)
class Login:
    """A login that is under way: where the browser comes back to, the lowest level that is needed, and what
    ``begin`` asked to keep (with the browser's session, sealed)."""

    return_uri: str
    level: AssuranceLevel
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """How a login goes on: at ``location``, somewhere else; or here, by the form of the page ``form``."""

    location: str | None = None
    form: str | None = None
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)


class IdentityProofing(Protocol):
    """Who somebody is (invariant 11): a provider to which the browser is sent, or a form that is shown here."""

    async def begin(self, login: Login) -> Begun:
        """Begin a login. What it returns in ``kept`` stands in the ``login`` of ``finish``.

        Raises:
            IdentityUnavailable: the provider does not answer.
        """

    async def finish(self, parameters: Mapping[str, str], login: Login) -> Identity:
        """Return who it is, from the parameters with which the browser came back, or those of the form.

        Raises:
            LoginCancelled: the person went back.
            IdentityRefused: what was given, or what the provider says, does not hold.
            IdentityUnavailable: the provider does not answer.
        """


@dataclass(frozen=True, slots=True)
class Entitlement:
    """An order that waits for its holder, or whose certificate is in force: what may be fetched under it."""

    order_id: str
    type_id: str
    ready: bool  # False: the order is there and approved, the certificate cannot be signed yet (deferred issuance)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which credentials are wanted: of which order, for whom, in which configuration, one for each of ``keys``."""

    order_id: str
    holder_id: HolderId
    configuration: Configuration
    keys: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class Among:
    """Which orders are asked for: of these types (None: of all), and of these ids (none: all)."""

    type_ids: Collection[str] | None = None
    order_ids: Collection[str] = ()


ANY = Among()


class Entitlements(Protocol):
    """What is kept for a holder by a department's orders (``issuer.orders``)."""

    def of(self, holder_id: HolderId, *, department: str, among: Among = ANY) -> Sequence[Entitlement]:
        """Return what the holder may fetch from the department, the newest order first, at most 200."""

    def issue(self, wanted: Wanted) -> tuple[IssuedCredential, ...]:
        """Return new credentials, one for each key, in the order of the keys; each has a status index of its own.

        The first call under an order issues its certificate; a later one adds credentials to it, or to the certificate
        that has replaced it.

        Raises:
            CredentialRequestDenied: the order does not reach the holder (any more), or its certificate is not in force.
        """


@dataclass(frozen=True, slots=True)
class ProtectedRequest:
    """A request at a protected endpoint: what RFC 9449, 7 needs of it. The lists hold every field of that name."""

    method: str
    url: str
    authorization: Sequence[str]
    dpop: Sequence[str]


class AccessCheck(Protocol):
    """The access tokens of the authorization server."""

    def grant(self, request: ProtectedRequest, *, department: str) -> TokenGrant:
        """Return what the request's access token stands for.

        Raises:
            InvalidToken, InvalidTokenProof, UseTokenNonce: the token or its proof does not hold.
        """
