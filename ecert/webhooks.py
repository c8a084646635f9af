"""Sends what waits in the webhooks' outbox: a few at once, never twice at the same time, to public addresses alone.

A delivery is claimed for ``CLAIMED``; a worker that dies meanwhile leaves it to another one. An answer of 2xx within 10
s acknowledges it; everything else is a failure, redirects included, and is tried again by
``verifier.api.webhooks.BACK_OFF``. Addresses are guarded as those of issuers are (``ecert.protocol_http``).
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from fastapi.concurrency import run_in_threadpool

from ecert.problems import attempt, internal
from ecert.protocol_http import HttpOptions, ProtocolHttp
from ecert.storage import SqlWebhooks
from ecert.wiring import Container
from verifier.api.webhooks import Sending, headers_of
from wallet_api.openid4vci.errors import AddressRefused, HttpFailed
from wallet_api.openid4vci.ports import HttpPort, HttpRequest

CLAIMED = timedelta(minutes=5)
BATCH = 32
AT_ONCE = 8
SECONDS = 2.0
"""How long after an event its first try is, at most."""
_MAX_ANSWER = 65_536


class WebhookSender:
    """Sends deliveries that are due."""

    def __init__(self, webhooks: SqlWebhooks, http: HttpPort, *, clock: Callable[[], datetime]) -> None:
        self._webhooks = webhooks
        self._http = http
        self._clock = clock

    def send_due(self) -> int:
        """Send what is due, from a thread that has no event loop; return how many were sent and acknowledged."""
        now = self._clock()
        due = self._webhooks.claim(now=now, until=now + CLAIMED, limit=BATCH)
        return asyncio.run(self._send_all(due)) if due else 0

    async def _send_all(self, due: Sequence[Sending]) -> int:
        gate = asyncio.Semaphore(AT_ONCE)
        went = await asyncio.gather(*(self._send(each, gate) for each in due), return_exceptions=True)
        for sending, error in zip(due, went, strict=True):
            if isinstance(error, BaseException):  # whatever it is, the others have gone, and this one counts its tries
                internal(error)
                attempt(partial(self._done, sending, None), what="webhook")
        return went.count(True)

    async def _send(self, sending: Sending, gate: asyncio.Semaphore) -> bool:
        async with gate:
            headers = headers_of(sending.delivery_id, sending.body, secret=sending.secret, now=self._clock())
            try:
                answer = await self._http.send(HttpRequest("POST", sending.url, headers, sending.body))
                status: int | None = answer.status
            except (AddressRefused, HttpFailed):
                status = None
            return await asyncio.to_thread(self._done, sending, status)

    def _done(self, sending: Sending, status: int | None) -> bool:
        ok = status is not None and 200 <= status < 300
        self._webhooks.done(sending.delivery_id, status=status, ok=ok, now=self._clock())
        return ok


def sender_of(container: Container) -> WebhookSender:
    """Return the sender of an installation; hosts with private addresses only where issuers may have them, too."""
    settings = container.settings
    options = HttpOptions(settings.extra_ca, private=settings.private_issuers, most_bytes=_MAX_ANSWER)
    # The own application is not served in memory here: a webhook to it goes by the network, as any other does.
    http = ProtocolHttp(container.installation.public_url, options=options)
    return WebhookSender(container.storage.webhooks, http, clock=container.clock)


async def forever(container: Container, *, seconds: float = SECONDS) -> None:
    """Send what is due every ``seconds`` until cancelled."""
    sender = sender_of(container)
    while True:
        await run_in_threadpool(attempt, sender.send_due, what="webhooks")
        await asyncio.sleep(seconds)
