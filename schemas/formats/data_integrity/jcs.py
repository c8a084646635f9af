"""JSON Canonicalization Scheme (RFC 8785): members by UTF-16 code units, numbers as ECMAScript writes them.

Nearly every certificate holds texts, true, false, null and small integers under names of plain characters: for these
orjson already writes the canonical bytes. Everything else takes the careful way, which writes what is canonical for it.
"""

import math
from collections.abc import Iterable
from typing import Any

import orjson

from schemas.formats.data_integrity.errors import JsonNotCanonicalizable

MAX_DEPTH = 64
_SAFE = 2**53 - 1
_SORTED = orjson.OPT_SORT_KEYS
# Below the first surrogate, the order of UTF-16 code units is the order of characters, which is orjson's.
_FIRST_SURROGATE = "\ud800"


def canonical(value: Any) -> bytes:
    """Return the canonical form of a JSON value (objects, arrays, texts, numbers, true, false, null).

    Raises:
        JsonNotCanonicalizable: not such a value, a number that no IEEE 754 double equals, half of a surrogate pair, or
            nested deeper than ``MAX_DEPTH``.
    """
    try:
        if _is_plain(value, MAX_DEPTH):
            return orjson.dumps(value, option=_SORTED)
        return _careful(value).encode("utf-8")
    except (orjson.JSONEncodeError, UnicodeEncodeError):
        raise JsonNotCanonicalizable("text holds half of a surrogate pair") from None


def _is_plain(value: Any, left: int) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is dict or kind is list:
        if left == 0:
            raise JsonNotCanonicalizable(f"value is nested deeper than {MAX_DEPTH}")
        items = value if kind is list else value.values()
        if kind is dict and not _are_plain_names(value):
            return False
        return all([_is_plain(item, left - 1) for item in items if type(item) is not str])
    return kind is int and -_SAFE <= value <= _SAFE


def _are_plain_names(names: Iterable[str]) -> bool:
    text = "".join(names)
    return text.isascii() or max(text) < _FIRST_SURROGATE


def _careful(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_careful(item)}" for name, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_careful, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return _text(value)
    raise JsonNotCanonicalizable("value is of a kind that JSON does not have")


def _text(value: str | bool | None) -> str:
    # RFC 8785, 3.2.2.2: exactly the escapes that orjson writes.
    return orjson.dumps(value).decode("utf-8")


def _number(value: float) -> str:
    """Return a number by ECMAScript's Number::toString, radix 10 (RFC 8785, 3.2.2.3)."""
    try:
        double = float(value)
    except OverflowError:
        double = math.inf
    if not math.isfinite(double):
        raise JsonNotCanonicalizable("number is not an IEEE 754 double")
    text = _digits(abs(double)) if double else "0"
    text = "-" + text if double < 0 else text
    # Several long integers are one double: only the one that is written again says what was signed.
    if type(value) is int and text != str(value):
        raise JsonNotCanonicalizable("integer is not what its IEEE 754 double is written as")
    return text


def _digits(double: float) -> str:
    # Python's repr gives the shortest digits that read back, as ECMAScript does; only the layout differs.
    mantissa, _, exponent = repr(double).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return _laid_out(digits.rstrip("0"), point)


def _laid_out(digits: str, point: int) -> str:
    # ``digits`` with the decimal point after the first ``point`` of them.
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
