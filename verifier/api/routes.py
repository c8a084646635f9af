"""The verify API over HTTP: ``/v1/verifications`` and ``/v1/webhooks``, for relying parties by their keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from verifier.api import bodies, documents
from verifier.api.errors import UnknownWebhook
from verifier.api.model import Filters, Owner, Status, Verification
from verifier.api.ports import Webhooks
from verifier.api.service import Verifications
from verifier.api.webhooks import SECRET_BYTES, DeliveryState, Endpoint
from verifier.edge import Edge, Guard
from verifier.errors import PurposeNotAllowed
from verifier.parties.model import Access

_PATH = "/v1/verifications"
_PNG: dict[int | str, dict[str, Any]] = {200: {"description": "PNG", "content": {"image/png": {}}}}
_JWS: dict[int | str, dict[str, Any]] = {200: {"description": "JWS", "content": {"application/jwt": {}}}}
Limit = Annotated[int, Query(ge=1, le=100)]


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes need. ``access_of`` finds the relying party behind an actor, or raises that there is none."""

    verifications: Verifications
    webhooks: Webhooks
    answer: Callable[[str, Mapping[str, Any]], object]
    receipt: Callable[[Verification], str]
    access_of: Callable[[Any], Access]
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    new_id: Callable[[], str]
    public_url: str


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the routes of the verify API."""
    routes = APIRouter(tags=["verify"])
    actor = edge.authorise("relying_party")

    async def access(request: Request) -> Access:
        return services.access_of(await actor(request))

    _asking(routes, services, edge, access)
    _looking(routes, services, edge, access)
    _keeping(routes, services, edge, access)

    async def whole(request: Request) -> Access:
        found = await access(request)
        if found.purposes is not None:
            raise PurposeNotAllowed("webhooks hear of every purpose, and the key or token is not for all of them")
        return found

    _webhooks(routes, services, edge, whole)
    _deliveries(routes, services, edge, whole)
    return routes


def _asking(routes: APIRouter, services: Services, edge: Edge, guard: Guard) -> None:
    @routes.post(
        _PATH,
        status_code=201,
        summary="发起核验 / Ask a holder",
        openapi_extra=edge.body(bodies.CreateBody, bodies.ASK),
        responses=edge.answers(201, 404, 409, 422, 429, example=bodies.CREATED),
    )
    async def create(request: Request, access: Annotated[Access, Depends(guard)]) -> Response:
        """A link and a QR code for the holder's wallet. More than the purpose allows is refused (``over_asking``).

        With ``Idempotency-Key`` a retried request gets the first answer.
        """
        asked = await edge.read(request, bodies.CreateBody)
        made = await edge.run(services.verifications.create, access, asked.wanted())
        return _json(documents.created(made, base=f"{services.public_url}{_PATH}"), 201)

    @routes.post(
        _PATH + "/{verification_id}/response",
        summary="提交浏览器的应答 / Hand in what the browser returned",
        openapi_extra=edge.body(bodies.BrowserBody, {"data": {"response": "eyJ…"}}),
        responses=edge.answers(400, 404, 409, 422, 429, example=bodies.SUMMARY),
    )
    async def response(verification_id: str, request: Request, access: Annotated[Access, Depends(guard)]) -> Response:
        """For ``flow`` ``dc_api``: the ``data`` of the credential that ``navigator.credentials.get`` returned."""
        given = await edge.read(request, bodies.BrowserBody)

        def answered() -> Verification:
            services.verifications.get(access, verification_id)
            services.answer(verification_id, given.data)
            return services.verifications.get(access, verification_id)

        return _json(documents.summary(await edge.run(answered)))


def _looking(routes: APIRouter, services: Services, edge: Edge, guard: Guard) -> None:
    @routes.get(
        _PATH,
        summary="核验列表 / List verifications",
        responses=edge.answers(404, 422, 429, example=bodies.LISTED),
    )
    async def listed(
        access: Annotated[Access, Depends(guard)],
        limit: Limit = 20,
        cursor: Annotated[str | None, Query(max_length=20)] = None,
        status: Status | None = None,
        purpose: Annotated[str | None, Query(max_length=64)] = None,
        reference: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        """The newest first, without results. ``next_cursor`` is null on the last page."""
        page, following = await edge.run(
            services.verifications.list,
            access,
            Filters(status, purpose, reference),
            cursor=cursor,
            limit=limit,
        )
        return _json({"verifications": [documents.summary(each) for each in page.items], "next_cursor": following})

    @routes.get(
        _PATH + "/{verification_id}",
        summary="查看核验 / Look at a verification",
        responses=edge.answers(403, 404, 422, 429, example=bodies.DESCRIBED),
    )
    async def looked(
        verification_id: str,
        access: Annotated[Access, Depends(guard)],
        response_code: Annotated[str | None, Query(max_length=64)] = None,
        verification_session: Annotated[str | None, Header(max_length=64)] = None,
    ) -> Response:
        """The status and, when it was answered, the result. What was disclosed can be fetched for ten minutes after the
        first time, and waits for a day at most.

        After ``same_device`` the result needs ``response_code``, which came back with the browser, and the header
        ``Verification-Session``, which the relying party kept for that browser alone; without both there is the status.
        """
        found = await edge.run(
            services.verifications.fetch,
            access,
            verification_id,
            session=verification_session,
            response_code=response_code,
        )
        return _json(documents.described(found))


def _keeping(routes: APIRouter, services: Services, edge: Edge, guard: Guard) -> None:
    problems = _without_200(edge.answers(404, 409, 422, 429))

    @routes.get(_PATH + "/{verification_id}/qr.png", summary="二维码 / QR code", responses=problems | _PNG)
    async def picture(verification_id: str, access: Annotated[Access, Depends(guard)]) -> Response:
        """The link as a QR code, while the verification waits."""
        made = await edge.run(services.verifications.picture, access, verification_id)
        return Response(made, media_type="image/png")

    @routes.get(_PATH + "/{verification_id}/receipt", summary="核验回执 / Receipt", responses=problems | _JWS)
    async def receipt(verification_id: str, access: Annotated[Access, Depends(guard)]) -> Response:
        """A signed statement of what was checked, when, and against what; nothing in it is about a person.

        ``ecert receipt verify`` checks it years later, offline.
        """

        def signed() -> str:
            return services.receipt(services.verifications.get(access, verification_id))

        return Response(await edge.run(signed), media_type="application/jwt")


def _webhooks(routes: APIRouter, services: Services, edge: Edge, guard: Guard) -> None:
    @routes.post(
        "/v1/webhooks",
        status_code=201,
        summary="登记回调地址 / Register a webhook",
        openapi_extra=edge.body(bodies.WebhookBody, bodies.HOOK),
        responses=edge.answers(201, 403, 409, 422, 429, example=bodies.ENDPOINT_MADE),
    )
    async def register(request: Request, access: Annotated[Access, Depends(guard)]) -> Response:
        """The secret that signs what is sent is shown here, once. Webhooks need a key for all purposes."""
        asked = await edge.read(request, bodies.WebhookBody)
        made = Endpoint(services.new_id(), _owner(access), asked.url, tuple(asked.events), services.clock())
        secret = services.random(SECRET_BYTES)
        await edge.run(services.webhooks.add, made, secret)
        return _json(documents.endpoint(made, secret=secret), 201)

    @routes.get(
        "/v1/webhooks",
        summary="回调地址列表 / List webhooks",
        responses=edge.answers(403, 429, example={"webhooks": [bodies.ENDPOINT]}),
    )
    async def registered(access: Annotated[Access, Depends(guard)]) -> Response:
        """Those of this environment, without their secrets."""
        found = await edge.run(services.webhooks.of, _owner(access))
        return _json({"webhooks": [documents.endpoint(each) for each in found]})

    @routes.delete(
        "/v1/webhooks/{webhook_id}",
        status_code=204,
        summary="删除回调地址 / Remove a webhook",
        responses={204: {"description": "已删除 Removed"}} | _without_200(edge.answers(403, 404, 422, 429)),
    )
    async def removed(webhook_id: str, access: Annotated[Access, Depends(guard)]) -> Response:
        """What waits to be sent there goes with it."""
        if not await edge.run(services.webhooks.remove, _owner(access), webhook_id):
            raise UnknownWebhook("relying party has no webhook of this id")
        return Response(status_code=204)


def _deliveries(routes: APIRouter, services: Services, edge: Edge, guard: Guard) -> None:
    @routes.get(
        "/v1/webhooks/deliveries",
        summary="回调投递记录 / List deliveries",
        responses=edge.answers(403, 422, 429, example={"deliveries": [bodies.DELIVERY]}),
    )
    async def deliveries(
        access: Annotated[Access, Depends(guard)], state: DeliveryState | None = None, limit: Limit = 20
    ) -> Response:
        """The newest first; ``state`` ``dead`` are those that ten tries did not bring there."""
        found = await edge.run(services.webhooks.deliveries, _owner(access), state, limit=limit)
        return _json({"deliveries": [documents.delivery(each) for each in found]})

    @routes.post(
        "/v1/webhooks/deliveries/{delivery_id}/replay",
        status_code=202,
        summary="重新投递 / Send a delivery again",
        responses=edge.answers(202, 403, 404, 422, 429, example={"id": "…", "state": "waiting"}),
    )
    async def replayed(delivery_id: str, access: Annotated[Access, Depends(guard)]) -> Response:
        """From the first try on, with the same ``Webhook-Id``."""
        if not await edge.run(services.webhooks.replay, _owner(access), delivery_id, now=services.clock()):
            raise UnknownWebhook("relying party has no delivery of this id")
        return _json({"id": delivery_id, "state": DeliveryState.WAITING.value}, 202)


def _owner(access: Access) -> Owner:
    return Owner(access.party_id, access.environment)


def _without_200(answers: dict[Any, Any]) -> dict[Any, Any]:
    return {code: answer for code, answer in answers.items() if code != 200}


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", status_code=status)
