"""The credential endpoints over HTTP: metadata, nonce, credential, deferred credential, notification."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Request, Response

from issuer.edge import address_of, response_of
from issuer.openid4vci.answers import Answer, answered
from issuer.openid4vci.credentials.metadata import WELL_KNOWN
from issuer.openid4vci.credentials.services import CredentialServices, Incoming

T = TypeVar("T")
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "请求有误 {error, error_description}"},
    401: {"description": "访问令牌无效 WWW-Authenticate: DPoP"},
    429: {"description": "请求过于频繁 Retry-After"},
}
_ISSUING: dict[int | str, dict[str, Any]] = _ERRORS | {
    202: {
        "description": "稍后再来 Come again later",
        "content": {"application/json": {"example": {"transaction_id": "…", "interval": 5}}},
    }
}


class Edge(Protocol):
    """What the application gives to a router."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run what waits in a thread."""


def router(services: CredentialServices, edge: Edge) -> APIRouter:
    """Return the routes of the credential issuers; wallets carry access tokens of ours, not the API's."""
    routes = APIRouter(tags=["openid4vci"])
    _open(routes, services, edge)
    _protected(routes, services, edge)
    return routes


def _open(routes: APIRouter, services: CredentialServices, edge: Edge) -> None:
    @routes.get(f"{WELL_KNOWN}/issuers/{{department_id}}", summary="证照颁发者元数据 / Credential issuer metadata")
    async def metadata(department_id: str, request: Request) -> Response:
        """OpenID4VCI 1.0, 12.2; in the languages of ``Accept-Language``, signed for ``Accept: application/jwt``."""
        headers = request.headers
        accept, languages = headers.get("accept"), headers.get("accept-language")
        return await _answered(edge, services.metadata, department_id, accept=accept, accept_language=languages)

    @routes.post("/issuers/{department_id}/nonce", summary="一次性随机数 / Nonce", responses=_without(401))
    async def nonce(department_id: str, request: Request) -> Response:
        """OpenID4VCI 1.0, 7: a ``c_nonce`` for key proofs, good for five minutes and once. No token."""
        return await _answered(edge, services.nonce, department_id, address=address_of(request))


def _protected(routes: APIRouter, services: CredentialServices, edge: Edge) -> None:
    @routes.post("/issuers/{department_id}/credential", summary="领取证照 / Credential", responses=_ISSUING)
    async def credential(department_id: str, request: Request) -> Response:
        """OpenID4VCI 1.0, 8: a credential for each key that is proved, or 202 with a ``transaction_id``."""
        return await _answered(edge, services.credential, department_id, await _incoming(request))

    @routes.post(
        "/issuers/{department_id}/deferred_credential", summary="延后领取 / Deferred credential", responses=_ISSUING
    )
    async def deferred_credential(department_id: str, request: Request) -> Response:
        """OpenID4VCI 1.0, 9: the credentials of a ``transaction_id``, or 202 while they wait."""
        return await _answered(edge, services.deferred_credential, department_id, await _incoming(request))

    @routes.post(
        "/issuers/{department_id}/notification",
        summary="钱包回执 / Notification",
        status_code=204,
        responses=_ERRORS,
    )
    async def notification(department_id: str, request: Request) -> Response:
        """OpenID4VCI 1.0, 11: the wallet kept the credentials, could not, or its holder removed them."""
        return await _answered(edge, services.notification, department_id, await _incoming(request))


async def _incoming(request: Request) -> Incoming:
    headers = request.headers
    return Incoming(
        authorization=headers.getlist("authorization"),
        dpop=headers.getlist("dpop"),
        query=list(request.query_params),
        content_type=headers.get("content-type"),
        body=await request.body(),
    )


async def _answered(edge: Edge, function: Callable[..., Answer], *args: Any, **kwargs: Any) -> Response:
    return response_of(await edge.run(answered, lambda: function(*args, **kwargs)))


def _without(status: int) -> dict[int | str, dict[str, Any]]:
    return {code: words for code, words in _ERRORS.items() if code != status}
