"""Moments of credentials: legal days are days of Asia/Shanghai, the last one inclusive; signed times are full hours."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from schemas.validity import end_of_day


def start_of(day: date) -> datetime:
    """Return the first moment of a day of Asia/Shanghai, UTC."""
    return end_of_day(day - timedelta(days=1))


def full_hour(moment: datetime) -> datetime:
    """Return the hour that ``moment`` falls in: nobody links two credentials by the second they were signed in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def credential_end(
    issued_at: datetime, *, last_day: date | None, changes: Iterable[date], longest: timedelta
) -> datetime:
    """Return ``exp``, a full hour (ADR 5): the earliest of

    - the first moment after the legal last day (None is 长期),
    - the first moment of a day on which a derived claim changes,
    - ``longest`` after ``issued_at``.
    """
    ends = [issued_at + longest, *map(start_of, changes)]
    if last_day is not None:
        ends.append(end_of_day(last_day))
    return full_hour(min(ends))
