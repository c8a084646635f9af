"""OpenID4VP over HTTP: the request object, the response, and the page that a browser comes back to.

They are open: the transaction's id is the secret. Nothing here is for other origins; there is no CORS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Request, Response

from schemas.openid4vp.request_object import MEDIA_TYPE
from verifier.openid4vp.endpoint import Endpoint, HttpAnswer, Posted
from verifier.openid4vp.requests import DONE

T = TypeVar("T")
_NO_STORE = {"Cache-Control": "no-store"}
_OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"description": "请求对象 Request object", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "拒绝 {error, error_description}"},
    404: {"description": "没有这次核验 {error, error_description}"},
    429: {"description": "请求过于频繁 Retry-After"},
}


def _form(example: dict[str, str]) -> dict[str, Any]:
    content = {"schema": {"type": "object"}, "examples": {"示例 example": {"value": example}}}
    return {"requestBody": {"content": {"application/x-www-form-urlencoded": content}}}


class Edge(Protocol):
    """What the application gives to a router."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run what waits in a thread."""


class Render(Protocol):
    """How pages are made."""

    def __call__(self, name: str, /) -> bytes:
        """Return the page ``name`` as HTML in UTF-8."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes need."""

    endpoint: Endpoint
    render: Render


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the routes of a verifier's transactions."""
    routes = APIRouter(tags=["openid4vp"])
    endpoint = services.endpoint

    @routes.get(DONE, include_in_schema=False)
    async def done() -> Response:
        """The answer was taken, or declined; the page says no more, to whoever opens it."""
        return Response(services.render("openid4vp/done"), headers=_NO_STORE, media_type="text/html; charset=utf-8")

    @routes.get(
        "/openid4vp/{transaction_id}/request", summary="请求对象 / Request object", responses=_OBJECT | _REFUSED
    )
    async def request_object(transaction_id: str, request: Request) -> Response:
        """OpenID4VP 1.0, 5: the signed request object, as often as it is asked for until it is answered."""
        return _response(await edge.run(endpoint.request, transaction_id, address=_address(request)))

    @routes.post(
        "/openid4vp/{transaction_id}/request",
        summary="请求对象（带钱包随机数） / Request object for a wallet's nonce",
        responses=_OBJECT | _REFUSED,
        openapi_extra=_form({"wallet_nonce": "qPmxiNFCR3QTm19POc8u"}),
    )
    async def request_object_for(transaction_id: str, request: Request) -> Response:
        """OpenID4VP 1.0, 5.10: the same, signed for the wallet's nonce."""
        posted = await _posted(request)
        return _response(await edge.run(endpoint.request, transaction_id, address=_address(request), posted=posted))

    @routes.post(
        "/openid4vp/{transaction_id}/response",
        summary="应答 / Response",
        responses=_REFUSED,
        openapi_extra=_form({"response": "eyJhbGciOiJFQ0RILUVTIiwi…"}),
    )
    async def response(transaction_id: str, request: Request) -> Response:
        """OpenID4VP 1.0, 8.2 and 8.3.1: verified at once; 200 says where the browser goes on, 400 why not."""
        posted = await _posted(request)
        return _response(await edge.run(endpoint.response, transaction_id, posted, address=_address(request)))

    return routes


async def _posted(request: Request) -> Posted:
    return Posted(await request.body(), request.headers.get("content-type"))


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _response(answer: HttpAnswer) -> Response:
    return Response(answer.body, answer.status, headers=_NO_STORE, media_type=answer.media_type)
