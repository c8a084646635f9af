"""The wallet's side of OpenID4VCI, joined: one object for the application and for upkeep.

receiving = WalletReceiving(container)
app.include_router(routes.router(receiving.services(pictures), edge))
receiving.http.serve(app)                       # requests to the own public URL stay in this process
receiving.refresh_due()                         # in each round of upkeep
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from secrets import token_bytes
from typing import Any, TypeVar

from fastapi.concurrency import run_in_threadpool

from ecert.protocol_http import HttpOptions, ProtocolHttp
from ecert.trust import Trust
from ecert.wiring import Clock, Container
from issuer.errors import UnknownCertificate
from keys.errors import IssuerNotEntitled
from schemas.order import Identifier
from wallet_api.edge import Gate
from wallet_api.openid4vci.fetching import Fetching
from wallet_api.openid4vci.parts import Given, ReceiverParts
from wallet_api.openid4vci.ports import TrustedIssuer
from wallet_api.openid4vci.receiving import Receiver
from wallet_api.openid4vci.refreshing import BATCH, Refreshing
from wallet_api.openid4vci.routes import Services

T = TypeVar("T")


class ListedIssuers:
    """The trust list as the wallet asks it (``wallet_api.openid4vci.ports.TrustView``)."""

    def __init__(self, trust: Trust, clock: Clock) -> None:
        self._trust = trust
        self._clock = clock

    def issuer(self, identifier: str) -> TrustedIssuer | None:
        """Return the issuer that the list names in force now, None for any other."""
        entry = self._trust.current().entries.get(identifier)
        if entry is None:
            return None
        now: datetime = self._clock()
        try:
            entry.check_entitled(vct=None, at=now)
        except IssuerNotEntitled:
            return None
        return TrustedIssuer(entry.name_zh, entry.name_en)


class RegisterStates:
    """What the register of this installation knows (``wallet_api.openid4vci.ports.CertificateStates``)."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def state_of(self, identifier: Identifier) -> str | None:
        """Return the state of a certificate, None for one of another issuer."""
        try:
            return self._container.state_of(identifier)
        except UnknownCertificate:
            return None


class WalletReceiving:
    """Receiving and refreshing over one container."""

    def __init__(self, container: Container) -> None:
        settings, storage = container.settings, container.storage
        self._public_url = container.installation.public_url
        self._sources, self._limits, self._clock = storage.receivings, storage.rate_limits, container.clock
        options = HttpOptions(extra_ca=settings.extra_ca, private=settings.private_issuers)
        self.http = ProtocolHttp(self._public_url, options=options)
        parts = ReceiverParts(
            Given(
                wallets=storage.wallets,
                custody=container.installation.keys,
                receiving=container.wallet.receiving,
                http=self.http,
                sessions=storage.protocol,
                sources=storage.receivings,
                trust=ListedIssuers(container.trust, container.clock),
                states=RegisterStates(container),
                provider=lambda: container.wallet_provider,
                clock=container.clock,
                randomness=token_bytes,
                run=_in_thread,
                public_url=self._public_url,
            )
        )
        fetching = Fetching(parts)
        self.receiver = Receiver(parts, fetching)
        self.refreshing = Refreshing(parts, fetching)

    def services(self, pictures: Gate) -> Services:
        """Return what the routes need; ``pictures`` is the gate before reading them."""
        return Services(self.receiver, self._sources, pictures, self._public_url, self._limits, self._clock)

    def refresh_due(self, *, limit: int = BATCH) -> int:
        """Look at what is due, from a thread that has no event loop; return how many sources there were."""
        return asyncio.run(self.refreshing.round(limit=limit))


async def _in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    return await run_in_threadpool(function, *args, **kwargs)
