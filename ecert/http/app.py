"""The application: middleware from the outside in, then the routers of the roles.

Observe          request id, log, metrics
SecurityHeaders  on every answer, problems included
Problems         every error becomes a problem document
LimitRequests    size, headers, time
Authenticate     who is asking
Quota            how much a relying party may ask
Idempotency      the same request twice
Direct           the hot routes
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ecert import problems, webhooks
from ecert.access import Actor, actor_for
from ecert.bulk import Bulk, bulk_of
from ecert.errors import FieldFault, MalformedRequest, MethodNotAllowed, NotFound
from ecert.http import health, site, upkeep
from ecert.http.auth import Authenticate
from ecert.http.direct import Direct, direct_routes
from ecert.http.edge import Edge
from ecert.http.headers import SecurityHeaders
from ecert.http.idempotency import Idempotency
from ecert.http.limits import LimitRequests, Limits
from ecert.http.observe import Observe
from ecert.http.quota import Quota
from ecert.http.route_index import RouteIndex
from ecert.http.routers import Joined, routers
from ecert.officers import Officers
from ecert.parties.access import PartyBearers
from ecert.presenting import WalletPresenting
from ecert.receiving import WalletReceiving
from ecert.testmode.parts import sample_town
from ecert.wiring import Container
from keys.errors import EcertError

if TYPE_CHECKING:
    from ecert.vc_api.service import UnsafeVcApi


def create_app(container: Container, *, watch: bool = True, vc_api: "UnsafeVcApi | None" = None) -> FastAPI:
    """Return the application over ``container``; ``watch`` lets it do the upkeep while it runs.

    ``vc_api`` opens the VC-API's routes to everybody (``ecert.vc_api``); None, as in production, has none of them.
    """
    receiving = WalletReceiving(container)
    presenting = WalletPresenting(container, receiving.http)
    town = sample_town(container, presenting)
    bulk = bulk_of(container, testing=town.evidence)
    app = FastAPI(
        title="ecert",
        version=version("ecert"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan(container, receiving, bulk, watch=watch),
        # It would say to a collector which address was asked for; ours says its template (``Observe``).
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    receiving.http.serve(app)
    edge = Edge(container.metrics, pictures=container.settings.pictures)
    found = routers(Joined(container, receiving, presenting, town, bulk), edge)
    if vc_api is not None:
        from ecert.vc_api import routes as vc_api_routes  # in the test mode alone: production never loads it

        found.append(vc_api_routes.router(vc_api, edge))
    found.append(site.router(app, edge))
    app.router.routes.append(RouteIndex(route for each in found for route in each.routes))
    health.watch(container)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    _wrap(app, container)
    return app


def _wrap(app: FastAPI, container: Container) -> None:
    settings = container.settings
    # The last one added is the outermost.
    app.add_middleware(Direct, routes=direct_routes(app))
    app.add_middleware(Idempotency, store=container.storage.idempotency, clock=container.clock)
    app.add_middleware(Quota, limits=container.storage.rate_limits, clock=container.clock)
    app.add_middleware(Authenticate, find=_finder(container))
    limits = Limits(settings.max_body, settings.max_headers, settings.request_seconds)
    app.add_middleware(LimitRequests, limits=limits)
    app.add_middleware(problems.Problems)
    hsts = container.installation.public_url.startswith("https:")
    app.add_middleware(SecurityHeaders, frame_ancestors=settings.frame_ancestors, hsts=hsts)
    app.add_middleware(Observe, metrics=container.metrics)


def _finder(container: Container) -> Callable[[str], Actor | None]:
    provider = container.settings.officers
    officers = None if provider is None else Officers(provider, container.clock)
    of_parties = PartyBearers(container)

    def find(token: str) -> Actor | None:
        if of_parties.is_one(token):
            return of_parties.find(token)
        if officers is not None and token.count(".") == 2:
            return officers.find(token)
        found = container.storage.tokens.find(token, now=container.clock())
        return None if found is None else actor_for(found)

    return find


def _lifespan(
    container: Container, receiving: WalletReceiving, bulk: Bulk, *, watch: bool
) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        anyio.to_thread.current_default_thread_limiter().total_tokens = container.settings.threads
        works = _work(container, receiving, bulk) if watch else ()
        tasks = [asyncio.create_task(problems.begun_again(each)) for each in works]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan


def _work(container: Container, receiving: WalletReceiving, bulk: Bulk) -> tuple[Callable[[], Awaitable[None]], ...]:
    return (
        partial(upkeep.forever, container, receiving),
        partial(upkeep.follow, container, receiving),
        partial(webhooks.forever, container),
        bulk.forever,
    )


async def _refused(request: Request, error: Exception) -> Response:
    """The router's own refusals: there is no such address, or not with this method."""
    del request
    status = getattr(error, "status_code", 404)
    headers: dict[str, str] = dict(getattr(error, "headers", None) or {})
    if status == 405:
        return _answer(MethodNotAllowed("this address does not take this method"), headers)
    return _answer(NotFound("there is nothing at this address"), headers)


async def _malformed(request: Request, error: Exception) -> Response:
    """Parameters of the address that do not fit; what was given is not repeated."""
    del request
    found: list[dict[str, Any]] = error.errors() if isinstance(error, RequestValidationError) else []  # type: ignore[assignment]
    faults = [FieldFault(".".join(map(str, item["loc"])), str(item["type"]), str(item["type"])) for item in found]
    return _answer(MalformedRequest(faults), {})


def _answer(error: EcertError, headers: dict[str, str]) -> Response:
    document = problems.document(error)
    content = orjson.dumps(document)
    return Response(content, document["status"], headers=headers, media_type=problems.CONTENT_TYPE)
