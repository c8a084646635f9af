"""Request limits: the body's size, the number of headers, the time, what no address may hold (invariant 8)."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from ecert.errors import FieldFault, MalformedRequest, RequestTooLarge, RequestTooSlow


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost."""

    body: int
    headers: int
    seconds: float


class LimitRequests:
    """ASGI middleware: a request over a limit is refused before the application sees more of it.

    The body is counted as it arrives, so that a missing or false Content-Length helps nobody.
    """

    def __init__(self, app: Any, *, limits: Limits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request within the limits; raises RequestTooLarge, RequestTooSlow and MalformedRequest."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self._check_headers(scope["headers"])
        _check_address(scope)
        try:
            async with asyncio.timeout(self.limits.seconds):
                await self.app(scope, self._counted(receive), send)
        except TimeoutError as exc:
            raise RequestTooSlow(f"request took more than {self.limits.seconds} s") from exc

    def _check_headers(self, headers: list[tuple[bytes, bytes]]) -> None:
        if len(headers) > self.limits.headers:
            raise RequestTooLarge(f"request has {len(headers)} headers, limit {self.limits.headers}")
        for name, value in headers:
            if name == b"content-length" and value.isdigit():
                self._check_size(int(value))

    def _check_size(self, size: int) -> None:
        if size > self.limits.body:
            raise RequestTooLarge(f"body has more than {self.limits.body} bytes")

    def _counted(self, receive: Any) -> Any:
        seen = 0

        async def counted() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            self._check_size(seen)
            return message

        return counted


def _check_address(scope: Any) -> None:
    # PostgreSQL takes no U+0000 in a text: it would be our error, where it is the caller's.
    parts = {"path": scope["path"].encode(), "query": unquote_to_bytes(scope["query_string"])}
    faults = [FieldFault(name, "character", "holds U+0000") for name, part in parts.items() if b"\0" in part]
    if faults:
        raise MalformedRequest(faults)
