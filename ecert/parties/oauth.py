"""Access tokens for relying parties: OAuth 2.0 client credentials, the client known by a signed JWT.

RFC 6749, 4.4 (the grant) and 5 (the answers); RFC 7523, 2.2 and 3 (``private_key_jwt``). The authorization server is
``<public URL>/v1/oauth``, which is what an assertion's ``aud`` says; its metadata stand where RFC 8414, 3.1 puts them.
A client is a party in one environment, ``test_<party>`` or ``live_<party>``, with the keys that were registered for it;
a scope is the id of a purpose. Tokens are opaque and live for ten minutes in the shared state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from ecert.access import Actor, party_actor
from ecert.oauth_clients import Known
from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.attestation import Attestation
from issuer.openid4vci.authorization.client_auth import ClientAuthentication, ClientRequest, KnownClients, Method
from issuer.openid4vci.authorization.ports import RegisteredClient
from issuer.openid4vci.errors import InvalidClient, InvalidScope, UnsupportedGrantType
from issuer.openid4vci.nonces import Nonces, Random
from issuer.openid4vci.ports import ProtocolState, RateLimits
from issuer.openid4vci.protocol_tokens import ALGORITHMS
from keys.encoding import b64url_text
from verifier.parties.model import Access, Environment, Party

KIND = "party_access_token"
"""The kind of an access token in the shared state."""
PREFIX = "at_"
LIFE = timedelta(minutes=10)
PATH = "/v1/oauth"
GRANT_TYPE = "client_credentials"
_ENVIRONMENTS = {environment.value: environment for environment in Environment}
_NO_ATTESTATION = Attestation((), ())


class Find(Protocol):
    """Where parties are found."""

    def find(self, party_id: str) -> Party | None:
        """Return the party of this id, None when there is none."""


@dataclass(frozen=True, slots=True)
class OAuthParts:
    """What the token endpoint is made of. ``secret`` is a key that every worker has and nothing else uses."""

    parties: Find
    state: ProtocolState
    limits: RateLimits
    clock: Callable[[], datetime]
    random: Random
    public_url: str
    secret: bytes = field(repr=False)


class PartyClients:
    """Active parties as OAuth clients (``issuer.openid4vci.authorization.ports.Clients``)."""

    def __init__(self, parties: Find) -> None:
        self._parties = parties

    def find(self, client_id: str) -> RegisteredClient | None:
        """Return the client of this id; None when its party is unknown, suspended, or has no key there."""
        found = self.party(client_id)
        keys = () if found is None else found[0].keys.get(found[1], ())
        return RegisteredClient(client_id, keys, ()) if keys else None

    def party(self, client_id: str) -> tuple[Party, Environment] | None:
        """Return the active party and the environment that a client's id names."""
        name, _, party_id = client_id.partition("_")
        environment = _ENVIRONMENTS.get(name)
        party = None if environment is None else self._parties.find(party_id)
        return None if environment is None or party is None or not party.is_active else (party, environment)


class PartyTokens:
    """The token endpoint, and the tokens that it gave."""

    def __init__(self, parts: OAuthParts) -> None:
        self._parts = parts
        self._clients = PartyClients(parts.parties)
        self._authentication = ClientAuthentication(
            parts.state,
            KnownClients(self._clients, Known()),
            challenges=Nonces(parts.secret, "party-challenge", parts.random),
            demanded=False,
        )

    @property
    def issuer(self) -> str:
        """The identifier of this authorization server."""
        return self._parts.public_url + PATH

    def metadata(self) -> dict[str, Any]:
        """Return the server's metadata (RFC 8414, 2)."""
        return {
            "issuer": self.issuer,
            "token_endpoint": f"{self.issuer}/token",
            "grant_types_supported": [GRANT_TYPE],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": [Method.PRIVATE_KEY_JWT.value],
            "token_endpoint_auth_signing_alg_values_supported": [str(algorithm) for algorithm in ALGORITHMS],
        }

    def respond(self, form: Form, *, address: str) -> dict[str, Any]:
        """Return the token response (RFC 6749, 5.1).

        Raises:
            TooManyRequests: the address or the client asks too often.
            UnsupportedGrantType: another grant.
            InvalidClient, InvalidRequest: the client is not known by its assertion.
            InvalidScope: a purpose that the party does not have.
        """
        parts, now = self._parts, self._parts.clock()
        parts.limits.hit("token", f"address {address}", now=now)
        if form.need("grant_type") != GRANT_TYPE:
            raise UnsupportedGrantType(f"grant type is not {GRANT_TYPE}")
        client = self._authentication.authenticate(ClientRequest(form, _NO_ATTESTATION, self.issuer), now=now)
        parts.limits.hit("token", f"party {client.id}", now=now)
        found = self._clients.party(client.id or "")
        if found is None:  # suspended between the two looks
            raise InvalidClient("client is not registered")
        party, environment = found
        purposes = _purposes(form, party)
        token = f"{PREFIX}{environment}_{b64url_text(parts.random(32))}"
        kept = {
            "token_id": b64url_text(parts.random(9)),
            "party_id": party.party_id,
            "environment": environment.value,
            "purposes": None if purposes is None else sorted(purposes),
        }
        parts.state.put(KIND, token, kept, expires_at=now + LIFE)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(LIFE.total_seconds()),
            "scope": " ".join(sorted(party.purposes if purposes is None else purposes)),
        }

    def find(self, token: str) -> Actor | None:
        """Return who brings an access token; None when it is unknown, over, or its party is suspended."""
        found: Mapping[str, Any] | None = self._parts.state.get(KIND, token, now=self._parts.clock())
        party = None if found is None else self._parts.parties.find(found["party_id"])
        if found is None or party is None or not party.is_active:
            return None
        purposes = None if found["purposes"] is None else frozenset(found["purposes"])
        access = Access(found["party_id"], Environment(found["environment"]), purposes)
        return party_actor(found["token_id"], access)


def _purposes(form: Form, party: Party) -> frozenset[str] | None:
    # RFC 6749, 3.3: without a scope the default, which is everything that the client has.
    asked = form.get("scope")
    if asked is None:
        return None
    purposes = frozenset(asked.split(" "))
    if not purposes <= party.purposes:
        raise InvalidScope("scope names a purpose that the relying party does not have")
    return purposes
