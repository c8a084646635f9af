"""Request limits: the address's characters, the body's size, the number of headers, the time (invariant 8)."""

import asyncio
from dataclasses import dataclass
from typing import Any

from ecert.errors import ForbiddenCharacter, NotFound, RequestTooLarge, RequestTooSlow


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
        _check_address(scope)
        self._check_headers(scope["headers"])
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
    # U+0000 stands in no name of ours, and PostgreSQL takes it in no text: refused here, for every route.
    if "\0" in scope.get("path", ""):
        raise NotFound("there is nothing at this address")
    if b"%00" in scope.get("query_string", b""):
        raise ForbiddenCharacter("a parameter of the address holds U+0000")


def check_json_text(raw: bytes) -> None:
    """Return when no text of a JSON body holds U+0000, which can only be escaped there; raises ForbiddenCharacter."""
    if rb"\u0000" in raw.replace(rb"\\", b""):
        raise ForbiddenCharacter("a text of the body holds U+0000")
