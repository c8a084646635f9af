"""Bearer tokens (RFC 6750): who is behind a request, and whether a route is open to them.

A token comes in the ``Authorization`` header and nowhere else: never in a query, which logs and histories keep.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from ecert.access import Actor, Role
from ecert.errors import NotAuthenticated, NotPermitted

Find = Callable[[str], Actor | None]
"""From a token to its actor, or None when it is unknown, revoked or too old. Asks the database."""
_KNOWN_FOR = 10.0  # seconds that a revoked token may still be believed; spares the hot routes a query
_MAX_KNOWN = 4096
_MAX_TOKEN = 4096  # an API token has 43 characters, an officer's JWT a thousand or two


class Authenticate:
    """ASGI middleware: puts the actor, or None, into ``request.state.actor``. It refuses nobody by itself."""

    def __init__(self, app: Any, *, find: Find, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self.find = find
        self.clock = clock
        self.known: dict[str, tuple[float, Actor]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["actor"] = await self._actor(scope["headers"])
        await self.app(scope, receive, send)

    async def _actor(self, headers: list[tuple[bytes, bytes]]) -> Actor | None:
        token = bearer(headers)
        if not token:
            return None
        until, actor = self.known.get(token, (0.0, None))
        if actor is not None and self.clock() < until:
            return actor
        self.known.pop(token, None)
        found = await run_in_threadpool(self.find, token)
        if found is not None:
            if len(self.known) >= _MAX_KNOWN:
                self.known.clear()
            self.known[token] = (self.clock() + _KNOWN_FOR, found)
        return found


def bearer(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the token of the one ``Authorization: Bearer`` header, or an empty text."""
    values = [value for name, value in headers if name == b"authorization"]
    if len(values) != 1 or len(values[0]) > _MAX_TOKEN or values[0][:7].lower() != b"bearer ":
        return ""
    return values[0][7:].decode("latin-1").strip()


def actor_of(request: Request) -> Actor:
    """Return the actor behind ``request``; raises NotAuthenticated."""
    actor = getattr(request.state, "actor", None)
    if actor is None:
        raise NotAuthenticated("request names no token that is in force")
    return actor  # type: ignore[no-any-return]


def authorise(*roles: str) -> Callable[[Request], Awaitable[Actor]]:
    """Return a dependency that gives the actor when the role is one of ``roles``.

    It raises NotAuthenticated without a token in force, NotPermitted with another role.
    """
    allowed = frozenset(Role(role) for role in roles)

    async def guard(request: Request) -> Actor:
        actor = actor_of(request)
        if actor.role in allowed:
            return actor
        for role in sorted(actor.also & allowed):
            return replace(actor, role=role)
        raise NotPermitted(f"role {actor.role} does not reach this")

    return guard
