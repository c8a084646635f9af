"""The pages, their assets, and the API's documentation, all from this server: nothing is fetched from elsewhere."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi

from ecert import pages
from ecert.errors import NotFound
from ecert.http.edge import Edge, problem_answer
from ecert.http.route_index import routes_of

_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_HTML = "text/html; charset=utf-8"
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "example": "urn:ecert:problem:unknown_certificate"},
        "title": {"type": "string", "example": "没有这个证照 / No such certificate"},
        "status": {"type": "integer", "example": 404},
        "code": {"type": "string", "example": "unknown_certificate"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "incident": {"type": "string"},
        "request_id": {"type": "string", "description": "X-Request-Id"},
    },
}


def router(app: FastAPI, edge: Edge) -> APIRouter:
    """Return the routes of the pages. They are the same for everybody and hold no data."""
    routes = APIRouter(include_in_schema=False)
    assets = {file.name: (file.read_bytes(), _KINDS[file.suffix]) for file in pages.STATIC.iterdir()}

    for path, name in (("/", "home"), ("/wallet", "wallet"), ("/counter", "counter")):
        routes.add_api_route(path, _page(pages.render(name)), methods=["GET"])
    routes.add_api_route("/types", _page(pages.types_page()), methods=["GET"])

    @routes.get("/assets/{name}")
    async def asset(name: str) -> Response:
        if name not in assets:
            raise NotFound("there is no such asset")
        content, kind = assets[name]
        return Response(content, headers={"content-type": kind, "cache-control": "no-cache"})

    @routes.get("/openapi.json")
    async def openapi() -> Response:
        return Response(orjson.dumps(document(app, edge)), media_type="application/json")

    @routes.get("/docs")
    async def docs() -> Response:
        return Response(pages.render("docs", operations=_operations(document(app, edge))), media_type=_HTML)

    return routes


def _page(content: bytes) -> Callable[[], Awaitable[Response]]:
    async def page() -> Response:
        return Response(content, media_type=_HTML)

    return page


def document(app: FastAPI, edge: Edge) -> dict[str, Any]:
    """Return the OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="电子证照 ecert",
            version=app.version,
            summary="可验证的电子证照：签发、持有、出示、核验 / Verifiable electronic certificates",
            routes=routes_of(app),
        )
        components = made.setdefault("components", {})
        components.setdefault("schemas", {}).update({"Problem": _PROBLEM, **edge.schemas})
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        for path, operations in made["paths"].items():
            for operation in operations.values():
                if path.startswith("/v1/") and 401 in map(int, operation["responses"]):
                    operation["security"] = [{"bearer": []}]
                _add_problems(operation)
        for unused in ("HTTPValidationError", "ValidationError"):
            components["schemas"].pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema


def _add_problems(operation: dict[str, Any]) -> None:
    """Add the problems that follow from an operation's form: an address that leads nowhere, a body that is no JSON."""
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):  # FastAPI's own words; the answer is a problem document
        del answers["422"]
    parameters = operation.get("parameters", ())
    found = [422] if parameters else []
    if any(parameter["in"] == "path" for parameter in parameters):
        found.append(404)
    if "requestBody" in operation:
        found += [400, 413, 422]
    for code in found:
        answers.setdefault(str(code), problem_answer(code))


def _operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            answers = [(code, answer["description"]) for code, answer in operation["responses"].items()]
            found.append(
                {
                    "method": method,
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", "").replace("``", ""),
                    "examples": _examples(operation),
                    "answers": answers,
                }
            )
    return found


def _examples(operation: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for request in operation.get("requestBody", {}).get("content", {}).values():
        for title, example in request.get("examples", {}).items():
            found.append((f"请求 Request · {title}", _pretty(example["value"])))
    for code in ("200", "201"):
        good = operation["responses"].get(code, {}).get("content", {}).get("application/json", {})
        if good.get("example"):
            found.append(("回答 Answer", _pretty(good["example"])))
    return found


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
