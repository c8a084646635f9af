"""Division codes (GB/T 2260) from a table that the operator gives; without a table no division is judged.

The table is a CSV file, UTF-8, with the columns ``code``, ``name_zh``, ``level`` and ``parent`` in any order, among
others: https://github.com/cn/GB2260 and the lists of the Ministry of Civil Affairs have them.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from schemas.errors import InvalidTable

HISTORICAL = frozenset({"440701", "440702", "440711", "440721", "440722", "440723", "440724", "440725"})
"""Codes that Jiangmen once had and that stand in old citizen numbers; later lists leave them out."""
_COLUMNS = {"code", "name_zh", "parent"}


@dataclass(frozen=True, slots=True)
class Division:
    """A row: code, name, and the code of the division above (empty for a province)."""

    code: str
    name_zh: str
    parent: str


@dataclass(frozen=True, slots=True)
class DivisionTable:
    """The divisions of the provinces that the operator's table covers.

    ``also`` are codes that are accepted though no row has them: those of the past, and test codes where the operator
    allows them.
    """

    rows: tuple[Division, ...]
    also: frozenset[str] = HISTORICAL
    _codes: frozenset[str] = field(init=False, repr=False, compare=False)
    _provinces: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_codes", frozenset(row.code for row in self.rows) | self.also)
        object.__setattr__(self, "_provinces", frozenset(row.code[:2] for row in self.rows))

    @classmethod
    def load(cls, path: Path, *, also: Iterable[str] = ()) -> "DivisionTable":
        """Read a table; ``also`` adds codes to accept (``440799`` outside production).

        Raises:
            InvalidTable: not UTF-8, a column is absent, a code is not six digits, or no row is there.
            OSError: the file cannot be read.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidTable("division table is not UTF-8") from None
        reader = csv.DictReader(text.splitlines())
        missing = _COLUMNS - set(reader.fieldnames or ())
        if missing:
            raise InvalidTable(f"division table lacks columns {sorted(missing)}")
        rows = tuple(Division(row["code"], row["name_zh"], row["parent"]) for row in reader)
        wrong = [number for number, row in enumerate(rows, 2) if not _is_code(row.code)]
        if wrong or not rows:
            raise InvalidTable(f"division table has no code of six digits in line {wrong[0] if wrong else 2}")
        return cls(rows, HISTORICAL | frozenset(also))

    def accepts(self, code: str) -> bool:
        """Whether the code is known, or of a province that the table does not cover."""
        return code in self._codes or code[:2] not in self._provinces

    def lists(self, code: str) -> bool:
        """Whether a row of the table has this code."""
        return any(row.code == code for row in self.rows)

    def county_in(self, text: str) -> str | None:
        """Return the code of the lowest division that an address or a body's name mentions, None when none is clear.

        A county counts only when the text also names its city or no other city has a county of that name.
        """
        cities = {row.code for row in self.rows if row.code.endswith("00") and row.name_zh in text}
        counties = [row for row in self.rows if not row.code.endswith("00") and row.name_zh in text]
        within = [row for row in counties if row.parent in cities]
        chosen = within or counties
        return chosen[0].code if len(chosen) == 1 else None


def _is_code(text: str | None) -> bool:
    return text is not None and len(text) == 6 and text.isascii() and text.isdigit()
