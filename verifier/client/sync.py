"""The client that waits in its thread."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from verifier.client import calls
from verifier.client.calls import Answer, Call, Page
from verifier.client.errors import NotReached, StillWaiting
from verifier.client.models import Batch, BatchItem, Created, Presented, Verification, Watch

R = TypeVar("R")
T = TypeVar("T")
SECONDS = 30.0
WAIT_SECONDS = 330.0
"""A request waits five minutes for the holder; after that its end is written within half a minute."""


class Client:
    """A client of one relying party in one environment; use it as a context, or ``close`` it.

    ``transport`` is httpx's, for tests; ``sleep`` and ``monotonic`` are time, for the same.

    Every method raises ApiProblem when the API refuses, and NotReached when there is no answer of it.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = httpx.Client(**options(url, key), transport=transport)
        self._sleep = sleep
        self._monotonic = monotonic

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def create(self, purpose: str, *, reference: str | None = None, **more: Any) -> Created:
        """Ask a holder; ``more``: ``query`` (DCQL), ``flow``, ``return_uri``, ``origin``, ``transaction_data`` …"""
        wanted = {"purpose": purpose, "reference": reference, **more}
        return self._send(calls.create(wanted, key=new_key()))

    def get(
        self, verification_id: str, *, session: str | None = None, response_code: str | None = None
    ) -> Verification:
        """Look at a verification; after ``same_device`` both codes release its result."""
        return self._send(calls.get(verification_id, session=session, response_code=response_code))

    def list(self, **filters: str) -> Iterator[Verification]:
        """Give every verification, the newest first; ``filters``: ``status``, ``purpose``, ``reference``."""
        return self._pages(calls.verifications, filters | {"limit": "100"})

    def wait(self, verification_id: str, *, seconds: float = WAIT_SECONDS, **codes: str) -> Verification:
        """Look until it has ended, less and less often; raises StillWaiting. A webhook costs less than this."""
        return self._until(lambda: self.get(verification_id, **codes), seconds)

    def present(
        self,
        presentation: str | bytes,
        *,
        purpose: str = "",
        nonce: str | None = None,
        audience: str | None = None,
        types: Sequence[str] | None = None,
    ) -> Presented:
        """Judge a presentation in hand: a text, or a picture (PNG, JPEG) or PDF as bytes, which take no options."""
        return self._send(calls.present(presentation, told(purpose, nonce, audience, types)))

    def receipt(self, verification_id: str) -> str:
        """Fetch the signed receipt, a JWS; ``ecert receipt verify`` checks it offline."""
        return self._send(calls.receipt(verification_id))

    def create_batch(self, items: Sequence[Mapping[str, Any]], **more: str) -> Batch:
        """Begin a batch of up to 10,000 items, in as many requests as it takes; ``more``: ``purpose``, ``reference``.

        An item has an ``id`` of yours and ``text``, ``status`` (``list``, ``index``) or ``verification``.
        """
        first, *rest = calls.portions(items)
        made = self._send(calls.create_batch(first, more, stays_open=bool(rest), key=new_key()))
        offset = len(first)
        for number, portion in enumerate(rest, start=1):
            last = number == len(rest)
            made = self._send(calls.add_items(made.id, portion, offset=offset, stays_open=not last))
            offset += len(portion)
        return made

    def batch(self, batch_id: str) -> Batch:
        """Look at a batch."""
        return self._send(calls.batch(batch_id))

    def wait_batch(self, batch_id: str, *, seconds: float = 3_600.0) -> Batch:
        """Look until it is done or cancelled; raises StillWaiting."""
        return self._until(lambda: self.batch(batch_id), seconds)

    def batch_results(self, batch_id: str) -> Iterator[BatchItem]:
        """Give every outcome, in the order of the items."""
        return self._pages(lambda query: calls.results(batch_id, query), {"limit": "500"})

    def cancel_batch(self, batch_id: str) -> Batch:
        """Stop a batch; what is done stays."""
        return self._send(calls.cancel_batch(batch_id))

    def watch(self, *places: tuple[str, int], verification: str | None = None, **more: Any) -> Sequence[Watch]:
        """Watch places (list, index), or those of a verification; ``more``: ``reference``, ``days``."""
        return self._send(calls.create_watches(watched(places, verification) | more))

    def watches(self) -> Iterator[Watch]:
        """Give every watch, the newest first."""
        return self._pages(calls.watches, {"limit": "100"})

    def remove_watch(self, watch_id: str) -> None:
        """End a watch."""
        self._send(calls.remove_watch(watch_id))

    def _pages(self, of: Callable[[Mapping[str, str]], Call[Page[T]]], query: Mapping[str, str]) -> Iterator[T]:
        page = self._send(of(query))
        yield from page.items
        while page.cursor is not None:
            page = self._send(of({**query, "cursor": page.cursor}))
            yield from page.items

    def _until(self, look: Callable[[], T], seconds: float) -> T:
        end, pause = self._monotonic() + seconds, calls.POLL_FIRST
        while not getattr(found := look(), "has_ended"):  # noqa: B009 - T is a verification or a batch
            if self._monotonic() + pause > end:
                raise StillWaiting(f"it has not ended in {seconds:g} s")
            self._sleep(pause)
            pause = calls.next_poll(pause)
        return found

    def _send(self, call: Call[R]) -> R:
        tries = 0
        while True:
            tries += 1
            answer = self._once(call)
            pause = calls.pause_before_retry(call, tries, answer)
            if pause is None:
                return calls.outcome(call, reached(answer))
            self._sleep(pause)

    def _once(self, call: Call[Any]) -> Answer | None:
        try:
            got = self._http.request(
                call.method, call.path, params=dict(call.query), headers=dict(call.headers), content=call.content
            )
        except httpx.TransportError:
            return None
        return Answer(got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.content)


def options(url: str, key: str) -> dict[str, Any]:
    """Return how httpx is set up: no redirect is followed, so that the key goes nowhere else."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    return {"base_url": url, "headers": headers, "timeout": SECONDS, "follow_redirects": False}


def new_key() -> str:
    """Return a fresh idempotency key: the retries of one call have the same one."""
    return secrets.token_urlsafe(24)


def reached(answer: Answer | None) -> Answer:
    """Return the answer; raises NotReached when there is none."""
    if answer is None:
        raise NotReached("server was not reached, or gave no answer")
    return answer


def told(purpose: str, nonce: str | None, audience: str | None, types: Sequence[str] | None) -> dict[str, Any]:
    """Return the options of a presentation in hand, without those that were left out."""
    given = {"purpose": purpose or None, "nonce": nonce, "audience": audience}
    given |= {"types": None if types is None else list(types)}  # type: ignore[dict-item]
    return {name: value for name, value in given.items() if value is not None}


def watched(places: Sequence[tuple[str, int]], verification: str | None) -> dict[str, Any]:
    """Return what to watch."""
    if verification is not None:
        return {"verification": verification}
    return {"places": [{"list": uri, "index": index} for uri, index in places]}
