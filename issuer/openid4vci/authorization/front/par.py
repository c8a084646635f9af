"""The pushed authorization request endpoint (RFC 9126, 2): who asks is known before what they ask is looked at.

The order: the address's rate limit; a DPoP proof, if one came (so that a nonce is asked for before anything counts as
used); the client; its rate limit; the parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from issuer.openid4vci.answers import Answer, read_form
from issuer.openid4vci.authorization.attestation import Attestation
from issuer.openid4vci.authorization.client_auth import ClientAuthentication, ClientRequest
from issuer.openid4vci.authorization.dpop import DpopProofs, DpopRequest, Proof
from issuer.openid4vci.authorization.front.pushed import PushedRequests
from issuer.openid4vci.authorization.front.requests import Place
from issuer.openid4vci.ports import RateLimits
from issuer.ports import Clock


@dataclass(frozen=True, slots=True)
class ParRequest:
    """A request as it came; ``fields`` are the header fields by lower-case name, each with all its values."""

    place: Place
    body: bytes
    fields: Mapping[str, Sequence[str]]
    address: str

    @property
    def content_type(self) -> str | None:
        """The body's media type."""
        return next(iter(self.fields.get("content-type", ())), None)

    @property
    def attestation(self) -> Attestation:
        """The client attestation and its proof of possession."""
        return Attestation(
            self.fields.get("oauth-client-attestation", ()), self.fields.get("oauth-client-attestation-pop", ())
        )


@dataclass(frozen=True, slots=True)
class ParEndpoint:
    """The endpoint of every department."""

    pushed: PushedRequests
    clients: ClientAuthentication
    proofs: DpopProofs
    limits: RateLimits
    clock: Clock

    def answer(self, request: ParRequest) -> Answer:
        """Return the answer to a request that holds.

        Raises:
            ProtocolError: as ``DpopProofs.check``, ``ClientAuthentication.authenticate``, ``PushedRequests.push``, and
                TooManyRequests.
        """
        now = self.clock()
        self.limits.hit("par", f"address {request.address}", now=now)
        form = read_form(request.body, request.content_type)
        proof = self._proof(request, now)
        asked = ClientRequest(form, request.attestation, request.place.issuer)
        client = self.clients.authenticate(asked, now=now)
        # Of a wallet everybody has the same client id: an instance is what asks too often.
        self.limits.hit("par", f"client {client.instance_kid or client.id}", now=now)
        if proof is not None:
            self.proofs.record(proof, now=now)
        jkt = None if proof is None else proof.jkt
        return self.pushed.push(form, client=client, place=request.place, proof_jkt=jkt, now=now)

    def _proof(self, request: ParRequest, now: datetime) -> Proof | None:
        # RFC 9449, 10.1: a proof here is optional; it binds the code to its key.
        sent = request.fields.get("dpop", ())
        if not sent:
            return None
        return self.proofs.check(DpopRequest("POST", f"{request.place.issuer}/par", sent), now=now)
