"""JSON that is refused rather than guessed at: duplicate members, depth, size (RFC 8259, 4; RFC 8725, 2.4)."""

import json
from typing import Any

import orjson

from keys.errors import DuplicateMember, MalformedToken, TooLarge

MAX_DEPTH = 32  # a certificate's claims nest 3 deep; 32 leaves room for foreign ones
_MAY_BE_DEEP = MAX_DEPTH


def dumps(value: Any) -> bytes:
    """Return ``value`` as compact JSON in UTF-8, members in the order given."""
    return orjson.dumps(value)


def loads(raw: bytes) -> Any:
    """Return the value that ``raw`` stands for.

    Raises:
        MalformedToken: not JSON in UTF-8, or with an integer of more than 64 bits.
        DuplicateMember: an object names a member twice.
        TooLarge: nested deeper than ``MAX_DEPTH``.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise MalformedToken("text is not JSON") from exc
    if raw.count(b"[") + raw.count(b"{") > _MAY_BE_DEEP:
        _check_depth(value, MAX_DEPTH)
    # Compact JSON that comes out again byte for byte held no member twice: the quick way for nearly every token.
    if orjson.dumps(value) != raw:
        json.loads(raw, object_pairs_hook=_unique, parse_int=_exact)
    return value


def loads_object(raw: bytes) -> dict[str, Any]:
    """Return the object that ``raw`` stands for; raises as ``loads``, and MalformedToken for any other value."""
    value = loads(raw)
    if type(value) is not dict:
        raise MalformedToken("text is not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DuplicateMember("a member stands twice in one object")
    return members


def _exact(digits: str) -> int:
    # orjson reads a longer integer as a float, and so as another number (RFC 8259, 6: exact in 64 bits or not at all).
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise MalformedToken("text holds an integer of more than 64 bits")
    return number


def _check_depth(value: Any, left: int) -> None:
    if type(value) is dict:
        inner: Any = value.values()
    elif type(value) is list:
        inner = value
    else:
        return
    if left == 0:
        raise TooLarge(f"text is nested deeper than {MAX_DEPTH}")
    for item in inner:
        _check_depth(item, left - 1)
