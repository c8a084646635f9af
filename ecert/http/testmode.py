"""The routes of the test environment: a wallet without a browser, for test keys alone (docs/test-mode.md)."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any, Self

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecert.access import Actor, Role
from ecert.errors import FieldFault, MalformedRequest, NotPermitted
from ecert.http.edge import Edge
from ecert.testmode.outcomes import ANSWERS, Magic
from ecert.testmode.parts import SampleTown
from ecert.wiring import Container
from schemas.catalogue import TypeId
from verifier.api.errors import UnknownVerification
from verifier.api.model import Owner, Status
from verifier.errors import TransactionNotWaiting
from verifier.parties.model import Access, Environment
from verifier.policy import COUNTER_AUDIENCE

_ANSWER = {"outcome": "valid", "shown": ["resident_id_card"], "taken": True, "redirect_uri": "https://…"}


class AnswerBody(BaseModel):
    """Which request the test wallet answers, by the verification's id or by its link, and how."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"oneOf": [{"required": ["verification"]}, {"required": ["link"]}]},
    )
    verification: str | None = Field(default=None, min_length=1, max_length=128)
    link: str | None = Field(default=None, min_length=1, max_length=65_536)
    outcome: str = Field(json_schema_extra={"enum": list(ANSWERS)}, max_length=32)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.verification is None) == (self.link is None):
            raise ValueError("verification or link")
        return self


class PresentationBody(BaseModel):
    """A presentation in hand: of which type, and what is about it; ``audience`` and ``nonce`` as they are asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)
    type: str = Field(max_length=64)
    outcome: str = Field(json_schema_extra={"enum": [each.value for each in Magic]}, max_length=32)
    audience: str = Field(default=COUNTER_AUDIENCE, min_length=1, max_length=1024)
    nonce: str | None = Field(default=None, min_length=1, max_length=512)


def router(container: Container, town: SampleTown, edge: Edge) -> APIRouter:
    """Return /v1/test."""
    routes = APIRouter(tags=["test"])
    party = edge.authorise(Role.RELYING_PARTY)

    @routes.post(
        "/v1/test/wallet/answer",
        summary="测试钱包应答 / The test wallet answers",
        openapi_extra=edge.body(AnswerBody, {"verification": "…", "outcome": "revoked"}),
        responses=edge.answers(400, 404, 409, 422, example=_ANSWER),
    )
    async def answer(request: Request, actor: Annotated[Actor, Depends(party)]) -> Response:
        """Fetched, chosen, signed and encrypted as by a phone. ``taken`` false: the verifier did not take it."""
        access, asked = _test_access(actor), await edge.read(request, AnswerBody)
        outcome = _one_of(asked.outcome, ANSWERS)
        link = asked.link
        if link is None:
            link = await edge.run(_link_of, container, access, asked.verification or "")
        done = await town.wallet.answer(link, outcome)
        return _json({"outcome": done.outcome, "shown": done.shown, "taken": done.taken} | _to(done.redirect_uri))

    @routes.post(
        "/v1/test/presentations",
        summary="测试出示 / A presentation to verify in hand",
        openapi_extra=edge.body(PresentationBody, {"type": "business_licence", "outcome": "valid"}),
        responses=edge.answers(400, 404, 422, example={"text": "eyJhbGciOiJFUzI1NiIs…~WyJ…~eyJ…"}),
    )
    async def present(request: Request, actor: Annotated[Actor, Depends(party)]) -> Response:
        """What a holder would show at a counter within the next minute; every field is in it."""
        _test_access(actor)
        asked = await edge.read(request, PresentationBody)
        outcome = _one_of(asked.outcome, tuple(each.value for each in Magic))
        nonce = asked.nonce or secrets.token_urlsafe(16)
        make: Callable[..., str] = town.wallet.present
        text = await edge.run(make, TypeId(asked.type), outcome, audience=asked.audience, nonce=nonce)
        return _json({"text": text})

    return routes


def _test_access(actor: Actor) -> Access:
    access = actor.access
    if access is None or access.environment is not Environment.TEST:
        raise NotPermitted("this is for test keys alone")
    return access


def _link_of(container: Container, access: Access, verification_id: str) -> str:
    owner = Owner(access.party_id, access.environment)
    found = container.storage.verifications.find(owner, verification_id)
    if found is None or not access.reaches(found.purpose_id):
        raise UnknownVerification("relying party has no verification of this id")
    if found.at(container.clock()).status is not Status.WAITING or found.link is None:
        raise TransactionNotWaiting("verification does not wait for a wallet that reads a link")
    return found.link


def _one_of(given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise MalformedRequest([FieldFault("outcome", "enum", f"expected one of {', '.join(known)}")])
    return given


def _to(redirect_uri: str | None) -> dict[str, Any]:
    return {} if redirect_uri is None else {"redirect_uri": redirect_uri}


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
