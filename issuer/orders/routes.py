"""Orders over HTTP: hand in, list, approve, decline, withdraw, offer; proposed acts; and what wallets fetch of offers.

An officer reaches the orders of the own department alone. A transaction code is in the answer that made it and in no
other.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from issuer.edge import Actor, Edge, Render, address_of, response_of
from issuer.openid4vci.answers import Answer, answered, json_answer
from issuer.openid4vci.errors import UnknownOffer
from issuer.openid4vci.ports import RateLimits
from issuer.orders import records
from issuer.orders.bodies import (
    OfferBody,
    OrderBody,
    ReasonBody,
    SeveralBody,
    described,
    offered,
    page_of,
    proposed,
)
from issuer.orders.desk import OrderDesk
from issuer.orders.offers import MadeOffer, OfferDesk
from issuer.orders.proposals import ActDesk, Confirmed
from issuer.orders.records import MAX_PAGE, OrderState, Proposal, ProposalState, WaitingOrder
from issuer.ports import Clock
from issuer.prepare import type_of
from schemas.catalogue import TypeId
from schemas.qr import drawing


@dataclass(frozen=True, slots=True)
class Services:
    """The desks. ``changed`` hears of every act that is done."""

    desk: OrderDesk
    offers: OfferDesk
    acts: ActDesk
    limits: RateLimits
    clock: Clock
    changed: Callable[[str], None]
    render: Render


_ORDER = {
    "type_id": "business_licence",
    "claims": {"name": "江门市示例贸易有限公司", "…": "…"},
    "office": "amr-example",
}
_MADE = {"order_id": "…", "type_id": "business_licence", "state": "waiting", "repeated": False}
_OFFER = {"grants": ["pre-authorized_code"], "tx_code": {"input_mode": "numeric", "length": 6}, "minutes": 60}
_OFFERED = {"offer_id": "…", "link": "openid-credential-offer://?credential_offer_uri=…", "tx_code": "…"}
_OFFER_PAGE = "openid4vci/offer"
_OFFICERS = ("preparer", "approver", "revoker", "auditor")


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the routes of orders, offers and proposals."""
    routes = APIRouter(tags=["orders"])
    _handing_in(routes, services, edge)
    _looking(routes, services, edge)
    _deciding(routes, services, edge)
    _offering(routes, services, edge)
    _proposals(routes, services, edge)
    _fetching(routes, services, edge)
    return routes


def _handing_in(routes: APIRouter, services: Services, edge: Edge) -> None:
    preparer = edge.authorise("preparer")

    @routes.post(
        "/v1/orders",
        summary="提交待领证照 / Hand an order in",
        status_code=201,
        openapi_extra=edge.body(OrderBody, _ORDER),
        responses=edge.answers(201, 200, 400, 409, 422, example=_MADE, others={200: _MADE | {"repeated": True}}),
    )
    async def hand_in(request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """A certificate that its holders' wallets fetch; with four eyes it awaits an approver first."""
        body = await edge.read(request, OrderBody)
        actor.must_reach(type_of(TypeId(body.type_id)).department)
        wish = body.wish(_row_key(actor, request.headers.get("idempotency-key")), office=actor.office)
        made = await edge.run(services.desk.hand_in, wish, by=actor.doer)
        return _json(described(made.order) | {"repeated": made.repeated}, 200 if made.repeated else 201)


def _looking(routes: APIRouter, services: Services, edge: Edge) -> None:
    reader = edge.authorise(*_OFFICERS)

    @routes.get("/v1/orders", summary="待领证照列表 / Orders", responses=edge.answers(422))
    async def listed(
        actor: Annotated[Actor, Depends(reader)],
        state: OrderState | None = None,
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> Response:
        """The department's orders, the newest first, without claims; ``next`` goes into ``after``."""
        query = records.Query(actor.department, state, after, limit)
        found = [described(order) for order in await edge.run(services.desk.page, query)]
        return _json(page_of("orders", found, last="order_id", limit=limit))

    @routes.get("/v1/orders/{order_id}", summary="查询待领证照 / Look an order up", responses=edge.answers(404))
    async def one(order_id: str, actor: Annotated[Actor, Depends(reader)]) -> Response:
        """State and dates; the claims for everyone but an auditor."""
        order = await edge.run(_reached, services, actor, order_id)
        claims = {} if actor.role == "auditor" else {"claims": dict(order.claims)}
        return _json(described(order) | claims)


def _deciding(routes: APIRouter, services: Services, edge: Edge) -> None:
    approver, preparer = edge.authorise("approver"), edge.authorise("preparer")
    reason = edge.body(ReasonBody, {"reason": "材料不齐 Documents are missing"})

    @routes.post("/v1/orders/{order_id}/approve", summary="复核通过 / Approve", responses=edge.answers(404, 409))
    async def approve(order_id: str, actor: Annotated[Actor, Depends(approver)]) -> Response:
        """Lets an order wait for its holders; who prepared it cannot."""
        await edge.run(_reached, services, actor, order_id)
        return _json(described(await edge.run(services.desk.approve, order_id, by=actor.doer)))

    @routes.post(
        "/v1/orders/{order_id}/decline",
        summary="复核不通过 / Decline",
        openapi_extra=reason,
        responses=edge.answers(404, 409, 422),
    )
    async def decline(order_id: str, request: Request, actor: Annotated[Actor, Depends(approver)]) -> Response:
        """Ends an order that awaits approval."""
        body = await edge.read(request, ReasonBody)
        await edge.run(_reached, services, actor, order_id)
        return _json(described(await edge.run(services.desk.decline, order_id, by=actor.doer, reason=body.reason)))

    @routes.post(
        "/v1/orders/{order_id}/withdraw",
        summary="撤回 / Withdraw",
        openapi_extra=reason,
        responses=edge.answers(404, 409, 422),
    )
    async def withdraw(order_id: str, request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """Ends an order that nobody has fetched; what is issued is revoked or cancelled instead."""
        body = await edge.read(request, ReasonBody)
        await edge.run(_reached, services, actor, order_id)
        return _json(described(await edge.run(services.desk.withdraw, order_id, by=actor.doer, reason=body.reason)))


def _offering(routes: APIRouter, services: Services, edge: Edge) -> None:
    preparer = edge.authorise("preparer")
    answers = edge.answers(201, 404, 422, example=_OFFERED)

    @routes.post(
        "/v1/orders/{order_id}/offers",
        summary="生成领证邀约 / Offer an order",
        status_code=201,
        openapi_extra=edge.body(OfferBody, _OFFER),
        responses=answers,
    )
    async def offer(order_id: str, request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """A link and a QR code for the holder; a transaction code is shown here and never again."""
        body = await edge.read(request, OfferBody)
        return _json(offered(await edge.run(_offer, services, actor, body, (order_id,))), 201)

    @routes.post(
        "/v1/offers",
        summary="合并生成领证邀约 / Offer several orders",
        status_code=201,
        openapi_extra=edge.body(SeveralBody, _OFFER | {"order_ids": ["…", "…"]}),
        responses=answers,
    )
    async def several(request: Request, actor: Annotated[Actor, Depends(preparer)]) -> Response:
        """One offer for several orders of one holder and department."""
        body = await edge.read(request, SeveralBody)
        return _json(offered(await edge.run(_offer, services, actor, body, tuple(body.order_ids))), 201)


def _proposals(routes: APIRouter, services: Services, edge: Edge) -> None:
    reader, approver = edge.authorise(*_OFFICERS), edge.authorise("approver")

    @routes.get("/v1/proposals", summary="待复核的决定 / Proposed acts", responses=edge.answers(422))
    async def listed(
        actor: Annotated[Actor, Depends(reader)],
        state: ProposalState | None = None,
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> Response:
        """Acts on certificates that need a second officer, the newest first."""
        query = records.Query(actor.department, state, after, limit)
        found = [proposed(proposal) for proposal in await edge.run(services.acts.page, query)]
        return _json(page_of("proposals", found, last="proposal_id", limit=limit))

    @routes.get("/v1/proposals/{proposal_id}", summary="查询待复核的决定 / Look one up", responses=edge.answers(404))
    async def one(proposal_id: str, actor: Annotated[Actor, Depends(reader)]) -> Response:
        """The decision, and the claims of a certificate that replaces another, for everyone but an auditor."""
        found = await edge.run(_proposal, services, actor, proposal_id)
        claims = {} if actor.role == "auditor" else {"claims": found.claims}
        return _json(proposed(found) | claims)

    @routes.post("/v1/proposals/{proposal_id}/confirm", summary="复核决定 / Confirm", responses=edge.answers(404, 409))
    async def confirm(proposal_id: str, actor: Annotated[Actor, Depends(approver)]) -> Response:
        """Does the proposed act and publishes the lists that it touches; who proposed it cannot."""
        done = await edge.run(_confirmed, services, actor, proposal_id)
        services.changed(done.proposal.kind)
        return _json({"identifier": done.identifier, "state": done.state, "pending": list(done.pending)})

    @routes.post("/v1/proposals/{proposal_id}/decline", summary="驳回决定 / Decline", responses=edge.answers(404, 409))
    async def decline(proposal_id: str, actor: Annotated[Actor, Depends(approver)]) -> Response:
        """Ends a proposal without doing it."""
        await edge.run(_proposal, services, actor, proposal_id)
        return _json(proposed(await edge.run(services.acts.decline, proposal_id, by=actor.doer)))


def _fetching(routes: APIRouter, services: Services, edge: Edge) -> None:
    @routes.get(
        "/issuers/{department_id}/offers/{offer_id}",
        tags=["openid4vci"],
        summary="领证邀约 / Credential offer",
        responses={404: {"description": "已失效 Gone"}, 429: {"description": "请求过于频繁 Retry-After"}},
    )
    async def offer(department_id: str, offer_id: str, request: Request) -> Response:
        """OpenID4VCI 1.0, 4.1.3: an offer by reference, until its code is used or its time is over."""

        def respond() -> Answer:
            _limit(services, request)
            return json_answer(services.offers.document(department_id, offer_id))

        return response_of(await edge.run(answered, respond))

    @routes.get(
        "/issuers/{department_id}/offers/{offer_id}/open",
        tags=["openid4vci"],
        summary="领证页面 / Page of an offer",
        responses={200: {"content": {"text/html": {}}}, 404: {"description": "已失效 Gone"}},
    )
    async def page(department_id: str, offer_id: str, request: Request) -> Response:
        """For the device on which the holder reads the link: opens its wallet, or shows the QR code."""

        def respond() -> tuple[bytes, int]:
            _limit(services, request)
            try:
                link = services.offers.link(department_id, offer_id)
            except UnknownOffer:
                return services.render(_OFFER_PAGE, link=None), 404
            return services.render(_OFFER_PAGE, link=link, picture=drawing.data_uri(drawing.svg(link))), 200

        content, status = await edge.run(respond)
        return Response(content, status, media_type="text/html", headers={"Cache-Control": "no-store"})


def _limit(services: Services, request: Request) -> None:
    services.limits.hit("offer", address_of(request), now=services.clock())


def _reached(services: Services, actor: Actor, order_id: str) -> WaitingOrder:
    order = services.desk.order(order_id)
    actor.must_reach(order.department)
    return order


def _offer(services: Services, actor: Actor, body: OfferBody, order_ids: tuple[str, ...]) -> MadeOffer:
    for order_id in order_ids:
        _reached(services, actor, order_id)
    return services.offers.make(body.wish(order_ids), by=actor.doer)


def _proposal(services: Services, actor: Actor, proposal_id: str) -> Proposal:
    found = services.acts.proposal(proposal_id)
    actor.must_reach(found.department)
    return found


def _confirmed(services: Services, actor: Actor, proposal_id: str) -> Confirmed:
    _proposal(services, actor, proposal_id)
    return services.acts.confirm(proposal_id, by=actor.doer)


def _row_key(actor: Actor, idempotency_key: str | None) -> str | None:
    if idempotency_key is None:
        return None
    return "idempotency:" + hashlib.sha256(f"{actor.token_id}\0{idempotency_key}".encode()).hexdigest()


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
