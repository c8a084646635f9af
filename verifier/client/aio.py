"""The client for asyncio: the same methods as ``verifier.client.sync``, awaited; lists are asynchronous iterators."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from verifier.client import calls
from verifier.client.calls import Answer, Call, Page
from verifier.client.errors import StillWaiting
from verifier.client.models import Batch, BatchItem, Created, Presented, Verification, Watch
from verifier.client.sync import WAIT_SECONDS, new_key, options, reached, told, watched

R = TypeVar("R")
T = TypeVar("T")


class AsyncClient:
    """A client of one relying party in one environment; use it as a context, or ``close`` it.

    ``transport`` is httpx's, for tests; ``sleep`` and ``monotonic`` are time, for the same.

    Every method raises ApiProblem when the API refuses, and NotReached when there is no answer of it.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = httpx.AsyncClient(**options(url, key), transport=transport)
        self._sleep = sleep
        self._monotonic = monotonic

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def create(self, purpose: str, *, reference: str | None = None, **more: Any) -> Created:
        """Ask a holder; ``more``: ``query`` (DCQL), ``flow``, ``return_uri``, ``origin``, ``transaction_data`` …"""
        wanted = {"purpose": purpose, "reference": reference, **more}
        return await self._send(calls.create(wanted, key=new_key()))

    async def get(
        self, verification_id: str, *, session: str | None = None, response_code: str | None = None
    ) -> Verification:
        """Look at a verification; after ``same_device`` both codes release its result."""
        return await self._send(calls.get(verification_id, session=session, response_code=response_code))

    def list(self, **filters: str) -> AsyncIterator[Verification]:
        """Give every verification, the newest first; ``filters``: ``status``, ``purpose``, ``reference``."""
        return self._pages(calls.verifications, filters | {"limit": "100"})

    async def wait(self, verification_id: str, *, seconds: float = WAIT_SECONDS, **codes: str) -> Verification:
        """Look until it has ended, less and less often; raises StillWaiting. A webhook costs less than this."""
        return await self._until(lambda: self.get(verification_id, **codes), seconds)

    async def present(
        self,
        presentation: str | bytes,
        *,
        purpose: str = "",
        nonce: str | None = None,
        audience: str | None = None,
        types: Sequence[str] | None = None,
    ) -> Presented:
        """Judge a presentation in hand: a text, or a picture (PNG, JPEG) or PDF as bytes, which take no options."""
        return await self._send(calls.present(presentation, told(purpose, nonce, audience, types)))

    async def receipt(self, verification_id: str) -> str:
        """Fetch the signed receipt, a JWS; ``ecert receipt verify`` checks it offline."""
        return await self._send(calls.receipt(verification_id))

    async def create_batch(self, items: Sequence[Mapping[str, Any]], **more: str) -> Batch:
        """Begin a batch of up to 10,000 items, in as many requests as it takes; ``more``: ``purpose``, ``reference``.

        An item has an ``id`` of yours and ``text``, ``status`` (``list``, ``index``) or ``verification``.
        """
        first, *rest = calls.portions(items)
        made = await self._send(calls.create_batch(first, more, stays_open=bool(rest), key=new_key()))
        offset = len(first)
        for number, portion in enumerate(rest, start=1):
            last = number == len(rest)
            made = await self._send(calls.add_items(made.id, portion, offset=offset, stays_open=not last))
            offset += len(portion)
        return made

    async def batch(self, batch_id: str) -> Batch:
        """Look at a batch."""
        return await self._send(calls.batch(batch_id))

    async def wait_batch(self, batch_id: str, *, seconds: float = 3_600.0) -> Batch:
        """Look until it is done or cancelled; raises StillWaiting."""
        return await self._until(lambda: self.batch(batch_id), seconds)

    def batch_results(self, batch_id: str) -> AsyncIterator[BatchItem]:
        """Give every outcome, in the order of the items."""
        return self._pages(lambda query: calls.results(batch_id, query), {"limit": "500"})

    async def cancel_batch(self, batch_id: str) -> Batch:
        """Stop a batch; what is done stays."""
        return await self._send(calls.cancel_batch(batch_id))

    async def watch(self, *places: tuple[str, int], verification: str | None = None, **more: Any) -> Sequence[Watch]:
        """Watch places (list, index), or those of a verification; ``more``: ``reference``, ``days``."""
        return await self._send(calls.create_watches(watched(places, verification) | more))

    def watches(self) -> AsyncIterator[Watch]:
        """Give every watch, the newest first."""
        return self._pages(calls.watches, {"limit": "100"})

    async def remove_watch(self, watch_id: str) -> None:
        """End a watch."""
        await self._send(calls.remove_watch(watch_id))

    async def _pages(
        self, of: Callable[[Mapping[str, str]], Call[Page[T]]], query: Mapping[str, str]
    ) -> AsyncIterator[T]:
        page = await self._send(of(query))
        for each in page.items:
            yield each
        while page.cursor is not None:
            page = await self._send(of({**query, "cursor": page.cursor}))
            for each in page.items:
                yield each

    async def _until(self, look: Callable[[], Awaitable[T]], seconds: float) -> T:
        end, pause = self._monotonic() + seconds, calls.POLL_FIRST
        while not getattr(found := await look(), "has_ended"):  # noqa: B009 - T is a verification or a batch
            if self._monotonic() + pause > end:
                raise StillWaiting(f"it has not ended in {seconds:g} s")
            await self._sleep(pause)
            pause = calls.next_poll(pause)
        return found

    async def _send(self, call: Call[R]) -> R:
        tries = 0
        while True:
            tries += 1
            answer = await self._once(call)
            pause = calls.pause_before_retry(call, tries, answer)
            if pause is None:
                return calls.outcome(call, reached(answer))
            await self._sleep(pause)

    async def _once(self, call: Call[Any]) -> Answer | None:
        try:
            got = await self._http.request(
                call.method, call.path, params=dict(call.query), headers=dict(call.headers), content=call.content
            )
        except httpx.TransportError:
            return None
        return Answer(got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.content)
