"""The operator's routes for relying parties: register one, see it, change it, give and end its API keys."""

from datetime import timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ecert.access import Actor, Role
from ecert.errors import NotFound
from ecert.http.edge import Edge
from ecert.parties.access import party_registry
from ecert.parties.forms import KeyWish, Registration, described_key, described_party, new_key, read_status
from ecert.wiring import Container
from verifier.parties.registry import Registry
from verifier.purposes.reading import document as purpose_document

_REGISTRATION = {
    "name_zh": "示例供水公司",
    "name_en": "Example Water Company",
    "credit_code": "91440799MA2X91002X",
    "sector": "water",
    "contact": "客户服务部 service@water.example",
    "purposes": ["water.account-opening", "water.transfer"],
    "return_uris": ["https://water.example/back"],
}
_PARTY = {"party_id": "water", **_REGISTRATION, "own": [], "keys": {}, "status": "active"}
_KEY = {
    "key_id": "…",
    "party_id": "water",
    "environment": "test",
    "purposes": None,
    "expires_at": "2026-06-01T00:00:00Z",
    "revoked_at": None,
    "last_used_on": None,
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PartyBody(_Body):
    """A registration. ``own`` are purposes of its own; ``keys`` are JWK Sets by environment, for its assertions."""

    name_zh: str = Field(max_length=300)
    name_en: str = Field(max_length=300)
    credit_code: str = Field(max_length=18)
    sector: str = Field(max_length=32)
    contact: str = Field(max_length=200)
    purposes: list[str] = Field(default=[], max_length=500)
    own: list[dict[str, Any]] = Field(default=[], max_length=50)
    return_uris: list[str] = Field(default=[], max_length=20)
    keys: dict[str, dict[str, Any]] = Field(default={}, max_length=2)


class NewPartyBody(PartyBody):
    """A registration with the id that the party will have."""

    party_id: str = Field(max_length=40)


class StatusBody(_Body):
    """``active`` or ``suspended``."""

    status: str = Field(max_length=16)


class KeyBody(_Body):
    """An API key: where, for which purposes (left out: all that the party has), for how many days."""

    environment: str = Field(max_length=4)
    purposes: list[str] | None = Field(default=None, max_length=500)
    days: int = Field(default=365, ge=1, le=366)


def router(container: Container, edge: Edge) -> APIRouter:
    """Return /v1/parties; operators only."""
    routes = APIRouter(tags=["parties"])
    registry = party_registry(container)
    _registrations(routes, container, edge, registry)
    _reading(routes, edge, registry)
    _keys(routes, container, edge, registry)
    return routes


def _registrations(routes: APIRouter, container: Container, edge: Edge, registry: Registry) -> None:
    operator = edge.authorise(Role.OPERATOR)

    @routes.post(
        "/v1/parties",
        summary="登记用证单位 / Register a relying party",
        status_code=201,
        openapi_extra=edge.body(NewPartyBody, {"party_id": "water", **_REGISTRATION}),
        responses=edge.answers(201, 400, 409, 422, example=_PARTY),
    )
    async def register(request: Request, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """A party is registered once; its id stays."""
        asked = await edge.read(request, NewPartyBody)
        party = Registration(**asked.model_dump()).party(container.clock())
        await edge.run(registry.register, party, by=actor.doer, now=container.clock())
        return _json(described_party(party), 201)

    @routes.put(
        "/v1/parties/{party_id}",
        summary="变更用证单位 / Change a relying party",
        openapi_extra=edge.body(PartyBody, _REGISTRATION),
        responses=edge.answers(400, 404, 422, example=_PARTY),
    )
    async def change(party_id: str, request: Request, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """The whole registration in place of the one before; the status stays."""
        asked = await edge.read(request, PartyBody)

        def changed() -> dict[str, Any]:
            before = registry.party(party_id)
            after = Registration(party_id=party_id, **asked.model_dump()).party(before.registered_at)
            kept = registry.change(after, by=actor.doer, now=container.clock())
            return described_party(kept)

        return _json(await edge.run(changed))

    @routes.put(
        "/v1/parties/{party_id}/status",
        summary="停用或恢复用证单位 / Suspend a relying party, or let it ask again",
        openapi_extra=edge.body(StatusBody, {"status": "suspended"}),
        responses=edge.answers(400, 404, 422, example=_PARTY),
    )
    async def status(party_id: str, request: Request, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """A worker may believe a suspended party's key for ten seconds more; it starts no verification with it."""
        wanted = read_status((await edge.read(request, StatusBody)).status)
        found = await edge.run(registry.set_status, party_id, wanted, by=actor.doer, now=container.clock())
        return _json(described_party(found))


def _reading(routes: APIRouter, edge: Edge, registry: Registry) -> None:
    reader = edge.authorise(Role.OPERATOR, Role.AUDITOR)

    @routes.get(
        "/v1/parties",
        summary="用证单位列表 / The relying parties",
        responses=edge.answers(example={"parties": [_PARTY]}),
    )
    async def listed(actor: Annotated[Actor, Depends(reader)]) -> Response:
        """Every party, by id."""
        del actor
        return _json({"parties": [described_party(each) for each in await edge.run(registry.all)]})

    @routes.get(
        "/v1/parties/{party_id}",
        summary="用证单位 / A relying party",
        responses=edge.answers(404, example=_PARTY),
    )
    async def one(party_id: str, actor: Annotated[Actor, Depends(reader)]) -> Response:
        """One party."""
        del actor
        return _json(described_party(await edge.run(registry.party, party_id)))

    @routes.get(
        "/v1/parties/{party_id}/purposes",
        summary="用证单位的用证事由 / The purposes of a relying party",
        responses=edge.answers(404, example={"purposes": []}),
    )
    async def purposes(party_id: str, actor: Annotated[Actor, Depends(reader)]) -> Response:
        """Each with its law, its retention and its query, also while the party is suspended."""
        del actor
        found = await edge.run(registry.purposes_of, party_id)
        return _json({"purposes": [purpose_document(each) for each in found]})


def _keys(routes: APIRouter, container: Container, edge: Edge, registry: Registry) -> None:
    operator = edge.authorise(Role.OPERATOR)
    keys = container.storage.party_keys

    @routes.post(
        "/v1/parties/{party_id}/keys",
        summary="发放接口密钥 / Give an API key",
        status_code=201,
        openapi_extra=edge.body(KeyBody, {"environment": "test", "days": 365}),
        responses=edge.answers(201, 400, 404, 422, example={"key": "test_…", **_KEY}),
    )
    async def give(party_id: str, request: Request, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """The key itself is in this answer and nowhere else."""
        asked = await edge.read(request, KeyBody)
        wanted = None if asked.purposes is None else frozenset(asked.purposes)
        wish = KeyWish(party_id, asked.environment, wanted, timedelta(days=asked.days))
        key, kept = await edge.run(new_key, container, wish, by=actor.doer)
        return _json({"key": key} | described_key(kept), 201)

    @routes.get(
        "/v1/parties/{party_id}/keys",
        summary="接口密钥列表 / The API keys of a relying party",
        responses=edge.answers(404, example={"keys": [_KEY]}),
    )
    async def listed(party_id: str, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """Every key that was ever given, without the key itself."""
        del actor
        party = await edge.run(registry.party, party_id)
        found = await edge.run(keys.of_party, party.party_id)
        return _json({"keys": [described_key(each) for each in found]})

    @routes.delete(
        "/v1/parties/{party_id}/keys/{key_id}",
        summary="停用接口密钥 / End an API key",
        status_code=204,
        responses=edge.answers(204, 404),
    )
    async def end(party_id: str, key_id: str, actor: Annotated[Actor, Depends(operator)]) -> Response:
        """Ends a key; a worker may believe it for ten seconds more."""
        mine = {each.key_id for each in await edge.run(keys.of_party, party_id)}
        if key_id not in mine or not await edge.run(keys.revoke, key_id, now=container.clock(), by=actor.doer):
            raise NotFound("no API key in force of this party has this id")
        return Response(status_code=204)


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
