"""What everyone may read: status lists, issuers' keys, the types and what follows from them. No token, any origin."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Response

from ecert.errors import NotFound
from ecert.wiring import Container
from keys.trust import TrustEntry
from schemas.catalogue import CertificateType, Field
from schemas.types import all_types, certificate_type, department
from verifier.purposes.shipped import shipped

_ANY_ORIGIN = {"access-control-allow-origin": "*"}
_DAY = {"cache-control": "public, max-age=86400"}


def router(container: Container) -> APIRouter:
    """Return the public routes."""
    routes = APIRouter(tags=["public"])
    _keys(routes, container)
    _types(routes)
    return routes


def _keys(routes: APIRouter, container: Container) -> None:
    def keys_of(department_id: str) -> tuple[str, list[dict[str, Any]]]:
        trust = container.trust.current()
        issuer = container.trust.issuer_uri(department_id)
        entry: TrustEntry | None = trust.entries.get(issuer)
        if entry is None:
            raise NotFound("no issuer has this name")
        keys = [one.key for one in entry.keys if trust.withdrawal(one.key.kid) is None]
        return issuer, [dict(key.jwk) | {"kid": key.kid, "alg": key.algorithm.value, "use": "sig"} for key in keys]

    @routes.get("/issuers/{department_id}/jwks.json", summary="签名公钥 / An issuer's keys")
    async def jwks(department_id: str) -> Response:
        """The keys as a JWK Set. Trust comes from the trust list, not from here."""
        _, keys = keys_of(department_id)
        return _public({"keys": keys}, media_type="application/jwk-set+json")

    @routes.get("/.well-known/jwt-vc-issuer/issuers/{department_id}", summary="颁发机构元数据 / Issuer metadata")
    async def metadata(department_id: str) -> Response:
        """SD-JWT VC, "JWT VC Issuer Metadata"."""
        issuer, keys = keys_of(department_id)
        return _public({"issuer": issuer, "jwks": {"keys": keys}})


def _types(routes: APIRouter) -> None:
    @routes.get("/v1/types", summary="证照类型 / The types")
    async def types() -> Response:
        """Every type, a line each."""
        return _public({"types": [_line(ctype) for ctype in all_types()]}, headers=_DAY)

    @routes.get("/v1/types/{type_id}", summary="一种证照类型 / One type")
    async def type_of(type_id: str) -> Response:
        """One type with its fields."""
        ctype = certificate_type(type_id)
        return _public(_line(ctype) | {"fields": [_field(field) for field in ctype.fields]}, headers=_DAY)

    @routes.get("/v1/types/{type_id}/purposes", summary="此类证照的用证事由 / What a type is asked for")
    async def purposes(type_id: str) -> Response:
        """The shipped purposes of relying parties that ask for this type; a delegation names them by their ids."""
        return _public({"purposes": _asking(str(certificate_type(type_id).vct))}, headers=_DAY)


@cache
def _asking(vct: str) -> list[dict[str, Any]]:
    return [
        {"purpose_id": each.purpose_id, "name_zh": each.name_zh, "name_en": each.name_en, "sector": each.sector}
        for each in shipped().values()
        if any(vct in names for asked in each.query.credentials for names in asked.types)
    ]


def _line(ctype: CertificateType) -> dict[str, Any]:
    office = department(ctype.department)
    return {
        "id": ctype.id,
        "vct": ctype.vct,
        "name_zh": ctype.name_zh,
        "name_en": ctype.name_en,
        "department": office.id,
        "department_zh": office.name_zh,
        "department_en": office.name_en,
        "type_code": ctype.type_code,
        "states": sorted(ctype.states),
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label_zh": field.label_zh,
        "label_en": field.label_en,
        "kind": field.kind,
        "required": field.required,
        "disclosure": field.disclosure,
        "sensitive": field.sensitive,
        "derived": field.derivation is not None,
        "example": field.example,
    }


def _public(value: Any, *, headers: Mapping[str, str] | None = None, media_type: str = "application/json") -> Response:
    kept = _ANY_ORIGIN | dict(headers or {"cache-control": "public, max-age=300"})
    return Response(orjson.dumps(value), media_type=media_type, headers=kept)
