"""``/v1/batches`` over HTTP, for relying parties by their keys."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, Self

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from verifier.api.webhooks import timestamp
from verifier.batches.model import MAX_AT_ONCE, MAX_ITEMS, Batch, Item, Outcome
from verifier.batches.service import Batches
from verifier.edge import Edge
from verifier.parties.model import Access

_REFERENCE = r"^[A-Za-z0-9._:/-]{1,64}$"
_BATCH = {
    "id": "5f0c…",
    "environment": "live",
    "state": "running",
    "total": 2,
    "done": 1,
    "counts": {"valid": 1, "invalid": 0, "indeterminate": 0},
    "purpose": None,
    "reference": "night-run",
    "created_at": "2026-03-02T09:41:17Z",
    "ended_at": None,
}
_ITEMS = [
    {"id": "row-1", "text": "eyJhbGciOiJFUzI1NiIs…~WyJ…~eyJ…"},
    {"id": "row-2", "status": {"list": "https://ecert.example/status/6tC3", "index": 4711}},
    {"id": "row-3", "verification": "8Yq0…"},
]
_CHECK = {
    "check": "status",
    "state": "failed",
    "code": "revoked",
    "text": {"zh": "已吊销", "en": "revoked"},
    "evidence": {"list": "https://ecert.example/status/6tC3", "index": 4711, "value": 1, "age_seconds": 310},
}
_RESULTS = {"results": [{"id": "row-2", "verdict": "invalid", "checks": [_CHECK]}], "next_cursor": None}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PlaceBody(_Body):
    """A place in a status list."""

    list: str = Field(min_length=1, max_length=1_000)
    index: int = Field(ge=0, lt=2**31)


class ItemBody(_Body):
    """One item, by an ``id`` of yours: a presentation, a place in a status list, or an earlier verification."""

    id: str = Field(pattern=_REFERENCE)
    text: str | None = Field(default=None, min_length=1, max_length=131_072)
    audience: str | None = Field(default=None, min_length=1, max_length=1_024)
    nonce: str | None = Field(default=None, min_length=1, max_length=512)
    status: PlaceBody | None = None
    verification: str | None = Field(default=None, min_length=1, max_length=128)

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(each is not None for each in (self.text, self.status, self.verification)) != 1:
            raise ValueError("text, status or verification")
        return self

    def item(self) -> Item:
        """Return it as the use case takes it."""
        item = Item(self.id, self.text, self.audience, self.nonce, verification_id=self.verification)
        return item if self.status is None else replace(item, uri=self.status.list, index=self.status.index)


class BatchBody(_Body):
    """A batch with its first items; ``open`` when more will be added."""

    purpose: str | None = Field(default=None, min_length=1, max_length=64)
    reference: str | None = Field(default=None, pattern=_REFERENCE)
    items: list[ItemBody] = Field(default=[], max_length=MAX_AT_ONCE)
    open: bool = False


class ItemsBody(_Body):
    """More items, after the first ``offset`` ones; a request that is sent twice adds them once."""

    items: list[ItemBody] = Field(max_length=MAX_AT_ONCE)
    offset: int = Field(ge=0, le=MAX_ITEMS)
    open: bool = False


Guard = Callable[[Request], Awaitable[Access]]


def router(batches: Batches, edge: Edge, *, access_of: Callable[[Any], Access]) -> APIRouter:
    """Return the routes of batches."""
    routes = APIRouter(tags=["batches"])
    actor = edge.authorise("relying_party")

    async def access(request: Request) -> Access:
        return access_of(await actor(request))

    _handing_in(routes, batches, edge, access)
    _looking(routes, batches, edge, access)
    return routes


def _handing_in(routes: APIRouter, batches: Batches, edge: Edge, guard: Guard) -> None:
    @routes.post(
        "/v1/batches",
        status_code=202,
        summary="批量核验 / Begin a batch",
        openapi_extra=edge.body(BatchBody, {"reference": "night-run", "items": _ITEMS}),
        responses=edge.answers(202, 400, 409, 422, 429, example=_BATCH),
    )
    async def begin(request: Request, access: Annotated[Access, Depends(guard)]) -> Response:
        """Up to 10,000 items, 500 in one request. A webhook tells when it is done (``batch.done``)."""
        asked = await edge.read(request, BatchBody)
        items = [each.item() for each in asked.items]
        more = {"purpose_id": asked.purpose, "reference": asked.reference}
        made = await edge.run(batches.create, access, items, stays_open=asked.open, **more)
        return _json(described(made), 202)

    @routes.post(
        "/v1/batches/{batch_id}/items",
        status_code=202,
        summary="追加批量条目 / Add items to a batch",
        openapi_extra=edge.body(ItemsBody, {"items": _ITEMS, "offset": 500}),
        responses=edge.answers(202, 400, 404, 409, 422, 429, example=_BATCH),
    )
    async def add(batch_id: str, request: Request, access: Annotated[Access, Depends(guard)]) -> Response:
        """It runs with the request that leaves ``open`` out."""
        asked = await edge.read(request, ItemsBody)
        items = [each.item() for each in asked.items]
        made = await edge.run(batches.append, access, batch_id, items, offset=asked.offset, stays_open=asked.open)
        return _json(described(made), 202)

    @routes.post(
        "/v1/batches/{batch_id}/cancel",
        summary="取消批量核验 / Cancel a batch",
        responses=edge.answers(404, 422, 429, example=_BATCH | {"state": "cancelled"}),
    )
    async def cancel(batch_id: str, access: Annotated[Access, Depends(guard)]) -> Response:
        """What is done stays; what waits is forgotten."""
        return _json(described(await edge.run(batches.cancel, access, batch_id)))


def _looking(routes: APIRouter, batches: Batches, edge: Edge, guard: Guard) -> None:
    @routes.get(
        "/v1/batches",
        summary="批量核验列表 / List batches",
        responses=edge.answers(422, 429, example={"batches": [_BATCH], "next_cursor": None}),
    )
    async def listed(
        access: Annotated[Access, Depends(guard)],
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Annotated[str | None, Query(max_length=20)] = None,
    ) -> Response:
        """The newest first."""
        found, following = await edge.run(batches.list, access, cursor=cursor, limit=limit)
        return _json({"batches": [described(each) for each in found], "next_cursor": following})

    @routes.get(
        "/v1/batches/{batch_id}",
        summary="查看批量核验 / Look at a batch",
        responses=edge.answers(404, 422, 429, example=_BATCH),
    )
    async def looked(batch_id: str, access: Annotated[Access, Depends(guard)]) -> Response:
        """How far it is."""
        return _json(described(await edge.run(batches.get, access, batch_id)))

    @routes.get(
        "/v1/batches/{batch_id}/results",
        summary="批量核验结果 / Outcomes of a batch",
        responses=edge.answers(404, 422, 429, example=_RESULTS),
    )
    async def results(
        batch_id: str,
        access: Annotated[Access, Depends(guard)],
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, Query(max_length=20)] = None,
    ) -> Response:
        """In the order of the items; while it runs, those that are done. They can be fetched for 30 days."""
        found, following = await edge.run(batches.outcomes, access, batch_id, cursor=cursor, limit=limit)
        return _json({"results": [outcome(each) for each in found], "next_cursor": following})


def described(batch: Batch) -> dict[str, Any]:
    """Return a batch as JSON."""
    return {
        "id": batch.batch_id,
        "environment": batch.owner.environment.value,
        "state": batch.state.value,
        "total": batch.total,
        "done": batch.done,
        "counts": {name: batch.counts.get(name, 0) for name in ("valid", "invalid", "indeterminate")},
        "purpose": batch.purpose_id,
        "reference": batch.reference,
        "created_at": timestamp(batch.created_at),
        "ended_at": None if batch.ended_at is None else timestamp(batch.ended_at),
    }


def outcome(found: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON."""
    return {"id": found.item_id, "verdict": found.verdict, "checks": list(found.checks)}


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", status_code=status)
