"""The authorization endpoint (RFC 6749, 3.1), step by step. Every method waits for storage; none for a network.

open      the address that a wallet opens: ``client_id`` and ``request_uri``, anything else ignored
start     a session for the browser, after the identity proofing has begun
identify  who has logged in, and what they are offered
choice    what the consent page says
approve   code, ``state`` and ``iss`` to the wallet; deny: ``access_denied``
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.front import choosing
from issuer.openid4vci.authorization.front.choosing import Choice
from issuer.openid4vci.authorization.front.logins import Logins, Person, Session, person_of
from issuer.openid4vci.authorization.front.pushed import PushedRequests
from issuer.openid4vci.authorization.front.redirects import answered
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest, Place
from issuer.openid4vci.configuration import types_of
from issuer.openid4vci.errors import AccessDenied, ProtocolError
from issuer.openid4vci.grants import CodeGrant, Grant
from issuer.openid4vci.ports import Among, Begun, Entitlements, Identity, RateLimits
from issuer.ports import Clock, HolderDirectory


class IssueCode(Protocol):
    """The authorization codes."""

    def __call__(self, grant: CodeGrant, *, now: datetime) -> str:
        """Return a new code that stands for ``grant``."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the endpoint works with."""

    pushed: PushedRequests
    logins: Logins
    limits: RateLimits
    holders: HolderDirectory
    entitlements: Entitlements
    issue_code: IssueCode
    clock: Clock
    issuer_uri: Callable[[str], str]


class AuthorizationEndpoint:
    """The steps. A session is named by the value of its cookie."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def place(self, department: str) -> Place:
        """Return the server of a department."""
        return Place(department, self._parts.issuer_uri(department))

    def open(self, form: Form, *, place: Place, address: str) -> tuple[str, AuthorizationRequest]:
        """Return the ``request_uri`` and the pushed request that a browser opens; the request stays.

        Raises:
            InvalidRequest: nothing was pushed. InvalidRequestUri: as ``PushedRequests.open``. TooManyRequests.
        """
        now = self._parts.clock()
        self._parts.limits.hit("authorize", f"address {address}", now=now)
        client_id, request_uri = form.need("client_id"), form.need("request_uri")
        return request_uri, self._parts.pushed.open(request_uri, client_id=client_id, place=place, now=now)

    def start(self, request_uri: str, request: AuthorizationRequest, begun: Begun) -> str:
        """Return the cookie of a new session."""
        return self._parts.logins.start(request_uri, request, begun, now=self._parts.clock())

    def session(self, cookie: str, *, department: str | None) -> Session:
        """Return a browser's session; raises NoLogin."""
        return self._parts.logins.find(cookie, department=department, now=self._parts.clock())

    def attempt(self, session: Session, *, address: str) -> None:
        """Count an attempt to log in, by the client's request and by the address; raises TooManyRequests."""
        now = self._parts.clock()
        self._parts.limits.hit("login", f"request {session.request_uri}", now=now)
        self._parts.limits.hit("login", f"address {address}", now=now)

    def identify(self, cookie: str, session: Session, identity: Identity) -> str:
        """Join who has logged in to the session and return the cookie's new value; raises NoLogin."""
        holder = self._parts.holders.resolve(identity.code_type, identity.code, identity.name)
        person = Person(holder.holder_id, identity.name, identity.level, ())
        granted = self._chosen(session.request, person).granted
        person = replace(person, offered=tuple(each.id for each in granted))
        return self._parts.logins.known(cookie, session, person, now=self._parts.clock())

    def choice(self, session: Session) -> Choice:
        """Return what the consent page says; raises NoLogin when nobody has logged in."""
        person = person_of(session)
        return self._chosen(session.request, person).within(person.offered)

    def approve(self, cookie: str, session: Session) -> str:
        """Complete the authorization and return the address at the client, with a code or with ``access_denied``.

        Raises:
            NoLogin: nobody has logged in, or this session is complete. InvalidRequestUri: the request was used.
        """
        person = person_of(session)
        self._complete(cookie, session)
        try:
            grant = self._grant(session, person)
        except AccessDenied as refusal:
            return self._refused(session.request, refusal)
        request = session.request
        bound = CodeGrant(grant, request.client_id, request.redirect_uri, request.code_challenge, request.dpop_jkt)
        return self._answer(request, {"code": self._parts.issue_code(bound, now=self._parts.clock())})

    def deny(self, cookie: str, session: Session) -> str:
        """Complete the authorization without a code, logged in or not; returns and raises as ``approve``."""
        self._complete(cookie, session)
        return self._refused(session.request, AccessDenied("the holder denied the request"))

    def _complete(self, cookie: str, session: Session) -> None:
        now = self._parts.clock()
        self._parts.logins.end(cookie, now=now)
        self._parts.pushed.consume(session.request_uri, now=now)

    def _grant(self, session: Session, person: Person) -> Grant:
        choice = self.choice(session)
        if not choice.granted:
            raise AccessDenied("no certificate waits for the holder")
        offer = self._parts.pushed.use_offer(session.request, now=self._parts.clock())
        return choosing.grant_of(session.request, choice, holder_id=person.holder_id, offer=offer)

    def _chosen(self, request: AuthorizationRequest, person: Person) -> Choice:
        try:
            offer = self._parts.pushed.offer(request, now=self._parts.clock())
        except AccessDenied:
            return Choice(gone=True)
        among = Among(types_of(request.configuration_ids), () if offer is None else offer.order_ids)
        return choosing.choose(
            request,
            holder_id=person.holder_id,
            level=person.level,
            entitlements=self._parts.entitlements.of(person.holder_id, department=request.department, among=among),
            offer=offer,
        )

    def _refused(self, request: AuthorizationRequest, refusal: ProtocolError) -> str:
        return self._answer(request, {"error": refusal.error, "error_description": str(refusal)})

    def _answer(self, request: AuthorizationRequest, parameters: dict[str, str]) -> str:
        # RFC 9207, 2: the issuer goes with errors, too.
        state = {} if request.state is None else {"state": request.state}
        issuer = {"iss": self._parts.issuer_uri(request.department)}
        return answered(request.redirect_uri, parameters | state | issuer)
