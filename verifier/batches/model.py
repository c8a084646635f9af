"""A batch, its items, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from keys import strict_json
from verifier.api.errors import VerifyApiError
from verifier.api.model import Owner
from verifier.api.webhooks import timestamp

MAX_ITEMS = 10_000
MAX_AT_ONCE = 500
"""Items in one request; more are added to a batch that is still open."""
MAX_RUNNING = 20
"""Batches of one relying party in one environment that have not ended."""
SLICE = 100
"""Items of one job: the least that is done again when a worker dies."""
KEPT = timedelta(days=30)
"""How long outcomes can be fetched."""
JOB = "batch"
"""The kind of the jobs; a key is ``<batch>/<number of the slice>``."""
EVENT = "batch.done"


class UnknownBatch(VerifyApiError):
    """The relying party has no batch of this id in this environment, or it is forgotten."""

    code = "unknown_batch"


class BatchNotOpen(VerifyApiError):
    """The batch takes no more items."""

    code = "batch_not_open"


class BatchTooLarge(VerifyApiError):
    """More items than a batch may have, or more batches than may run."""

    code = "batch_too_large"


class BatchItemsOutOfOrder(VerifyApiError):
    """The items do not follow those that are there: a request was lost, or sent twice with other items."""

    code = "batch_items_out_of_order"


class BatchState(StrEnum):
    """How far a batch has come; the last two are final."""

    OPEN = "open"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check: a presentation (``text``), a place (``uri``, ``index``), or an earlier verification.

    ``within`` are the purposes that who handed it in reaches, where these are not all of the relying party's.
    """

    item_id: str
    text: str | None = field(default=None, repr=False)
    audience: str | None = None
    nonce: str | None = None
    uri: str | None = None
    index: int | None = None
    verification_id: str | None = None
    within: Sequence[str] | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name) is not None}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: a verdict and checks (``ResultCheck.document``); no claims."""

    item_id: str
    verdict: str
    checks: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch; ``counts`` are outcomes by verdict."""

    batch_id: str
    owner: Owner
    created_at: datetime
    purpose_id: str | None = None
    reference: str | None = None
    state: BatchState = BatchState.OPEN
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    ended_at: datetime | None = None

    @property
    def done(self) -> int:
        """How many items have an outcome."""
        return sum(self.counts.values())

    @property
    def slices(self) -> int:
        """How many jobs it takes."""
        return -(-self.total // SLICE)


def body_of(batch: Batch) -> bytes:
    """Return what a webhook says of a batch that is done."""
    ended_at = timestamp(batch.ended_at or batch.created_at)
    data = {
        "id": batch.batch_id,
        "environment": batch.owner.environment.value,
        "purpose": batch.purpose_id,
        "reference": batch.reference,
        "total": batch.total,
        "counts": dict(batch.counts),
    }
    return strict_json.dumps({"type": EVENT, "timestamp": ended_at, "data": data})
