"""How much a relying party may ask, and how much of it is left: ``RateLimit-Policy`` and ``RateLimit``.

draft-ietf-httpapi-ratelimit-headers-10, on every answer of the verify API and the share interface (``_PATHS``) to a
relying party's own key or access token:

    RateLimit-Policy: "verify_api";q=600;w=60
    RateLimit: "verify_api";r=587;t=41

Party and environment are the subject, so that a party's test does not use up what its counters need. Past the limit the
answer is 429, a problem document, with ``Retry-After``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi.concurrency import run_in_threadpool

from ecert import problems
from ecert.access import Actor
from ecert.storage.rate_limits import SqlRateLimits
from issuer.openid4vci.errors import TooManyRequests

RULE = "verify_api"
_PATHS = ("/v1/verifications", "/v1/webhooks", "/v1/batches", "/v1/watches", "/v1/share", "/v1/test")
Headers = tuple[tuple[bytes, bytes], ...]


class Quota:
    """ASGI middleware; stands inside ``Authenticate``. Whoever is no relying party passes, and is not counted."""

    def __init__(self, app: Any, *, limits: SqlRateLimits, clock: Callable[[], datetime]) -> None:
        self.app = app
        self.limits = limits
        self.clock = clock
        rule = limits.rule(RULE)
        self.policy = (b"ratelimit-policy", f'"{RULE}";q={rule.count};w={rule.seconds}'.encode())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request, or answer that there were too many."""
        subject = _subject(scope)
        if subject is None:
            await self.app(scope, receive, send)
            return
        try:
            left = await run_in_threadpool(self.limits.take, RULE, subject, now=self.clock())
        except TooManyRequests as exc:
            retry = (b"retry-after", str(exc.retry_after).encode())
            named = {"request_id": scope["state"].get("request_id")}
            await problems.respond(send, problems.document(exc) | named, (*self._headers(0, exc.retry_after), retry))
            return
        await self.app(scope, receive, _with(send, self._headers(left.requests, left.seconds)))

    def _headers(self, requests: int, seconds: int) -> Headers:
        return self.policy, (b"ratelimit", f'"{RULE}";r={requests};t={seconds}'.encode())


def _subject(scope: Any) -> str | None:
    if scope["type"] != "http" or not scope["path"].startswith(_PATHS):
        return None
    actor: Actor | None = scope.get("state", {}).get("actor")
    if actor is None or actor.access is None:
        return None
    return f"{actor.access.environment}:{actor.access.party_id}"


def _with(send: Any, headers: Headers) -> Any:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return sending
