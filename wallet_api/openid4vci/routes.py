"""The routes by which a holder receives (/v1/wallet/offers …). The holder comes from the token, never from the address.

``GET /wallet/callback`` is where a browser comes back to after a login at an issuer. It decides nothing: it hands the
answer to the wallet's page in the fragment, and the page sends it in with the holder's token. So a login that somebody
else began (RFC 9700, 4.7) comes to nothing.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Request, Response

from schemas.order import HolderId
from wallet_api.edge import Actor, Edge, Gate, Guard, RateLimits, counted
from wallet_api.openid4vci.bodies import Accepted, LoginAnswer, OfferText, Signatures
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.errors import CopyNotHeld, ReceivingGone
from wallet_api.openid4vci.offers import offer_in_picture
from wallet_api.openid4vci.parts import CALLBACK
from wallet_api.openid4vci.ports import Sources
from wallet_api.openid4vci.progress import Preview, Progress
from wallet_api.openid4vci.receiving import Receiver
from wallet_api.openid4vci.sources import Source
from wallet_api.parts import Clock

RULE = "wallet_offer"
"""The name of the rate limit of offers; its subject is the holder."""
_PICTURES = ("image/png", "image/jpeg")
_PDF = "application/pdf"
_BROUGHT_BACK = ("state", "code", "iss", "error")
_MAX_BROUGHT = 4_096


@dataclass(frozen=True, slots=True)
class Services:
    """The use case, its sources, the gate before pictures, the public URL without a slash at the end, rate limits."""

    receiver: Receiver
    sources: Sources
    pictures: Gate
    public_url: str
    limits: RateLimits
    clock: Clock


_OFFER = {
    "text": "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fcity.example%2Fissuers%2Fpsb%2Foffers%2F…"
}
_PREVIEW = {
    "offer_id": "tPbfhnKd…",
    "issuer": "https://city.example/issuers/psb",
    "trusted": True,
    "name_zh": "示例市公安局",
    "tx_code": {"input_mode": "numeric", "length": 6, "description": "短信验证码"},
    "configurations": [{"id": "resident_id_card.dc+sd-jwt", "name_zh": "居民身份证", "fields": []}],
}
_RECEIVED = {"receiving_id": "Apg3rxqQ…", "stage": "received", "results": [{"state": "kept", "credential_id": "…"}]}


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the routes of receiving."""
    routes = APIRouter(tags=["wallet"])
    holder = edge.authorise("holder")
    sender = counted(holder, edge, services.limits, services.clock)
    _offers(routes, services, edge, holder, sender)
    _going_on(routes, services, edge, sender)
    _sources(routes, services, edge, holder, sender)
    _coming_back(routes, services)
    return routes


def _offers(routes: APIRouter, services: Services, edge: Edge, holder: Guard, sender: Guard) -> None:
    described = edge.body(OfferText, _OFFER)
    pictures = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES}
    described["requestBody"]["content"] |= pictures

    @routes.post(
        "/v1/wallet/offers",
        summary="打开领证邀约 / Open a credential offer",
        openapi_extra=described,
        responses=edge.answers(400, 404, 413, 422, 429, 502, 503, example=_PREVIEW),
    )
    async def preview(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Who offers which certificates: a link (JSON), or the QR code in a picture (the body is a PNG or a JPEG).

        A certificate itself, its code, or a PDF is refused with `copy_not_held`: what they hold is a copy (加注件) or a
        presentation, bound to nobody's key or to that one showing.
        """
        await edge.run(services.limits.hit, RULE, _holder(actor), now=services.clock())
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind == _PDF:
            # Unopened: whatever is attached to it is a copy by its making, and a parser of PDF is no small risk.
            raise CopyNotHeld("PDF is a copy of a certificate at most, and no offer of one")
        if kind in _PICTURES:
            text = await services.pictures.run(offer_in_picture, await request.body())
        else:
            text = (await edge.read(request, OfferText)).text
        return _json(_preview(await services.receiver.preview(_holder(actor), text)))

    @routes.post(
        "/v1/wallet/offers/{offer_id}/accept",
        summary="接收证照 / Accept an offer",
        openapi_extra=edge.body(Accepted, {"tx_code": "493536"}),
        responses=edge.answers(400, 403, 404, 409, 410, 422, 429, 502, example=_RECEIVED),
    )
    async def accept(offer_id: str, request: Request, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Fetches what is offered; or says what is needed: the device's signature, or a login in the browser."""
        body = await edge.read(request, Accepted)
        return _json(_progress(await services.receiver.accept(_holder(actor), offer_id, body.acceptance())))

    @routes.delete(
        "/v1/wallet/offers/{offer_id}",
        summary="不接收 / Decline an offer",
        status_code=204,
        responses=edge.answers(204),
    )
    async def decline(offer_id: str, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Forgets the offer; nobody is told."""
        await services.receiver.decline(_holder(actor), offer_id)
        return Response(status_code=204)


def _going_on(routes: APIRouter, services: Services, edge: Edge, sender: Guard) -> None:
    @routes.get(
        "/v1/wallet/receivings/{receiving_id}",
        summary="领证进度 / How receiving stands",
        responses=edge.answers(410, 429, example=_RECEIVED),
    )
    async def progress(receiving_id: str, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Where it stands; a certificate that was deferred is asked for when it is due."""
        return _json(_progress(await services.receiver.progress(_holder(actor), receiving_id)))

    @routes.post(
        "/v1/wallet/receivings/{receiving_id}/signatures",
        summary="领证（设备签名） / The device's signatures",
        openapi_extra=edge.body(Signatures, {"signatures": {"5xK…": "MEUC…"}}),
        responses=edge.answers(400, 404, 410, 422, 429, 502, example=_RECEIVED),
    )
    async def sign(receiving_id: str, request: Request, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Goes on with what the device has signed: ``signing_input`` of each text, in ASCII."""
        body = await edge.read(request, Signatures)
        return _json(_progress(await services.receiver.sign(_holder(actor), receiving_id, body.decoded())))

    @routes.post(
        "/v1/wallet/logins",
        summary="登录后继续领证 / Go on after a login",
        openapi_extra=edge.body(LoginAnswer, {"state": "…", "code": "…", "iss": "https://city.example/issuers/psb"}),
        responses=edge.answers(400, 403, 404, 409, 422, 429, 502, example=_RECEIVED),
    )
    async def log_in(request: Request, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Goes on with what the browser brought back to ``/wallet/callback``; works once for each ``state``."""
        body = await edge.read(request, LoginAnswer)
        return _json(_progress(await services.receiver.finish_login(_holder(actor), body.came())))


def _sources(routes: APIRouter, services: Services, edge: Edge, holder: Guard, sender: Guard) -> None:
    @routes.get("/v1/wallet/sources", summary="证照来源 / Where certificates came from", responses=edge.answers())
    async def listed(actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Every source of the holder, the last changed first."""
        found = await edge.run(services.sources.of_holder, _holder(actor))
        return _json({"sources": [_source(one) for one in found]})

    @routes.post(
        "/v1/wallet/sources/{source_id}/fetch",
        summary="重新领取 / Fetch again",
        responses=edge.answers(403, 409, 410, 429, 502, example=_RECEIVED),
    )
    async def fetch(source_id: str, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Fetches a source's credential once more, without a new application; a device may have to sign."""
        holder_id = _holder(actor)
        source = await edge.run(services.sources.source, holder_id, source_id)
        if source is None:
            raise ReceivingGone("the holder has no such source")
        return _json(_progress(await services.receiver.fetch_again(holder_id, source)))


def _coming_back(routes: APIRouter, services: Services) -> None:
    page = f"{services.public_url}/wallet"

    @routes.get(CALLBACK, include_in_schema=False)
    async def callback(request: Request) -> Response:
        found = {name: request.query_params.getlist(name) for name in _BROUGHT_BACK}
        # A parameter twice, or one that is too long, is left out; the wallet then says what is missing.
        kept = {
            name: values[0] for name, values in found.items() if len(values) == 1 and len(values[0]) <= _MAX_BROUGHT
        }
        return Response(status_code=303, headers={"Location": f"{page}#{urlencode(kept)}"})


def _holder(actor: Actor) -> HolderId:
    return HolderId(actor.holder_id or "")


def _preview(preview: Preview) -> dict[str, Any]:
    members = {
        name: getattr(preview, name)
        for name in ("offer_id", "issuer", "trusted", "name_zh", "name_en", "unsupported", "needs_login", "expires_at")
    }
    tx_code = None if preview.tx_code is None else asdict(preview.tx_code)
    return members | {"tx_code": tx_code, "configurations": [_configuration(each) for each in preview.configurations]}


def _configuration(configuration: Configuration) -> dict[str, Any]:
    return {
        "id": configuration.id,
        "type_id": configuration.type_id,
        "format": configuration.format,
        "name_zh": configuration.name_zh,
        "name_en": configuration.name_en,
        "fields": [asdict(each) for each in configuration.fields],
    }


def _progress(progress: Progress) -> dict[str, Any]:
    return {
        "receiving_id": progress.receiving_id,
        "stage": progress.stage,
        "authorization_url": progress.url,
        "to_sign": [asdict(each) for each in progress.to_sign],
        "kid": progress.kid,
        "results": [asdict(each) for each in progress.results],
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "source_id": source.source_id,
        "issuer": source.asked.issuer,
        "configuration_id": source.asked.configuration_id,
        "state": source.state,
        "reason": source.reason,
        "credential_id": source.credential_id,
        "changed_at": source.changed_at,
        "can_be_fetched": source.access.refresh_token is not None,
    }


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
