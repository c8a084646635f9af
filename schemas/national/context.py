"""What a number rule may know beside the number, and the small checks that rules share."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from schemas.errors import InvalidNumber
from schemas.national.divisions import DivisionTable


@dataclass(frozen=True, slots=True)
class NumberContext:
    """The day on which a number is judged and the operator's table of divisions; without them nothing is asked."""

    today: date | None = None
    divisions: DivisionTable | None = None


NO_CONTEXT = NumberContext()
"""Neither a day nor a table."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # ASCII: a full-width or Arabic-Indic digit is no digit of a number.
    return re.compile(pattern, re.ASCII)


def match(rule: str, pattern: str, number: str) -> re.Match[str]:
    """Return the match of the whole number; raises InvalidNumber ``form``."""
    found = _compiled(pattern).fullmatch(number)
    if found is None:
        raise InvalidNumber(rule, "form")
    return found


def require(condition: bool, rule: str, reason: str) -> None:
    """Raise InvalidNumber with ``reason`` unless the condition holds."""
    if not condition:
        raise InvalidNumber(rule, reason)


def real_date(rule: str, digits: str, context: NumberContext) -> date:
    """Return the calendar date of eight digits.

    Raises:
        InvalidNumber: ``date`` when no calendar has it, ``future`` when it lies after the day of the context.
    """
    try:
        found = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        raise InvalidNumber(rule, "date") from None
    require(context.today is None or found <= context.today, rule, "future")
    return found


def real_year(rule: str, digits: str, context: NumberContext) -> int:
    """Return a year of the People's Republic; raises InvalidNumber ``year`` or ``future``."""
    year = int(digits)
    require(1949 <= year <= 2999, rule, "year")
    require(context.today is None or year <= context.today.year, rule, "future")
    return year


def known_division(rule: str, code: str, context: NumberContext) -> None:
    """Raise InvalidNumber ``division`` when the operator's table covers the province and does not know the code."""
    require(context.divisions is None or context.divisions.accepts(code), rule, "division")
