"""From error codes to problem documents (RFC 9457): the one table, and the one place that catches everything.

    {"type": "urn:ecert:problem:unknown_certificate", "title": "没有这个证照 / No such certificate",
     "status": 404, "code": "unknown_certificate", "detail": "no certificate has this identifier"}

``detail`` is the error's own sentence, which holds no personal data. Errors in an order's fields stand in ``errors``.
An error that is not ours becomes ``internal_error`` with an incident number, under which the log has the place.
"""

import asyncio
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from ecert.problem_table import TABLE
from keys.errors import EcertError

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:ecert:problem:"
_log = logging.getLogger("ecert.problems")


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the table: the HTTP status and the title in zh and en."""

    status: int
    title_zh: str
    title_en: str


PROBLEMS: Mapping[str, Problem] = {code: Problem(int(status), zh, en) for code, status, zh, en in TABLE}
"""Error code → problem."""
_UNKNOWN = PROBLEMS["internal_error"]
# RFC 9110, 11.6.1: a 401 says how to authenticate; 10.2.3: a 503 may say when to come again.
_EXTRA_HEADERS: Mapping[int, tuple[tuple[bytes, bytes], ...]] = {
    401: ((b"www-authenticate", b"Bearer"),),
    503: ((b"retry-after", b"2"),),
}
_FAULT_MEMBERS = ("field", "path", "rule", "reason", "message", "message_zh", "message_en")


def status_of(error: EcertError) -> int:
    """Return the HTTP status of ``error``; an error outside the table is one of ours that nobody thought of: 500."""
    return PROBLEMS.get(error.code, _UNKNOWN).status


def document(error: EcertError) -> dict[str, Any]:
    """Return the problem document of an error of ours."""
    problem = PROBLEMS.get(error.code)
    if problem is None:
        return internal(error)
    members: dict[str, Any] = {
        "type": getattr(error, "problem_type", TYPE_PREFIX + error.code),  # a standard's own, where it has one
        "title": f"{problem.title_zh} / {problem.title_en}",
        "status": problem.status,
        "code": error.code,
        "detail": str(error),
    }
    faults = field_faults(error)
    return members | {"errors": faults} if faults else members


def field_faults(error: EcertError) -> list[dict[str, Any]]:
    """Return the faults of single fields that ``error`` carries (``faults`` or ``problems``): no value among them."""
    found: list[dict[str, Any]] = []
    for fault in (*getattr(error, "faults", ()), *getattr(error, "problems", ())):
        if isinstance(fault, str):
            found.append({"detail": fault})
        else:
            shown = {name: getattr(fault, name, None) for name in _FAULT_MEMBERS}
            found.append({name: str(value) for name, value in shown.items() if value})
    return found


def internal(error: BaseException) -> dict[str, Any]:
    """Log where ``error`` happened, without its text (it may hold personal data), and return its document."""
    incident = secrets.token_hex(8)
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("internal_error", extra={"facts": {"incident": incident, "error": type(error).__name__, "at": frames}})
    return {
        "type": TYPE_PREFIX + "internal_error",
        "title": f"{_UNKNOWN.title_zh} / {_UNKNOWN.title_en}",
        "status": HTTPStatus.INTERNAL_SERVER_ERROR,
        "code": "internal_error",
        "incident": incident,
    }


class Problems:
    """ASGI middleware, the outermost one: every error becomes a problem document, and nothing leaves unanswered."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request; when the answer has begun, an error can only cut it off."""
        begun = False
        headers: tuple[tuple[bytes, bytes], ...] = ()

        async def watched(message: Any) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except EcertError as exc:
            answer = document(exc)
            headers = _retry_after(exc)
        except Exception as exc:  # noqa: BLE001 - the one place: whatever it is, it is answered and logged
            answer = internal(exc)
        else:
            return
        if not begun and scope["type"] == "http":
            request_id = scope.get("state", {}).get("request_id")
            named = {} if request_id is None else {"request_id": request_id}
            await respond(send, answer | named, headers or _EXTRA_HEADERS.get(answer["status"], ()))


def _retry_after(error: EcertError) -> tuple[tuple[bytes, bytes], ...]:
    """The header of RFC 6585, 4 for an error that knows when to come again."""
    seconds = getattr(error, "retry_after", None)
    return () if seconds is None else ((b"retry-after", str(int(seconds)).encode()),)


def attempt(work: Callable[[], object], *, what: str) -> bool:
    """Do a piece of background work; an error is logged and the next round tries again. Tell whether it went well."""
    try:
        work()
    except EcertError as exc:
        cause = {"cause": exc.__cause__.code} if isinstance(exc.__cause__, EcertError) else {}
        _log.warning("upkeep_failed", extra={"facts": {"what": what, "code": exc.code} | cause})
        return False
    except Exception as exc:  # noqa: BLE001 - the watchman must not die of what he finds
        internal(exc)
        return False
    return True


async def begun_again(work: Callable[[], Awaitable[None]], *, seconds: float = 5.0) -> None:
    """Do work that never ends; should it fail all the same, that is logged, and it begins again after a while."""
    while True:
        try:
            await work()
        except Exception as exc:  # noqa: BLE001 - nobody else looks at this task
            internal(exc)
        await asyncio.sleep(seconds)


async def respond(send: Any, answer: Mapping[str, Any], headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """Send a problem document by the bare ASGI messages."""
    body = orjson.dumps(answer)
    fixed = ((b"content-type", CONTENT_TYPE.encode()), (b"content-length", str(len(body)).encode()))
    start = {"type": "http.response.start", "status": int(answer["status"]), "headers": [*fixed, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body})
