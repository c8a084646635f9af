"""Starting a transaction, and the request object that a wallet fetches (OpenID4VP 1.0, 5, 5.9, 5.10)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from keys.encoding import b64url_text
from keys.jwe import ENCS, DecryptionKey
from schemas.dcql import Query
from schemas.openid4vp import request_object
from schemas.openid4vp.client_id import ClientId, Prefix, x509_hash
from schemas.openid4vp.metadata import FORMATS, ClientMetadata
from schemas.openid4vp.request import AuthorizationRequest, ResponseMode
from verifier.errors import TransactionNotWaiting, UnknownTransaction
from verifier.openid4vp.ports import RequestSigners, TransactionState
from verifier.openid4vp.transactions import Flow, State, Transaction

KIND = "openid4vp"
"""The kind of a transaction in the shared state."""
LIFETIME = timedelta(minutes=5)
KEPT = timedelta(hours=1)
"""How long a transaction can be looked at after it began; its result is in the verify API's records."""
SCHEMES = ("openid4vp://", "haip-vp://")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a relying party wants: a query within its purpose, for what, in which way.

    ``return_uri`` is where the browser goes after the answer; ``session`` what the starting browser holds.
    ``transaction_data`` are entries as they go into the request (``schemas.openid4vp.transaction_data``).
    """

    party_id: str
    purpose_id: str
    query: Query
    return_uri: str
    environment: str = "live"
    flow: Flow = Flow.CROSS_DEVICE
    encrypted: bool = True
    session: str | None = None
    origin: str | None = None
    transaction_data: tuple[str, ...] = ()
    verifier_info: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """A transaction that waits: its link for the same device and for a QR code."""

    transaction: Transaction
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestParts:
    """What requests are made with. ``secret`` is a key of 32 bytes that every worker has and nothing else uses."""

    state: TransactionState
    signers: RequestSigners
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    public_url: str
    secret: bytes = field(repr=False)


class Requests:
    """Starts transactions and answers ``request_uri``."""

    def __init__(self, parts: RequestParts) -> None:
        self._parts = parts

    def begin(self, asked: Asked) -> Begun:
        """Start a transaction; it is kept before anybody hears of it. Nonce, state and keys are fresh."""
        parts, now = self._parts, self._parts.clock()
        transaction_id = b64url_text(parts.random(24))
        transaction = Transaction(
            transaction_id=transaction_id,
            party_id=asked.party_id,
            purpose_id=asked.purpose_id,
            environment=asked.environment,
            flow=asked.flow,
            request=self._request(asked, transaction_id),
            created_at=now,
            expires_at=now + LIFETIME,
            return_uri=asked.return_uri,
            session=None if asked.session is None else digest(asked.session),
        )
        parts.state.put(KIND, transaction_id, transaction.document(), expires_at=now + KEPT)
        return Begun(transaction, self._link(transaction))

    def transaction(self, transaction_id: str) -> Transaction:
        """Return a transaction as it stands; raises UnknownTransaction."""
        now = self._parts.clock()
        found = self._parts.state.get(KIND, transaction_id, now=now)
        if found is None:
            raise UnknownTransaction("no such transaction")
        read = Transaction.of(found)
        return read.ended(State.EXPIRED) if read.state is State.WAITING and read.expires_at <= now else read

    def request_object(self, transaction_id: str, *, wallet_nonce: str | None = None) -> str:
        """Return the signed request object: the same content each time, signed anew for a wallet's nonce (5.10).

        Raises:
            UnknownTransaction: there is none.
            TransactionNotWaiting: it is answered, or over.
        """
        transaction = self.transaction(transaction_id)
        if transaction.state is not State.WAITING:
            raise TransactionNotWaiting("transaction is answered or over")
        request = transaction.request
        if wallet_nonce is not None:
            request = request_object.for_wallet_nonce(request, wallet_nonce)
        signer = self._parts.signers.signer(transaction.party_id)
        return request_object.sign(request, signer, now=self._parts.clock())

    def key(self, transaction_id: str) -> DecryptionKey:
        """Return the key that the response to a transaction is encrypted to: fresh for each, kept nowhere."""
        return DecryptionKey.derive(self._parts.secret, f"{KIND} {transaction_id}")

    def _request(self, asked: Asked, transaction_id: str) -> AuthorizationRequest:
        parts, by_browser = self._parts, asked.flow is Flow.DC_API
        keys = (self.key(transaction_id).jwk,) if asked.encrypted else ()
        return AuthorizationRequest(
            response_mode=_mode(by_browser=by_browser, encrypted=asked.encrypted),
            nonce=b64url_text(parts.random(24)),
            query=asked.query,
            client_id=self._client_id(asked.party_id),
            response_uri=None if by_browser else self._at(transaction_id, "response"),
            state=None if by_browser else b64url_text(parts.random(24)),
            metadata=ClientMetadata(keys, ENCS if keys else (), FORMATS),
            transaction_data=asked.transaction_data,
            verifier_info=asked.verifier_info,
            expected_origins=(asked.origin,) if by_browser and asked.origin else (),
        )

    def _client_id(self, party_id: str) -> ClientId:
        return x509_hash(self._parts.signers.signer(party_id).chain[0])

    def _link(self, transaction: Transaction) -> str:
        # 5: by reference, with nothing beside it that the request object also says.
        client_id = quote(str(transaction.request.client_id), safe="")
        request_uri = quote(self._at(transaction.transaction_id, "request"), safe="")
        return f"{SCHEMES[0]}?client_id={client_id}&request_uri={request_uri}&request_uri_method=post"

    def _at(self, transaction_id: str, what: str) -> str:
        return f"{self._parts.public_url}/openid4vp/{transaction_id}/{what}"


def san_dns_of(public_url: str) -> ClientId:
    """Return the client identifier of a verifier by the host of its public URL (``x509_san_dns``)."""
    return ClientId(Prefix.X509_SAN_DNS, urlsplit(public_url).hostname or "")


def digest(secret: str) -> str:
    """Return what is kept of a secret that somebody brings back."""
    return b64url_text(hashlib.sha256(secret.encode()).digest())


def _mode(*, by_browser: bool, encrypted: bool) -> ResponseMode:
    if by_browser:
        return ResponseMode.DC_API_JWT if encrypted else ResponseMode.DC_API
    return ResponseMode.DIRECT_POST_JWT if encrypted else ResponseMode.DIRECT_POST
