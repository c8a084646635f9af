"""Signed request objects (OpenID4VP 1.0, 5 and 5.9; RFC 9101): made by a verifier, authenticated by a wallet.

    sign(request, signer, now=now)                                   x5c, or the kid of a DID, by the prefix
    peek(text, client_id=…)                                          UnverifiedRequest
    peek(text, client_id=…).verified_by(trust, now=now)              the request, by a verifier whose key is proved
    peek_alone(text)                                                 the same over the DC API, with nothing beside it

What a certificate must have to speak for a verifier is the caller's (``Anchors``).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509

from keys import did, jws, strict_json
from keys.chain import load_certificate
from keys.encoding import b64url_text
from keys.errors import EcertError, MalformedKey, MalformedToken
from keys.public import PublicKey
from keys.signer import Signer
from schemas.openid4vp.client_id import ClientId, Prefix, read_client_id
from schemas.openid4vp.errors import InvalidPresentationRequest, VerifierNotAuthenticated
from schemas.openid4vp.request import SELF_ISSUED, AuthorizationRequest, read_request

TYP = "oauth-authz-req+jwt"
MEDIA_TYPE = "application/oauth-authz-req+jwt"
MAX_REQUEST = 131_072
MAX_WALLET_NONCE = 512
LIFETIME = timedelta(minutes=5)
LEEWAY = timedelta(seconds=60)
Anchors = Callable[[Sequence[bytes], datetime], PublicKey]
"""From a chain (DER, leaf first) to its leaf's key, at a moment; raises an EcertError when no anchor vouches for it."""


def sign(request: AuthorizationRequest, signer: Signer, *, now: datetime, lifetime: timedelta = LIFETIME) -> str:
    """Return the request object; there is no ``iss``, which a wallet would ignore (5).

    Raises:
        InvalidPresentationRequest: the prefix does not allow a signature.
        VerifierNotAuthenticated: the signer is not the one that it names.
    """
    if request.client_id is None or not request.client_id.prefix.signed:
        raise InvalidPresentationRequest("a request with this client_id cannot be signed")
    by_did = request.client_id.prefix is Prefix.DECENTRALIZED_IDENTIFIER
    if not by_did:
        _check_leaf(request.client_id, signer.chain)
    claims = request.claims() | {
        "aud": SELF_ISSUED,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    payload = strict_json.dumps(claims)
    if not by_did:
        return jws.sign(payload, signer, typ=TYP, x5c=True, kid=False)
    method = _own_method(request.client_id.name, signer.public_key)
    return jws.sign(payload, signer, typ=TYP, kid=False, extra=(("kid", method),))


def _own_method(name: str, key: PublicKey) -> str:
    try:
        if did.from_did(name) == key:
            return did.verification_method(name)
    except MalformedKey:
        pass
    raise VerifierNotAuthenticated("signer's key is not the one of the DID that client_id names")


@dataclass(frozen=True, slots=True)
class UnverifiedRequest:
    """A request object that nobody has authenticated yet."""

    client_id: ClientId
    token: jws.UnverifiedJws = field(repr=False)

    def verified_by(self, anchors: Anchors, *, now: datetime, wallet_nonce: str | None = None) -> AuthorizationRequest:
        """Return the request; ``wallet_nonce`` is the one that was posted for it (5.10).

        Raises:
            VerifierNotAuthenticated: the signature, the certificate or the DID does not prove the client identifier.
            InvalidPresentationRequest: the request is not for us, over, not the one asked for, or breaks a rule.
        """
        try:
            claims = self.token.verified_by(self._key(anchors, now))
        except VerifierNotAuthenticated:
            raise
        except EcertError as exc:
            raise VerifierNotAuthenticated(f"request object is not signed by who it names: {exc.code}") from exc
        _check_times(claims, now)
        if claims.get("wallet_nonce") != wallet_nonce:
            raise InvalidPresentationRequest("request object was not made for this wallet's nonce")
        if not _is_for_us(claims.get("aud")):
            raise InvalidPresentationRequest("request object is for another audience")
        request = read_request(claims)
        if request.client_id != self.client_id:
            raise InvalidPresentationRequest("request object names another client_id than the request")
        return request

    def _key(self, anchors: Anchors, now: datetime) -> PublicKey:
        if self.client_id.prefix is Prefix.DECENTRALIZED_IDENTIFIER:
            return self._key_of_did()
        chain = self.token.header.x5c()
        _check_leaf(self.client_id, chain)
        return anchors(chain, now)

    def _key_of_did(self) -> PublicKey:
        # 5.9.3: kid names the verification method; a DID that holds its key has no other.
        kid = self.token.header.kid or ""
        if kid.partition("#")[0] != self.client_id.name:
            raise VerifierNotAuthenticated("kid is no method of the DID that client_id names")
        return did.from_did(kid)


def peek(text: str, *, client_id: object) -> UnverifiedRequest:
    """Return the request object, which must name ``client_id``, the parameter beside it (5.10.1).

    Raises:
        InvalidPresentationRequest: no signed request object, another ``typ``, or a client identifier that cannot sign.
    """
    asked = read_client_id(client_id)
    if not asked.prefix.signed:
        raise InvalidPresentationRequest("a request with this client_id cannot be signed")
    return UnverifiedRequest(asked, _peeked(text))


def peek_alone(text: str) -> UnverifiedRequest:
    """Return a request object that names its client identifier alone: over the DC API (A.3.2). Raises as ``peek``."""
    try:
        claims = _peeked(text).peek_claims()
    except MalformedToken as exc:
        raise InvalidPresentationRequest("request object holds no JSON object") from exc
    return peek(text, client_id=claims.get("client_id"))


def _peeked(text: str) -> jws.UnverifiedJws:
    try:
        token = jws.peek(text, max_bytes=MAX_REQUEST)
    except EcertError as exc:
        raise InvalidPresentationRequest(f"request object cannot be read: {exc.code}") from exc
    if token.header.typ != TYP:
        raise InvalidPresentationRequest(f"request object has another typ than {TYP}")
    return token


def for_wallet_nonce(request: AuthorizationRequest, wallet_nonce: str) -> AuthorizationRequest:
    """Return the request as it is signed for one wallet's nonce (5.10).

    Raises:
        InvalidPresentationRequest: the nonce is longer than we sign, or no line of text.
    """
    if not 0 < len(wallet_nonce) <= MAX_WALLET_NONCE or not wallet_nonce.isprintable():
        raise InvalidPresentationRequest(f"wallet_nonce is no line of 1 to {MAX_WALLET_NONCE} characters")
    return replace(request, wallet_nonce=wallet_nonce)


def _check_leaf(client_id: ClientId, chain: Sequence[bytes]) -> None:
    if not chain:
        raise VerifierNotAuthenticated("request object has no certificate")
    if client_id.prefix is Prefix.X509_HASH:
        if b64url_text(hashlib.sha256(chain[0]).digest()) != client_id.name:
            raise VerifierNotAuthenticated("certificate is not the one that client_id names")
    elif client_id.name not in _dns_names(chain[0]):
        raise VerifierNotAuthenticated("certificate does not have the DNS name of client_id")


def _dns_names(leaf: bytes) -> list[str]:
    try:
        names = load_certificate(leaf).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (EcertError, x509.ExtensionNotFound):
        return []
    return names.get_values_for_type(x509.DNSName)


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
    for name in ("iat", "nbf", "exp"):
        if type(claims.get(name, 0)) not in (int, float):
            raise InvalidPresentationRequest(f"{name} is no number")
    if claims.get("exp", seconds) < seconds - leeway:
        raise InvalidPresentationRequest("request object is over")
    if max(claims.get("iat", 0), claims.get("nbf", 0)) > seconds + leeway:
        raise InvalidPresentationRequest("request object is of a time to come")


def _is_for_us(audience: object) -> bool:
    # RFC 9101, 5: aud is recommended; what names somebody else is not for us.
    return audience is None or audience == SELF_ISSUED or audience == [SELF_ISSUED]
