"""Purpose certificates over HTTP: a holder fetches them ahead, a department makes printed copies.

They stand here because both roles meet: the wallet asks, the issuer signs.
"""

from threading import Lock
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ecert.access import Actor, Role
from ecert.ahead import fetch_ahead, unused
from ecert.http.edge import Edge
from ecert.wiring import Container
from issuer.purpose import MAX_COPY_DAYS
from issuer.records import CopyMark
from schemas.order import CredentialId, HolderId, Identifier
from schemas.purposes import purposes_of
from schemas.qr import drawing
from schemas.qr.paper import paper_code
from wallet_api.supply import MAX_UNUSED

_FETCHED = {
    "identifier": "1.2.156.3005.2.…",
    "purpose": "licence",
    "count": 5,
    "unused": 6,
    "expires_at": "2026-03-09T09:00:00Z",
}
_PRINTED = {"text": "ZK1:…", "level": "Q", "image": "data:image/svg+xml;base64,…", "expires_at": "2026-04-01T09:00:00Z"}

_TURNS = 64  # holders of one remainder wait for each other


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AheadBody(_Body):
    """Which certificate (by one of its credentials), for which purpose, how many."""

    credential_id: str = Field(max_length=64)
    purpose: str = Field(max_length=64)
    count: int = Field(default=5, ge=1, le=MAX_UNUSED)


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
    # Counting and fetching are one: requests at once shall not pass the limit together.
    turns = tuple(Lock() for _ in range(_TURNS))

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
        """Several at once and ahead of time: each is shown once, and asking while showing would tell the issuer.

        A wallet has at most ten unused ones of each purpose.
        """
        asked = await edge.read(request, AheadBody)
        holder_id = HolderId(actor.holder_id or "")
        with_turn = turns[hash(holder_id) % _TURNS]
        return _json(await edge.run(_fetch, container, holder_id, asked, with_turn), 201)


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


def _fetch(container: Container, holder_id: HolderId, asked: AheadBody, turn: Lock) -> dict[str, Any]:
    identifier = container.wallet.holdings.credential(
        holder_id, CredentialId(asked.credential_id)
    ).credential.identifier
    with turn:
        made = fetch_ahead(container, holder_id, identifier, asked.purpose, count=asked.count).credentials
        left = unused(container, holder_id, identifier)
    return {
        "identifier": identifier,
        "purpose": asked.purpose,
        "count": len(made),
        "unused": left.get(asked.purpose, 0),
        "expires_at": made[0].expires_at,
    }


def _printed(container: Container, actor: Actor, identifier: Identifier, asked: CopyBody) -> dict[str, Any]:
    actor.must_reach(container.storage.ledger.standing(identifier).intent.department)
    mark = CopyMark(asked.maker, asked.cause, asked.days)
    issued = container.purposes.printed_copy(identifier, asked.purpose, mark=mark)
    code = paper_code(issued.credentials[0].token)
    return {
        "text": code.text,
        "level": code.level,
        "image": drawing.data_uri(code.svg()),
        "expires_at": issued.credentials[0].expires_at,
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
