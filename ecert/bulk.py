"""Batches and watches of an installation, joined, and the worker that does what is due (docs/adr/0027)."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from ecert.http.edge import Edge
from ecert.parties.access import party_registry
from ecert.problems import attempt
from ecert.verify_api import access_of
from ecert.wiring import Container
from verifier.batches import routes as batch_routes
from verifier.batches.judging import Judging
from verifier.batches.model import JOB
from verifier.batches.ports import Job, Jobs, Work
from verifier.batches.service import Batches
from verifier.batches.service import Parts as BatchParts
from verifier.evidence import Evidence
from verifier.openid4vp.ports import EvidenceNow
from verifier.parties.model import Environment
from verifier.watches import routes as watch_routes
from verifier.watches.service import Parts as WatchParts
from verifier.watches.service import Watches

CLAIMED = timedelta(minutes=5)
"""After so long a piece of work is taken up by another worker: a slice takes a second or two."""
TRIES = 10
PARTED = 2
"""The try after which a piece that failed is done part by part."""
BACK_OFF = timedelta(seconds=30)
SECONDS = 2.0
"""How long work waits for an idle worker, at most."""
_AT_ONCE = 4
_new_id = partial(secrets.token_hex, 16)


@dataclass(frozen=True, slots=True)
class Bulk:
    """The use cases, and the worker."""

    batches: Batches
    watches: Watches
    worker: "Worker"

    def routers(self, edge: Edge) -> tuple[APIRouter, APIRouter]:
        """Return the routes of both."""
        return (
            batch_routes.router(self.batches, edge, access_of=access_of),
            watch_routes.router(self.watches, edge, access_of=access_of),
        )

    async def forever(self, *, seconds: float = SECONDS) -> None:
        """Do what is due every ``seconds`` until cancelled; at once again while there is more."""
        while True:
            if not await run_in_threadpool(self.worker.run_attempted):
                await run_in_threadpool(attempt, self.watches.look, what="watches")
                await asyncio.sleep(seconds)


def bulk_of(container: Container, *, testing: EvidenceNow | None = None) -> Bulk:
    """Return batches and watches over ``container``; ``testing`` is what the test environment knows."""
    storage, registry = container.storage, party_registry(container)
    live = container.evidence

    def evidence(environment: Environment, wanted: Sequence[str] = ()) -> Evidence:
        return (testing if testing is not None and environment is Environment.TEST else live).evidence(wanted)

    judging = Judging(registry, storage.verifications, evidence)
    batches = Batches(BatchParts(registry, storage.batches, judging, container.clock, _new_id))
    watches = Watches(WatchParts(storage.watches, storage.verifications, evidence, container.clock, _new_id))
    worker = Worker(storage.jobs, {JOB: batches}, clock=container.clock)
    return Bulk(batches, watches, worker)


class Worker:
    """Does background work: one piece after the other, each again after a while when it fails.

    What failed twice is tried part by part, so that the good ones do not wait; what failed ten times is given up, which
    is said where its outcome would be. No piece is forgotten before one of the two.
    """

    def __init__(self, jobs: Jobs, kinds: Mapping[str, Work], *, clock: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._kinds = kinds
        self._clock = clock

    def run_due(self) -> int:
        """Claim a few pieces and do them; return how many there were."""
        now = self._clock()
        claimed = self._jobs.claim(now=now, until=now + CLAIMED, limit=_AT_ONCE)
        for job in claimed:
            self._run(job)
        return len(claimed)

    def run_attempted(self) -> int:
        """As ``run_due``, but a database that does not answer is logged, and the next round tries again."""
        done: list[int] = []
        attempt(lambda: done.append(self.run_due()), what="jobs")
        return sum(done)

    def _run(self, job: Job) -> None:
        work = self._kinds.get(job.kind)
        if work is None or self._is_over(work, job):
            self._jobs.done(job)
        else:
            self._jobs.again(job, due_at=self._clock() + BACK_OFF * min(job.tries, TRIES))

    def _is_over(self, work: Work, job: Job) -> bool:
        what = f"job {job.kind}"
        if attempt(partial(work.run, job.key), what=what):
            return True
        if job.tries == PARTED or job.tries >= TRIES:
            attempt(partial(_each, work, job.key, what), what=what)
        return job.tries >= TRIES and attempt(partial(work.give_up, job.key), what=what)


def _each(work: Work, key: str, what: str) -> None:
    for part in work.parts(key):
        attempt(part, what=what)
