"""A holder receives: reads an offer, sees who offers what, accepts or declines, signs with the device, logs in.

preview → accept → received | deferred                    pre-authorized code, key in custody
                 → signature → sign → received | …        key in the holder's device
                 → browser → finish_login → …             authorization code

Whatever is waiting is found under the holder's id, so that nobody goes on with another's. A credential issuer that is
not on the trust list is shown and refused: no code, no transaction code and no key is sent to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from keys.encoding import b64url_text
from schemas.order import HolderId
from wallet_api.openid4vci import authorization, jwt, tokens
from wallet_api.openid4vci.authorization import Came, Login
from wallet_api.openid4vci.client import Instance, instance_of
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.discovery import IssuerMetadata, ServerMetadata
from wallet_api.openid4vci.errors import (
    AuthorizationResponseInvalid,
    ConfigurationNotSupported,
    DeviceSignatureInvalid,
    OfferGone,
    OfferInvalid,
    ReceivingGone,
    ServerMetadataInvalid,
    TokenResponseInvalid,
)
from wallet_api.openid4vci.fetching import Fetching
from wallet_api.openid4vci.offers import Offer, PreAuthorized, read_offer, resolve
from wallet_api.openid4vci.parts import ReceiverParts
from wallet_api.openid4vci.progress import Acceptance, Preview, Progress, Result, Stage, ToSign, stage_of
from wallet_api.openid4vci.sources import Access, Asked, Source, SourceState
from wallet_api.records import HolderKey, KeyPlace
from wallet_api.unbroken import or_else, unbroken

OFFER_WAITS = timedelta(minutes=15)
LOGIN_WAITS = timedelta(minutes=15)
SIGNATURE_WAITS = timedelta(minutes=5)
RESULT_KEPT = timedelta(hours=24)
MAX_CREDENTIALS = 50
"""Of one offer."""
_OFFER, _LOGIN, _RECEIVING = "wallet_offer", "wallet_login", "wallet_receiving"
_LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was accepted, of whom, for which key."""

    holder: HolderKey
    metadata: IssuerMetadata
    server: ServerMetadata
    instance: Instance
    configurations: tuple[Configuration, ...]


class Receiver:
    """The use case; it keeps nothing itself."""

    __slots__ = ("_fetching", "_parts")

    def __init__(self, parts: ReceiverParts, fetching: Fetching) -> None:
        self._parts = parts
        self._fetching = fetching

    async def preview(self, holder_id: HolderId, text: str) -> Preview:
        """Read an offer and return what the holder decides on; raises OfferInvalid, or as ``Discovery.issuer``."""
        parts = self._parts
        await parts.run(parts.given.wallets.holder, holder_id)
        offer = await resolve(text, web=parts.web)
        metadata = await parts.discovery.issuer(offer.issuer)
        listed = await parts.run(parts.given.trust.issuer, offer.issuer)
        held = [metadata.configurations[each] for each in offer.configuration_ids if each in metadata.configurations]
        until = parts.clock() + OFFER_WAITS
        offer_id = self._new_id()
        await self._put(_OFFER, holder_id, offer_id, {"offer": dict(offer.document)}, good_for=OFFER_WAITS)
        return Preview(
            offer_id=offer_id,
            issuer=offer.issuer,
            trusted=listed is not None,
            name_zh=metadata.name_zh if listed is None else listed.name_zh,
            name_en=metadata.name_en if listed is None else listed.name_en,
            configurations=tuple(held),
            unsupported=len(offer.configuration_ids) - len(held),
            tx_code=None if offer.pre_authorized is None else offer.pre_authorized.tx_code,
            needs_login=offer.pre_authorized is None,
            expires_at=until,
        )

    async def decline(self, holder_id: HolderId, offer_id: str) -> None:
        """Forget an offer; nobody is told. What is not there is declined already."""
        await self._take(_OFFER, holder_id, offer_id)

    async def accept(self, holder_id: HolderId, offer_id: str, acceptance: Acceptance) -> Progress:
        """Fetch what an offer holds, or say what is needed first.

        The offer can be accepted again when this raises: a wrong transaction code costs a try at the server alone.

        Raises:
            OfferGone: accepted or declined before, or too old.
            IssuerNotTrusted, ConfigurationNotSupported, TxCodeInvalid, HolderKeyNotSupported.
            TokenRefused, TokenResponseInvalid, ServerMetadataInvalid, HttpFailed …: the servers.
        """
        waiting = await self._take(_OFFER, holder_id, offer_id)
        if waiting is None:
            raise OfferGone("there is no such offer: accepted, declined, or too old")
        async with or_else(lambda: self._put(_OFFER, holder_id, offer_id, waiting, good_for=OFFER_WAITS)):
            return await self._accepted(holder_id, read_offer(waiting["offer"]), acceptance)

    async def finish_login(self, holder_id: HolderId, came: Came) -> Progress:
        """Go on with what the browser brought back; a ``state`` serves once.

        Raises:
            AuthorizationResponseInvalid: no such login waits for this holder, or another server answered (mix-up).
            TokenRefused and others: as ``accept``; the holder begins anew.
        """
        waiting = await self._take(_LOGIN, holder_id, came.state)
        if waiting is None:
            raise AuthorizationResponseInvalid("no login of this holder waits under this state")
        receiving_id, ids = waiting["receiving_id"], tuple(waiting["configuration_ids"])
        server = await self._parts.discovery.server(waiting["server"])
        code = authorization.check_response(came, server)
        chosen = await self._chosen(holder_id, waiting["issuer"], waiting["server"], ids)
        access = await tokens.by_code(
            self._parts.client,
            server,
            tokens.CodeGrant(code, waiting["verifier"], self._parts.redirect_uri),
            instance=chosen.instance,
        )
        return await self._fetch(receiving_id, chosen, access)

    async def sign(self, holder_id: HolderId, receiving_id: str, signatures: Mapping[str, bytes]) -> Progress:
        """Go on with the device's signatures, one for each text.

        Raises:
            ReceivingGone: nothing waits for signatures under this id.
            DeviceSignatureInvalid: they do not fit; nothing was sent, and they may be given again.
        """
        waiting = await self._take(_RECEIVING, holder_id, receiving_id)
        if waiting is None or not waiting["to_sign"]:
            raise ReceivingGone("nothing waits for signatures under this id")
        pairs = [(entry, self._source(entry["source"])) for entry in waiting["to_sign"]]
        async with or_else(lambda: self._put(_RECEIVING, holder_id, receiving_id, waiting, good_for=SIGNATURE_WAITS)):
            await self._check_signatures(pairs, signatures)
        results = []
        for entry, source in pairs:
            proof = jwt.completed(entry["signing_input"].encode("ascii"), signatures[entry["id"]])
            results.append(await self._fetching.complete(await self._fetching.begun(source), proof))
        return await self._finished(holder_id, receiving_id, results)

    async def progress(self, holder_id: HolderId, receiving_id: str) -> Progress:
        """Return where a receiving stands; what was deferred and is due is asked for now. Raises ReceivingGone."""
        run, given = self._parts.run, self._parts.given
        now = self._parts.clock()
        waiting = await run(given.sessions.get, _RECEIVING, _place(holder_id, receiving_id), now=now)
        if waiting is None:
            raise ReceivingGone("there is no such receiving of this holder")
        if waiting["url"] is not None:
            return Progress(receiving_id, Stage.BROWSER, url=waiting["url"])
        if waiting["to_sign"]:
            return _to_sign(receiving_id, waiting)
        sources = [await self._now(holder_id, source_id) for source_id in waiting["source_ids"]]
        results = tuple(Result.of(source) for source in sources if source is not None)
        return Progress(receiving_id, stage_of(results), results=results)

    async def fetch_again(self, holder_id: HolderId, source: Source) -> Progress:
        """Fetch a source's credential once more, for the holder's present key: no new application, no new offer.

        Raises:
            IssuerNotTrusted, TokenRefused, ServerMetadataInvalid, HttpFailed …
        """
        renewed = await self._fetching.renewed(source, force=True)
        key = await self._parts.run(self._parts.given.wallets.present_key, holder_id)
        if key is not None:
            renewed = replace(renewed, asked=replace(renewed.asked, kid=key.key.kid))
        return await self._fetch_sources(self._new_id(), key, [renewed])

    async def _accepted(self, holder_id: HolderId, offer: Offer, acceptance: Acceptance) -> Progress:
        grant = offer.pre_authorized or offer.by_login
        if grant is None:
            raise OfferInvalid("offer names no grant that this wallet knows")
        ids = offer.configuration_ids if acceptance.configuration_ids is None else acceptance.configuration_ids
        if not set(ids) <= set(offer.configuration_ids):
            raise ConfigurationNotSupported("a configuration was chosen that the offer does not name")
        if offer.pre_authorized is not None:
            tokens.check_tx_code(offer.pre_authorized, acceptance.tx_code)
        only_held = acceptance.configuration_ids is None
        chosen = await self._chosen(holder_id, offer.issuer, grant.server, ids, only_held=only_held)
        receiving_id = self._new_id()
        if offer.pre_authorized is not None:
            # A code serves once: what it brings is fetched also when the time for the holder's own request is over.
            return await unbroken(self._by_code(receiving_id, chosen, offer.pre_authorized, acceptance.tx_code))
        assert offer.by_login is not None  # noqa: S101 - one of the two is the grant
        login = Login(offer.issuer, chosen.configurations, offer.by_login, self._parts.redirect_uri)
        return await self._log_in(receiving_id, chosen, login)

    async def _by_code(self, receiving_id: str, chosen: _Chosen, grant: PreAuthorized, tx_code: str | None) -> Progress:
        access = await tokens.by_pre_authorized_code(
            self._parts.client, chosen.server, grant, tx_code, instance=chosen.instance
        )
        return await self._fetch(receiving_id, chosen, access)

    async def _chosen(
        self, holder_id: HolderId, issuer: str, server: str | None, ids: Sequence[str], *, only_held: bool = False
    ) -> _Chosen:
        run, given = self._parts.run, self._parts.given
        metadata = await self._fetching.trusted(issuer)
        if server is not None and server not in metadata.servers:  # 4.1.1
            raise ServerMetadataInvalid("offer names an authorization server that the issuer does not")
        held = tuple(metadata.configurations[each] for each in ids if each in metadata.configurations)
        if not held or (len(held) < len(ids) and not only_held):
            raise ConfigurationNotSupported("the wallet cannot hold what was chosen")
        key = await run(given.wallets.present_key, holder_id)
        if key is None:
            raise ConfigurationNotSupported("the holder has no key yet")
        for configuration in held:
            configuration.check_key(key.key, in_custody=key.place is KeyPlace.CUSTODY)
        found = await self._parts.discovery.server(server or metadata.servers[0])
        instance = await run(instance_of, given.custody, holder_id, found.issuer)
        return _Chosen(key, metadata, found, instance, held)

    async def _log_in(self, receiving_id: str, chosen: _Chosen, login: Login) -> Progress:
        parts, holder_id = self._parts, chosen.holder.holder_id
        begun = await authorization.begin(
            parts.client, chosen.server, login, instance=chosen.instance, randomness=parts.given.randomness
        )
        waiting = {
            "receiving_id": receiving_id,
            "issuer": login.issuer,
            "server": chosen.server.issuer,
            "verifier": begun.verifier,
            "configuration_ids": [each.id for each in chosen.configurations],
        }
        await self._put(_LOGIN, holder_id, begun.state, waiting, good_for=LOGIN_WAITS)
        await self._put(_RECEIVING, holder_id, receiving_id, _waiting(url=begun.url), good_for=LOGIN_WAITS)
        return Progress(receiving_id, Stage.BROWSER, url=begun.url)

    async def _fetch(self, receiving_id: str, chosen: _Chosen, access: Access) -> Progress:
        now = self._parts.clock()
        holder_id, kid = chosen.holder.holder_id, chosen.holder.key.kid
        asked = [
            Asked(holder_id, chosen.metadata.issuer, chosen.server.issuer, each.id, identifier, kid)
            for each in chosen.configurations
            for identifier in _identifiers(access, each.id)
        ]
        if not 0 < len(asked) <= MAX_CREDENTIALS:
            raise TokenResponseInvalid(f"token reaches not from 1 to {MAX_CREDENTIALS} of what was chosen")
        sources = [Source(self._new_id(), each, SourceState.ASKED, access, now, now) for each in asked]
        return await self._fetch_sources(receiving_id, chosen.holder, sources)

    async def _fetch_sources(self, receiving_id: str, key: HolderKey | None, sources: Sequence[Source]) -> Progress:
        holder_id = sources[0].asked.holder_id
        if key is None or key.place is KeyPlace.CUSTODY:
            # All of them first: when the time for this request is over, upkeep goes on with what is left.
            begun = [await self._fetching.begun(source) for source in sources]
            done = [await self._fetching.by_custody(source) for source in begun]
            return await self._finished(holder_id, receiving_id, done)
        to_sign = []
        for source in sources:
            signed = (await self._fetching.prepare(source)).decode("ascii")
            kept = {"id": source.source_id, "content": source.content(), "state": source.state}
            to_sign.append({"id": self._new_id(), "signing_input": signed, "source": kept})
        waiting = _waiting(to_sign=to_sign, kid=key.key.kid)
        await self._put(_RECEIVING, holder_id, receiving_id, waiting, good_for=SIGNATURE_WAITS)
        return _to_sign(receiving_id, waiting)

    async def _check_signatures(
        self, pairs: Sequence[tuple[Mapping[str, Any], Source]], signatures: Mapping[str, bytes]
    ) -> None:
        if signatures.keys() != {entry["id"] for entry, _ in pairs}:
            raise DeviceSignatureInvalid("signatures are not one for each text to sign")
        for entry, source in pairs:
            signed, signature = entry["signing_input"].encode("ascii"), signatures[entry["id"]]
            await self._fetching.check_signature(source.asked, signed, signature)

    async def _finished(self, holder_id: HolderId, receiving_id: str, sources: Sequence[Source]) -> Progress:
        waiting = _waiting(source_ids=[source.source_id for source in sources])
        await self._put(_RECEIVING, holder_id, receiving_id, waiting, good_for=RESULT_KEPT)
        results = tuple(Result.of(source) for source in sources)
        return Progress(receiving_id, stage_of(results), results=results)

    async def _now(self, holder_id: HolderId, source_id: str) -> Source | None:
        run, sources = self._parts.run, self._parts.given.sources
        source: Source | None = await run(sources.source, holder_id, source_id)
        if source is None or source.state is not SourceState.DEFERRED:
            return source
        now = self._parts.clock()
        mine: Source | None = await run(sources.claim_one, source_id, now=now, until=now + _LEASE)
        return source if mine is None else await self._fetching.poll(mine)

    def _source(self, kept: Mapping[str, Any]) -> Source:
        now = self._parts.clock()
        return Source.of(kept["id"], kept["state"], kept["content"], due_at=now, changed_at=now)

    def _new_id(self) -> str:
        return b64url_text(self._parts.given.randomness(16))

    async def _put(
        self, kind: str, holder_id: HolderId, key: str, value: Mapping[str, Any], *, good_for: timedelta
    ) -> None:
        until = self._parts.clock() + good_for
        await self._parts.run(self._parts.given.sessions.put, kind, _place(holder_id, key), value, expires_at=until)

    async def _take(self, kind: str, holder_id: HolderId, key: str) -> Mapping[str, Any] | None:
        now = self._parts.clock()
        return await self._parts.run(self._parts.given.sessions.take, kind, _place(holder_id, key), now=now)


def _place(holder_id: HolderId, key: str) -> str:
    return f"{holder_id}/{key}"


def _waiting(
    *, url: str | None = None, to_sign: Sequence[Any] = (), kid: str | None = None, source_ids: Sequence[str] = ()
) -> dict[str, Any]:
    return {"url": url, "to_sign": list(to_sign), "kid": kid, "source_ids": list(source_ids)}


def _to_sign(receiving_id: str, waiting: Mapping[str, Any]) -> Progress:
    texts = tuple(ToSign(entry["id"], entry["signing_input"]) for entry in waiting["to_sign"])
    return Progress(receiving_id, Stage.SIGNATURE, to_sign=texts, kid=waiting["kid"])


def _identifiers(access: Access, configuration_id: str) -> tuple[str | None, ...]:
    """What to ask for under a configuration: its credential identifiers, where the token names any (8.2)."""
    return access.identifiers.get(configuration_id, ()) if access.identifiers else (None,)
