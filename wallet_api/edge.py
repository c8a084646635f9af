"""What the routers of this package are given by the application; ``ecert.http.edge`` fulfils it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from fastapi import Request
from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Guard = Callable[[Request], Awaitable[Any]]
SENDING = "wallet_request"
"""The name of the rate limit of routes by which this server asks or sends; its subject is the holder."""


class Actor(Protocol):
    """The one behind a request."""

    @property
    def holder_id(self) -> str | None:
        """The holder whose token it is."""


class Edge(Protocol):
    """What the application gives to a router."""

    def authorise(self, *roles: str) -> Guard:
        """Return a dependency that lets only these roles in."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run what waits in a thread."""

    async def read(self, request: Request, model: type[M]) -> M:
        """Return the JSON body."""

    def body(self, model: type[BaseModel], example: Any) -> dict[str, Any]:
        """Describe a JSON body."""

    def answers(self, *codes: int, example: Any = None, media_type: str = "application/json") -> dict[Any, Any]:
        """Describe the answers: the good one, when it is not 200, and the problems."""


class Gate(Protocol):
    """What keeps pictures from taking the whole machine."""

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run ``function`` in a thread, few at once; raises an error of ours when too many wait."""


class RateLimits(Protocol):
    """How often somebody may ask."""

    def hit(self, rule: str, subject: str, *, now: datetime) -> None:
        """Count a request of ``subject``; raises an error with ``retry_after`` (seconds) when it is one too many."""


def counted(holder: Guard, edge: Edge, limits: RateLimits, clock: Callable[[], datetime]) -> Guard:
    """Return ``holder`` for routes that ask or send: it counts before anything is read, taken or sent."""

    async def guard(request: Request) -> Actor:
        actor: Actor = await holder(request)
        await edge.run(limits.hit, SENDING, actor.holder_id or "", now=clock())
        return actor

    return guard
