"""The watchman: status lists published in time, the trust list renewed, what a crash left undone taken up again."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from fastapi.concurrency import run_in_threadpool

from ecert.orders import order_parts
from ecert.problems import attempt
from ecert.receiving import WalletReceiving
from ecert.verify_api import expiry_of
from ecert.wiring import Container

ROUND_SECONDS = 30.0
_ANSWERS_KEPT = timedelta(days=7)
_DELEGATIONS_KEPT = timedelta(days=366)  # after their end: for as long as their two sides may ask about them


def rounds(container: Container) -> dict[str, Callable[[], object]]:
    """Return the pieces of work of one round, by name."""
    return {
        "trust": container.trust.refresh,
        "resume": container.resume,
        "publish": container.publish_due,
        "seen": container.sightings.flush,
        "history": container.forget_old_statuses,
        "protocol": lambda: container.storage.protocol.sweep(now=container.clock()),
        "limits": lambda: container.storage.rate_limits.sweep(now=container.clock()),
        "orders": lambda: order_parts(container).desk.expire(),
        "forget": lambda: order_parts(container).desk.forget(timedelta(days=container.settings.orders_kept_days)),
        "verifications": lambda: expiry_of(container).run(),
        "claims": lambda: container.storage.verifications.sweep(now=container.clock()),
        "batches": lambda: container.storage.batches.sweep(now=container.clock()),
        "watches": lambda: container.storage.watches.sweep(now=container.clock()),
        "delegations": lambda: container.storage.delegations.forget(before=container.clock() - _DELEGATIONS_KEPT),
        "answers": lambda: container.storage.idempotency.forget(before=container.clock() - _ANSWERS_KEPT),
    }


def once(container: Container, receiving: WalletReceiving | None = None) -> dict[str, bool]:
    """Do one round and tell what went well; a piece that fails does not stop the next one.

    ``receiving`` fetches again what is near its end; it asks issuers, this application among them.
    """
    work = rounds(container)
    if receiving is not None:
        work["receivings"] = receiving.refresh_due
    return {name: attempt(each, what=name) for name, each in work.items()}


async def follow(container: Container, receiving: WalletReceiving) -> None:
    """Fetch at once what a replacement in this process made due (``ecert.waking``), until cancelled."""
    woken, loop = asyncio.Event(), asyncio.get_running_loop()
    with container.waking.heard_by(lambda: loop.call_soon_threadsafe(woken.set)):
        while True:
            await woken.wait()
            woken.clear()
            await run_in_threadpool(attempt, receiving.refresh_due, what="receivings")


async def forever(container: Container, receiving: WalletReceiving, *, seconds: float = ROUND_SECONDS) -> None:
    """Do a round every ``seconds`` until cancelled."""
    while True:
        await run_in_threadpool(once, container, receiving)
        await asyncio.sleep(seconds)
