"""Certificates of facts over HTTP: a holder asks, a register answers, the certificate is in the wallet.

They stand here because both roles meet: the wallet asks, the issuer signs.
"""

import secrets
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ecert.access import Actor, Role
from ecert.http.edge import Edge
from ecert.registers import NoRegisters, UnsafeRegister
from ecert.wiring import Container
from issuer.orders.snapshots import SnapshotDesk, SnapshotPorts, snapshot_types
from schemas.holders import HolderClaim
from schemas.order import HolderId
from schemas.types import department

_GIVEN = {
    "identifier": "1.2.156.3005.2.…",
    "type_id": "social_insurance_certificate",
    "credentials": [{"credential_id": "…", "format": "dc+sd-jwt", "expires_at": "2026-05-31T16:00:00Z"}],
    "delivered": True,
}


class SnapshotBody(BaseModel):
    """Which certificate of facts."""

    model_config = ConfigDict(extra="forbid", strict=True)
    type_id: str = Field(max_length=64)


def snapshot_desk(container: Container) -> SnapshotDesk:
    """Return the desk over the registers that the settings name; the stand-in warns."""
    registers = UnsafeRegister(container.clock) if container.settings.unsafe_register else NoRegisters()
    storage = container.storage
    ports = SnapshotPorts(
        registers=registers,
        orders=storage.orders,
        limits=storage.rate_limits,
        directory=container.wallet.holders,
        clock=container.clock,
        new_id=lambda: secrets.token_hex(16),
    )
    return SnapshotDesk(container.issuer, ports)


def router(container: Container, edge: Edge) -> APIRouter:
    """Return the holder's routes."""
    routes = APIRouter(tags=["wallet"])
    holder, desk = edge.authorise(Role.HOLDER), snapshot_desk(container)

    @routes.get("/v1/wallet/snapshots", summary="可即时出具的证明 / Certificates of facts", responses=edge.answers())
    async def kinds(actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The types that a register may answer at once."""
        del actor
        return _json({"types": _TYPES})

    @routes.post(
        "/v1/wallet/snapshots",
        summary="申请即时证明 / Ask for a certificate of facts",
        status_code=201,
        openapi_extra=edge.body(SnapshotBody, {"type_id": "social_insurance_certificate"}),
        responses=edge.answers(201, 404, 422, 429, example=_GIVEN),
    )
    async def ask(request: Request, actor: Annotated[Actor, Depends(holder)]) -> Response:
        """The register answers about the holder, and the certificate is in the wallet; five of a type in a day."""
        asked = await edge.read(request, SnapshotBody)
        return _json(await edge.run(_ask, container, desk, HolderId(actor.holder_id or ""), asked.type_id), 201)

    return routes


_TYPES = [
    {
        "type_id": kind.id,
        "name_zh": kind.name_zh,
        "name_en": kind.name_en,
        "department_zh": department(kind.department).name_zh,
        "department_en": department(kind.department).name_en,
    }
    for kind in snapshot_types()
]


def _ask(container: Container, desk: SnapshotDesk, holder_id: HolderId, type_id: str) -> dict[str, Any]:
    holder = container.wallet.holders.get(holder_id)
    issued = desk.ask(type_id, HolderClaim(holder.code_type, holder.code, holder.name))
    container.metrics.issued(type_id)
    return {
        "identifier": issued.identifier,
        "type_id": type_id,
        "credentials": [
            {"credential_id": each.credential_id, "format": each.format, "expires_at": each.expires_at}
            for each in issued.credentials
        ],
        "delivered": issued.delivered,
    }


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
