"""The parts of the authorization server, joined: what the routes, the front and the credential endpoints are given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.openid4vci.authorization.access import TokenAccess
from issuer.openid4vci.authorization.client_auth import ClientAuthentication, KnownClients
from issuer.openid4vci.authorization.dpop import DpopProofs
from issuer.openid4vci.authorization.metadata import server_metadata
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.token_endpoint import TokenEndpoint, TokenRequest
from issuer.openid4vci.authorization.tokens import TokenBook
from issuer.openid4vci.nonces import Nonces, Random
from issuer.openid4vci.ports import Entitlements, ProtocolState, RateLimits
from schemas.types import department as known_department


@dataclass(frozen=True, slots=True)
class AuthorizationPorts:
    """What the authorization server needs from outside. ``issuer_uri`` gives a department's identifier, ``secret`` is
    a key of 32 bytes that every worker has and that nothing else uses."""

    state: ProtocolState
    limits: RateLimits
    entitlements: Entitlements
    known: KnownClients
    issuer_uri: Callable[[str], str]
    secret: bytes


@dataclass(frozen=True, slots=True)
class TokenServices:
    """The use cases behind the routes, and the checks that other endpoints share: ``access`` fulfils ``AccessCheck``,
    ``clients`` and ``dpop`` are for pushed requests, ``book`` ends families of tokens."""

    tokens: TokenEndpoint
    access: TokenAccess
    clients: ClientAuthentication
    dpop: DpopProofs
    book: TokenBook
    challenges: Nonces
    policy: Policy
    clock: Callable[[], datetime]

    def token(self, department: str, request: TokenRequest) -> dict[str, Any]:
        """Return the token response; raises as ``TokenEndpoint.respond``, and UnknownDepartment."""
        return self.tokens.respond(request, department=known_department(department).id, now=self.clock())

    def challenge(self, department: str, address: str) -> dict[str, Any]:
        """Return a fresh challenge (Attestation-Based Client Authentication, 8); raises TooManyRequests, and
        UnknownDepartment."""
        known_department(department)
        now = self.clock()
        self.tokens.limits.hit("nonce", f"address {address}", now=now)
        return {"attestation_challenge": self.challenges.fresh(now)}

    def metadata(self, department: str) -> dict[str, Any]:
        """Return the server's metadata; raises UnknownDepartment."""
        issuer = self.tokens.issuer_uri(known_department(department).id)
        return server_metadata(department, issuer=issuer, policy=self.policy)


def authorization_services(
    ports: AuthorizationPorts, *, policy: Policy, clock: Callable[[], datetime], random: Random
) -> TokenServices:
    """Return the authorization server over these ports."""
    nonces = Nonces(ports.secret, "dpop", random) if policy.dpop_nonces else None
    challenges = Nonces(ports.secret, "challenge", random)
    dpop = DpopProofs(ports.state, nonces=nonces)
    clients = ClientAuthentication(ports.state, ports.known, challenges=challenges, demanded=policy.challenges)
    book = TokenBook(ports.state, ports.entitlements, policy, random)
    return TokenServices(
        tokens=TokenEndpoint(book, clients, dpop, ports.limits, ports.issuer_uri),
        access=TokenAccess(ports.state, dpop, clock),
        clients=clients,
        dpop=dpop,
        book=book,
        challenges=challenges,
        policy=policy,
        clock=clock,
    )
