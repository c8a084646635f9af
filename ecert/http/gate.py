"""A gate before what takes a processor's whole time: few at once, a short line before it, the others come again."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi.concurrency import run_in_threadpool

from ecert.errors import PicturesBusy

T = TypeVar("T")
WAITING = 4  # in line for each that is let in: the last one waits for eight seconds at the worst


class Gate:
    """Lets ``at_once`` pictures be read at the same time, and ``WAITING`` times as many wait.

    Whoever is let in keeps the place until the reading has ended, even if the request was given up meanwhile.
    """

    def __init__(self, at_once: int) -> None:
        self._room = at_once * (1 + WAITING)
        self._inside = 0
        self._places = asyncio.Semaphore(at_once)

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run ``function`` in a thread; raises PicturesBusy at once when the line is full."""
        if self._inside >= self._room:
            raise PicturesBusy(f"{self._inside} pictures are being read or wait, limit {self._room}")
        self._inside += 1
        try:
            await self._places.acquire()
        except asyncio.CancelledError:
            self._inside -= 1
            raise
        reading = asyncio.create_task(run_in_threadpool(function, *args))
        reading.add_done_callback(self._ended)
        return await asyncio.shield(reading)

    def _ended(self, reading: asyncio.Task[Any]) -> None:
        self._inside -= 1
        self._places.release()
        if not reading.cancelled():
            reading.exception()  # nobody may be there any more to ask for it
