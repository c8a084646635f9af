"""A report as a table for a terminal, in Chinese and English; Chinese characters count as two columns."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.formats.delegation import Delegation
from schemas.report import COMPARE, Check, PrintedCopy, Report, Verdict
from schemas.report_texts import OUTCOMES, REASONS, VERDICTS
from verifier.acting import sentence
from verifier.labels import labelled

_MARKS = {"passed": "+", "failed": "x", "unknown": "?", "skipped": "-"}


def width(text: str) -> int:
    """Return the columns that ``text`` takes in a terminal (UAX #11: wide and fullwidth take two)."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns line up; every row has as many cells as the first."""
    columns = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [_line(row, columns) for row in rows]


def _line(row: Sequence[str], columns: Iterable[int]) -> str:
    cells = (cell + " " * (size - width(cell)) for cell, size in zip(row, columns, strict=True))
    return "  ".join(cells).rstrip()


def render(report: Report, delegation: Delegation | None = None) -> str:
    """Return the report for a person: the verdict, what it is about, every row, and the claims when it is valid.

    Who acts for the holder, by ``delegation``, stands below the verdict.
    """
    verdict = VERDICTS[report.verdict]
    parts = [
        [f"{verdict.zh}  {verdict.en.upper()}"],
        _acting(delegation),
        _about(report),
        table([_cells(check) for check in report.checks]),
    ]
    if report.verdict is Verdict.VALID:
        parts.append(_claims(report, report.accepted_claims()))
    if report.is_to_compare:
        parts.append([f"{REASONS[COMPARE].zh}  {REASONS[COMPARE].en}:", *_claims(report, report.claims_to_compare())])
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _acting(delegation: Delegation | None) -> list[str]:
    if delegation is None:
        return []
    words = sentence(delegation)
    return [printable(words.zh), printable(words.en)]


def _about(report: Report) -> list[str]:
    rows = [
        ("证照类型 type", _joined(report.type_name_zh, report.type_name_en) or report.vct),
        ("颁发机构 issuer", _joined(report.issuer_name_zh, report.issuer_name_en) or report.issuer),
        ("验证时间 verified", report.verified_at),
        ("状态数据 status data", None if report.status_age_seconds is None else age(report.status_age_seconds)),
        ("加注件 printed copy", None if report.printed_copy is None else _copy(report.printed_copy)),
    ]
    return table([(name, value) for name, value in rows if value])


def _copy(copy: PrintedCopy) -> str:
    return printable(f"{copy.maker}，{copy.cause}，{copy.made_at} – {copy.expires_at}")


def age(seconds: int) -> str:
    """Return how old something is, in the largest whole unit: ``26 小时前 26 h old``."""
    for size, zh, en in ((86_400 * 2, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            count = seconds // (86_400 if en == "d" else size)
            return f"{count} {zh}前 {count} {en} old"
    return f"{seconds} 秒前 {seconds} s old"


def _cells(check: Check) -> tuple[str, str, str, str]:
    outcome, name = OUTCOMES[check.outcome], check.name
    facts = "".join(f" [{key} {value}]" for key, value in check.facts.items())
    return (
        f"{_MARKS[check.outcome]} {outcome.zh} {outcome.en}",
        f"{name.zh} {name.en}",
        check.reason,
        f"{check.text.zh} / {check.text.en}{facts}",
    )


def _claims(report: Report, claims: Mapping[str, Any]) -> list[str]:
    rows = labelled(report.vct, claims)
    return table([(printable(label), printable(text)) for label, text in rows] or [()])


def printable(text: str) -> str:
    """Return ``text`` without what could steer a terminal: control and format characters become ``�``."""
    return "".join(
        "�" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character for character in text
    )


def _joined(zh: str | None, en: str | None) -> str | None:
    return " ".join(printable(part) for part in (zh, en) if part) or None
