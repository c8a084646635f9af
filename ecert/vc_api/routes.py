"""The VC-API's routes: no authentication, JSON in and out, the same answers whatever secures a credential.

The work is done in a thread, but for short tokens: canonicalizing a stranger's graph must not hold up the requests of
others.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from ecert.http.edge import Edge
from ecert.vc_api import openapi, status
from ecert.vc_api.answers import json_answer, refused, verified
from ecert.vc_api.service import UnsafeVcApi
from keys.errors import EcertError

_CREATED = 201
_TAGS = ["vc-api (test mode)"]


def router(service: UnsafeVcApi, edge: Edge) -> APIRouter:
    """Return the routes over ``service``."""
    edge.schemas.update(openapi.SCHEMAS)
    routes = APIRouter(tags=list(_TAGS))
    _securing(routes, service, edge)
    _verifying(routes, service, edge)
    _giving_out(routes, service, edge)
    return routes


def _securing(routes: APIRouter, service: UnsafeVcApi, edge: Edge) -> None:
    @routes.post(
        "/issuers/{name}/credentials/issue",
        status_code=_CREATED,
        summary="签发（测试） / Issue a credential",
        openapi_extra=openapi.body("VcApiIssue"),
        responses=openapi.secured(found_by_name=True),
    )
    async def issue(name: str, request: Request) -> Response:
        """Secure a credential as the instance ``name`` does; ``issuer`` must be its id (``GET /issuers``)."""
        return await _secured(edge, service.issue, name, await request.body())

    @routes.post(
        "/credentials/derive",
        status_code=_CREATED,
        summary="选择性披露（测试） / Derive",
        openapi_extra=openapi.body("VcApiDerive"),
        responses=openapi.secured(found_by_name=False),
    )
    async def derive(request: Request) -> Response:
        """Turn a base proof of ecdsa-sd-2023 into a derived one that shows what the pointers select."""
        return await _secured(edge, service.derive, await request.body())


def _verifying(routes: APIRouter, service: UnsafeVcApi, edge: Edge) -> None:
    async def verify(request: Request) -> Response:
        """Judge a credential of VCDM 2.0 or 1.1, embedded or enveloped. 200 means verified, and nothing else does."""
        raw = await request.body()
        try:
            # The way to a thread and back takes longer than a short token.
            await edge.run(service.verify, raw) if not service.is_brief(raw) else service.verify(raw)
        except EcertError as exc:
            return refused(exc, verifying=True)
        return verified()

    async def verify_presentation(request: Request) -> Response:
        """Judge a presentation for the challenge and domain asked for, and every credential in it."""
        try:
            await edge.run(service.verify_presentation, await request.body())
        except EcertError as exc:
            return refused(exc, verifying=True)
        return verified()

    for path, endpoint, summary, body in (
        ("/credentials/verify", verify, "核验证照（测试） / Verify a credential", "VcApiVerify"),
        (
            "/presentations/verify",
            verify_presentation,
            "核验出示（测试） / Verify a presentation",
            "VcApiVerifyPresentation",
        ),
    ):
        routes.add_api_route(
            path,
            endpoint,
            methods=["POST"],
            summary=summary,
            openapi_extra=openapi.body(body),
            responses=openapi.verdicts(),
            route_class_override=edge.direct,
        )


def _giving_out(routes: APIRouter, service: UnsafeVcApi, edge: Edge) -> None:
    ids = openapi.given("VcApiIssuers", "名称与标识 Names and ids", service.issuer_ids())

    @routes.get("/issuers", summary="签发实例（测试） / The issuer instances", responses=ids)
    async def issuers() -> Response:
        """Which issuer id signs with which mechanism. New ones at every start."""
        return json_answer(service.issuer_ids())

    listed = openapi.given(
        "VcApiDocument", "状态列表凭证 A BitstringStatusListCredential", openapi.LIST_EXAMPLE, found_by_name=True
    )

    @routes.get(status.PATH + "/{list_id}", summary="状态列表（测试） / A status list", responses=listed)
    async def status_list(list_id: str) -> Response:
        """A status list as a signed credential, of now."""
        try:
            return json_answer(await edge.run(service.status_list, list_id))
        except EcertError as exc:
            return refused(exc, verifying=False)


async def _secured(edge: Edge, work: Callable[..., Any], *arguments: Any) -> Response:
    try:
        return json_answer({"verifiableCredential": await edge.run(work, *arguments)}, _CREATED)
    except EcertError as exc:
        return refused(exc, verifying=False)
