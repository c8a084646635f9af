"""The routes by which a holder answers requests (/v1/wallet/requests …) and follows them up (/v1/wallet/history/…).

The holder comes from the token, never from the address.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from schemas.order import HolderId
from wallet_api.edge import Actor, Edge, Gate, Guard, RateLimits, counted
from wallet_api.openid4vp.afterwards import Aftercare
from wallet_api.openid4vp.answering import Answering, Opened, Progress
from wallet_api.openid4vp.bodies import Asked, ReportBody, Share, Signatures
from wallet_api.openid4vp.links import text_in_picture
from wallet_api.openid4vp.previews import preview
from wallet_api.parts import Clock

_PICTURES = ("image/png", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, the gate before pictures, and rate limits."""

    answering: Answering
    aftercare: Aftercare
    pictures: Gate
    limits: RateLimits
    clock: Clock


_LINK = {
    "text": "openid4vp://?client_id=x509_hash%3A…&request_uri=https%3A%2F%2Fcity.example%2Fopenid4vp%2F…%2Frequest"
}
_PREVIEW = {
    "request_id": "tPbfhnKd…",
    "party": {"client_id": "x509_hash:…", "trust": "listed", "name_zh": "示例银行", "name_en": "Example Bank"},
    "reason": {"purpose_zh": "企业开户", "legal_basis_zh": "反洗钱法", "retention_days": 1825},
    "answerable": True,
    "over_asking": False,
    "certificates": [{"query_id": "licence", "chosen": True, "options": []}],
}
_SHARED = {"request_id": "tPbfhnKd…", "stage": "shared", "redirect_uri": "https://bank.example/done?response_code=…"}
_DELETION = {"text_zh": "示例银行：……", "text_en": "To Example Bank: …", "contact": ""}


def router(services: Services, edge: Edge) -> APIRouter:
    """Return the routes of presenting over OpenID4VP."""
    routes = APIRouter(tags=["wallet"])
    holder = edge.authorise("holder")
    sender = counted(holder, edge, services.limits, services.clock)
    _opening(routes, services, edge, sender)
    _deciding(routes, services, edge, sender)
    _following_up(routes, services, edge, holder)
    return routes


def _opening(routes: APIRouter, services: Services, edge: Edge, sender: Guard) -> None:
    described = edge.body(Asked, _LINK)
    pictures = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES}
    described["requestBody"]["content"] |= pictures

    @routes.post(
        "/v1/wallet/requests",
        summary="打开用证请求 / Open a presentation request",
        openapi_extra=described,
        responses=edge.answers(400, 404, 413, 422, 429, 502, 503, example=_PREVIEW),
    )
    async def opened(request: Request, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Who asks, why, for what: by a link or a browser's call (JSON), or by a QR code in a PNG or a JPEG."""
        asked: Any
        if request.headers.get("content-type", "").partition(";")[0].strip() in _PICTURES:
            asked = await services.pictures.run(text_in_picture, await request.body())
        else:
            asked = (await edge.read(request, Asked)).asked()
        return _json(_opened(await services.answering.open(_holder(actor), asked)))


def _deciding(routes: APIRouter, services: Services, edge: Edge, sender: Guard) -> None:
    @routes.post(
        "/v1/wallet/requests/{request_id}/share",
        summary="同意出示 / Share",
        openapi_extra=edge.body(Share, {"certificates": {"licence": ["Apg3rxqQ…"]}}),
        responses=edge.answers(400, 403, 404, 410, 422, 429, 502, example=_SHARED),
    )
    async def share(request_id: str, request: Request, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Sends what was asked for; or says what the device has to sign first."""
        body = await edge.read(request, Share)
        accept = body.accept_unverified
        done = services.answering.share(_holder(actor), request_id, body.chosen(), accept_unverified=accept)
        return _json(_progress(await done))

    @routes.post(
        "/v1/wallet/requests/{request_id}/signatures",
        summary="出示（设备签名） / The device's signatures",
        openapi_extra=edge.body(Signatures, {"signatures": {"licence.0": "MEUC…"}}),
        responses=edge.answers(400, 404, 410, 422, 429, 502, example=_SHARED),
    )
    async def sign(request_id: str, request: Request, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Sends it with what the device has signed."""
        body = await edge.read(request, Signatures)
        return _json(_progress(await services.answering.sign(_holder(actor), request_id, body.decoded())))

    @routes.post(
        "/v1/wallet/requests/{request_id}/decline",
        summary="不出示 / Do not share",
        responses=edge.answers(404, 410, 429, example={"request_id": "tPbfhnKd…", "stage": "declined"}),
    )
    async def decline(request_id: str, actor: Annotated[Actor, Depends(sender)]) -> Response:
        """Shares nothing, and tells an authenticated verifier so."""
        return _json(_progress(await services.answering.decline(_holder(actor), request_id)))


def _following_up(routes: APIRouter, services: Services, edge: Edge, holder: Guard) -> None:
    @routes.post(
        "/v1/wallet/history/{presentation_id}/deletion",
        summary="请求删除 / Ask for deletion",
        responses=edge.answers(404, 409, example=_DELETION),
    )
    async def deletion(presentation_id: str, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The text that asks the other side to delete what it got, to send or to print; that it was asked is kept."""
        asked = await edge.run(services.aftercare.ask_deletion, _holder(actor), presentation_id)
        return _json(asdict(asked))

    @routes.post(
        "/v1/wallet/history/{presentation_id}/report",
        summary="举报用证单位 / Report a verifier",
        openapi_extra=edge.body(ReportBody, {"complaint": "over_asking"}),
        status_code=204,
        responses=edge.answers(204, 404, 409, 422),
    )
    async def report(presentation_id: str, request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """Tells the operator which verifier and why; nothing of the holder, nothing of what was shown."""
        body = await edge.read(request, ReportBody)
        await edge.run(services.aftercare.report, _holder(actor), presentation_id, body.complaint)
        return Response(status_code=204)


def _holder(actor: Actor) -> HolderId:
    return HolderId(actor.holder_id or "")


def _opened(opened: Opened) -> dict[str, Any]:
    return {"request_id": opened.request_id, "expires_at": opened.expires_at} | preview(opened.weighed)


def _progress(progress: Progress) -> dict[str, Any]:
    return {
        "request_id": progress.request_id,
        "stage": progress.stage,
        "redirect_uri": progress.sent.redirect_uri,
        "dc_api": progress.sent.dc_api,
        "to_sign": [asdict(each) for each in progress.to_sign],
        "presentation_id": progress.presentation_id,
    }


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
