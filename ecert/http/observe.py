"""Request ids, the log and the metrics: what an operator sees of a request, and nothing of a person.

A log line is one JSON object: time, level, event, request id, method, the route's template (never the path that was
asked for, its query, a header or a body), status, milliseconds, and the relying party whose own key it was. Metrics
carry method, route and status.
"""

import logging
import re
import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from ecert.http.metrics import Metrics

_log = logging.getLogger("ecert.http")
_BLANK = vars(_log.makeRecord(_log.name, logging.INFO, "", 0, "request", (), None))
_REQUEST_ID = re.compile(rb"[0-9A-Za-z_-]{8,64}")


class JsonLines(logging.Formatter):
    """One JSON object a record: only the event's name and the facts that the code gave, never formatted arguments."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        facts: dict[str, Any] = getattr(record, "facts", {})
        # A foreign message may hold anything once its arguments are in; the server's templates hold nothing.
        own = record.name.startswith(("ecert", "uvicorn"))
        event = record.msg if own and isinstance(record.msg, str) else "foreign"
        line = {"time": _time(record.created), "level": record.levelname.lower(), "logger": record.name, "event": event}
        return orjson.dumps({**line, **facts}).decode()


def _time(seconds: float) -> str:
    """Return a moment in UTC, to the millisecond."""
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return f"{_second(whole)}.{thousandths:03}+00:00"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def configure_logging(level: int = logging.INFO) -> None:
    """Send every logger's records as JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


class Observe:
    """ASGI middleware: gives a request its id (the caller's ``X-Request-Id`` when it is one), logs and counts it."""

    def __init__(self, app: Any, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        begun, status = time.perf_counter(), 500

        async def watched(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = message | {"headers": [*message.get("headers", ()), (b"x-request-id", request_id)]}
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            self._record(scope, request_id.decode(), status, time.perf_counter() - begun)

    def _record(self, scope: Any, request_id: str, status: int, seconds: float) -> None:
        method, route = scope["method"], template(scope)
        self.metrics.request(method=method, route=route, status=status, seconds=seconds)
        if _log.isEnabledFor(logging.INFO):
            facts = {"request": request_id, "method": method, "route": route, "status": status}
            facts["ms"] = round(seconds * 1000, 2)
            access = getattr(scope["state"].get("actor"), "access", None)
            if access is not None:
                facts |= {"party": access.party_id, "environment": access.environment.value}
            _log.handle(_record(facts))


def _record(facts: dict[str, Any]) -> logging.LogRecord:
    """As ``_log.info`` makes it, but for asking each time for the line of code, the thread and the process."""
    record = logging.LogRecord.__new__(logging.LogRecord)
    now = time.time()
    record.__dict__.update(_BLANK, facts=facts, created=now, msecs=now % 1 * 1000)
    return record


def template(scope: Any) -> str:
    """Return the path template of the route that took the request; ``unmatched`` when none did."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _request_id(headers: list[tuple[bytes, bytes]]) -> bytes:
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value
    return secrets.token_hex(12).encode()
