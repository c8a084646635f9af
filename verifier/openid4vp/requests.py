"""Starting a transaction, and the request object that a wallet fetches (OpenID4VP 1.0, 5, 5.9, 5.10)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from keys import did, strict_json
from keys.encoding import b64url_text
from keys.jwe import ENCS, DecryptionKey
from schemas.dcql import Query
from schemas.openid4vp import dc_api, request_object
from schemas.openid4vp.client_id import ClientId, Prefix, x509_hash
from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.metadata import FORMATS, ClientMetadata
from schemas.openid4vp.request import AuthorizationRequest, ResponseMode, is_endpoint
from schemas.openid4vp.transaction_data import read_transaction_data, usable_for
from verifier.errors import TransactionNotWaiting, UnknownTransaction
from verifier.openid4vp.ports import Attesters, RequestSigners, TransactionState
from verifier.openid4vp.transactions import Flow, State, Transaction

KIND = "openid4vp"
"""The kind of a transaction in the shared state."""
LIFETIME = timedelta(minutes=5)
KEPT = timedelta(hours=1)
"""How long a transaction can be looked at after it began; its result is in the verify API's records."""
MAX_REQUEST = 38_000
"""Bytes of a request's parameters: wallets keep 40,000 and a nonce of theirs while the holder decides."""
SCHEMES = ("openid4vp://", "haip-vp://")
DONE = "/openid4vp/done"
"""Where a browser goes after the answer when the relying party has no page of its own."""
TEST = "test"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a relying party wants: a query within its purpose, for what, in which way.

    ``return_uri`` is where the browser goes after the answer, a page of our own if it is left out; ``session`` what the
    browser holds that starts, for the same device; ``origin`` where it is, for the DC API. ``prefix`` says by what the
    wallet knows who asks; ``redirect_uri``, which nobody signs, is for the test environment alone. ``scheme``
    opens the wallet. ``transaction_data`` are entries as they go into the request
    (``schemas.openid4vp.transaction_data``).
    """

    party_id: str
    purpose_id: str
    query: Query
    return_uri: str | None = None
    environment: str = "live"
    flow: Flow = Flow.CROSS_DEVICE
    encrypted: bool = True
    session: str | None = None
    origin: str | None = None
    transaction_data: tuple[str, ...] = ()
    prefix: Prefix = Prefix.X509_HASH
    scheme: str = SCHEMES[0]


@dataclass(frozen=True, slots=True)
class Begun:
    """A transaction that waits.

    ``link`` opens a wallet on the same device, and is the text of a QR code across devices; ``request_uri`` is inside
    it. ``browser`` is what the DC API is called with (``digital.requests``), where it is the one that asks.
    """

    transaction: Transaction
    link: str | None = field(default=None, repr=False)
    request_uri: str | None = field(default=None, repr=False)
    browser: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class RequestParts:
    """What requests are made with. ``secret`` is a key of 32 bytes that every worker has and nothing else uses."""

    state: TransactionState
    signers: RequestSigners
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    public_url: str
    secret: bytes = field(repr=False)
    attesters: Attesters | None = None


class Requests:
    """Starts transactions and answers ``request_uri``."""

    def __init__(self, parts: RequestParts) -> None:
        self._parts = parts

    def begin(self, asked: Asked) -> Begun:
        """Start a transaction; it is kept before anybody hears of it. Nonce, state and keys are fresh.

        Raises:
            InvalidPresentationRequest: what the flow needs is missing, an address is none, or all of it is too large.
            InvalidTransactionData: an entry is not well formed, or names a credential that cannot authorise.
        """
        parts, now = self._parts, self._parts.clock()
        return_uri = asked.return_uri or f"{parts.public_url}{DONE}"
        _check(asked, return_uri)
        transaction_id = b64url_text(parts.random(24))
        request = self._request(asked, transaction_id)
        if len(strict_json.dumps(request.claims())) > MAX_REQUEST:
            raise InvalidPresentationRequest(f"request has more than {MAX_REQUEST} bytes")
        transaction = Transaction(
            transaction_id=transaction_id,
            party_id=asked.party_id,
            purpose_id=asked.purpose_id,
            environment=asked.environment,
            flow=asked.flow,
            request=request,
            created_at=now,
            expires_at=now + LIFETIME,
            return_uri=return_uri,
            session=None if asked.session is None else digest(asked.session),
        )
        parts.state.put(KIND, transaction_id, transaction.document(), expires_at=now + KEPT)
        return self._begun(transaction, asked.scheme)

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
        if request.client_id is None or not request.client_id.prefix.signed or request.response_mode.by_dc_api:
            raise UnknownTransaction("transaction has no request by reference")
        if wallet_nonce is not None:
            request = request_object.for_wallet_nonce(request, wallet_nonce)
        return self._signed(transaction.party_id, request)

    def key(self, transaction_id: str) -> DecryptionKey:
        """Return the key that the response to a transaction is encrypted to: fresh for each, kept nowhere."""
        return DecryptionKey.derive(self._parts.secret, f"{KIND} {transaction_id}")

    def _signed(self, party_id: str, request: AuthorizationRequest) -> str:
        signer = self._parts.signers.signer(party_id)
        return request_object.sign(request, signer, now=self._parts.clock())

    def _request(self, asked: Asked, transaction_id: str) -> AuthorizationRequest:
        parts, by_browser = self._parts, asked.flow is Flow.DC_API
        keys = (self.key(transaction_id).jwk,) if asked.encrypted else ()
        client_id = self._client_id(asked, transaction_id)
        return AuthorizationRequest(
            response_mode=_mode(by_browser=by_browser, encrypted=asked.encrypted),
            nonce=b64url_text(parts.random(24)),
            query=asked.query,
            client_id=client_id,
            response_uri=None if by_browser else self._at(transaction_id, "response"),
            state=None if by_browser else b64url_text(parts.random(24)),
            metadata=ClientMetadata(keys, ENCS if keys else (), FORMATS),
            transaction_data=asked.transaction_data,
            verifier_info=self._info(asked, client_id),
            expected_origins=(asked.origin,) if by_browser and asked.origin else (),
        )

    def _client_id(self, asked: Asked, transaction_id: str) -> ClientId:
        if asked.prefix is Prefix.REDIRECT_URI:
            return ClientId(Prefix.REDIRECT_URI, self._at(transaction_id, "response"))
        if asked.prefix is Prefix.X509_SAN_DNS:
            return san_dns_of(self._parts.public_url)
        signer = self._parts.signers.signer(asked.party_id)
        if asked.prefix is Prefix.DECENTRALIZED_IDENTIFIER:
            return ClientId(Prefix.DECENTRALIZED_IDENTIFIER, did.to_did_jwk(signer.public_key))
        return x509_hash(signer.chain[0])

    def _info(self, asked: Asked, client_id: ClientId) -> tuple[Mapping[str, Any], ...]:
        attesters = self._parts.attesters
        if attesters is None:
            return ()
        return attesters.info(asked.party_id, asked.purpose_id, client_id=client_id, query=asked.query)

    def _begun(self, transaction: Transaction, scheme: str) -> Begun:
        request = transaction.request
        if transaction.flow is Flow.DC_API:
            return Begun(transaction, browser=self._for_browser(transaction))
        if request.client_id is None or not request.client_id.prefix.signed:
            return Begun(transaction, f"{scheme}?{urlencode(request.parameters(), quote_via=quote)}")
        # RFC 9101, 5: by reference, with nothing beside it that the request object also says.
        at = self._at(transaction.transaction_id, "request")
        beside = {"client_id": str(request.client_id), "request_uri": at, "request_uri_method": "post"}
        return Begun(transaction, f"{scheme}?{urlencode(beside, quote_via=quote)}", at)

    def _for_browser(self, transaction: Transaction) -> tuple[Mapping[str, Any], ...]:
        """A.1: the signed request first; a browser or wallet that cannot check it takes the other."""
        request = transaction.request
        signed = dc_api.signed_data(self._signed(transaction.party_id, request))
        return (
            {"protocol": dc_api.Protocol.SIGNED.value, "data": signed},
            {"protocol": dc_api.Protocol.UNSIGNED.value, "data": dc_api.unsigned_data(request)},
        )

    def _at(self, transaction_id: str, what: str) -> str:
        return f"{self._parts.public_url}/openid4vp/{transaction_id}/{what}"


def _check(asked: Asked, return_uri: str) -> None:
    if not is_endpoint(return_uri):
        raise InvalidPresentationRequest("return_uri is no https address")
    if asked.flow is Flow.SAME_DEVICE and not asked.session:
        raise InvalidPresentationRequest("request on the same device needs the session that starts it")
    if asked.flow is Flow.DC_API and (not is_endpoint(asked.origin) or urlsplit(asked.origin or "").path):
        raise InvalidPresentationRequest("request over the DC API needs the origin that it comes from")
    if asked.prefix is Prefix.REDIRECT_URI and (asked.environment != TEST or asked.flow is Flow.DC_API):
        raise InvalidPresentationRequest("an unsigned request is for the test environment, and not over the DC API")
    if asked.scheme not in SCHEMES:
        raise InvalidPresentationRequest("no wallet is opened by this scheme")
    if asked.prefix is Prefix.PRE_REGISTERED:
        raise InvalidPresentationRequest("no wallet has registered this verifier")
    for entry in asked.transaction_data:
        read_transaction_data(entry, asked=usable_for(asked.query))


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
