"""The lists of issuers elsewhere: one fetch for all who wait, refreshing in the background, a pause after a failure."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import BoundedSemaphore, Lock

from ecert.elsewhere.fetching import ListFetcher, ListNotFetched, host_of
from ecert.elsewhere.keeping import REMEMBERED, KeptLists, fetched
from ecert.problems import attempt
from keys.trust import TrustList
from verifier.evidence import StatusEvidence, UnreachedStatus, UntrustedStatus
from verifier.status import accept_status_list

AT_ONCE = 4
"""Fetches at a time."""
MAX_FLIGHTS = 64
"""Lists that are being fetched or wait for it."""
MAX_FAILURES = 1_024
PAUSE = timedelta(seconds=30)
"""After a failure nobody asks for the list; after one to reach its server nobody asks that server for any list."""
WAIT = 6.0
"""Seconds that a verification waits for lists at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of lists elsewhere: documents that are good, and why others cannot be had or are not believed."""

    documents: Mapping[str, str | bytes] = field(repr=False)
    failures: Mapping[str, UntrustedStatus]


class ListsElsewhere:
    """Fetches and keeps lists; one for each process, for all of its threads."""

    def __init__(
        self,
        fetcher: ListFetcher,
        trust: Callable[[], TrustList],
        *,
        own_url: str,
        clock: Callable[[], datetime],
        waiting: int = 4,
    ) -> None:
        """Lists below ``own_url`` are never fetched; ``waiting`` threads may stand still for a fetch."""
        self._fetcher = fetcher
        self._trust = trust
        self._own = own_url.rstrip("/") + "/"
        self._clock = clock
        self._waiting = BoundedSemaphore(waiting)
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="status-lists")
        self._flights: dict[str, Future[bool]] = {}
        self._kept = KeptLists()
        self._failures: dict[str, tuple[datetime, UntrustedStatus]] = {}
        self._silent: dict[str, datetime] = {}
        self.edition = 0
        """Rises whenever something is known that was not before."""

    def known(self) -> Known:
        """Return what is known now, and begin to fetch anew what will soon be too old. Never waits."""
        now = self._clock()
        with self._lock:
            fresh = dict(self._kept.fresh(now))
            for uri, each in fresh.items():
                if each.refresh_at <= now < each.wanted_at + REMEMBERED:
                    self._begin(uri, now)
            failures = {uri: found for uri, (until, found) in self._failures.items() if now < until}
        documents = {uri: each.document for uri, each in fresh.items()}
        return Known(documents, {uri: found for uri, found in failures.items() if uri not in documents})

    def ask(self, uris: Iterable[str]) -> Sequence["Future[bool]"]:
        """Begin to fetch what is not here, and return what to wait for: nothing for lists that failed a moment ago."""
        now, flights = self._clock(), []
        with self._lock:
            fresh = dict(self._kept.fresh(now))
            for uri in dict.fromkeys(uris):
                self._kept.wanted(uri, now)
                if uri not in fresh and (flight := self._begin(uri, now)) is not None:
                    flights.append(flight)
        return flights

    def wait(self, uris: Iterable[str]) -> None:
        """Ask, and wait for a few seconds at most; not at all when enough threads wait already."""
        flights = self.ask(uris)
        if flights and self._waiting.acquire(blocking=False):
            try:
                wait(flights, timeout=WAIT)
            finally:
                self._waiting.release()

    async def wait_async(self, uris: Iterable[str]) -> None:
        """Ask, and wait for a few seconds at most, without a thread."""
        if flights := self.ask(uris):
            await asyncio.wait([asyncio.wrap_future(each) for each in flights], timeout=WAIT)

    def close(self) -> None:
        """Begin no further fetch; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, uri: str, now: datetime) -> "Future[bool] | None":
        if uri in self._flights:
            return self._flights[uri]
        failed = self._failures.get(uri)
        paused = failed is not None and now < failed[0]
        if paused or uri.startswith(self._own) or len(self._flights) >= MAX_FLIGHTS:
            return None
        self._flights[uri] = flight = self._pool.submit(attempt, partial(self._fly, uri), what="status lists elsewhere")
        return flight

    def _fly(self, uri: str) -> None:
        try:
            document = self._fetched(uri)
            found = accept_status_list(document, uri=uri, trust=self._trust())
            with self._lock:
                self._landed(uri, document, found)
        except ListNotFetched as exc:
            with self._lock:
                self._failed(uri, UnreachedStatus(uri, exc.reason))
        finally:
            with self._lock:
                del self._flights[uri]
                self.edition += 1

    def _fetched(self, uri: str) -> str | bytes:
        # The server may have failed since this was begun: of many lists of one dead server, few are waited for.
        host = host_of(uri)
        with self._lock:
            silent = host in self._silent and self._clock() < self._silent[host]
        if silent:
            raise ListNotFetched("unreachable")
        try:
            return self._fetcher.fetch(uri)
        except ListNotFetched as exc:
            if exc.reason == "unreachable":
                with self._lock:
                    self._silent[host] = self._clock() + PAUSE
            raise

    def _landed(self, uri: str, document: str | bytes, found: StatusEvidence | UntrustedStatus) -> None:
        now, before = self._clock(), self._kept.get(uri)
        if isinstance(found, UntrustedStatus):
            self._failed(uri, found)
        elif before is not None and found.issued_at < before.issued_at:
            # Signed, but older than what was served before: an end that is known must not be taken back.
            self._failed(uri, UntrustedStatus(uri, "status_list_went_back"))
        elif found.expires_at is not None and found.expires_at <= now:
            self._failed(uri, UntrustedStatus(uri, "status_list_expired"))
        else:
            wanted_at = now if before is None else before.wanted_at
            self._kept.put(uri, fetched(document, found, now=now, wanted_at=wanted_at))
            self._failures.pop(uri, None)
            self._silent.pop(host_of(uri), None)

    def _failed(self, uri: str, found: UntrustedStatus) -> None:
        now, before = self._clock(), self._kept.get(uri)
        if before is not None:
            self._kept.put(uri, before.again_later(PAUSE, now))
        self._failures = {name: each for name, each in self._failures.items() if now < each[0]}
        self._silent = {host: until for host, until in self._silent.items() if now < until}
        if len(self._failures) < MAX_FAILURES:
            self._failures[uri] = (now + PAUSE, found)
