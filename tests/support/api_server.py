"""A server of the verify API that says what a test tells it, without a socket."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from verifier.client import AsyncClient, Client

URL = "https://ecert.example"
SUMMARY: dict[str, Any] = {
    "id": "8Yq0",
    "environment": "test",
    "status": "waiting",
    "verdict": None,
    "purpose": "water.account-opening",
    "reference": "order-17",
    "flow": "cross_device",
    "created_at": "2026-03-02T09:41:17Z",
    "expires_at": "2026-03-02T09:46:17Z",
    "ended_at": None,
}
CHECK = {
    "check": "status",
    "state": "failed",
    "code": "revoked",
    "text": {"zh": "已吊销", "en": "revoked"},
    "evidence": {"list": "https://ecert.example/status/1", "index": 7},
}
RESULT: dict[str, Any] = {"verdict": "invalid", "verified_at": "2026-03-02T09:42:03Z", "checks": [CHECK]}
BATCH: dict[str, Any] = {
    "id": "b1",
    "state": "running",
    "total": 2,
    "done": 0,
    "counts": {"valid": 0, "invalid": 0, "indeterminate": 0},
    "purpose": None,
    "reference": None,
    "created_at": "2026-03-02T09:41:17Z",
    "ended_at": None,
}
WATCH: dict[str, Any] = {
    "id": "w1",
    "list": "https://ecert.example/status/1",
    "index": 7,
    "value": 0,
    "reference": None,
    "verification": None,
    "expires_at": "2027-03-02T09:41:17Z",
}


def answer(value: Any = None, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(status, json={} if value is None else value, headers=named)


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    """A problem document."""
    document = {"code": code, "title": "出错 / Error", "detail": "the fact", "errors": [{"field": "purpose"}]}
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    kind = {"content-type": "application/problem+json", "x-request-id": "r1"}
    return httpx.Response(status, content=json.dumps(document), headers=kind | named)


Said = httpx.Response | Exception


@dataclass
class FakeServer:
    """Gives the answers in turn, the last one for ever; keeps what was asked and how long was waited."""

    answers: list[Said]
    asked: list[httpx.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, Exception):
            raise said
        return said

    def monotonic(self) -> float:
        """Time passes by waiting alone."""
        return sum(self.pauses)

    def client(self) -> Client:
        """A client of this server."""
        wait: Callable[[float], None] = self.pauses.append
        return Client(URL, key="test_k", transport=httpx.MockTransport(self), sleep=wait, monotonic=self.monotonic)

    def async_client(self) -> AsyncClient:
        """The same for asyncio."""

        async def wait(seconds: float) -> None:
            self.pauses.append(seconds)

        return AsyncClient(URL, key="test_k", transport=httpx.MockTransport(self), sleep=wait, monotonic=self.monotonic)

    def body(self, number: int = -1) -> Any:
        """The JSON of a request."""
        return json.loads(self.asked[number].content)
