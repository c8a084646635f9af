"""Who holds the earlier version of a replaced certificate in a wallet of this installation follows at once.

A replacement marks the wallet's sources in the database as due, wherever it was done. In a server it wakes the watchman
besides (``ecert.http.upkeep.follow``); one that was done by the command line, or by another worker, is fetched in the
server's next round.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ecert.problems import attempt
from issuer.records import CertificateRecord
from wallet_api.openid4vci.ports import Sources
from wallet_api.openid4vci.waking import wake
from wallet_api.parts import Clock


class Waking:
    """Hears of replaced certificates (``issuer.lifecycle.LifeCycle``); whoever listens hears that sources are due."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._listeners: list[Callable[[], object]] = []

    def replaced(self, old: CertificateRecord) -> None:
        """Mark what is to be fetched. Never raises: the act is done, and what is not marked follows by itself later."""
        attempt(lambda: self._mark(old), what="waking")

    @contextmanager
    def heard_by(self, listener: Callable[[], object]) -> Iterator[None]:
        """Call ``listener``, from any thread, after sources were marked."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def _mark(self, old: CertificateRecord) -> None:
        now, identifier = self._clock(), old.intent.identifier
        woken = [wake(self._sources, each.holder_id, identifier, now=now) for each in old.intent.holders]
        if any(woken):
            for listener in tuple(self._listeners):
                listener()
