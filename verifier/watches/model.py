"""A watch, and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keys import strict_json
from verifier.api.errors import VerifyApiError
from verifier.api.model import Owner
from verifier.api.webhooks import timestamp

MAX_PLACES = 500
"""Places in one request."""
MAX_WATCHES = 100_000
"""Watches of one relying party in one environment."""
MAX_DAYS = 366
"""For how long a watch lasts, and does where nothing else is said."""
EVENT = "watch.changed"
NAMES = {0: "valid", 1: "revoked", 2: "suspended", 3: "replaced"}
"""What the values of a status list are called (ADR 7)."""


class UnknownWatch(VerifyApiError):
    """The relying party has no watch of this id in this environment, or it is over."""

    code = "unknown_watch"


class TooManyWatches(VerifyApiError):
    """The relying party watches as many places as it may."""

    code = "too_many_watches"


class NothingToWatch(VerifyApiError):
    """The verification rests on no status list, or the place is on none that is known here."""

    code = "nothing_to_watch"


@dataclass(frozen=True, slots=True)
class Watch:
    """A watched place. ``value`` is that of the edition that was looked at last, None: none was there yet."""

    watch_id: str
    owner: Owner
    uri: str
    index: int
    created_at: datetime
    expires_at: datetime
    value: int | None = None
    reference: str | None = None
    verification_id: str | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of a list: when it was signed, and its value at each index that is asked for."""

    uri: str
    issued_at: datetime
    values: Sequence[tuple[int, int]]


def body_of(watch: Watch, value: int, *, at: datetime) -> bytes:
    """Return what a webhook says of a change: ids, the place, the values before and after, and nothing else."""
    data: dict[str, Any] = {
        "id": watch.watch_id,
        "environment": watch.owner.environment.value,
        "list": watch.uri,
        "index": watch.index,
        "before": watch.value,
        "value": value,
        "status": NAMES.get(value, "other"),
        "reference": watch.reference,
        "verification": watch.verification_id,
    }
    return strict_json.dumps({"type": EVENT, "timestamp": timestamp(at), "data": data})
