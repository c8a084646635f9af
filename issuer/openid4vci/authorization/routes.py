"""The authorization server's routes that a program calls: token, challenge, metadata (RFC 6749, RFC 8414).

Refusals are answered in the words of RFC 6749, 5.2; an unknown department is a problem like everywhere.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Request, Response

from issuer.edge import address_of, response_of
from issuer.openid4vci.answers import Answer, answered, json_answer, public_answer, read_form
from issuer.openid4vci.authorization.attestation import Attestation
from issuer.openid4vci.authorization.services import TokenServices
from issuer.openid4vci.authorization.token_endpoint import TokenRequest

T = TypeVar("T")
_REQUEST = {"grant_type": "authorization_code", "code": "…", "redirect_uri": "https://wallet.example/back"}
_CONTENT = {"schema": {}, "examples": {"示例 example": {"value": _REQUEST | {"code_verifier": "…"}}}}
_FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": _CONTENT}}}
_REFUSED = {400: {"description": "拒绝 Refused (RFC 6749, 5.2)", "content": {"application/json": {"schema": {}}}}}
_TOKEN = {"access_token": "…", "token_type": "DPoP", "expires_in": 600, "scope": "business_licence.dc+sd-jwt"}


class Edge(Protocol):
    """What the application gives to a router."""

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run what waits in a thread."""

    def answers(self, *codes: int, example: Any = None, media_type: str = "application/json") -> dict[Any, Any]:
        """Describe the answers: the good one, when it is not 200, and the problems."""


def router(services: TokenServices, edge: Edge) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["openid4vci"])

    @routes.post(
        "/issuers/{department_id}/token",
        summary="令牌 / Token endpoint",
        openapi_extra=_FORM,
        responses=edge.answers(404, example=_TOKEN) | _REFUSED,
    )
    async def token(department_id: str, request: Request) -> Response:
        """RFC 6749, 3.2; OpenID4VCI 1.0, 6: an authorization code, a pre-authorized code or a refresh token."""
        body = await request.body()

        def respond() -> Answer:
            form = read_form(body, request.headers.get("content-type"))
            asked = TokenRequest(form, _all(request, "dpop"), _attestation(request), address_of(request))
            return json_answer(services.token(department_id, asked))

        return response_of(await edge.run(answered, respond))

    @routes.post(
        "/issuers/{department_id}/challenge",
        summary="客户端证明质询 / Challenge endpoint",
        responses=edge.answers(404, example={"attestation_challenge": "…"}),
    )
    async def challenge(department_id: str, request: Request) -> Response:
        """Attestation-Based Client Authentication, 8: a challenge for the next proof of possession."""

        def respond() -> Answer:
            return json_answer(services.challenge(department_id, address_of(request)))

        return response_of(await edge.run(answered, respond))

    @routes.get(
        "/.well-known/oauth-authorization-server/issuers/{department_id}",
        summary="授权服务器元数据 / Authorization server metadata",
        responses=edge.answers(404, example={"issuer": "…"}),
    )
    async def metadata(department_id: str) -> Response:
        """RFC 8414, 3."""
        return response_of(public_answer(services.metadata(department_id)))

    return routes


def _all(request: Request, name: str) -> tuple[str, ...]:
    return tuple(request.headers.getlist(name))


def _attestation(request: Request) -> Attestation:
    return Attestation(_all(request, "oauth-client-attestation"), _all(request, "oauth-client-attestation-pop"))
