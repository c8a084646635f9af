"""The hot routes, reached without the router: the innermost middleware looks one up by method and path.

FastAPI describes these routes. It would serve them as well, with nothing to add for a path without parameters and an
endpoint that takes the request and nothing else; but what it prepares for parameters, dependencies and errors costs a
third of the signature of such a request. Whatever is not one of them goes to the router.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from ecert.http.route_index import routes_of


class DirectRoute(APIRoute):
    """A route whose endpoint takes the request, and whose path has no parameters."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint itself, for whoever comes by way of the router."""
        return self.endpoint


class Direct:
    """ASGI middleware: serves ``routes``, by method and path, and leaves the rest to the application."""

    def __init__(self, app: Any, *, routes: Mapping[tuple[str, str], DirectRoute]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        route = self.routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = route
        response: Response = await route.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


def direct_routes(app: FastAPI) -> dict[tuple[str, str], DirectRoute]:
    """Return the direct routes of ``app``, by method and path."""
    direct = [route for route in routes_of(app) if isinstance(route, DirectRoute)]
    return {(method, route.path): route for route in direct for method in route.methods or ()}
