"""An address leads to the few routes that may take it, and to the same one that Starlette finds by asking all."""

import re
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Match, Route

from ecert.http.app import create_app
from ecert.http.route_index import RouteIndex, routes_of
from tests.support.ecert_world import Client, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def scope(method: str, path: str, **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, **more}


def by_asking_all(routes: list[BaseRoute], asked: dict[str, Any]) -> tuple[Match, Any]:
    """Return what Starlette's router finds (``starlette.routing.Router.app``)."""
    partial: tuple[Match, Any] = Match.NONE, None
    for route in routes:
        match, _ = route.matches(asked)
        if match is Match.FULL:
            return match, route
        if match is Match.PARTIAL and partial[0] is Match.NONE:
            partial = match, route
    return partial


def by_index(index: RouteIndex, asked: dict[str, Any]) -> tuple[Match, Any]:
    match, found = index.matches(asked)
    return match, found.get("route")


class Counted(Route):
    """A route that counts how often it was asked."""

    asked = 0

    def matches(self, asked: Any) -> Any:
        self.asked += 1
        return super().matches(asked)


def route(path: str, *methods: str) -> Counted:
    async def answer(request: Any) -> None: ...

    return Counted(path, answer, methods=methods or ("GET",))


@pytest.fixture
def index(still_world: World) -> RouteIndex:
    app = create_app(still_world.container, watch=False)
    (found,) = app.routes
    assert isinstance(found, RouteIndex)
    return found


def test_every_route_is_found_as_starlette_finds_it(index: RouteIndex) -> None:
    routes = list(index.routes)
    paths = {re.sub(r"\{[^}]*\}", filling, each.path) for each in index.routes for filling in ("x", "v1", "a:b")}
    around = {other for path in paths for other in (path, f"{path}/", f"{path}/x", f"/{path}", path[:-1])}
    for path in sorted(around):
        for method in METHODS:
            asked = scope(method, path)
            assert by_index(index, asked) == by_asking_all(routes, asked), (method, path)


def test_every_address_asks_few_routes(index: RouteIndex) -> None:
    assert len(index.routes) > 100
    filled = [re.sub(r"\{[^}]*\}", "x", each.path) for each in index.routes]
    assert max(len(index.candidates(path)) for path in filled) <= 25


def test_a_fixed_address_is_found_without_asking_another_route() -> None:
    others = [route("/v1/{name}/x"), route("/other"), route("/v1/{name}"), route("/{all:path}")]
    index = RouteIndex([*others[:3], fixed := route("/v1/things/fixed"), others[3]])
    assert by_index(index, scope("GET", "/v1/things/fixed")) == (Match.FULL, fixed)
    assert [other.asked for other in others] == [0, 0, 0, 0]


def test_a_pattern_is_found_without_asking_what_begins_otherwise() -> None:
    others = [route("/v2/{name}"), route("/v1/other/{name}"), route("/fixed")]
    index = RouteIndex([*others, wanted := route("/v1/things/{name}")])
    assert by_index(index, scope("GET", "/v1/things/7")) == (Match.FULL, wanted)
    assert [other.asked for other in others] == [0, 0, 0]


def test_the_earlier_route_wins_be_it_a_pattern_or_fixed() -> None:
    pattern, fixed = route("/v1/{name}"), route("/v1/fixed")
    assert by_index(RouteIndex([pattern, fixed]), scope("GET", "/v1/fixed")) == (Match.FULL, pattern)
    assert by_index(RouteIndex([fixed, pattern]), scope("GET", "/v1/fixed")) == (Match.FULL, fixed)


def test_a_later_route_with_the_method_wins_over_an_earlier_one_without() -> None:
    get, post = route("/v1/{name}"), route("/v1/fixed", "POST")
    index = RouteIndex([get, post])
    assert by_index(index, scope("POST", "/v1/fixed")) == (Match.FULL, post)
    assert by_index(index, scope("DELETE", "/v1/fixed")) == (Match.PARTIAL, get)


def test_parameters_of_the_address_are_handed_on() -> None:
    _, found = RouteIndex([route("/v1/{name}/{number:int}")]).matches(scope("GET", "/v1/x/7"))
    assert found["path_params"] == {"name": "x", "number": 7}


def test_an_address_of_many_segments_is_looked_for_no_deeper_than_routes_go() -> None:
    index = RouteIndex([deep := route("/v1/things/{name}")])
    assert index.candidates("/v1/things" + "/x" * 30_000) == (deep,)
    assert index.candidates("/" * 60_000) == ()
    assert index.candidates("no slash") == ()


def test_below_a_root_path_every_route_is_asked() -> None:
    index = RouteIndex([other := route("/other"), fixed := route("/fixed")])
    assert by_index(index, scope("GET", "/root/fixed", root_path="/root")) == (Match.FULL, fixed)
    assert other.asked == 1


def test_what_is_no_request_is_for_no_route() -> None:
    index = RouteIndex([route("/fixed")])
    assert index.matches({"type": "websocket", "path": "/fixed"}) == (Match.NONE, {})


def test_what_holds_other_routes_is_refused() -> None:
    outer = APIRouter()
    outer.include_router(APIRouter())
    with pytest.raises(TypeError, match="expected a route, got"):
        RouteIndex(outer.routes)


def test_the_routes_of_an_application_stand_one_by_one() -> None:
    app = FastAPI(openapi_url=None)
    app.router.routes += [first := route("/first"), RouteIndex([second := route("/second"), third := route("/third")])]
    assert routes_of(app) == [first, second, third]


def test_the_router_says_no_as_before(still_world: World) -> None:
    client = Client(create_app(still_world.container, watch=False))
    refused = client.request("DELETE", "/healthz")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert client.get("/v1/nothing").status_code == 404
    slash = client.get("/healthz/", follow_redirects=False)
    assert (slash.status_code, slash.headers["location"].endswith("/healthz")) == (307, True)
