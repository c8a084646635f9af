"""Moments as integers: microseconds since 1970-01-01 UTC, the same on every database, exact and in order."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return ``moment`` as microseconds since 1970, UTC.

    Raises:
        TypeError: ``moment`` has no time zone.
    """
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Return the moment, aware and in UTC, that ``micros`` made ``value`` of."""
    return _EPOCH + timedelta(microseconds=value)
