"""``/v1/watches`` over HTTP, for relying parties by their keys."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, Self

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from verifier.api.webhooks import timestamp
from verifier.batches.routes import PlaceBody
from verifier.edge import Edge
from verifier.parties.model import Access
from verifier.watches.model import MAX_DAYS, MAX_PLACES, Watch
from verifier.watches.service import Wanted, Watches

_PLACE = {"list": "https://ecert.example/status/6tC3", "index": 4711}
_WATCH = {
    "id": "9a41…",
    "environment": "live",
    **_PLACE,
    "value": 0,
    "reference": "loan-2026-17",
    "verification": None,
    "created_at": "2026-03-02T09:41:17Z",
    "expires_at": "2027-03-03T09:41:17Z",
}


class WatchBody(BaseModel):
    """What to watch: ``places``, or those of an earlier ``verification``; for how many days."""

    model_config = ConfigDict(extra="forbid", strict=True)
    places: list[PlaceBody] | None = Field(default=None, min_length=1, max_length=MAX_PLACES)
    verification: str | None = Field(default=None, min_length=1, max_length=128)
    reference: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:/-]{1,64}$")
    days: int = Field(default=MAX_DAYS, ge=1, le=MAX_DAYS)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.places is None) == (self.verification is None):
            raise ValueError("places or verification")
        return self

    def wanted(self) -> Wanted:
        """Return it as the use case takes it."""
        places = tuple((each.list, each.index) for each in self.places or ())
        return Wanted(places, self.verification, self.reference, timedelta(days=self.days))


def router(watches: Watches, edge: Edge, *, access_of: Callable[[Any], Access]) -> APIRouter:
    """Return the routes of watches."""
    routes = APIRouter(tags=["watches"])
    actor = edge.authorise("relying_party")

    async def guard(request: Request) -> Access:
        return access_of(await actor(request))

    @routes.post(
        "/v1/watches",
        status_code=201,
        summary="关注状态 / Watch places in status lists",
        openapi_extra=edge.body(WatchBody, {"places": [_PLACE], "reference": "loan-2026-17", "days": 90}),
        responses=edge.answers(201, 400, 404, 409, 422, 429, example={"watches": [_WATCH]}),
    )
    async def begin(request: Request, access: Annotated[Access, Depends(guard)]) -> Response:
        """A webhook tells each change once (``watch.changed``). The issuer learns nothing of it."""
        asked = await edge.read(request, WatchBody)
        made = await edge.run(watches.create, access, asked.wanted())
        return _json({"watches": [described(each) for each in made]}, 201)

    _looking(routes, watches, edge, guard)
    return routes


def _looking(routes: APIRouter, watches: Watches, edge: Edge, guard: Callable[[Request], Awaitable[Access]]) -> None:
    @routes.get(
        "/v1/watches",
        summary="关注列表 / List watches",
        responses=edge.answers(422, 429, example={"watches": [_WATCH], "next_cursor": None}),
    )
    async def listed(
        access: Annotated[Access, Depends(guard)],
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Annotated[str | None, Query(max_length=20)] = None,
    ) -> Response:
        """The newest first."""
        found, following = await edge.run(watches.list, access, cursor=cursor, limit=limit)
        return _json({"watches": [described(each) for each in found], "next_cursor": following})

    gone = {code: answer for code, answer in edge.answers(404, 422, 429).items() if code != 200}

    @routes.delete(
        "/v1/watches/{watch_id}",
        status_code=204,
        summary="取消关注 / End a watch",
        responses={204: {"description": "已取消 Ended"}} | gone,
    )
    async def removed(watch_id: str, access: Annotated[Access, Depends(guard)]) -> Response:
        """Nothing is told of it from now on."""
        await edge.run(watches.remove, access, watch_id)
        return Response(status_code=204)


def described(watch: Watch) -> dict[str, Any]:
    """Return a watch as JSON."""
    return {
        "id": watch.watch_id,
        "environment": watch.owner.environment.value,
        "list": watch.uri,
        "index": watch.index,
        "value": watch.value,
        "reference": watch.reference,
        "verification": watch.verification_id,
        "created_at": timestamp(watch.created_at),
        "expires_at": timestamp(watch.expires_at),
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", status_code=status)
