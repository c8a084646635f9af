"""What waits, ends soon, or was replaced, is fetched without its holder: a bounded batch in each round of upkeep.

A credential bound to a key in a device cannot be: the device has to sign. It stays due, and the wallet shows it.
"""

from dataclasses import replace
from datetime import timedelta

from keys.errors import EcertError
from schemas.order import IssuedCredential
from wallet_api.errors import UnknownCredential
from wallet_api.openid4vci import schedule
from wallet_api.openid4vci.errors import ReceiveError
from wallet_api.openid4vci.fetching import Fetching
from wallet_api.openid4vci.parts import ReceiverParts
from wallet_api.openid4vci.sources import Source, SourceState
from wallet_api.records import KeyPlace

BATCH = 20
_LEASE = timedelta(minutes=15)
_WAITS_FOR_DEVICE = timedelta(days=1)
_ENDED = frozenset({"revoked", "cancelled"})
_REPLACED = "replaced"


class Refreshing:
    """The use case of the wallet itself, for all holders."""

    __slots__ = ("_fetching", "_parts")

    def __init__(self, parts: ReceiverParts, fetching: Fetching) -> None:
        self._parts = parts
        self._fetching = fetching

    async def round(self, *, limit: int = BATCH) -> int:
        """Look at ``limit`` sources that are due, the longest due first; return how many there were.

        Raises:
            EcertError: after the round, when something else than an issuer's server stood in the way of one of them.
        """
        now = self._parts.clock()
        due = await self._parts.run(self._parts.given.sources.claim, now=now, until=now + _LEASE, limit=limit)
        stopped: EcertError | None = None
        for source in due:
            try:
                await self._look_at(source)
            except ReceiveError as exc:
                await self._fetching.failed(source, exc)
            except EcertError as exc:  # one broken source does not stop the others; its lease makes it due again
                stopped = exc
        if stopped is not None:
            raise stopped
        return len(due)

    async def _look_at(self, source: Source) -> None:
        if source.state is SourceState.DEFERRED:
            await self._fetching.poll(source)
        elif source.state is SourceState.ASKED:
            await self._fetch(await self._fetching.renewed(source))
        elif source.state is SourceState.KEPT:
            await self._look_at_kept(source)

    async def _look_at_kept(self, source: Source) -> None:
        now = self._parts.clock()
        credential = await self._credential(source)
        state = None
        if source.certificate is not None:
            state = await self._parts.run(self._parts.given.states.state_of, source.certificate)
        if credential is None or state in _ENDED or credential.expires_at + schedule.GIVE_UP <= now:
            reason = state or "expired"
            await self._fetching.written(replace(source, state=SourceState.OVER, reason=reason))
        elif state == _REPLACED or schedule.is_near_end(credential, now=now):
            await self._fetch(await self._fetching.renewed(source, force=True))
        elif source.access.refresh_token is not None:
            # Used, so that it does not end by lying idle (RFC 6749, 6; RFC 9700, 4.14.2).
            renewed = await self._fetching.renewed(source, force=True)
            due = schedule.next_look(credential, source.source_id, now=now)
            await self._fetching.written(replace(renewed, due_at=due, reason=None))
        else:
            await self._fetching.written(replace(source, state=SourceState.OVER, reason="no_refresh_token"))

    async def _fetch(self, source: Source) -> None:
        """Fetch for the holder's present key, when the wallet has it."""
        key = await self._parts.run(self._parts.given.wallets.present_key, source.asked.holder_id)
        if key is None or key.place is not KeyPlace.CUSTODY:
            due = self._parts.clock() + _WAITS_FOR_DEVICE
            await self._fetching.written(replace(source, due_at=due, reason="device_signature_needed"))
            return
        await self._fetching.by_custody(replace(source, asked=replace(source.asked, kid=key.key.kid)))

    async def _credential(self, source: Source) -> IssuedCredential | None:
        run, wallets = self._parts.run, self._parts.given.wallets
        if source.credential_id is None:
            return None
        try:
            return (await run(wallets.holding, source.asked.holder_id, source.credential_id)).credential
        except UnknownCredential:
            return None
