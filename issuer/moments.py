"""Days and moments: legal days are days of Asia/Shanghai, the last one inclusive; signed times are full hours, UTC."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """Return the day in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """Return the first moment of a day of Asia/Shanghai, UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def full_hour(moment: datetime) -> datetime:
    """Return the hour that ``moment`` falls in: nobody links two credentials by the second they were signed in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def credential_end(
    issued_at: datetime, *, last_day: date | None, changes: Iterable[date], longest: timedelta
) -> datetime:
    """Return ``exp``, a full hour (DESIGN.md 6): the earliest of

    - the first moment after the legal last day (None is 长期),
    - the first moment of a day on which a derived claim changes,
    - ``longest`` after ``issued_at``.
    """
    ends = [issued_at + longest, *map(start_of, changes)]
    if last_day is not None:
        ends.append(start_of(last_day + timedelta(days=1)))
    return full_hour(min(ends))
