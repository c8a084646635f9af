"""Who the client is: the same for pushed requests, tokens and refreshing (RFC 6749, 2.3; HAIP 1.0, 4.3).

``attest_jwt_client_auth``   two header fields                               an instance of a wallet
``private_key_jwt``          ``client_assertion`` (RFC 7523, 3)              a registered client, for example a server
nobody                       where the caller says that anonymous is allowed (OpenID4VCI 1.0, 6.1)

The id of the client is what its JWT says; a ``client_id`` in the form must be the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from issuer.openid4vci.answers import Form
from issuer.openid4vci.authorization.attestation import Attestation, check_attestation, verified_by_one
from issuer.openid4vci.authorization.ports import Attesters, Clients, RegisteredClient
from issuer.openid4vci.errors import InvalidClient, InvalidClientAttestation, InvalidRequest, UseAttestationChallenge
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.nonces import Nonces
from issuer.openid4vci.ports import ProtocolState
from issuer.openid4vci.protocol_tokens import LEEWAY, Claims, peek
from keys.errors import KeysError, MalformedToken

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_ASSERTION_LIFE = timedelta(hours=1)
# A client assertion has no type of its own in RFC 7523; the one that its revision gives it is taken, too.
_ASSERTION_TYPS = frozenset({None, "jwt", "client-authentication+jwt"})


class Method(StrEnum):
    """How a client authenticates, as the metadata name it."""

    ATTESTATION = "attest_jwt_client_auth"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Client:
    """A client that was authenticated. ``id`` None is an anonymous one; ``instance_kid`` is the thumbprint of the key
    of an attested instance; ``redirect_uris`` None means that the client may be sent back anywhere."""

    id: str | None
    method: Method
    instance_kid: str | None = None
    redirect_uris: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """What a request says about its client; ``audience`` is the authorization server's identifier."""

    form: Form
    attestation: Attestation
    audience: str


@dataclass(frozen=True, slots=True)
class KnownClients:
    """Where clients are known from."""

    clients: Clients
    attesters: Attesters


class ClientAuthentication:
    """The check. ``challenges`` are those of the server; ``demanded`` refuses an attestation without one."""

    def __init__(self, state: ProtocolState, known: KnownClients, *, challenges: Nonces, demanded: bool) -> None:
        self._state = state
        self._known = known
        self._challenges = challenges
        self._demanded = demanded

    def authenticate(self, request: ClientRequest, *, now: datetime, anonymous: bool = False) -> Client:
        """Return the client of ``request``; its JWT counts as used from now on.

        Ask for a DPoP nonce before (``dpop.DpopProofs.check``): the client may send the same JWT again after that.

        Raises:
            InvalidRequest: two methods at once (RFC 6749, 2.3).
            InvalidClient, InvalidClientAttestation: nobody where somebody is needed, or a rule is broken.
            UseFreshAttestation: the attestation has expired.
            UseAttestationChallenge: the proof of possession needs a challenge, or has an old one.
        """
        attested = bool(request.attestation.attestations or request.attestation.proofs)
        asserted = "client_assertion" in request.form or "client_assertion_type" in request.form
        if attested and asserted:
            raise InvalidRequest("request authenticates the client in two ways")
        if attested:
            return self._attested(request, now)
        if asserted:
            return self._asserted(request, now)
        return self._nobody(request, allowed=anonymous)

    def _nobody(self, request: ClientRequest, *, allowed: bool) -> Client:
        named = request.form.get("client_id")
        if not allowed or (named is not None and self._known.clients.find(named) is not None):
            raise InvalidClient("client is not authenticated")
        return Client(None, Method.NONE)

    def _attested(self, request: ClientRequest, now: datetime) -> Client:
        found = check_attestation(request.attestation, self._known.attesters, audience=request.audience, now=now)
        client = found.client
        if request.form.get("client_id") not in (None, client.client_id):
            raise InvalidClientAttestation("client_id is not the client of the attestation")
        if self._known.clients.find(client.client_id) is not None:
            raise InvalidClientAttestation("client is registered for another way of authentication")
        self._check_challenge(found.challenge, now)
        self._spend(f"pop {client.client_id} {found.key.kid} {found.jti}", found.good_until, now)
        return Client(client.client_id, Method.ATTESTATION, found.key.kid, client.redirect_uris)

    def _check_challenge(self, challenge: str | None, now: datetime) -> None:
        if challenge is None and not self._demanded:
            return
        if challenge is None or not self._challenges.is_good(challenge, now):
            fresh = self._challenges.fresh(now)
            raise UseAttestationChallenge("proof needs the challenge that comes with this answer", challenge=fresh)

    def _asserted(self, request: ClientRequest, now: datetime) -> Client:
        if request.form.get("client_assertion_type") != ASSERTION_TYPE:
            raise InvalidClient("client assertion is of another type than jwt-bearer")
        try:
            client, jti, until = self._checked(request.form.get("client_assertion") or "", request.audience, now)
        except KeysError as exc:
            raise InvalidClient(f"client assertion: {exc}") from None
        if request.form.get("client_id") not in (None, client.client_id):
            raise InvalidClient("client_id is not the client of the assertion")
        self._spend(f"assertion {client.client_id} {jti}", until, now)
        return Client(client.client_id, Method.PRIVATE_KEY_JWT, None, client.redirect_uris)

    def _checked(self, text: str, audience: str, now: datetime) -> tuple[RegisteredClient, str, datetime]:
        token = peek(text, typ=_ASSERTION_TYPS)
        client = self._known.clients.find(Claims(token.peek_claims()).text("iss"))
        if client is None:
            raise MalformedToken("client is not registered")
        claims = Claims(verified_by_one(token, client.keys))
        if claims.text("sub") != client.client_id:
            raise MalformedToken("sub is not iss")
        # FAPI 2.0 Security Profile, 5.3.2.1: the issuer identifier, as a string, and nothing else.
        if claims.members.get("aud") != audience:
            raise MalformedToken("aud is not this authorization server, as a string")
        until = claims.moment("exp")
        claims.check_period(now)
        if until > now + MAX_ASSERTION_LIFE:
            raise MalformedToken("exp is more than an hour ahead")
        return client, claims.text("jti"), until

    def _spend(self, key: str, until: datetime, now: datetime) -> None:
        if not self._state.add_once(Kind.JTI, key, expires_at=until + 2 * LEEWAY, now=now):
            raise InvalidClient("proof of the client was used before")
