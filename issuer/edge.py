"""What the routers of this package are given by the application; ``ecert.http.edge`` fulfils it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from issuer.openid4vci.answers import Answer
from schemas.audit import Doer

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Guard = Callable[[Request], Awaitable[Any]]


class Actor(Protocol):
    """The one behind a request."""

    @property
    def token_id(self) -> str:
        """The token's name, which is no secret."""

    @property
    def role(self) -> str:
        """The token's role."""

    @property
    def department(self) -> str | None:
        """The department, None for all of them."""

    @property
    def office(self) -> str | None:
        """The office, where it is known."""

    @property
    def doer(self) -> Doer:
        """The actor in the words of the audit trail."""

    def must_reach(self, department: str) -> None:
        """Return if the actor may act for this department, or raise."""


def address_of(request: Request) -> str:
    """Return where a request comes from, for limits by address."""
    return request.client.host if request.client else "unknown"


def response_of(answer: Answer) -> Response:
    """Return an answer of a protocol as FastAPI's."""
    return Response(answer.body, answer.status, headers=dict(answer.headers))


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

    def answers(
        self,
        *codes: int,
        example: Any = None,
        media_type: str = "application/json",
        others: Mapping[int, Any] | None = None,
    ) -> dict[Any, Any]:
        """Describe the answers: the good ones, where 200 is not the only one, with an example of each (``others`` are
        of those after the first); and the problems."""


class Render(Protocol):
    """How pages are made."""

    def __call__(self, name: str, /, **values: Any) -> bytes:
        """Return the page ``name`` with these values, as HTML in UTF-8."""
