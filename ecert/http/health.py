"""Health for machines: alive, ready (database, age of the status lists, what waits to be published), metrics."""

from datetime import timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Response

from ecert.http import metrics
from ecert.http.edge import Edge
from ecert.storage.engine import is_alive
from ecert.storage.errors import StorageError
from ecert.wiring import Container


def router(container: Container, edge: Edge) -> APIRouter:
    """Return /healthz, /readyz and /metrics. They are open: none of them says anything of a person."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", summary="存活 / Alive")
    async def healthz() -> Response:
        """200 as long as the process answers."""
        return Response(b'{"status":"ok"}', media_type="application/json")

    @routes.get("/readyz", summary="就绪 / Ready", responses={503: {"description": "未就绪 Not ready"}})
    async def readyz() -> Response:
        """503 when the database does not answer, a status list is too old, or a decision waits for too long."""
        found = await edge.run(readiness, container)
        return Response(orjson.dumps(found), 200 if found["ready"] else 503, media_type="application/json")

    text: dict[int | str, dict[str, Any]] = {200: {"description": "Prometheus", "content": {"text/plain": {}}}}

    @routes.get("/metrics", summary="指标 / Metrics", responses=text)
    async def exposition() -> Response:
        """Prometheus text; no personal data."""
        return Response(await edge.run(container.metrics.text), headers={"content-type": metrics.CONTENT_TYPE})

    return routes


def readiness(container: Container) -> dict[str, Any]:
    """Return what /readyz says: ``ready``, ``database``, the oldest list's age, the lists that wait and for how long.

    A decision that has waited for longer than ``ttl`` is an alarm: somebody may still be told that it is valid.
    """
    if not is_alive(container.storage.database.engine):
        unknown = ("status_list_age_seconds", "publications_pending", "publication_lag_seconds")
        return {"ready": False, "database": False} | dict.fromkeys(unknown)
    age = status_age(container)
    waiting = container.storage.ledger.waiting()
    lag = waiting.lag(container.clock())
    fresh = age is None or age <= timedelta(hours=container.settings.status_max_age_hours)
    return {
        "ready": fresh and lag <= container.publication_ttl,
        "database": True,
        "status_list_age_seconds": None if age is None else _seconds(age),
        "publications_pending": waiting.lists,
        "publication_lag_seconds": _seconds(lag),
    }


def status_age(container: Container) -> timedelta | None:
    """Return the age of the status list published longest ago; None when there is no list."""
    return container.publisher.age(container.clock())


def pending(container: Container) -> int:
    """Return how many status lists do not say yet what was decided ("revocation pending")."""
    return container.storage.ledger.waiting().lists


def watch(container: Container) -> None:
    """Let the metrics ask for age, pending lists and lag when they are collected.

    NaN when the database does not answer.
    """

    def age() -> float:
        try:
            found = status_age(container)
        except StorageError:
            return float("nan")
        return 0.0 if found is None else float(_seconds(found))

    def waiting() -> float:
        try:
            return float(pending(container))
        except StorageError:
            return float("nan")

    def lag() -> float:
        try:
            return float(_seconds(container.publisher.lag(container.clock())))
        except StorageError:
            return float("nan")

    container.metrics.watch(age=age, pending=waiting, lag=lag)


def _seconds(age: timedelta) -> int:
    # A list that was never published is older than any (timedelta.max): ten years say it as well.
    return int(min(age, timedelta(days=3653)).total_seconds())
