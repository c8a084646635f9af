"""Requests of the wallet as an OAuth client: authenticated by attestation, bound to a key by DPoP (RFC 9449).

A server may ask for its nonce or challenge; then the request goes out once more, with it, and no third time.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys.encoding import b64url_text
from keys.errors import KeyAlreadyExists, KeyNotFound
from keys.public import PublicKey
from keys.signer import Signer
from schemas.order import HolderId
from wallet_api.openid4vci import jwt
from wallet_api.openid4vci.attestation import WalletProvider, proof_of_possession
from wallet_api.openid4vci.discovery import ServerMetadata
from wallet_api.openid4vci.errors import ServerMetadataInvalid
from wallet_api.openid4vci.sources import Access
from wallet_api.openid4vci.web import Answer, Web
from wallet_api.parts import Clock, Randomness
from wallet_api.ports import CustodyKeys

DPOP_TYP = "dpop+jwt"
_MAX_NONCE = 1_024


@dataclass(frozen=True, slots=True)
class Instance:
    """The two keys of a holder's wallet at one authorization server: the instance's (attested) and DPoP's."""

    key: Signer = field(repr=False)
    dpop: Signer = field(repr=False)


def instance_of(custody: CustodyKeys, holder_id: HolderId, server: str) -> Instance:
    """Return the keys of a holder for a server, made when first asked for."""
    at = b64url_text(hashlib.sha256(server.encode()).digest()[:12])
    return Instance(*(_key(custody, f"{use}/{holder_id}/{at}") for use in ("instance", "dpop")))


def _key(custody: CustodyKeys, name: str) -> Signer:
    try:
        return custody.open(name)
    except KeyNotFound:
        try:
            return custody.create(name)
        except KeyAlreadyExists:  # another worker was first
            return custody.open(name)


@dataclass(frozen=True, slots=True)
class Proving:
    """What goes into a proof: the nonce and the challenge that the server gave, as far as it gave any."""

    nonce: str | None = None
    challenge: str | None = None


class Client:
    """The wallet's requests to authorization servers and to protected endpoints."""

    __slots__ = ("_clock", "_provider", "_randomness", "_web")

    def __init__(self, web: Web, provider: WalletProvider, *, clock: Clock, randomness: Randomness) -> None:
        self._web = web
        self._provider = provider
        self._clock = clock
        self._randomness = randomness

    @property
    def client_id(self) -> str:
        """The wallet's name as a client."""
        return self._provider.client_id

    def now(self) -> datetime:
        """Return the present moment."""
        return self._clock()

    def key_attestation(self, key: PublicKey, *, nonce: str | None) -> str:
        """Return the wallet server's statement on a key in its custody (``WalletProvider.key_attestation``)."""
        return self._provider.key_attestation(key, nonce=nonce, now=self._clock())

    def named_at(self, server: ServerMetadata, *, pre_authorized: bool) -> str | None:
        """Return the client_id for a grant, None for anonymous access; raises ServerMetadataInvalid."""
        if server.attested or server.public:
            return self.client_id
        if pre_authorized and server.anonymous:
            return None
        raise ServerMetadataInvalid("server takes no client authentication that this wallet has")

    async def post(
        self, server: ServerMetadata, url: str, form: Mapping[str, str], *, instance: Instance, client_id: str | None
    ) -> Answer:
        """POST a form to the token or PAR endpoint, authenticated, with a DPoP proof where the server takes them."""
        challenge = await self._challenge(server) if client_id is not None and server.attested else None
        sent = dict(form)
        if client_id is not None and not server.attested:
            sent["client_id"] = client_id

        async def once(proving: Proving) -> Answer:
            headers = self._authentication(server, instance, proving) if client_id and server.attested else {}
            if self.binds(server, instance):
                headers |= {"DPoP": self._dpop(instance, "POST", url, proving, token=None)}
            return await self._web.post_form(url, sent, headers)

        return await _twice(once, Proving(challenge=challenge))

    async def call(self, url: str, body: Mapping[str, Any] | str, *, access: Access, instance: Instance) -> Answer:
        """POST a JSON object, or an encrypted one, to a protected endpoint with the access token (RFC 9449, 7.1; RFC
        6750, 2.1)."""

        async def once(proving: Proving) -> Answer:
            headers = {"Authorization": f"{'DPoP' if access.dpop else 'Bearer'} {access.token}"}
            if access.dpop:
                headers["DPoP"] = self._dpop(instance, "POST", url, proving, token=access.token)
            if isinstance(body, str):
                return await self._web.post_jwt(url, body, headers)
            return await self._web.post_json(url, body, headers)

        return await _twice(once, Proving())

    def binds(self, server: ServerMetadata, instance: Instance) -> bool:
        """Tell whether the server takes DPoP proofs by this key."""
        return not server.dpop.isdisjoint(instance.dpop.public_key.accepted)

    def _authentication(self, server: ServerMetadata, instance: Instance, proving: Proving) -> dict[str, str]:
        now = self._clock()
        pop = proof_of_possession(
            instance.key,
            client_id=self.client_id,
            audience=server.issuer,
            challenge=proving.challenge,
            now=now,
            randomness=self._randomness,
        )
        attested = self._provider.attestation(instance.key.public_key, now=now)
        return {"OAuth-Client-Attestation": attested, "OAuth-Client-Attestation-PoP": pop}

    def _dpop(self, instance: Instance, method: str, url: str, proving: Proving, *, token: str | None) -> str:
        claims: dict[str, Any] = {
            "jti": b64url_text(self._randomness(16)),
            "htm": method,
            "htu": url.partition("?")[0],
            "iat": jwt.seconds(self._clock()),
        }
        if token is not None:
            claims["ath"] = b64url_text(hashlib.sha256(token.encode("ascii", "replace")).digest())
        if proving.nonce is not None:
            claims["nonce"] = proving.nonce
        return jwt.sign(instance.dpop, {"typ": DPOP_TYP, "jwk": instance.dpop.public_key.jwk}, claims)

    async def _challenge(self, server: ServerMetadata) -> str | None:
        if server.challenge_endpoint is None:
            return None
        answer = await self._web.post_nothing(server.challenge_endpoint)
        found = (answer.members or {}).get("attestation_challenge")
        if answer.status != 200 or not _is_nonce(found):
            raise ServerMetadataInvalid("challenge endpoint gave no attestation_challenge")
        return str(found)


async def _twice(once: Callable[[Proving], Awaitable[Answer]], proving: Proving) -> Answer:
    answer = await once(proving)
    asked = _asked(answer, proving)
    return answer if asked is None else await once(asked)


def _asked(answer: Answer, proving: Proving) -> Proving | None:
    """What the server wants in the proofs of the next try; None when it wants no next try."""
    nonce, challenge = (answer.headers.get(name) for name in ("dpop-nonce", "oauth-client-attestation-challenge"))
    word = answer.error
    if answer.status == 401 and 'error="use_dpop_nonce"' in answer.headers.get("www-authenticate", ""):
        word = "use_dpop_nonce"
    if word == "use_dpop_nonce" and _is_nonce(nonce):
        return Proving(nonce, proving.challenge)
    if word == "use_attestation_challenge" and _is_nonce(challenge):
        # The same answer may give the nonce for the next proof, too (RFC 9449, 8.2).
        return Proving(nonce if _is_nonce(nonce) else None, challenge)
    return None


def _is_nonce(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_NONCE and value.isascii() and value.isprintable()
