"""Status lists for everybody: tokens, bitstring credentials, their history, and the lists of an issuer's lists.

Nothing but whole lists is served: who asked for one certificate's status would tell whose certificate is looked at.
What is served was signed when it was published; a GET compares, copies and sends.
"""

import gzip
import hashlib
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from ecert.errors import NotAcceptable, NotFound, StatusHistoryMissing, StatusRetrievalFailed, StatusTimeInvalid
from ecert.http.edge import Edge
from ecert.http.negotiation import chosen_type, http_date, not_modified, takes_gzip
from ecert.wiring import Container
from issuer.errors import UnknownStatusList
from issuer.outbox import PublishedDocument
from issuer.status_forms import AGGREGATION, CWT, JWT, name_of
from keys.encoding import b64url_text
from schemas.formats import vc_model
from schemas.formats.bitstring_credential import PURPOSES
from schemas.formats.status_answer import MESSAGES

TOKEN_TYPES = {"application/statuslist+jwt": JWT, "application/statuslist+cwt": CWT}
CREDENTIAL_TYPES = {
    "application/vc": "json",
    "application/json": "json",
    "application/ld+json": "json",
    "application/vc+ld+json": "json",
    "application/vc+jwt": "jwt",
}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_WORDS = {400: "时间有误 Not one moment", 404: "没有找到 Not found", 406: "没有所要的格式 Not acceptable"}
_ANY_ORIGIN = {"access-control-allow-origin": "*"}
_LOOK_AGAIN = 2.0
_HISTORY_KEPT = 3600  # seconds; what was valid at a moment of the past does not change
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_TEXTS = {
    0: ("有效", "valid"),
    1: ("吊销、撤销或注销", "revoked or cancelled, for ever"),
    2: ("暂扣", "suspended for a time"),
    3: ("已变更或延续为新版本", "replaced by a newer version of the certificate"),
}


@dataclass(frozen=True, slots=True)
class Served:
    """A document as it goes out: once as it is, once compressed where that pays."""

    document: PublishedDocument
    etag: str
    zipped: bytes | None = field(repr=False)

    @classmethod
    def of(cls, document: PublishedDocument) -> "Served":
        """Return the document with what every answer needs of it."""
        etag = b64url_text(hashlib.sha256(document.body).digest()[:12])
        # A token is base64 of what is compressed already: gzip takes back a quarter.
        zipped = None if document.name == CWT else gzip.compress(document.body, 6, mtime=0)
        return cls(document, etag, zipped if zipped is not None and len(zipped) < len(document.body) else None)


class StatusDocuments:
    """The newest documents, asked of the database at most every two seconds."""

    def __init__(self, container: Container, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._container = container
        self._monotonic = monotonic
        self._known: dict[tuple[str, str], tuple[float, Served]] = {}

    def known(self, list_id: str, name: str) -> Served | None:
        """Return the document if it was asked for a moment ago. Never waits."""
        until, served = self._known.get((list_id, name), (0.0, None))
        return served if self._monotonic() < until else None

    def ask(self, list_id: str, name: str) -> Served:
        """Return the newest document; raises UnknownStatusList, and NotAcceptable where only this form is missing."""
        found = self._container.storage.ledger.document(self.uri(list_id), name)
        if found is None:
            if self._container.storage.ledger.published(self.uri(list_id)) is None:
                raise UnknownStatusList("no status list was published under this uri")
            raise NotAcceptable("this list was not published in this form yet")
        _, before = self._known.get((list_id, name), (0.0, None))
        served = before if before is not None and before.document == found else Served.of(found)
        self._known[list_id, name] = (self._monotonic() + _LOOK_AGAIN, served)
        return served

    def ask_at(self, list_id: str, name: str, at: datetime) -> Served:
        """Return the document that held ``at``; raises StatusHistoryMissing."""
        found = self._container.storage.ledger.document(self.uri(list_id), name, at=at)
        if found is None:
            raise StatusHistoryMissing("no edition of this list that held at this time is kept")
        return Served.of(found)

    def uri(self, list_id: str) -> str:
        """Return the URI of a list."""
        return f"{self._container.installation.public_url}/status/{list_id}"


def router(container: Container, edge: Edge) -> APIRouter:
    """Return the routes of the status lists."""
    routes = APIRouter(tags=["public"])
    documents = StatusDocuments(container)
    _tokens(routes, container, edge, documents)
    _credentials(routes, container, edge, documents)
    _lists_of_lists(routes, container, edge)
    return routes


def _tokens(routes: APIRouter, container: Container, edge: Edge, documents: StatusDocuments) -> None:
    async def status(list_id: str, request: Request) -> Response:
        """A Token Status List signed by the department, as JWT or CWT; may be kept for its ``ttl``.

        With ``?time=`` (seconds since 1970) the edition that held then.
        """
        media = _media(request, tuple(TOKEN_TYPES))
        at = _unix(request.query_params.getlist("time"))
        served = await _found(documents, edge, (list_id, TOKEN_TYPES[media]), at)
        return _answer(request, container, served, media, at)

    asked = _query("time", "秒数 seconds since 1970", {"type": "integer", "minimum": 0, "maximum": 99_999_999_999})
    summary = "状态列表 / Status list token"
    _both(routes, "/status/{list_id}", status, summary=summary, types=TOKEN_TYPES, asked=asked)


def _credentials(routes: APIRouter, container: Container, edge: Edge, documents: StatusDocuments) -> None:
    async def bitstring(list_id: str, purpose: str, request: Request) -> Response:
        """The same statuses as a BitstringStatusListCredential of one purpose, with an embedded proof or as vc+jwt.

        With ``?timestamp=`` (dateTimeStamp) the edition that held then.
        """
        if purpose not in PURPOSES:
            raise NotFound("there is no status list of this purpose")
        media = _media(request, tuple(CREDENTIAL_TYPES))
        at = _stamp(request.query_params.getlist("timestamp"))
        try:
            served = await _found(documents, edge, (list_id, name_of(purpose, CREDENTIAL_TYPES[media])), at)
        except (UnknownStatusList, StatusHistoryMissing) as exc:
            raise StatusRetrievalFailed(str(exc)) from None
        return _answer(request, container, served, media, at)

    asked = _query("timestamp", "时刻 dateTimeStamp", {"type": "string", "format": "date-time"})
    summary = "位串状态列表 / Bitstring status list"
    _both(routes, "/status/{list_id}/{purpose}", bitstring, summary=summary, types=CREDENTIAL_TYPES, asked=asked)


def _lists_of_lists(routes: APIRouter, container: Container, edge: Edge) -> None:
    path = f"/issuers/{{department_id}}{AGGREGATION}"

    @routes.get(path, summary="状态列表汇总 / Status list aggregation", responses=refusals(404))
    async def aggregation(department_id: str) -> Response:
        """The URIs of an issuer's status lists (Token Status List, 9.3)."""
        if container.trust.issuer_uri(department_id) not in container.trust.current().entries:
            raise NotFound("no issuer has this name")
        rows = await edge.run(container.storage.ledger.status_lists)
        uris = [row.uri for row in rows if row.department == department_id]
        return _json({"status_lists": uris})

    @routes.get("/status-messages", summary="状态含义 / What the statuses mean")
    async def messages() -> Response:
        """The values of the status lists, in words; ``statusReference`` of the bitstring entries."""
        return _json(
            {
                "statuses": [
                    {"status": hex(value), "message": text, "zh": _TEXTS[value][0], "en": _TEXTS[value][1]}
                    for value, text in MESSAGES.items()
                ]
            }
        )


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that a document's route answers with."""
    return {code: {"description": _WORDS[code], "content": _PROBLEM} for code in codes}


def described(types: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """Describe the good answers of a signed document's route."""
    return {
        200: {"description": "签名文件 Signed document", "content": {media: {} for media in types}},
        304: {"description": "未变 Not modified"},
    }


def _query(name: str, about: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": about, "schema": dict(schema)}


def _both(
    routes: APIRouter,
    path: str,
    endpoint: Callable[..., Any],
    *,
    summary: str,
    types: Mapping[str, str],
    asked: Mapping[str, Any],
) -> None:
    extra = {"parameters": [dict(asked)]}
    answers = described(types) | refusals(400, 404, 406)
    routes.add_api_route(path, endpoint, methods=["GET"], summary=summary, responses=answers, openapi_extra=extra)
    routes.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)


async def _found(documents: StatusDocuments, edge: Edge, key: tuple[str, str], at: datetime | None) -> Served:
    if at is not None:
        return await edge.run(documents.ask_at, *key, at)
    known = documents.known(*key)
    return known if known is not None else await edge.run(documents.ask, *key)


def _media(request: Request, offered: tuple[str, ...]) -> str:
    media = chosen_type(request.headers.get("accept"), offered)
    if media is None:
        raise NotAcceptable(f"this is served as {', '.join(offered)}")
    return media


def _answer(request: Request, container: Container, served: Served, media: str, at: datetime | None) -> Response:
    if request.method == "GET":
        container.sightings.note(served.document.uri, served.document.sequence)
    return sent(request, served, media, _max_age(container, served.document, at))


def sent(request: Request, served: Served, media: str, max_age: int) -> Response:
    """Return a signed document, or that it has not changed; caches may keep it for ``max_age`` seconds."""
    document = served.document
    zipped = served.zipped if takes_gzip(request.headers.get("accept-encoding")) else None
    body = document.body if zipped is None else zipped
    etag = f'"{served.etag}"' if zipped is None else f'"{served.etag}-gzip"'
    headers = _ANY_ORIGIN | {
        "cache-control": f"public, max-age={max_age}",
        "etag": etag,
        "last-modified": http_date(document.issued_at),
        "vary": "accept, accept-encoding",
    }
    if not_modified(request.headers, etag=etag, modified=document.issued_at):
        return Response(status_code=304, headers=headers)
    headers["content-type"] = media
    if zipped is not None:
        headers["content-encoding"] = "gzip"
    if request.method == "HEAD":
        return Response(headers=headers | {"content-length": str(len(body))})
    return Response(body, headers=headers)


def _max_age(container: Container, document: PublishedDocument, at: datetime | None) -> int:
    if at is not None and at <= container.clock():
        return _HISTORY_KEPT
    left = int((document.expires_at - container.clock()).total_seconds())
    return max(0, min(int(container.publication_ttl.total_seconds()), left))


def _unix(given: list[str]) -> datetime | None:
    if not given:
        return None
    if len(given) > 1 or not _SECONDS.fullmatch(given[0]):
        raise StatusTimeInvalid("time is not one number of seconds since 1970")
    return datetime.fromtimestamp(int(given[0]), UTC)


def _stamp(given: list[str]) -> datetime | None:
    if not given:
        return None
    refused = StatusTimeInvalid("timestamp is not one dateTimeStamp with a time zone")
    if len(given) > 1:
        raise refused
    try:
        return vc_model.date_time_stamp(given[0])
    except (ValueError, OverflowError):
        raise refused from None


def _json(value: Mapping[str, Any]) -> Response:
    headers = _ANY_ORIGIN | {"cache-control": "public, max-age=300"}
    return Response(orjson.dumps(value), media_type="application/json", headers=headers)
