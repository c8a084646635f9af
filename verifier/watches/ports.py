"""What watches need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from verifier.api.model import Owner
from verifier.parties.model import Environment
from verifier.watches.model import Edition, Watch


class WatchRecords(Protocol):
    """Where watches are kept; every method is one transaction."""

    def add(self, watches: Sequence[Watch], *, now: datetime) -> Sequence[Watch]:
        """Keep new ones and return them; a place that is watched already keeps its watch, with the later end.

        Raises:
            TooManyWatches.
        """

    def list(self, owner: Owner, *, after: int | None, limit: int) -> tuple[Sequence[Watch], int | None]:
        """Return some of ``owner``'s, the newest first, and where to go on."""

    def remove(self, owner: Owner, watch_id: str) -> bool:
        """End one; False when there is none."""

    def lists(self, environment: Environment) -> Sequence[str]:
        """Return the URIs of the lists that are watched."""

    def due(self, environment: Environment, uri: str, issued_at: datetime, *, limit: int) -> Sequence[int]:
        """Return indexes that were not looked at in the edition of ``issued_at``."""

    def looked(self, environment: Environment, edition: Edition, *, now: datetime) -> int:
        """Keep the values of an edition; of what changed, webhooks are on their way. Return how many changed."""

    def sweep(self, *, now: datetime) -> int:
        """Remove watches that are over."""
