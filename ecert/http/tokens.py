"""The operator's routes for tokens: give one, list them, end one. A token is shown once, when it is made."""

from datetime import timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ecert.access import Actor, Role
from ecert.errors import FieldFault, MalformedRequest, NotFound
from ecert.http.edge import Edge
from ecert.storage.tokens import ApiToken, TokenScope
from ecert.wiring import Container
from schemas.audit import Doer
from schemas.order import HolderId
from schemas.types import department

_DEPARTMENTS = frozenset({Role.PREPARER, Role.REVOKER, Role.APPROVER, Role.AUDITOR})


class TokenBody(BaseModel):
    """Whom a token is for: a role; the department (its acts), or the holder (the own wallet); for how long."""

    model_config = ConfigDict(extra="forbid", strict=True)
    role: str = Field(max_length=32)
    department: str | None = Field(default=None, max_length=32)
    holder_id: str | None = Field(default=None, max_length=64)
    days: int = Field(default=90, ge=1, le=366)


def router(container: Container, edge: Edge) -> APIRouter:
    """Return /v1/tokens; operators only."""
    routes = APIRouter(tags=["tokens"])
    operator = edge.authorise(Role.OPERATOR)

    @routes.post(
        "/v1/tokens",
        summary="发放令牌 / Give a token",
        openapi_extra=edge.body(TokenBody, {"role": "preparer", "department": "amr", "days": 90}),
        responses=edge.answers(404, 422, example={"token": "…", "token_id": "…", "role": "preparer"}),
    )
    async def give(request: Request, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """The token itself is in this answer and nowhere else."""
        asked = await edge.read(request, TokenBody)
        token, kept = await edge.run(_issue, container, asked, by=actor.doer)
        return Response(orjson.dumps({"token": token} | _described(kept)), media_type="application/json")

    @routes.get("/v1/tokens", summary="令牌列表 / The tokens", responses=edge.answers())
    async def listed(actor: Annotated[Actor, Depends(operator)]) -> Response:
        """Every token that was ever given, without the token itself."""
        del actor
        found = await edge.run(container.storage.tokens.all)
        return Response(orjson.dumps({"tokens": [_described(one) for one in found]}), media_type="application/json")

    @routes.delete(
        "/v1/tokens/{token_id}", summary="停用令牌 / End a token", status_code=204, responses=edge.answers(204, 404)
    )
    async def end(token_id: str, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """Ends a token; a worker may believe it for ten seconds more."""
        if not await edge.run(container.storage.tokens.revoke, token_id, now=container.clock(), by=actor.doer):
            raise NotFound("no token in force has this id")
        return Response(status_code=204)

    return routes


def _issue(container: Container, asked: TokenBody, *, by: Doer) -> tuple[str, ApiToken]:
    try:
        role = Role(asked.role)
    except ValueError:
        raise MalformedRequest([FieldFault("role", "enum", f"expected one of {', '.join(Role)}")]) from None
    if (asked.holder_id is not None) != (role is Role.HOLDER):
        raise MalformedRequest([FieldFault("holder_id", "scope", "a holder's token names a holder, no other one does")])
    if asked.department is not None:
        if role not in _DEPARTMENTS:
            raise MalformedRequest([FieldFault("department", "scope", f"role {role} is of no department")])
        department(asked.department)
    holder_id = None if asked.holder_id is None else container.wallet.holders.get(HolderId(asked.holder_id)).holder_id
    scope = TokenScope(department=asked.department, holder_id=holder_id)
    now = container.clock()
    until = now + timedelta(days=asked.days)
    return container.storage.tokens.issue(role, now=now, expires_at=until, scope=scope, by=by)


def _described(token: ApiToken) -> dict[str, Any]:
    return {
        "token_id": token.token_id,
        "role": token.role,
        "department": token.scope.department,
        "holder_id": token.scope.holder_id,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }
