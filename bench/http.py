"""The rows of HTTP: CPU that one request costs the server, against the bare signatures that it checks.

``uvicorn``: ``ecert serve`` in a process of its own, asked over one kept connection on the loopback address, a bounded
number of times, one after the other; its CPU clock is read, so the client costs nothing. ``in process``: the same
application called without server or socket, the requests of a run one after the other in a loop that is started once,
as a server's is. What is asked:

- a bare certificate (vc+jwt): one signature. Nobody shows it, so the verdict is invalid after every check was made;
- a presentation (SD-JWT VC with key binding), new each time: two signatures, ten disclosures, verdict valid;
- the VC-API with a stranger's vc+jwt: one signature, and JSON-LD's data loss is looked for;
- ``/healthz``, which does nothing: what server and framework take by themselves.
"""

import asyncio
import http.client
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench import limits
from bench.jose import NAMES
from bench.setting import Setting
from bench.site import HOST, Site, open_site, serving
from bench.timing import Operation, Row, Unavailable, process_clock, repeated
from ecert.http.app import create_app
from ecert.http.observe import JsonLines
from ecert.vc_api.service import UnsafeVcApi
from keys.algorithms import Algorithm

REQUESTS = 40
VERIFY_ROUTE, VC_API_ROUTE, IDLE_ROUTE = "/v1/verifications/present", "/credentials/verify", "/healthz"
BARE, SHOWN = "HTTP verify vc+jwt, ES256", "HTTP verify SD-JWT VC + KB, ES256"
VC_API, IDLE = "HTTP VC-API verify vc+jwt, ES256", "HTTP GET /healthz"
HOT, OTHER = 4.0, 6.0
_SERVERS = ("in process", "uvicorn")
_KEPT = 3.0  # seconds; the server lets go of a connection that was idle for five

Send = Callable[[str, str, Sequence[bytes | None]], list[bytes]]
"""Sends a request of this method and path for each JSON body, one after the other, and returns the bodies of the
answers, which must be below 300."""


@dataclass(slots=True)
class _Door:
    """A way to the application, and the clock of who answers there."""

    name: str
    send: Send
    clock: Callable[[], float]
    waiting: Sequence[bytes] = ()

    def row(self, name: str, path: str, bodies: Callable[[], Sequence[bytes]], least: limits.Work, aim: float) -> Row:
        def prepare() -> None:
            self.waiting = bodies()

        def run() -> None:
            self.send("POST", path, self.waiting)

        ours = Operation(run, REQUESTS, prepare, self.clock)
        return Row(f"{name}, {self.name}", "limit", repeated(least, REQUESTS), ours, aim)

    def idle(self, least: limits.Work) -> Row:
        nothing = [None] * REQUESTS
        ours = Operation(lambda: self.send("GET", IDLE_ROUTE, nothing), REQUESTS, clock=self.clock)
        return Row(f"{IDLE}, {self.name}", "limit", repeated(least, REQUESTS), ours, None)

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Send one request and return the JSON of its answer."""
        return orjson.loads(self.send(method, path, [body])[0])


def rows(setting: Setting) -> list[Row | Unavailable]:
    """Return the rows in process, and over a real server where its CPU clock can be read."""
    site = open_site(setting.stack)
    made: list[Row | Unavailable] = list(_rows(site, _in_process(site, setting)))
    server = setting.stack.enter_context(serving(site))
    try:
        clock = process_clock(server.pid)
    except OSError:
        why = "this system tells nobody the CPU time of another process (Linux does)"
        return made + [Unavailable(f"{name}, {_SERVERS[1]}", why) for name in (BARE, SHOWN, VC_API, IDLE)]
    return made + list(_rows(site, _Door(_SERVERS[1], _over_http(site, setting), clock)))


def _rows(site: Site, door: _Door) -> list[Row | Unavailable]:
    raw = limits.generate(Algorithm.ES256)
    once = limits.verifying(raw, bytes(1_500))
    twice = limits.together(once, limits.verifying(raw, bytes(300)), limits.hashing(["x" * 150] * len(NAMES)))
    bare = [orjson.dumps({"text": site.vc_jwt})] * REQUESTS

    def shown() -> list[bytes]:
        return [orjson.dumps({"text": site.presentation()}) for _ in range(REQUESTS)]

    assert door.ask("POST", VERIFY_ROUTE, shown()[0])["verdict"] == "valid"
    return [
        door.row(BARE, VERIFY_ROUTE, lambda: bare, once, HOT),
        door.row(SHOWN, VERIFY_ROUTE, shown, twice, HOT),
        _vc_api(site, door, once),
        door.idle(once),
    ]


def _vc_api(site: Site, door: _Door, least: limits.Work) -> Row | Unavailable:
    if not site.has_vc_api:
        return Unavailable(f"{VC_API}, {door.name}", "pyld is not here: pip install 'ecert[jsonld]'")
    issuers = door.ask("GET", "/issuers")
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuers["vc-jwt"],
        "validFrom": "2025-06-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:2f1c1d3e-5a52-4f0e-9b57-0d9a3f1f6c11"},
    }
    asked = orjson.dumps({"credential": document, "options": {}})
    issued = door.ask("POST", "/issuers/vc-jwt/credentials/issue", asked)["verifiableCredential"]
    bodies = [orjson.dumps({"verifiableCredential": issued, "options": {}})] * REQUESTS
    return door.row(VC_API, VC_API_ROUTE, lambda: bodies, least, OTHER)


def _over_http(site: Site, setting: Setting) -> Send:
    connection = http.client.HTTPConnection(HOST, site.port, timeout=30)
    setting.stack.callback(connection.close)
    headers = {"authorization": f"Bearer {site.token}", "content-type": "application/json"}

    used = time.monotonic()

    def one(method: str, path: str, body: bytes | None) -> bytes:
        nonlocal used
        if time.monotonic() - used > _KEPT:
            connection.close()  # and opened anew by the next request
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        used = time.monotonic()
        return _checked(answer.status, content)

    return lambda method, path, bodies: [one(method, path, body) for body in bodies]


def _in_process(site: Site, setting: Setting) -> _Door:
    vc_api = UnsafeVcApi(site.container.installation.public_url, site.container.clock) if site.has_vc_api else None
    app: Any = create_app(site.container, watch=False, vc_api=vc_api)
    loop = asyncio.new_event_loop()
    setting.stack.callback(loop.close)
    setting.stack.callback(lambda: loop.run_until_complete(loop.shutdown_default_executor()))
    # As in the server, lines are formatted; they go nowhere.
    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (the stack closes it)
    handler = logging.StreamHandler(setting.stack.enter_context(nowhere))
    handler.setFormatter(JsonLines())
    log = logging.getLogger("ecert.http")
    setting.stack.callback(_listening(log, handler))
    headers = [(b"host", HOST.encode()), (b"authorization", f"Bearer {site.token}".encode())]
    headers.append((b"content-type", b"application/json"))

    async def each(method: str, path: str, bodies: Sequence[bytes | None]) -> list[bytes]:
        return [await _called(app, _scope(app, method, path, headers), body or b"") for body in bodies]

    def send(method: str, path: str, bodies: Sequence[bytes | None]) -> list[bytes]:
        return loop.run_until_complete(each(method, path, bodies))

    return _Door(_SERVERS[0], send, time.process_time)


def _listening(log: logging.Logger, handler: logging.Handler) -> Callable[[], None]:
    before = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False

    def undo() -> None:
        log.removeHandler(handler)
        log.level, log.propagate = before

    return undo


async def _called(app: Any, scope: dict[str, Any], body: bytes) -> bytes:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return _checked(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))


def _scope(app: Any, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": headers,
        "client": (HOST, 1),
        "server": (HOST, 80),
        "app": app,
    }


def _checked(status: int, body: bytes) -> bytes:
    if status >= 300:
        raise RuntimeError(f"the server answered {status}")
    return body
