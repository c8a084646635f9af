"""When a credential is fetched again: in the last third of its life, at most 14 days before it ends. Pure.

Each source has a place of its own in that time, from a hash of its id: certificates that end on one day are not all
fetched in one minute. A refresh token that nobody uses may end, so that each source is looked at every 30 days.
"""

import hashlib
from datetime import datetime, timedelta

from schemas.order import IssuedCredential

AHEAD = timedelta(days=14)
LOOK_EVERY = timedelta(days=30)
TRY_AGAIN = timedelta(hours=6)
GIVE_UP = timedelta(days=30)
"""After the end of a credential: what could not be fetched by then is not tried any more."""


def window(issued_at: datetime, expires_at: datetime) -> tuple[datetime, datetime]:
    """Return from when until when a credential is to be fetched again."""
    return expires_at - min(AHEAD, (expires_at - issued_at) / 3), expires_at


def is_near_end(credential: IssuedCredential, *, now: datetime) -> bool:
    """Tell whether the time to fetch it again has come."""
    return window(credential.issued_at, credential.expires_at)[0] <= now


def next_look(credential: IssuedCredential, source_id: str, *, now: datetime) -> datetime:
    """Return when the source of a credential is due: in the first half of its window, or in about 30 days."""
    begins, ends = window(credential.issued_at, credential.expires_at)
    part = share(source_id)
    return max(now, min(begins + (ends - begins) / 2 * part, now + LOOK_EVERY * (1 - part / 4)))


def again(source_id: str, *, now: datetime) -> datetime:
    """Return when what failed for now is tried again."""
    return now + TRY_AGAIN * (0.5 + share(source_id))


def share(source_id: str) -> float:
    """Return a number from 0 to 1 that stays the same for a source and is spread over all of them."""
    return int.from_bytes(hashlib.sha256(source_id.encode()).digest()[:4], "big") / 2**32
