"""Credentials under an access token: asked for with a key proof, checked, kept, and the issuer told.

What was asked for is written down before the request leaves (``SourceState.ASKED``), the credential is kept before the
issuer hears that it was accepted: a crash between any two steps loses nothing that can be fetched again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from keys.errors import KeysError
from keys.signer import Signer
from schemas.order import IssuedCredential
from wallet_api.openid4vci import jwt, schedule, tokens
from wallet_api.openid4vci.client import Instance, instance_of
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.credentials import ACCEPTED, FAILURE, CredentialEndpoints, Deferred, Issued
from wallet_api.openid4vci.discovery import IssuerMetadata
from wallet_api.openid4vci.errors import (
    ConfigurationNotSupported,
    CredentialNotKept,
    CredentialRequestRefused,
    CredentialResponseInvalid,
    DeviceSignatureInvalid,
    HolderKeyNotSupported,
    IssuerNotTrusted,
    ReceiveError,
)
from wallet_api.openid4vci.incoming import credential_of
from wallet_api.openid4vci.parts import ReceiverParts
from wallet_api.openid4vci.proofs import ProofTerms, fresh_nonce, proof_input
from wallet_api.openid4vci.sources import Asked, Source, SourceState
from wallet_api.records import HolderKey, KeyPlace

_LOST_AFTER = timedelta(minutes=10)
_POLL_AGAIN = timedelta(minutes=5)
_SPARE = timedelta(seconds=15)  # a token that ends while a request is on its way is as good as ended
# An issuer that says one of these does not think better of it by itself.
_FINAL = frozenset(
    {
        "invalid_grant",
        "unauthorized_client",
        "credential_request_denied",
        "unknown_credential_configuration",
        "unknown_credential_identifier",
        "invalid_transaction_id",
        "invalid_credential_request",
        "insufficient_scope",
    }
)


_WRONG = (CredentialResponseInvalid, CredentialNotKept, ConfigurationNotSupported, HolderKeyNotSupported)


class Fetching:
    """Asks issuers, for whoever has an access token."""

    __slots__ = ("_parts",)

    def __init__(self, parts: ReceiverParts) -> None:
        self._parts = parts

    async def trusted(self, issuer: str) -> IssuerMetadata:
        """Return the metadata of an issuer on the trust list; raises IssuerNotTrusted, or as ``Discovery.issuer``."""
        if await self._parts.run(self._parts.given.trust.issuer, issuer) is None:
            raise IssuerNotTrusted("credential issuer is not on the trust list")
        return await self._parts.discovery.issuer(issuer)

    async def prepare(self, source: Source) -> bytes:
        """Return what the holder's key has to sign for a source, with a nonce of this moment.

        Raises:
            HolderKeyNotSupported: the issuer takes no key of this algorithm, or wants it attested and it is a device's.
            ReceiveError: the issuer's answers, as ``trusted`` and ``fresh_nonce``.
        """
        asked = source.asked
        metadata, configuration = await self._asked(asked)
        key = await self._holder_key(asked)
        configuration.check_key(key.key, in_custody=key.place is KeyPlace.CUSTODY)
        nonce = await fresh_nonce(self._parts.web, metadata)
        attestation = self._parts.client.key_attestation(key.key, nonce=nonce) if configuration.attested else None
        terms = ProofTerms(asked.issuer, source.access.client_id, nonce, attestation)
        return proof_input(configuration, key.key, terms=terms, now=self._parts.clock())

    async def by_custody(self, source: Source) -> Source:
        """Fetch with a key in custody; a nonce that is over by then is asked for once more.

        Returns the source as it stands now, written down; only storage can stop it.
        """
        signer = await self._custody_signer(await self._holder_key(source.asked))
        try:
            return await self._tried(source, signer)
        except CredentialRequestRefused as exc:
            if exc.word != "invalid_nonce":
                return await self.failed(source, exc)
        except ReceiveError as exc:
            return await self.failed(source, exc)
        try:
            return await self._tried(source, signer)
        except ReceiveError as exc:
            return await self.failed(source, exc)

    async def begun(self, source: Source) -> Source:
        """Write down that a source is asked for: if no answer comes, upkeep asks again."""
        return await self.written(replace(source, due_at=self._parts.clock() + _LOST_AFTER))

    async def check_signature(self, asked: Asked, signed: bytes, signature: bytes) -> None:
        """Return if a device's signature is the holder key's; raises DeviceSignatureInvalid."""
        key = await self._holder_key(asked)
        try:
            key.key.verify(signature, signed)
        except KeysError as exc:
            raise DeviceSignatureInvalid("a signature is not by the holder's key over what was to be signed") from exc

    async def complete(self, source: Source, proof: str) -> Source:
        """Fetch with a proof that a device has signed; returns as ``by_custody``."""
        try:
            return await self._requested(source, proof)
        except ReceiveError as exc:
            return await self.failed(source, exc)

    async def poll(self, source: Source) -> Source:
        """Ask for what was deferred; returns as ``by_custody``."""
        try:
            renewed = await self.renewed(source)
            endpoints = await self._endpoints(renewed)
            return await self._settled(renewed, endpoints, await endpoints.poll(renewed.transaction_id or ""))
        except ReceiveError as exc:
            return await self.failed(source, exc)

    async def renewed(self, source: Source, *, force: bool = False) -> Source:
        """Return the source with an access token in force, by the refresh token; raises TokenRefused among others."""
        access = source.access
        if not force and self._parts.clock() + _SPARE < access.expires_at:
            return source
        await self.trusted(source.asked.issuer)
        server = await self._parts.discovery.server(source.asked.server)
        instance = await self._instance(source.asked)
        fresh = await tokens.by_refresh_token(self._parts.client, server, access, instance=instance)
        return await self.written(replace(source, access=fresh))

    async def failed(self, source: Source, error: ReceiveError) -> Source:
        """Write down that nothing came: for good, or to be tried again; a kept credential stays kept."""
        kept = source.state is SourceState.KEPT
        final = error.word in _FINAL or (isinstance(error, _WRONG) and not kept)
        if final or (source.access.refresh_token is None and source.state is not SourceState.DEFERRED):
            return await self.written(replace(source, state=SourceState.OVER, reason=error.reason))
        now = self._parts.clock()
        waits = source.state is SourceState.DEFERRED
        due = now + _POLL_AGAIN if waits else schedule.again(source.source_id, now=now)
        return await self.written(replace(source, reason=error.reason, due_at=due))

    async def written(self, source: Source) -> Source:
        """Write a source down, changed now."""
        changed = replace(source, changed_at=self._parts.clock())
        await self._parts.run(self._parts.given.sources.put, changed)
        return changed

    async def _tried(self, source: Source, signer: Signer) -> Source:
        signed = await self.prepare(source)
        signature = await self._parts.run(signer.sign, signed)
        return await self._requested(source, jwt.completed(signed, signature))

    async def _requested(self, source: Source, proof: str) -> Source:
        endpoints = await self._endpoints(source)
        return await self._settled(source, endpoints, await endpoints.request(source.asked, [proof]))

    async def _settled(self, source: Source, endpoints: CredentialEndpoints, found: Issued | Deferred) -> Source:
        if isinstance(found, Deferred):
            due = self._parts.clock() + timedelta(seconds=found.interval)
            waiting = replace(source, state=SourceState.DEFERRED, transaction_id=found.transaction_id, due_at=due)
            return await self.written(replace(waiting, reason=None))
        try:
            credential = await self._kept(source.asked, found)
        except ReceiveError:
            await endpoints.notify(found.notification_id, FAILURE)
            raise
        due = schedule.next_look(credential, source.source_id, now=self._parts.clock())
        kept = replace(source, state=SourceState.KEPT, credential_id=credential.credential_id, due_at=due)
        kept = replace(kept, certificate=credential.identifier, transaction_id=None, reason=None)
        kept = await self.written(kept)
        await endpoints.notify(found.notification_id, ACCEPTED)
        return kept

    async def _kept(self, asked: Asked, found: Issued) -> IssuedCredential:
        """Keep the credential if it is what was asked for and passes every check of ``wallet_api.receiving``."""
        _, configuration = await self._asked(asked)

        def keep() -> IssuedCredential:
            credential = credential_of(found.tokens[0], asked=asked, configuration=configuration)
            receipt = self._parts.given.receiving.receive([credential])
            for refusal in receipt.refused:
                raise CredentialNotKept(check=refusal.check, reason=refusal.reason)
            return credential

        credential: IssuedCredential = await self._parts.run(keep)
        return credential

    async def _asked(self, asked: Asked) -> tuple[IssuerMetadata, Configuration]:
        metadata = await self.trusted(asked.issuer)
        configuration = metadata.configurations.get(asked.configuration_id)
        if configuration is None:
            raise ConfigurationNotSupported("issuer offers this configuration no more, or in another form")
        return metadata, configuration

    async def _endpoints(self, source: Source) -> CredentialEndpoints:
        metadata = await self.trusted(source.asked.issuer)
        return CredentialEndpoints(self._parts.client, metadata, source.access, await self._instance(source.asked))

    async def _instance(self, asked: Asked) -> Instance:
        return await self._parts.run(instance_of, self._parts.given.custody, asked.holder_id, asked.server)

    async def _holder_key(self, asked: Asked) -> HolderKey:
        return await self._parts.run(self._parts.given.wallets.key, asked.holder_id, asked.kid)

    async def _custody_signer(self, key: HolderKey) -> Signer:
        if key.place is not KeyPlace.CUSTODY or key.store_name is None:
            raise DeviceSignatureInvalid("the holder's key is in a device, which has to sign")
        opened: Callable[[str], Signer] = self._parts.given.custody.open
        return await self._parts.run(opened, key.store_name)
