"""Reading the members of a signed document one by one: each has its kind, its rule and its name in the error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keys.errors import MalformedDocument

THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url
LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second that datetime knows
# Not str.isprintable: rare characters of GB 18030 are younger than Python's table.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")  # RFC 3986, 3: a scheme, then printable ASCII


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of a document, at ``path`` in it; every method raises ``error``, which names the member.

    Members that nobody asks for are passed over, so that a later revision may add some.
    """

    value: dict[str, Any]
    path: str
    error: type[MalformedDocument]

    def fail(self, name: str, rule: str) -> MalformedDocument:
        """Return the error that member ``name`` breaks ``rule``."""
        return self.error(f"{self.path}.{name}" if self.path else name, rule)

    def number(self, name: str, *, least: int = 0, most: int = LATEST) -> int:
        """Return a whole number from ``least`` to ``most``; true and false are none."""
        value = self.value.get(name)
        if type(value) is not int or not least <= value <= most:
            raise self.fail(name, f"expected a whole number from {least} to {most}")
        return value

    def time(self, name: str) -> datetime:
        """Return a NumericDate (RFC 7519, 2) of whole seconds as aware UTC."""
        return datetime.fromtimestamp(self.number(name), UTC)

    def optional_time(self, name: str) -> datetime | None:
        """Return as ``time``, or None where the member is absent."""
        return self.time(name) if name in self.value else None

    def text(self, name: str, *, limit: int = 256) -> str:
        """Return a text of 1 to ``limit`` characters (``is_text``)."""
        value = self.value.get(name)
        if not is_text(value, limit):
            raise self.fail(name, f"expected a text of 1 to {limit} characters")
        return str(value)

    def uri(self, name: str, *, limit: int = 1024) -> str:
        """Return an absolute URI (RFC 3986, 3) of at most ``limit`` characters."""
        value = self.text(name, limit=limit)
        if _URI.fullmatch(value) is None:
            raise self.fail(name, "expected an absolute URI")
        return value

    def matching(self, name: str, pattern: re.Pattern[str], rule: str) -> str:
        """Return a text that ``pattern`` matches as a whole; ``rule`` says so in words."""
        value = self.value.get(name)
        if type(value) is not str or pattern.fullmatch(value) is None:
            raise self.fail(name, rule)
        return value

    def array(self, name: str, *, limit: int) -> list[Any]:
        """Return a list of at most ``limit`` values; absent is refused."""
        value = self.value.get(name)
        if type(value) is not list or len(value) > limit:
            raise self.fail(name, f"expected a list of at most {limit}")
        return value

    def texts(self, name: str, *, limit: int) -> tuple[str, ...]:
        """Return a list of at most ``limit`` different texts."""
        values = self.array(name, limit=limit)
        if not all(is_text(value, 1024) for value in values) or len(set(values)) != len(values):
            raise self.fail(name, "expected different texts")
        return tuple(values)

    def object(self, name: str) -> "Fields":
        """Return an object that stands in member ``name``."""
        value = self.value.get(name)
        if type(value) is not dict:
            raise self.fail(name, "expected an object")
        return Fields(value, f"{self.path}.{name}" if self.path else name, self.error)

    def objects(self, name: str, *, limit: int) -> Iterator["Fields"]:
        """Return the objects of a list of at most ``limit``, one after the other."""
        for index, value in enumerate(self.array(name, limit=limit)):
            if type(value) is not dict:
                raise self.fail(f"{name}[{index}]", "expected an object")
            yield Fields(value, f"{self.path}.{name}[{index}]" if self.path else f"{name}[{index}]", self.error)


def is_text(value: Any, limit: int) -> bool:
    """Tell whether ``value`` is a text of 1 to ``limit`` characters without control and direction characters."""
    return type(value) is str and 0 < len(value) <= limit and _CONTROL.search(value) is None


def seconds(at: datetime) -> int:
    """Return ``at`` as a NumericDate of whole seconds, fractions cut off.

    Raises:
        ValueError: ``at`` has no time zone; a mistake of the caller, not of a document.
    """
    if at.tzinfo is None:
        raise ValueError("time has no time zone, expected an aware one")
    return int(at.timestamp())
