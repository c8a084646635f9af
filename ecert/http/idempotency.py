"""Idempotency keys: the same request with the same key gets the same answer, once and for all (invariant 7).

``Idempotency-Key`` on a POST under ``/v1/certificates`` or to ``/v1/verifications``: the first answer is kept (sealed,
for its actor alone) and sent again with ``Idempotency-Replayed: true``. Another body under the same key is refused
(422), a second request while the first one runs too (409), whichever worker has it: the key is reserved before the act.
What failed on our side is not kept, so that a retry is a retry.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Coroutine
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
        self.running: set[asyncio.Task[StoredAnswer]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request; raises IdempotencyKeyReused, IdempotencyKeyInUse, MalformedRequest."""
        key = _key(scope)
        actor: Actor | None = scope.get("state", {}).get("actor")
        if key is None or actor is None:
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:  # the caller has gone, and nobody knows what the rest would have said
            return
        place = (_owner(actor), hashlib.sha256(key).hexdigest())
        digest = hashlib.sha256(b"\0".join((scope["path"].encode(), body))).hexdigest()
        stored = await run_in_threadpool(self.store.reserve, *place, digest, now=self.clock())
        if stored is None:
            answer = await self._kept(self._work(place, self._first(scope, body, receive, digest)))
            await _send(send, answer, replayed=False)
        elif stored.request_digest != digest:
            raise IdempotencyKeyReused("this key was used for another request")
        elif stored.is_running:
            raise IdempotencyKeyInUse("the first request with this key is still running")
        else:
            await _send(send, stored, replayed=True)

    async def _kept(self, work: Coroutine[Any, Any, StoredAnswer]) -> StoredAnswer:
        """Wait for work that goes on when the request is given up (408): what it did is done, so its answer counts."""
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self._over)
        return await asyncio.shield(task)

    def _over(self, task: asyncio.Task[StoredAnswer]) -> None:
        self.running.discard(task)
        if not task.cancelled():
            task.exception()  # whoever still waits has it; nobody has to

    async def _work(self, place: tuple[str, str], first: Coroutine[Any, Any, StoredAnswer]) -> StoredAnswer:
        kept = False
        try:
            answer = await first
            kept = answer.status < 500 and answer.status not in _NOT_KEPT
            if kept:  # the act is done: should its answer be lost here, the key stays reserved for a while
                answer = await run_in_threadpool(self.store.complete, *place, answer, now=self.clock())
            return answer
        finally:
            if not kept and not _is_stopped():  # when the worker stops, a thread may still be at it
                await run_in_threadpool(self.store.release, *place)

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


def _owner(actor: Actor) -> str:
    """Whose key it is: a relying party's with the same reach, whichever of its tokens of ten minutes it brings."""
    access = actor.access
    if access is None:
        return actor.token_id
    reach = "*" if access.purposes is None else hashlib.sha256(" ".join(sorted(access.purposes)).encode()).hexdigest()
    return f"party:{access.environment}:{access.party_id}:{reach}"


def _is_stopped() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _whole(receive: Any) -> bytes | None:
    """Return the body; None when the caller went before its end."""
    parts, more = [], True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
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
