"""What was presented a moment ago, remembered for every worker: no two of them accept one presentation (invariant 5).

A presentation costs one key in one transaction, and a transaction waits for the disk. So while one is under way, those
that come meanwhile gather for the next: under load many share one wait, and alone nobody waits for company.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ecert.storage import SqlProtocolState

KIND = "presentation"
KEPT_FOR = timedelta(seconds=130)
"""70 s as one process remembers it (``ecert.evidence``), and a minute by which machines' clocks may differ."""

Run = Callable[..., Coroutine[Any, Any, set[str]]]
"""Runs a function in a thread (``Edge.run``)."""


@dataclass(slots=True)
class _Batch:
    digests: list[str] = field(default_factory=list)


class Replays:
    """One process's way to the memory that all of them share; used from one event loop."""

    def __init__(self, state: SqlProtocolState, *, clock: Callable[[], datetime], run: Run) -> None:
        self._state = state
        self._clock = clock
        self._run = run
        self._open: tuple[_Batch, asyncio.Task[set[str]]] | None = None
        self._last: asyncio.Task[set[str]] | None = None

    async def first(self, digest: str) -> bool:
        """Remember a presentation; False when some worker has it already.

        Raises:
            StorageError: it is not known whether it was remembered.
        """
        if self._open is None or self._open[1].done():
            made = _Batch()
            self._last = asyncio.create_task(self._written(made, after=self._last))
            self._open = made, self._last
        batch, task = self._open
        batch.digests.append(digest)
        # Who is cancelled (a request that took too long) takes nobody's answer along.
        return digest in await asyncio.shield(task)

    async def _written(self, batch: _Batch, *, after: asyncio.Task[set[str]] | None) -> set[str]:
        if after is not None and not after.done():
            await asyncio.wait([after])
        self._open = None
        return await self._run(self._remembered, batch.digests)

    def _remembered(self, digests: Sequence[str]) -> set[str]:
        now = self._clock()
        return self._state.add_each_once(KIND, digests, expires_at=now + KEPT_FOR, now=now)
