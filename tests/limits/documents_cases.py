"""Limits of JSON-LD, Data Integrity, pictures, files, requests and what a holder says."""

import asyncio
import io
import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import cbor2

from ecert.http.limits import LimitRequests, Limits
from schemas.formats.data_integrity import jcs, multibase, options
from schemas.formats.data_integrity.ecdsa_sd_2023 import selection
from schemas.formats.data_integrity.ecdsa_sd_2023.values import BASE_HEADER, DERIVED_HEADER, BaseValue, DerivedValue
from schemas.formats.data_integrity.multibase import Base
from schemas.formats.jsonld import compiled, rdfc10
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.terms import Active, process
from schemas.qr import reading
from tests.limits.case import Case, value_of
from verifier.reading import read_presentation
from wallet_api.presenting import Terms
from wallet_api.selection import Wanted

_HELD = "https://a.example/held"
_PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "verificationMethod": "did:example:i#k",
    "proofPurpose": "assertionMethod",
    "proofValue": "z3",
}


def _walk(document: dict[str, Any]) -> None:
    compiled.Walk(Contexts()).document(document)


def _deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {_HELD: "x"}
    for _ in range(levels - 1):
        value = {_HELD: value}
    return {"@context": [], **value}


def _stated(quads: int) -> dict[str, Any]:
    """The walk counts before it goes into a node."""
    said: dict[str, Any] = {f"https://a.example/{number}": "x" for number in range(quads)}
    return {"@context": [], **said, _HELD: {_HELD: "x"}}


def _with_contexts(count: int) -> dict[str, Any]:
    return {"@context": [], _HELD: [{"@context": {}, _HELD: str(number)} for number in range(count)]}


def _scoped(count: int) -> dict[str, Any]:
    nodes = [{"@type": "T", "a": str(number)} for number in range(count)]
    parts = {f"https://a.example/{start}": nodes[start : start + 200] for start in range(0, count, 200)}
    return {"@context": {"T": {"@id": "urn:x:T", "@context": {"a": "urn:x:a"}}}, **parts}


def _paired(pairs: int) -> dict[str, Any]:
    return {"@context": [], _HELD: [str(number) for number in range(math.isqrt(pairs - 1) + 1)]}


def _quads(count: int) -> Iterator[tuple[str, str, str, str]]:
    return (("<urn:x:s>", "<urn:x:p>", f'"{number}"', "") for number in range(count))


def _apply(context: Any) -> None:
    process(Active(Contexts()), context)


def _array(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def _value(header: bytes, *components: bytes) -> str:
    return multibase.encode(header + b"\x85" + b"".join(components), Base.BASE64URL)


def _bytes(data: bytes) -> bytes:
    return b"\x58" + bytes((len(data),)) + data


def _indexed(count: int) -> str:
    key = b"\x80\x24" + bytes(33)
    return _value(DERIVED_HEADER, _bytes(bytes(64)), _bytes(key), b"\x80", b"\xa0", cbor2.dumps(list(range(count))))


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress((b"\0" + b"\xff" * ((width + 7) // 8)) * height)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _of_pixels(count: int) -> bytes:
    width = next(side for side in range(math.isqrt(count), 0, -1) if count % side == 0)
    return _png(width, count // width)


def _scanned(scans: int) -> bytes:
    return b"\xff\xd8\xff" + b"\xff\xda\0" * scans


def _serve(*, body: int = 0, headers: int = 0) -> None:
    """One request through the middleware, without a Content-Length."""
    sizes = [int(value_of(name)) for name in ("ECERT_MAX_BODY", "ECERT_MAX_HEADERS")]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    async def application(_: Any, given: Any, __: Any) -> None:
        await given()

    served = LimitRequests(application, limits=Limits(*sizes, seconds=15))
    scope = {"type": "http", "path": "/", "query_string": b"", "headers": [(b"x", b"y")] * headers}
    asyncio.run(served(scope, receive, None))


CASES = (
    Case("schemas.formats.jsonld.compiled.MAX_DEPTH", "jsonld_too_large", _deep, _walk),
    Case("schemas.formats.jsonld.compiled.MAX_QUADS", "jsonld_too_large", _stated, _walk),
    Case("schemas.formats.jsonld.compiled.MAX_CONTEXTS", "jsonld_too_large", _with_contexts, _walk),
    Case("schemas.formats.jsonld.compiled.MAX_SCOPES", "jsonld_too_large", _scoped, _walk),
    Case("schemas.formats.jsonld.compiled.MAX_PAIRS", "jsonld_too_large", _paired, _walk),
    Case("schemas.formats.jsonld.terms.MAX_CONTEXTS", "context_invalid", lambda size: [{}] * size, _apply, "more than"),
    Case(
        "schemas.formats.jsonld.terms.MAX_TERMS",
        "context_invalid",
        lambda size: {f"t{number}": "urn:x:t" for number in range(size)},
        _apply,
        "more than",
    ),
    Case("schemas.formats.jsonld.rdfc10.MAX_QUADS", "jsonld_too_large", _quads, rdfc10.canonicalize),
    Case("schemas.formats.data_integrity.jcs.MAX_DEPTH", "json_not_canonicalizable", _array, jcs.canonical, "deeper"),
    Case(
        "schemas.formats.data_integrity.options.MAX_PROOFS",
        "too_many_proofs",
        lambda size: {"proof": [_PROOF] * size},
        options.read_all,
    ),
    Case(
        "schemas.formats.data_integrity.options.MAX_PREVIOUS",
        "previous_proof_invalid",
        lambda size: _PROOF | {"previousProof": [f"urn:x:{number}" for number in range(size)]},
        options.read,
    ),
    Case(
        "schemas.formats.data_integrity.options._MAX_TEXT",
        "verification_method_invalid",
        lambda size: _PROOF | {"verificationMethod": "did:example:i#".ljust(size, "k")},
        options.read,
    ),
    Case(
        "schemas.formats.data_integrity.ecdsa_sd_2023.selection.MAX_POINTERS",
        "json_pointer_malformed",
        lambda size: [f"/{number}" for number in range(size)],
        selection.tree,
        "more than",
    ),
    Case(
        "schemas.formats.data_integrity.ecdsa_sd_2023.selection._MAX_LENGTH",
        "json_pointer_malformed",
        lambda size: ["/".ljust(size, "a")],
        selection.tree,
        "too long",
    ),
    Case(
        "schemas.formats.data_integrity.ecdsa_sd_2023.values._MAX_CHARACTERS",
        "sd_not_cbor",
        lambda size: _value(BASE_HEADER).ljust(size, "A"),
        BaseValue.parse,
        "characters, limit",
        taken=False,
    ),
    Case(
        "schemas.formats.data_integrity.ecdsa_sd_2023.values._MAX_ITEMS",
        "sd_mandatory_indexes_malformed",
        _indexed,
        DerivedValue.parse,
        "indexes",
    ),
    Case("schemas.qr.reading.MAX_PICTURE", "picture_too_large", bytes, reading.read, taken=False),
    Case("schemas.qr.reading.MAX_PIXELS", "picture_too_large", _of_pixels, reading.read, stand_in=40_000),
    Case("schemas.qr.reading.MAX_SIDE", "picture_too_large", lambda size: _png(size, 1), reading.read),
    Case("schemas.qr.reading.MAX_SCANS", "picture_too_large", _scanned, reading.read, taken=False),
    Case(
        "verifier.reading._MAX_INPUT",
        "unreadable_input",
        lambda size: b"x" * size,
        lambda data: read_presentation("-", io.BytesIO(data)),
        "more than",
    ),
    Case("ECERT_MAX_BODY", "request_too_large", lambda size: size, lambda size: _serve(body=size)),
    Case("ECERT_MAX_HEADERS", "request_too_large", lambda size: size, lambda size: _serve(headers=size)),
    Case(
        "wallet_api.presenting.MAX_PURPOSE",
        "purpose_invalid",
        lambda size: "用" * size,
        lambda purpose: Terms.checked("n", "urn:x", purpose),
    ),
    Case(
        "wallet_api.presenting._MAX_NONCE",
        "presentation_request_invalid",
        lambda size: "n" * size,
        lambda nonce: Terms.checked(nonce, "urn:x", "办事"),
    ),
    Case(
        "wallet_api.presenting._MAX_AUDIENCE",
        "presentation_request_invalid",
        lambda size: "a" * size,
        lambda audience: Terms.checked("n", audience, "办事"),
    ),
    Case(
        "wallet_api.selection.MAX_FIELDS",
        "presentation_request_invalid",
        lambda size: ("name",) * size,
        lambda fields: Wanted(fields, type_id="business_licence"),
    ),
)
