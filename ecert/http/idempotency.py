"""Idempotency keys: the same request with the same key gets the same answer, once and for all (invariant 7).

``Idempotency-Key`` on a POST under ``/v1/certificates`` or to ``/v1/verifications``: the first answer is kept (sealed,
for its actor alone) and sent again with ``Idempotency-Replayed: true``. Another body under the same key is refused
(422), a second request while the first one runs too (409). What failed on our side is not kept, so that a retry is a
retry.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi.concurrency import run_in_threadpool

from ecert.access import Actor
from ecert.errors import FieldFault, IdempotencyKeyInUse, IdempotencyKeyReused, MalformedRequest
from ecert.problems import CONTENT_TYPE
from ecert.storage.idempotency import IdempotencyStore, StoredAnswer

PATHS = "/v1/certificates"
EXACT = frozenset({"/v1/verifications", "/v1/batches"})
"""Addresses that take a key themselves, and nothing under them: the answer of ``…/present`` has claims in it."""
_KEY = re.compile(rb"[\x21-\x7e]{8,128}")
_NOT_KEPT = frozenset({401, 403, 408, 429})


class Idempotency:
    """ASGI middleware; stands inside ``Authenticate``, because a key belongs to an actor."""

    def __init__(self, app: Any, *, store: IdempotencyStore, clock: Callable[[], datetime]) -> None:
        self.app = app
        self.store = store
        self.clock = clock
        self.running: set[tuple[str, str]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request; raises IdempotencyKeyReused, IdempotencyKeyInUse, MalformedRequest."""
        key = _key(scope)
        actor: Actor | None = scope.get("state", {}).get("actor")
        if key is None or actor is None:
            await self.app(scope, receive, send)
            return
        place = (actor.token_id, hashlib.sha256(key).hexdigest())
        if place in self.running:
            raise IdempotencyKeyInUse("the first request with this key is still running")
        self.running.add(place)
        try:
            await self._once(place, scope, receive, send)
        finally:
            self.running.discard(place)

    async def _once(self, place: tuple[str, str], scope: Any, receive: Any, send: Any) -> None:
        body = await _whole(receive)
        digest = hashlib.sha256(b"\0".join((scope["path"].encode(), body))).hexdigest()
        stored = await run_in_threadpool(self.store.get, *place)
        if stored is None:
            answer = await self._first(scope, body, receive, digest)
            if answer.status < 500 and answer.status not in _NOT_KEPT:
                await run_in_threadpool(self.store.put, *place, answer, now=self.clock())
            await _send(send, answer, replayed=False)
        elif stored.request_digest != digest:
            raise IdempotencyKeyReused("this key was used for another request")
        else:
            await _send(send, stored, replayed=True)

    async def _first(self, scope: Any, body: bytes, receive: Any, digest: str) -> StoredAnswer:
        status, parts, given = 500, [], False

        async def again() -> Any:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def kept(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, again, kept)
        return StoredAnswer(digest, status, b"".join(parts))


def _key(scope: Any) -> bytes | None:
    if scope["type"] != "http" or scope["method"] != "POST" or not _takes_keys(scope["path"]):
        return None
    keys: list[bytes] = [value for name, value in scope["headers"] if name == b"idempotency-key"]
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        fault = FieldFault("Idempotency-Key", "form", "expected one key of 8 to 128 printable ASCII characters")
        raise MalformedRequest([fault])
    return keys[0]


def _takes_keys(path: str) -> bool:
    return path.startswith(PATHS) or path in EXACT


async def _whole(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _send(send: Any, answer: StoredAnswer, *, replayed: bool) -> None:
    kind = "application/json" if answer.status < 400 else CONTENT_TYPE
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(answer.body)).encode())]
    if replayed:
        headers.append((b"idempotency-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
