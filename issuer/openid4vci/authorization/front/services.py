"""The front's parts, joined over those of the authorization server."""

from dataclasses import dataclass
from functools import partial

from issuer.edge import Render
from issuer.openid4vci.authorization.codes import issue_code
from issuer.openid4vci.authorization.front.choosing import needed
from issuer.openid4vci.authorization.front.endpoint import AuthorizationEndpoint, Parts
from issuer.openid4vci.authorization.front.logins import Logins, Session
from issuer.openid4vci.authorization.front.par import ParEndpoint
from issuer.openid4vci.authorization.front.pushed import PushedRequests
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest, Place
from issuer.openid4vci.authorization.services import AuthorizationPorts, TokenServices
from issuer.openid4vci.nonces import Random
from issuer.openid4vci.ports import IdentityProofing, Login
from issuer.ports import HolderDirectory
from schemas.types import department

CALLBACK = "/identity/callback"
"""Where an identity provider sends the browser back: one address below the public URL for every department."""


@dataclass(frozen=True, slots=True)
class FrontPorts:
    """What the front needs from outside beside the authorization server's ports. ``public_url`` is that of the
    installation, without a trailing slash."""

    proofing: IdentityProofing
    holders: HolderDirectory
    render: Render
    public_url: str


@dataclass(frozen=True, slots=True)
class FrontServices:
    """What the front's routes are given."""

    par: ParEndpoint
    endpoint: AuthorizationEndpoint
    ports: FrontPorts

    def place(self, department_id: str) -> Place:
        """Return the server that is asked; raises UnknownDepartment."""
        return self.endpoint.place(department(department_id).id)

    def begin(self, request: AuthorizationRequest) -> Login:
        """Return the login that a request needs, before it has begun."""
        return Login(self.ports.public_url + CALLBACK, needed(request))

    def begun(self, session: Session) -> Login:
        """Return the login of a session as it goes on."""
        return Login(self.ports.public_url + CALLBACK, needed(session.request), session.kept)

    @property
    def cookie(self) -> str:
        """The session cookie's name; over plain http, which is this machine alone, a browser keeps no ``__Host-``."""
        return "__Host-ecert-login" if self.ports.public_url.startswith("https:") else "ecert-login"


def front_services(
    ports: AuthorizationPorts, server: TokenServices, outside: FrontPorts, *, random: Random
) -> FrontServices:
    """Return the front of ``server``, which works on the same ``ports``."""
    pushed = PushedRequests(ports.state, randomness=random)
    parts = Parts(
        pushed=pushed,
        logins=Logins(ports.state, randomness=random),
        limits=ports.limits,
        holders=outside.holders,
        entitlements=ports.entitlements,
        issue_code=partial(issue_code, ports.state, random=random),
        clock=server.clock,
        issuer_uri=ports.issuer_uri,
    )
    par = ParEndpoint(pushed, server.clients, server.dpop, ports.limits, server.clock)
    return FrontServices(par, AuthorizationEndpoint(parts), outside)
