"""Work that goes on to its end, also when the time for the request that began it is over."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")
_RUNNING: set[asyncio.Task[Any]] = set()  # the event loop alone would let them be collected


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Return what ``work`` returns, and raise what it raises; it goes on when who waits for it is cancelled."""
    task = asyncio.create_task(work)
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)
    return await asyncio.shield(task)


@asynccontextmanager
async def or_else(undo: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Do ``undo`` to its end when the block raises anything, CancelledError too: the time for the request was over."""
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            await unbroken(undo())
