"""The relying parties' token endpoint over HTTP (``ecert.parties.oauth``); refusals in the words of RFC 6749, 5.2."""

from fastapi import APIRouter, Request, Response

from ecert.http.edge import Edge
from ecert.parties.access import party_tokens
from ecert.parties.oauth import GRANT_TYPE, PATH
from ecert.wiring import Container
from issuer.edge import address_of, response_of
from issuer.openid4vci.answers import Answer, answered, json_answer, public_answer, read_form
from issuer.openid4vci.authorization.client_auth import ASSERTION_TYPE

_ASKED = {
    "grant_type": GRANT_TYPE,
    "client_assertion_type": ASSERTION_TYPE,
    "client_assertion": "…",
    "scope": "water.account-opening",
}
_CONTENT = {"schema": {}, "examples": {"示例 example": {"value": _ASKED}}}
_FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": _CONTENT}}}
_REFUSED = {
    code: {"description": words, "content": {"application/json": {"schema": {}}}}
    for code, words in (
        (400, "拒绝 Refused (RFC 6749, 5.2)"),
        (401, "客户端认证失败 Client authentication failed"),
        (429, "请求过于频繁 Too many requests"),
    )
}
_TOKEN = {"access_token": "at_test_…", "token_type": "Bearer", "expires_in": 600, "scope": "water.account-opening"}


def router(container: Container, edge: Edge) -> APIRouter:
    """Return the token endpoint and the metadata of the relying parties' authorization server."""
    routes = APIRouter(tags=["parties"])
    tokens = party_tokens(container)

    @routes.post(
        f"{PATH}/token",
        summary="用证单位令牌 / Token endpoint of relying parties",
        openapi_extra=_FORM,
        responses=edge.answers(example=_TOKEN) | _REFUSED,
    )
    async def token(request: Request) -> Response:
        """RFC 6749, 4.4 with a JWT of the client (RFC 7523, 2.2); ``scope`` names purposes."""
        body = await request.body()

        def respond() -> Answer:
            form = read_form(body, request.headers.get("content-type"))
            return json_answer(tokens.respond(form, address=address_of(request)))

        return response_of(await edge.run(answered, respond))

    @routes.get(
        f"/.well-known/oauth-authorization-server{PATH}",
        summary="用证单位授权服务器元数据 / Metadata of the relying parties' authorization server",
        responses=edge.answers(example={"issuer": "…"}),
    )
    async def metadata() -> Response:
        """RFC 8414, 3."""
        return response_of(public_answer(tokens.metadata()))

    return routes
