"""What is generated from the types, under the addresses that signed documents name. Public, the same for everybody."""

from fastapi import APIRouter, Response

from ecert.errors import NotFound
from ecert.wiring import Container
from schemas.catalogue import CertificateType
from schemas.generate import (
    LOCALES,
    claims_schema,
    credential_schema,
    document_bytes,
    jsonld_context,
    svg_card,
    type_metadata,
)
from schemas.types import certificate_type

_KEPT = {"access-control-allow-origin": "*", "cache-control": "public, max-age=86400"}


def router(container: Container) -> APIRouter:
    """Return the routes of schemas, contexts, type metadata and cards."""
    routes = APIRouter(tags=["public"])
    base = container.installation.public_url

    @routes.get("/types/{type_id}/{revision}", summary="SD-JWT VC 类型元数据 / Type metadata")
    async def metadata(type_id: str, revision: int) -> Response:
        """SD-JWT VC type metadata, labels in zh-CN and en. ``vct`` is a URN: the type's id leads here."""
        return _json(document_bytes(type_metadata(_type(type_id, revision), base=base)))

    @routes.get("/types/{type_id}/{revision}/card.{locale}.svg", summary="证照样式 / The card")
    async def card(type_id: str, revision: int, locale: str) -> Response:
        """The card's SVG template that the type metadata names with its digest."""
        if locale not in LOCALES:
            raise NotFound("the card has no such language")
        return Response(svg_card(_type(type_id, revision), locale), media_type="image/svg+xml", headers=_KEPT)

    @routes.get("/schemas/{type_id}/{revision}", summary="JSON Schema (VCDM 2.0)")
    async def credential(type_id: str, revision: int) -> Response:
        """The schema of the type's VCDM 2.0 credentials."""
        return _json(document_bytes(credential_schema(_type(type_id, revision), base=base)), "application/schema+json")

    @routes.get("/schemas/{type_id}/{revision}/{kind}", summary="JSON Schema (claims, presented)")
    async def claims(type_id: str, revision: int, kind: str) -> Response:
        """The schema of the claims (``claims``), or of those of a presentation (``presented``)."""
        if kind not in ("claims", "presented"):
            raise NotFound("there is no such schema")
        schema = claims_schema(_type(type_id, revision), base=base, presented=kind == "presented")
        return _json(document_bytes(schema), "application/schema+json")

    @routes.get("/contexts/{type_id}/{revision}", summary="JSON-LD context")
    async def context(type_id: str, revision: int) -> Response:
        """The JSON-LD context of the type."""
        return _json(document_bytes(jsonld_context(_type(type_id, revision))), "application/ld+json")

    return routes


def _type(type_id: str, revision: int) -> CertificateType:
    ctype = certificate_type(type_id)
    if ctype.revision != revision:
        raise NotFound("the type has no such revision")
    return ctype


def _json(content: bytes, media_type: str = "application/json") -> Response:
    return Response(content, media_type=media_type, headers=_KEPT)
