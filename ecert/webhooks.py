"""Sends what waits in the webhooks' outbox: a few at once, never twice at the same time, to public addresses alone.

Relying parties take turns, and none has more than ``AT_ONCE_PER_PARTY`` under way. To an endpoint that did not answer
nothing more goes in that round, and for a while: one server that is down is no matter for the others.

A delivery is claimed for ``CLAIMED``; a worker that dies meanwhile leaves it to another one. An answer of 2xx within 10
s acknowledges it; everything else is a failure, redirects included, and is tried again by
``verifier.api.webhooks.BACK_OFF``. Addresses are guarded as those of issuers are (``ecert.protocol_http``).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
AT_ONCE = 16
AT_ONCE_PER_PARTY = 4
SECONDS = 2.0
"""How long after an event its first try is, at most."""
_MAX_ANSWER = 65_536


@dataclass(slots=True)
class _Round:
    """What is under way in one round; ``silent`` are endpoints that did not answer."""

    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    parties: defaultdict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(AT_ONCE_PER_PARTY))
    )
    silent: set[str] = field(default_factory=set)


class WebhookSender:
    """Sends deliveries that are due."""

    def __init__(self, webhooks: SqlWebhooks, http: HttpPort, *, clock: Callable[[], datetime]) -> None:
        self._webhooks = webhooks
        self._http = http
        self._clock = clock
        self.busy = False
        """Whether the last round came through with something, so that the next one need not wait."""

    def send_due(self) -> int:
        """Send what is due, from a thread that has no event loop; return how many were sent and acknowledged."""
        self.busy, now = False, self._clock()
        due = self._webhooks.claim(now=now, until=now + CLAIMED, limit=BATCH)
        sent = asyncio.run(self._send_all(due)) if due else 0
        self.busy = sent > 0
        return sent

    async def _send_all(self, due: Sequence[Sending]) -> int:
        this = _Round()
        went = await asyncio.gather(*(self._send(each, this) for each in due), return_exceptions=True)
        for sending, error in zip(due, went, strict=True):
            if isinstance(error, BaseException):  # whatever it is, the others have gone, and this one counts its tries
                internal(error)
                attempt(partial(self._done, sending, None), what="webhook")
        return went.count(True)

    async def _send(self, sending: Sending, this: _Round) -> bool:
        async with this.parties[sending.party_id], this.gate:
            if sending.endpoint_id in this.silent:
                return False  # it was no try: it is due again when its claim is over
            headers = headers_of(sending.delivery_id, sending.body, secret=sending.secret, now=self._clock())
            try:
                answer = await self._http.send(HttpRequest("POST", sending.url, headers, sending.body))
                status: int | None = answer.status
            except (AddressRefused, HttpFailed):
                status = None
                this.silent.add(sending.endpoint_id)
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
        await asyncio.sleep(0 if sender.busy else seconds)
