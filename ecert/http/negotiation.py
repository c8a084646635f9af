"""Content negotiation and conditional requests (RFC 9110, 12.5 and 13.1) for documents that are served as they are."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

_LONGEST = 2048  # characters of a header that are read; a longer one is as good as none
_MOST = 32  # its members
_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def chosen_type(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return which of the ``offered`` media types the header ``Accept`` wants most; None when it takes none of them.

    The first one wins where the header does not care, is absent, or is too long to be read.
    """
    if not accept or len(accept) > _LONGEST:
        return offered[0]
    ranges = _members(accept)
    best = max(offered, key=lambda media: _quality(media, ranges))  # the first of equals
    return best if _quality(best, ranges) > 0 else None


def takes_gzip(accept_encoding: str | None) -> bool:
    """Tell whether the header ``Accept-Encoding`` asks for gzip; a client that says nothing gets none."""
    if not accept_encoding or len(accept_encoding) > _LONGEST:
        return False
    codings = dict(_members(accept_encoding))
    return codings.get("gzip", codings.get("*", 0.0)) > 0


def not_modified(headers: Mapping[str, str], *, etag: str, modified: datetime) -> bool:
    """Tell whether the client has this already: by its etag, or else (13.1.3) by the day and time."""
    tags = headers.get("if-none-match")
    if tags is not None:
        known = [tag.strip().removeprefix("W/") for tag in tags[:_LONGEST].split(",")]
        return etag in known or known == ["*"]
    since = _moment(headers.get("if-modified-since", ""))
    return since is not None and modified.replace(microsecond=0) <= since


def http_date(moment: datetime) -> str:
    """Return an HTTP-date (5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text[:64])
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _members(header: str) -> list[tuple[str, float]]:
    return [_member(part) for part in header.split(",")[:_MOST]]


def _member(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    return name, float(weight) if _QUALITY.fullmatch(weight) else 0.0


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    # 12.5.1: the most specific range decides.
    for wanted in (media, media.partition("/")[0] + "/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return found[0]
    return 0.0
