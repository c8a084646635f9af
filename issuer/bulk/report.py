"""The report of a bulk run: a line for each problem of each row, as a table that a spreadsheet opens."""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from issuer.errors import Problem

HEADER = ("row", "field", "rule", "message_zh", "message_en")


class ErrorReport:
    """A CSV file (UTF-8 with BOM, so that spreadsheets read it) written line by line; it holds no claim's value.

    An earlier report of the same name is overwritten: the run that resumes reports its own rows.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(HEADER)

    def add(self, row: int, problems: Iterable[Problem]) -> None:
        """Write what is wrong with a row."""
        self._writer.writerows(
            (row, problem.field, problem.rule, problem.message_zh, problem.message_en) for problem in problems
        )

    def flush(self) -> None:
        """Hand what was written to the operating system, so that a crash leaves it readable."""
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
