"""Registered claims (RFC 7519, 4.1) as they come: their kinds; what the moments mean is the caller's policy."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from schemas.formats.errors import FormatError

_YEAR_10000 = 253_402_300_800  # past it no date can be made of a number


def is_number(value: Any) -> bool:
    """Tell whether ``value`` is a NumericDate (RFC 7519, 2) between 1970 and the year 10000."""
    return (type(value) is int or type(value) is float) and 0 <= value < _YEAR_10000


def optional_number(claims: Mapping[str, Any], name: str, error: type[FormatError]) -> float | None:
    """Return the NumericDate of a claim, or None when it is absent; raises ``error`` for any other value."""
    if name not in claims:
        return None
    value: float = claims[name]
    if not is_number(value):
        raise error(f"{name} is no number of seconds")
    return value


def optional_moment(claims: Mapping[str, Any], name: str, error: type[FormatError]) -> datetime | None:
    """Return the NumericDate of a claim in UTC, or None when it is absent; raises ``error`` for any other value."""
    seconds = optional_number(claims, name, error)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def optional_text(claims: Mapping[str, Any], name: str, error: type[FormatError]) -> str | None:
    """Return the text of a claim, or None when it is absent; raises ``error`` for any other value."""
    if name not in claims:
        return None
    value: str = claims[name]
    if type(value) is not str or not value:
        raise error(f"{name} is no text")
    return value
