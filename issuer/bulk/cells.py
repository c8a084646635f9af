"""One cell of a table, as a claim: what a spreadsheet did to it is undone where that is certain, and refused where not.

A spreadsheet keeps 15 digits of a number: ``4.40799E+17`` cannot become a citizen number again. So what looks like
that is refused with a word that says what happened, and never guessed at. The words name no value.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from issuer.errors import Problem
from keys import strict_json
from keys.errors import MalformedToken
from schemas.catalogue import Field, Kind

_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]\d+|[+-]?\d+\.\d+[eE]\d+")
_DECIMAL_ENDING = re.compile(r"\d+\.0+")
_DATE_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))(?: 0?0:00(?::00)?)?"
)
_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月|(\d{2}))")
_TIME = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[ T](\d{1,2}):(\d{2})(?::00)?(?:\+08:00)?")
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')  # ="0012": a formula that departments use to keep leading zeros
_TRUE = frozenset({"true", "是", "1", "yes", "y"})
_FALSE = frozenset({"false", "否", "0", "no", "n"})
_BLANK = " \t\r\n\u00a0\u3000\ufeff"

_WORDS = {
    "spreadsheet_scientific": (
        "电子表格把号码变成了科学记数法(如 4.40799E+17),原号码已丢失;请把该列设为“文本”,从原系统重新导出",
        "a spreadsheet turned the number into scientific notation and lost digits; export it again as text",
    ),
    "spreadsheet_decimal": (
        "电子表格给号码加上了小数(如 12.0);请把该列设为“文本”,重新导出",
        "a spreadsheet turned the number into a decimal (such as 12.0); export it again as text",
    ),
    "spreadsheet_date_serial": (
        "电子表格把日期变成了序列号(如 43525);请把该列设为“文本”,按 2019-03-01 的格式导出",
        "a spreadsheet turned the date into a serial number (such as 43525); export it as 2019-03-01",
    ),
    "spreadsheet_leading_zeros": (
        "号码开头的 0 丢失;请把该列设为“文本”,重新导出",
        "the number has lost its leading zeros; export it again as text",
    ),
    "spreadsheet_precision": (
        "号码的末三位变成了 000,电子表格只保留 15 位;请把该列设为“文本”,从原系统重新导出",
        "the last digits have become 000 because a spreadsheet keeps 15; export it again as text",
    ),
    "boolean": ("应为“是”或“否”", "expected 是 (yes) or 否 (no)"),
    "integer": ("应为整数", "expected a whole number"),
    "json": ("单元格应为 JSON 数组", "expected a JSON array in the cell"),
}


def trimmed(raw: str) -> str:
    """Return a cell without surrounding blanks (full-width ones too) and without the marks that keep it a text."""
    text = raw.strip(_BLANK)
    kept = _KEPT_AS_TEXT.fullmatch(text)
    if kept:
        return kept[1].strip(_BLANK)
    return text[1:] if text[:1] == "'" and text[1:2].isdigit() else text


def claim_of(field: Field, text: str, *, labels: Mapping[str, str]) -> Any | Problem:
    """Return the claim that ``text`` (trimmed, not empty) stands for, or what is wrong with it.

    ``labels`` has label → code of the field's code list: a department may write 男 for 1. What a claim must be beyond
    its JSON shape is left to the validation of the whole order.
    """
    return _READERS[field.kind](field, text, labels)


def lost_digits(field: Field, text: str) -> Problem | None:
    """Return the word for a number that failed its check and ends in the zeros that a spreadsheet leaves behind."""
    return _problem(field, "spreadsheet_precision") if re.fullmatch(r"\d{15}0{1,10}", text) else None


def _problem(field: Field, rule: str) -> Problem:
    return Problem(field.name, rule, *_WORDS[rule])


def _text(field: Field, text: str, _: Mapping[str, str]) -> str | Problem:
    if field.pattern and re.fullmatch(field.pattern, text):
        return text
    if _SCIENTIFIC.fullmatch(text):
        return _problem(field, "spreadsheet_scientific")
    if (field.pattern or field.check or field.check_by) and _DECIMAL_ENDING.fullmatch(text):
        return _problem(field, "spreadsheet_decimal")
    if field.pattern and text.isdecimal() and _padded(text, lambda longer: _matches(field.pattern, longer)):
        return _problem(field, "spreadsheet_leading_zeros")
    return text


def _enum(field: Field, text: str, labels: Mapping[str, str]) -> str | Problem:
    codes = set(labels.values())
    if text in codes:
        return text
    if text in labels:
        return labels[text]
    if _SCIENTIFIC.fullmatch(text):
        return _problem(field, "spreadsheet_scientific")
    if _DECIMAL_ENDING.fullmatch(text):
        return _problem(field, "spreadsheet_decimal")
    if text.isdecimal() and _padded(text, codes.__contains__):
        return _problem(field, "spreadsheet_leading_zeros")
    return text


def _date(field: Field, text: str, _: Mapping[str, str]) -> str | Problem:
    if _DATE_SERIAL.fullmatch(text):
        return _problem(field, "spreadsheet_date_serial")
    if _SCIENTIFIC.fullmatch(text):
        return _problem(field, "spreadsheet_scientific")
    return _iso_date(text)


def _iso_date(text: str) -> str:
    found = _DATE.fullmatch(text)
    if not found:
        return text
    year, month, day = (part for part in found.groups() if part)
    return f"{year}-{month:0>2}-{day:0>2}"


def _month(field: Field, text: str, _: Mapping[str, str]) -> str | Problem:
    if _DATE_SERIAL.fullmatch(text):
        return _problem(field, "spreadsheet_date_serial")
    found = _MONTH.fullmatch(text)
    if not found:
        return text
    year, month = (part for part in found.groups() if part)
    return f"{year}-{month:0>2}"


def _datetime(field: Field, text: str, _: Mapping[str, str]) -> str | Problem:
    if _DATE_SERIAL.fullmatch(text):
        return _problem(field, "spreadsheet_date_serial")
    found = _TIME.fullmatch(text)
    return f"{_iso_date(found[1])}T{found[2]:0>2}:{found[3]}+08:00" if found else text


def _integer(field: Field, text: str, _: Mapping[str, str]) -> int | Problem:
    if _DECIMAL_ENDING.fullmatch(text):
        return _problem(field, "spreadsheet_decimal")
    return int(text) if re.fullmatch(r"-?\d{1,15}", text, re.ASCII) else _problem(field, "integer")


def _decimal(field: Field, text: str, _: Mapping[str, str]) -> str | Problem:
    return _problem(field, "spreadsheet_scientific") if _SCIENTIFIC.fullmatch(text) else text


def _boolean(field: Field, text: str, _: Mapping[str, str]) -> bool | Problem:
    word = text.lower()
    return word in _TRUE if word in _TRUE | _FALSE else _problem(field, "boolean")


def _array(field: Field, text: str, _: Mapping[str, str]) -> list[Any] | Problem:
    try:
        value = strict_json.loads(text.encode())
    except MalformedToken:
        return _problem(field, "json")
    return value if isinstance(value, list) else _problem(field, "json")


def _as_it_is(_: Field, text: str, __: Mapping[str, str]) -> str:
    return text


def _padded(text: str, fits: Callable[[str], bool]) -> bool:
    return any(fits("0" * count + text) for count in (1, 2, 3))


def _matches(pattern: str | None, text: str) -> bool:
    return pattern is not None and re.fullmatch(pattern, text) is not None


_READERS: Mapping[Kind, Callable[[Field, str, Mapping[str, str]], Any]] = {
    Kind.STRING: _text,
    Kind.DATE: _date,
    Kind.DATE_OR_LONG_TERM: _date,
    Kind.DATETIME: _datetime,
    Kind.MONTH: _month,
    Kind.ENUM: _enum,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.IMAGE: _as_it_is,
    Kind.ARRAY: _array,
}
