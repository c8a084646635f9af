"""Number rules that are data: a pattern, or the parts of a number in order.

A part is one of ``text`` (literal), ``digits`` (n or [least, most]), ``match`` (a pattern), ``division`` (6),
``year`` (4), ``date`` (8), ``organisation_code`` (9, GB 11714); with ``field`` it must equal that claim, with
``inside`` stand in it.
"""

import re
from collections.abc import Mapping
from typing import Any

from schemas.errors import UnknownRule
from schemas.national.context import NumberContext, known_division, match, real_date, real_year, require
from schemas.national.organisations import organisation_check

_FIXED = {"division": r"\d{6}", "year": r"\d{4}", "date": r"\d{8}", "organisation_code": r"[0-9A-Z]{9}"}


def check_pattern(rule: Mapping[str, Any], number: str) -> None:
    """Check a number against ``rule["pattern"]``; raises InvalidNumber ``form``."""
    match("pattern", rule["pattern"], number)


def check_layout(rule: Mapping[str, Any], number: str, claims: Mapping[str, Any], context: NumberContext) -> None:
    """Check a number against ``rule["parts"]``; raises InvalidNumber ``form``, ``date``, ``mismatch`` ..."""
    parts = rule["parts"]
    found = match("layout", "".join(f"({_pattern(part)})" for part in parts), number)
    for part, text in zip(parts, found.groups(), strict=True):
        _check_part(part, text, context)
        _compare(part, text, claims)


def _pattern(part: Mapping[str, Any]) -> str:
    kind = next(iter(part))
    if kind in _FIXED:
        return _FIXED[kind]
    value = part[kind]
    if kind == "text":
        return re.escape(str(value))
    if kind == "digits":
        return rf"\d{{{value}}}" if isinstance(value, int) else rf"\d{{{value[0]},{value[1]}}}"
    if kind == "match":
        return str(value)
    raise UnknownRule("no layout part is of this kind")


def _check_part(part: Mapping[str, Any], text: str, context: NumberContext) -> None:
    if "division" in part:
        known_division("layout", text, context)
    elif "year" in part:
        real_year("layout", text, context)
    elif "date" in part:
        real_date("layout", text, context)
    elif "organisation_code" in part:
        require(organisation_check(text[:8]) == text[8], "layout", "organisation_code")


def _compare(part: Mapping[str, Any], text: str, claims: Mapping[str, Any]) -> None:
    if part.get("field") in claims:
        require(text == str(claims[part["field"]]), "layout", f"mismatch_{part['field']}")
    if part.get("inside") in claims:
        require(text in str(claims[part["inside"]]), "layout", f"mismatch_{part['inside']}")
