"""The hot routes are served without the router, and every other request reaches it."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from ecert.http.app import create_app
from ecert.http.direct import Direct, DirectRoute, direct_routes
from tests.support.ecert_world import Client, World

PATH = "/v1/verifications/present"


async def greet(request: Request) -> Response:
    return Response(f"{request.method} {request.headers['x-name']}")


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.router.add_api_route("/hot", greet, methods=["POST"], route_class_override=DirectRoute)
    made.router.add_api_route("/slow", lambda: {"slow": True}, methods=["GET"])
    return made


def asked(app: Any, method: str, path: str, kind: str = "http") -> list[Any]:
    """Ask ``app`` and return the messages that it sent."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "method": method, "path": path, "headers": [(b"x-name", b"Chen")], "query_string": b""}
    asyncio.run(app(scope, None, send))
    return sent


async def router(scope: Any, receive: Any, send: Any) -> None:
    await send("asked the router")


def test_only_routes_of_the_class_are_direct(app: FastAPI) -> None:
    assert list(direct_routes(app)) == [("POST", "/hot")]


def test_a_direct_route_is_served_without_the_router(app: FastAPI) -> None:
    routes = direct_routes(app)
    direct = Direct(router, routes=routes)
    start, body = asked(direct, "POST", "/hot")
    assert (start["status"], body["body"]) == (200, b"POST Chen")


@pytest.mark.parametrize(("method", "path"), [("GET", "/hot"), ("POST", "/hot/"), ("POST", "/slow"), ("POST", "/")])
def test_what_is_no_direct_route_reaches_the_router(app: FastAPI, method: str, path: str) -> None:
    assert asked(Direct(router, routes=direct_routes(app)), method, path) == ["asked the router"]


def test_what_is_no_request_reaches_the_application(app: FastAPI) -> None:
    assert asked(Direct(router, routes=direct_routes(app)), "POST", "/hot", kind="lifespan") == ["asked the router"]


def test_a_direct_route_answers_the_same_by_way_of_the_router(app: FastAPI) -> None:
    assert Client(app).post("/hot", headers={"x-name": "Chen"}).text == "POST Chen"


def test_verifying_is_direct_and_counted_by_its_route(still_world: World) -> None:
    app = create_app(still_world.container, watch=False)
    assert ("POST", PATH) in direct_routes(app)
    client = Client(app)
    assert client.post(PATH, json={"text": "x"}, headers=still_world.token("counter")).status_code == 200
    assert client.request("PUT", PATH, headers=still_world.token("counter")).status_code == 405
    assert f'route="{PATH}",status="200"' in client.get("/metrics", headers=still_world.token("operator")).text
