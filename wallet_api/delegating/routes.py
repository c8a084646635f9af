"""The routes of delegating (/v1/wallet/delegations …): give, see, recall, and show by a delegation.

The holder or agent comes from the token, never from the address; numbers stand in bodies alone.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from keys.encoding import b64url_decode
from schemas.order import HolderId
from wallet_api.bodies import Renewal, Signed, SignedQr
from wallet_api.delegating.bodies import ForBody, GrantBody, UseBody, UseQrBody
from wallet_api.delegating.granting import Granting
from wallet_api.delegating.recalling import Recalling
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.using import Using
from wallet_api.delegating.views import view
from wallet_api.drawing import drawn
from wallet_api.edge import Actor, Edge, Guard
from wallet_api.parts import Clock

_BASE = "/v1/wallet/delegations"
_GRANT = {
    "type_id": "business_licence",
    "fields": ["business_scope"],
    "agent": {"code_type": "111", "code": "440799199003070112", "name": "陈小文"},
    "purposes": ["办理食品经营许可"],
    "until": "2026-12-31T23:59:59+08:00",
}
_GIVEN = {
    "delegation_id": "5f0c…",
    "relation": "agent",
    "agent_name": "陈小文",
    "purposes": ["办理食品经营许可"],
    "state": "in_force",
}
_USE = {"nonce": "n-0S6_WzA2Mj", "audience": "https://bank.example.org", "purpose": "办理食品经营许可"}
_SHOWN = {"mode": "inline", "image": "data:image/svg+xml;base64,…", "frames": ["ZK4/1:…"], "seconds": 60}
_SIGNED = {"handle": "eyJ…", "signature": "MEUC…"}


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases."""

    granting: Granting
    recalling: Recalling
    using: Using
    clock: Clock


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the routes of delegating."""
    routes = APIRouter(tags=["wallet"])
    holder = edge.authorise("holder")
    _giving(routes, services, edge, holder)
    _seeing(routes, services, edge, holder)
    _presenting(routes, services, edge, holder)
    _showing(routes, services, edge, holder)
    return routes


def _giving(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    described = edge.body(GrantBody, _GRANT)
    refused = (403, 404, 409, 422, 429)

    @routes.post(
        _BASE,
        summary="授权用证 / Delegate",
        openapi_extra=described,
        responses=edge.answers(*refused, example=_GIVEN),
    )
    async def grant(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Lets an agent use one certificate; signed by the custody key. ``holder`` when one acts for somebody;
        no ``agent`` when oneself is to use it, as a guardian or a legal representative does."""
        wish = (await edge.read(request, GrantBody)).wish()
        return _given(services, await edge.run(services.granting.grant, _who(actor), wish))

    @routes.post(
        f"{_BASE}/begin",
        summary="授权用证（设备签名）第一步 / Delegate with the device's key, step 1",
        openapi_extra=described,
        responses=edge.answers(*refused),
    )
    async def begin(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What the holder's device has to sign."""
        wish = (await edge.read(request, GrantBody)).wish()
        return _json(asdict(await edge.run(services.granting.begin, _who(actor), wish)))

    @routes.post(
        f"{_BASE}/complete",
        summary="授权用证（设备签名）第二步 / Delegate with the device's key, step 2",
        openapi_extra=edge.body(Signed, _SIGNED),
        responses=edge.answers(404, 409, 422, example=_GIVEN),
    )
    async def complete(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The delegation, once the device has signed."""
        signed = await edge.read(request, Signed)
        given = await edge.run(services.granting.complete, _who(actor), signed.handle, b64url_decode(signed.signature))
        return _given(services, given)


def _seeing(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    @routes.get(_BASE, summary="我的授权 / My delegations", responses=edge.answers(example={"given": [_GIVEN]}))
    async def listed(actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What the holder gave and what it received, the newest first."""
        found = await edge.run(services.recalling.listed, _who(actor))
        now = services.clock()
        lists = {"given": found.given, "received": found.received}
        views = {name: [view(one, now) for one in each] for name, each in lists.items()}
        return _json(views | {"may_give": found.may_give})

    @routes.post(
        f"{_BASE}/of",
        summary="所代理主体的授权 / Delegations of whom one acts for",
        openapi_extra=edge.body(ForBody, {"holder": {"code_type": "001", "code": "91440799MA4WXYZ000"}}),
        responses=edge.answers(403, 422, example={"given": [_GIVEN]}),
    )
    async def of(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What an enterprise or a child gave, for its legal representative or guardian."""
        person = (await edge.read(request, ForBody)).holder.person()
        found = await edge.run(services.recalling.given_by, _who(actor), person)
        return _json({"given": [view(one, services.clock()) for one in found]})

    @routes.post(
        f"{_BASE}/{{delegation_id}}/recall",
        summary="收回授权 / Recall",
        responses=edge.answers(404, example=_GIVEN | {"state": "recalled"}),
    )
    async def recall(delegation_id: str, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Ends a delegation, and those that a manager made under it, at once. Its agent may give it back so, too."""
        return _given(services, await edge.run(services.recalling.recall, _who(actor), delegation_id))


def _presenting(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    described = edge.body(UseBody, _USE)
    path = f"{_BASE}/{{delegation_id}}/presentations"

    @routes.post(
        path,
        summary="代为出示 / Present by a delegation",
        openapi_extra=described,
        responses=edge.answers(404, 409, 422),
    )
    async def present(delegation_id: str, request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The certificate and the delegation for a nonce and an audience, signed by the agent's custody key."""
        body = await edge.read(request, UseBody)
        asked, terms = body.asked(delegation_id), body.terms()
        return _json(asdict(await edge.run(services.using.present, _who(actor), asked, terms)))

    @routes.post(
        f"{path}/begin",
        summary="代为出示（设备签名）第一步 / Present by a delegation with the device's key, step 1",
        openapi_extra=described,
        responses=edge.answers(404, 409, 422),
    )
    async def begin(delegation_id: str, request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What the agent's device has to sign."""
        body = await edge.read(request, UseBody)
        asked, terms = body.asked(delegation_id), body.terms()
        return _json(asdict(await edge.run(services.using.begin, _who(actor), asked, terms)))

    @routes.post(
        f"{_BASE}/presentations/complete",
        summary="代为出示（设备签名）第二步 / Present by a delegation with the device's key, step 2",
        openapi_extra=edge.body(Signed, _SIGNED),
        responses=edge.answers(404, 409, 422),
    )
    async def complete(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The presentation, once the agent's device has signed."""
        signed = await edge.read(request, Signed)
        signature = b64url_decode(signed.signature)
        return _json(asdict(await edge.run(services.using.complete, _who(actor), signed.handle, signature)))


def _showing(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    described = edge.body(UseQrBody, {"purpose": "办理食品经营许可"})
    path = f"{_BASE}/{{delegation_id}}/qr"

    @routes.post(
        path,
        summary="代为亮证二维码 / A QR code by a delegation",
        openapi_extra=described,
        responses=edge.answers(404, 409, 422, example=_SHOWN),
    )
    async def show(delegation_id: str, request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """A code that is good for 60 seconds, signed by the agent's custody key."""
        body = await edge.read(request, UseQrBody)
        terms = {"purpose": body.purpose, "challenge": body.challenge()}
        shown = await edge.run(services.using.show, _who(actor), body.asked(delegation_id), **terms)
        return _json(await edge.run(drawn, shown, body.image))

    @routes.post(
        f"{path}/begin",
        summary="代为亮证（设备签名）第一步 / A QR code by a delegation with the device's key, step 1",
        openapi_extra=described,
        responses=edge.answers(404, 409, 422),
    )
    async def begin(delegation_id: str, request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What the agent's device has to sign."""
        body = await edge.read(request, UseQrBody)
        terms = {"purpose": body.purpose, "challenge": body.challenge()}
        return _json(asdict(await edge.run(services.using.begin_qr, _who(actor), body.asked(delegation_id), **terms)))

    @routes.post(
        f"{_BASE}/qr/complete",
        summary="代为亮证（设备签名）第二步 / A QR code by a delegation with the device's key, step 2",
        openapi_extra=edge.body(SignedQr, _SIGNED | {"image": "png"}),
        responses=edge.answers(404, 409, 422, example=_SHOWN),
    )
    async def complete(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The code, once the agent's device has signed."""
        signed = await edge.read(request, SignedQr)
        signature = b64url_decode(signed.signature)
        shown = await edge.run(services.using.complete_qr, _who(actor), signed.handle, signature)
        return _json(await edge.run(drawn, shown, signed.image))

    @routes.post(
        f"{_BASE}/qr/renew",
        summary="代为亮证二维码续签 / The same code by a delegation, signed anew",
        openapi_extra=edge.body(Renewal, {"renewal": "eyJ…", "image": "svg"}),
        responses=edge.answers(404, 409, 422, example=_SHOWN),
    )
    async def renew(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """What is shown goes on, every 20 seconds, for ten minutes, with one record in each history."""
        going_on = await edge.read(request, Renewal)
        shown = await edge.run(services.using.renew, _who(actor), going_on.renewal)
        return _json(await edge.run(drawn, shown, going_on.image))


def _who(actor: Actor) -> HolderId:
    return HolderId(actor.holder_id or "")


def _given(services: Services, delegation: Delegation) -> Response:
    return _json(view(delegation, services.clock()))


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
