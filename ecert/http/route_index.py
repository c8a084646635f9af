"""Every route of the application behind one that finds it by its address, in the order that Starlette keeps.

Starlette asks one route after the other, and FastAPI each router for each of its routes: with 150 of them that costs
more than three signatures, and most for the ones that stand last. Here an address leads to the few routes that may
take it. Those are asked as Starlette asks: the first that takes address and method, or else the first that takes the
address.
"""

from collections.abc import Iterable, Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send


class RouteIndex(BaseRoute):
    """One route that stands for ``routes``, in their order; raises TypeError for an included router or a mount, whose
    routes would not be found."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self.routes = tuple(map(_one, routes))
        self._fixed = {
            route.path: tuple(other for other in self.routes if other.path_regex.match(route.path))
            for route in self.routes
            if not route.param_convertors
        }
        patterns = [(_beginning(route.path), route) for route in self.routes if route.param_convertors]
        self._below = {
            place: tuple(route for beginning, route in patterns if place.startswith(beginning))
            for place in {above for beginning, _ in patterns for above in _upwards(beginning)}
        }

    def candidates(self, path: str) -> Sequence[Route]:
        """Return the routes that may take ``path``, in order: no other one does."""
        found = self._fixed.get(path)
        return self._patterns(path) if found is None else found

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return what the first route to take the request says."""
        partial: tuple[Match, Scope] = Match.NONE, {}
        # Below a root path an address is not what it seems.
        asked = self.routes if scope.get("root_path") or scope["type"] != "http" else self.candidates(scope["path"])
        for route in asked:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, "route": route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**found, "route": route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that was found answer."""
        await scope["route"].handle(scope, receive, send)

    def _patterns(self, path: str) -> Sequence[Route]:
        # No further than some route's beginning goes: an address of a thousand segments costs no more than a short one.
        end, found = 0, tuple[Route, ...]()
        while end := path.find("/", end) + 1:
            deeper = self._below.get(path[:end])
            if deeper is None:
                break
            found = deeper
        return found


def _one(route: BaseRoute) -> Route:
    if not isinstance(route, Route):
        raise TypeError(f"expected a route, got {type(route).__name__}")
    return route


def _beginning(path: str) -> str:
    """Return the whole segments before the first parameter, with the slash that ends them."""
    return path[: path.index("{")].rpartition("/")[0] + "/"


def _upwards(beginning: str) -> Iterable[str]:
    """Return ``/``, ``/v1/``, ``/v1/certificates/`` of ``/v1/certificates/``."""
    return (beginning[: at + 1] for at, character in enumerate(beginning) if character == "/")


def routes_of(app: FastAPI) -> list[BaseRoute]:
    """Return every route of ``app``, those behind an index one by one."""
    found: list[BaseRoute] = []
    for route in app.routes:
        found.extend(route.routes if isinstance(route, RouteIndex) else (route,))
    return found
