"""The recall lists of delegations for everybody: whole lists, as status lists are."""

from fastapi import APIRouter, Request, Response

from ecert.errors import NotAcceptable, NotFound
from ecert.http.edge import Edge
from ecert.http.negotiation import chosen_type
from ecert.http.statuses import Served, described, refusals, sent
from ecert.recall_lists import TTL
from ecert.storage.delegations import RECALLS_PATH
from ecert.wiring import Container
from issuer.outbox import PublishedDocument
from issuer.status_forms import JWT

MEDIA = "application/statuslist+jwt"


def router(container: Container, edge: Edge) -> APIRouter:
    """Return the routes of the recall lists."""
    routes = APIRouter(tags=["public"])

    async def recalls(list_number: str, request: Request) -> Response:
        """A Token Status List signed by the trust anchor: 1 where a delegation was recalled."""
        if chosen_type(request.headers.get("accept"), (MEDIA,)) is None:
            raise NotAcceptable(f"this is served as {MEDIA}")
        uri = f"{container.installation.public_url}{RECALLS_PATH}{list_number}"
        found = (await edge.run(container.recalls.lists)).get(uri)
        if found is None:
            raise NotFound("no recall list has this number")
        document = PublishedDocument(uri, JWT, found.token.encode(), found.issued_at, found.expires_at, 0)
        left = int((found.expires_at - container.clock()).total_seconds())
        max_age = max(0, min(int(TTL.total_seconds()), left))
        return sent(request, Served.of(document), MEDIA, max_age)

    path = f"{RECALLS_PATH}{{list_number}}"
    summary = "授权收回列表 / Recall list of delegations"
    answers = described((MEDIA,)) | refusals(404, 406)
    routes.add_api_route(path, recalls, methods=["GET"], summary=summary, responses=answers)
    routes.add_api_route(path, recalls, methods=["HEAD"], include_in_schema=False)
    return routes
