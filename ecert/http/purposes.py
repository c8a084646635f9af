"""Purpose certificates over HTTP: a holder fetches them ahead, a department makes printed copies.

They stand here because both roles meet: the wallet asks, the issuer signs.
"""

import base64
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ecert.access import Actor, Role
from ecert.http.edge import Edge
from ecert.wiring import Container
from issuer.issuing import Issued
from issuer.purpose import MAX_AHEAD, MAX_COPY_DAYS
from issuer.records import CopyMark
from schemas.order import CredentialId, HolderId, HolderRef, Identifier
from schemas.purposes import purposes_of
from schemas.qr.paper import paper_code

_FETCHED = {"identifier": "1.2.156.3005.2.…", "purpose": "licence", "count": 5, "expires_at": "2026-03-09T09:00:00Z"}
_PRINTED = {"text": "ZK1:…", "level": "Q", "image": "data:image/svg+xml;base64,…", "expires_at": "2026-04-01T09:00:00Z"}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AheadBody(_Body):
    """Which certificate (by one of its credentials), for which purpose, how many."""

    credential_id: str = Field(max_length=64)
    purpose: str = Field(max_length=64)
    count: int = Field(default=5, ge=1, le=MAX_AHEAD)


class CopyBody(_Body):
    """A printed copy (加注件): its purpose, who makes it, why, for how many days."""

    purpose: str = Field(max_length=64)
    maker: str = Field(max_length=200)
    cause: str = Field(max_length=200)
    days: int = Field(default=30, ge=1, le=MAX_COPY_DAYS)


def router(container: Container, edge: Edge) -> APIRouter:
    """Return the routes of purposes, of certificates fetched ahead, and of printed copies."""
    routes = APIRouter()
    _for_holders(routes, container, edge)
    _for_departments(routes, container, edge)
    return routes


def _for_holders(routes: APIRouter, container: Container, edge: Edge) -> None:
    holder = edge.authorise(Role.HOLDER)

    @routes.get("/v1/purposes/{type_id}", tags=["public"], summary="用途 / Purposes", responses=edge.answers(404))
    async def purposes(type_id: str) -> Response:
        """The purposes of a type, and the fields that each shows."""
        found = [
            {"purpose": each.id, "name_zh": each.name_zh, "name_en": each.name_en, "fields": each.fields}
            for each in purposes_of(type_id)
        ]
        return _json({"type_id": type_id, "purposes": found})

    @routes.post(
        "/v1/wallet/purposes",
        tags=["wallet"],
        summary="预取专用凭证 / Fetch purpose certificates ahead",
        status_code=201,
        openapi_extra=edge.body(AheadBody, {"credential_id": "…", "purpose": "licence", "count": 5}),
        responses=edge.answers(201, 404, 409, 422, example=_FETCHED),
    )
    async def ahead(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Several at once and ahead of time: each is shown once, and asking while showing would tell the issuer."""
        asked = await edge.read(request, AheadBody)
        issued = await edge.run(_fetch, container, HolderId(actor.holder_id or ""), asked)
        made = issued.credentials
        answer = {
            "identifier": issued.identifier,
            "purpose": asked.purpose,
            "count": len(made),
            "expires_at": made[0].expires_at,
        }
        return _json(answer, 201)


def _for_departments(routes: APIRouter, container: Container, edge: Edge) -> None:
    preparer = edge.authorise(Role.PREPARER)

    @routes.post(
        "/v1/certificates/{identifier}/copies",
        tags=["issuer"],
        summary="加注件 / A printed copy",
        status_code=201,
        openapi_extra=edge.body(
            CopyBody, {"purpose": "licence", "maker": "示例窗口", "cause": "办理开户 Opening an account", "days": 30}
        ),
        responses=edge.answers(201, 404, 409, 422, example=_PRINTED),
    )
    async def copy(identifier: str, request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """A code for paper, bound to nobody's key and marked: whoever checks it compares it with the person."""
        asked = await edge.read(request, CopyBody)
        return _json(await edge.run(_printed, container, actor, Identifier(identifier), asked), 201)


def _fetch(container: Container, holder_id: HolderId, asked: AheadBody) -> Issued:
    held = container.wallet.holdings.credential(holder_id, CredentialId(asked.credential_id)).credential
    holder = HolderRef(holder_id, container.wallet.holders.present_key(holder_id).key)
    return container.purposes.prefetch(held.identifier, asked.purpose, holder=holder, count=asked.count)


def _printed(container: Container, actor: Actor, identifier: Identifier, asked: CopyBody) -> dict[str, Any]:
    actor.must_reach(container.storage.ledger.certificate(identifier).intent.department)
    mark = CopyMark(asked.maker, asked.cause, asked.days)
    issued = container.purposes.printed_copy(identifier, asked.purpose, mark=mark)
    code = paper_code(issued.credentials[0].token)
    drawn = base64.b64encode(code.svg().encode()).decode()
    return {
        "text": code.text,
        "level": code.level,
        "image": f"data:image/svg+xml;base64,{drawn}",
        "expires_at": issued.credentials[0].expires_at,
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
