"""One value against its field: JSON type, form, code list, number rule. Nothing here knows the other fields."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from schemas.catalogue import Field, Kind
from schemas.errors import InvalidNumber
from schemas.national import NumberContext, check_number
from schemas.types import code_list

LONG_TERM = "长期"
"""The value of an end date that never comes."""
MAX_IMAGE = 20 * 1024
"""Length of an image's data URI, so that a credential stays small enough to send."""
_IMAGE = re.compile(r"data:image/(jpeg|png);base64,([A-Za-z0-9+/]+={0,2})")
_MAGIC = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
DIGEST = re.compile(r"sha256-[A-Za-z0-9._-]{1,100}")
"""The digest that may stand in an order in place of an image."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}\+08:00")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_YEARS = range(1800, 3000)
"""Years of a date claim. Far from the calendar's ends, so that every day computed from it is one; 9999-12-31 for an end
that never comes is written 长期."""
_MAX_INTEGER = 10**12
MAX_ITEMS = 200
"""Items of an array claim."""

Flaw = tuple[str, str]
"""A rule of ``schemas.problems`` and its finer reason."""


def flaw_of(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    """Return the first flaw of a value that is not an array, None when it has none."""
    return _BY_KIND[field.kind](field, value, context)


def read_date(value: Any) -> date | None:
    """Return the day of a date claim; None for 长期 and for what is no date."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _string(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, str):
        return "type", "string"
    flaw = _text_flaw(field, value)
    if flaw is not None:
        return flaw
    if field.pattern is not None and not _pattern(field.pattern).fullmatch(value):
        return "pattern", ""
    return number_flaw(field.check, value, context)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


def _text_flaw(field: Field, value: str) -> Flaw | None:
    if value == "":
        return "required", ""
    if len(value) > field.max_length:
        return "length", str(field.max_length)
    # Printable ASCII is most of what numbers hold: nothing more to ask.
    if value.isascii() and value.isprintable():
        return None
    # Cc control, Cs lone surrogate, Cf would hide text; line breaks stay in scopes and notes.
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cf") and character != "\n" for character in value):
        return "text", ""
    return None if unicodedata.is_normalized("NFC", value) else ("nfc", "")


def number_flaw(rule: str | None, value: Any, context: NumberContext) -> Flaw | None:
    """Return the flaw of a number by the rule of this name; no rule finds none."""
    if rule is None:
        return None
    try:
        check_number(rule, value, context)
    except InvalidNumber as error:
        return "number", f"{error.rule}: {error.reason}"
    return None


def _date(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, str):
        return "type", "string"
    day = read_date(value)
    if day is None:
        return "date", "YYYY-MM-DD"
    return None if day.year in _YEARS else ("date", f"{_YEARS[0]}..{_YEARS[-1]}")


def _date_or_long_term(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    return None if value == LONG_TERM else _date(field, value, context)


def _datetime(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, str):
        return "type", "string"
    flaw = "date", "YYYY-MM-DDTHH:MM+08:00"
    if not _DATETIME.fullmatch(value):
        return flaw
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return flaw
    return None


def _month(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, str):
        return "type", "string"
    return None if _MONTH.fullmatch(value) else ("date", "YYYY-MM")


def _enum(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, str):
        return "type", "string"
    return code_flaw(field.code_list, value)


def code_flaw(list_id: str | None, value: str) -> Flaw | None:
    """Return the flaw of a code that its list does not have."""
    if list_id is None or value in code_list(list_id).values:
        return None
    return "code_list", list_id


def _integer(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "type", "integer"
    return None if 0 <= value <= _MAX_INTEGER else ("range", "")


def _decimal(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, str):
        return "type", "string"
    return None if _DECIMAL.fullmatch(value) else ("decimal", "")


def _boolean(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    return None if isinstance(value, bool) else ("type", "boolean")


def _image(field: Field, value: Any, context: NumberContext) -> Flaw | None:
    if not isinstance(value, str):
        return "type", "string"
    if DIGEST.fullmatch(value):
        return None
    found = _IMAGE.fullmatch(value) if len(value) <= MAX_IMAGE else None
    if found is None:
        return "image", ""
    try:
        content = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        return "image", ""
    return None if content.startswith(_MAGIC[found[1]]) else ("image", found[1])


_BY_KIND: Mapping[Kind, Callable[[Field, Any, NumberContext], Flaw | None]] = MappingProxyType(
    {
        Kind.STRING: _string,
        Kind.DATE: _date,
        Kind.DATE_OR_LONG_TERM: _date_or_long_term,
        Kind.DATETIME: _datetime,
        Kind.MONTH: _month,
        Kind.ENUM: _enum,
        Kind.INTEGER: _integer,
        Kind.DECIMAL: _decimal,
        Kind.BOOLEAN: _boolean,
        Kind.IMAGE: _image,
    }
)


def array_flaw(field: Field, value: Any) -> Flaw | None:
    """Return the flaw of an array as a whole: its JSON type, its number of items."""
    if not isinstance(value, list | tuple):
        return "type", "array"
    least = 1 if field.required else 0
    return None if least <= len(value) <= MAX_ITEMS else ("items", str(MAX_ITEMS))


def plain_item_flaws(field: Field, value: list[Any]) -> Iterator[tuple[int, Flaw]]:
    """Give the flaws of an array whose items are texts or codes: place and flaw."""
    items = field.items or {}
    for place, item in enumerate(value):
        if not isinstance(item, str):
            yield place, ("type", "string")
        elif (flaw := _text_flaw(field, item) or code_flaw(items.get("code_list"), item)) is not None:
            yield place, flaw
