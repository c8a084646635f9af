"""Files of records as departments make them: CSV (UTF-8 with or without BOM, GB18030) and JSON lines, row by row.

``open_records`` looks through the whole file first: encoding, quoting, header, number of rows. A file that cannot be
read to its end is refused before anything is issued. Then ``Records`` gives one ``Row`` after the other and keeps none.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeGuard

from issuer.bulk.cells import claim_of, trimmed
from issuer.bulk.encodings import encoding_of
from issuer.documents import orderable_fields
from issuer.errors import FileRefused, Problem
from issuer.row_keys import is_free
from keys import strict_json
from keys.errors import MalformedToken
from schemas import types
from schemas.catalogue import CertificateType, Field, Kind

ROW_KEY = "row_key"
_DELIMITERS = (",", "\t", ";")
_BROKEN = Problem(
    "-", "row_form", "该行列数与表头不符,或不是 JSON 对象", "the row does not fit the header, or is no object"
)
_BAD_KEY = Problem(
    ROW_KEY,
    "row_key",
    "行键应为 1 至 200 个字符的文本,且不得以 order:、proposal: 或 idempotency: 开头",
    "the row key must be a text of 1 to 200 characters that does not begin with order:, proposal: or idempotency:",
)


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How large a file may be; every default is far above a year's certificates of the city."""

    max_bytes: int = 2 * 1024**3
    max_rows: int = 1_000_000
    max_cell: int = 100_000  # characters; a portrait takes 20 thousand, and csv itself reads no more than 131 thousand
    max_line: int = 1_048_576  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its number as a spreadsheet counts (the header is 1), its claims, and what is wrong with it."""

    number: int
    row_key: str | None
    claims: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Records:
    """A file that was looked through: iterate as often as needed, each time it is read anew."""

    path: Path
    certificate_type: CertificateType
    encoding: str
    total: int
    limits: FileLimits
    columns: tuple[Field | None, ...] = ()  # of a CSV; None is the row key
    delimiter: str = ","

    def __iter__(self) -> Iterator[Row]:
        """Return the rows in order; empty ones are passed over."""
        return _csv_rows(self) if self.columns else _json_rows(self)


def open_records(path: Path, certificate_type: CertificateType, *, limits: FileLimits | None = None) -> Records:
    """Look through a file of records of one type; ``.jsonl`` is JSON lines, anything else a table.

    Raises:
        FileRefused: too large, no known encoding, a quote that never ends, an unknown, doubled or missing column.
    """
    limits = limits or FileLimits()
    if not path.is_file():
        raise FileRefused("input is not a file")
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise FileRefused(f"file has {size} bytes, limit {limits.max_bytes}")
    encoding = encoding_of(path)
    if path.suffix.lower() == ".jsonl":
        return Records(path, certificate_type, encoding, _count_lines(path, encoding, limits), limits)
    return _looked_through(path, certificate_type, encoding, limits)


def _looked_through(path: Path, certificate_type: CertificateType, encoding: str, limits: FileLimits) -> Records:
    with path.open(encoding=encoding, newline="") as file:
        first = next(_lines(file, limits.max_line), "")
    delimiter, columns = _header(first, certificate_type)
    records = Records(path, certificate_type, encoding, 0, limits, columns, delimiter)
    with path.open(encoding=encoding, newline="") as file:
        total = sum(1 for _, cells in _numbered(file, records) if not _is_empty(cells))
    if total > limits.max_rows:
        raise FileRefused(f"file has {total} rows, limit {limits.max_rows}")
    return Records(path, certificate_type, encoding, total, limits, columns, delimiter)


def _lines(file: IO[str], longest: int) -> Iterator[str]:
    """Give the lines of a text file; FileRefused for one that would not end in good time."""
    number = 0
    while line := file.readline(longest):
        number += 1
        if len(line) == longest and not line.endswith("\n"):
            raise FileRefused(f"line {number} is longer than {longest} characters")
        yield line


def _numbered(file: IO[str], records: Records) -> Iterator[tuple[int, list[str]]]:
    """Give each record below the header with its number; FileRefused where the quoting breaks."""
    limits = records.limits
    reader = csv.reader(_lines(file, limits.max_line), delimiter=records.delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(len(cell) > limits.max_cell for cell in cells):
                raise FileRefused(f"row {number} holds a cell longer than {limits.max_cell} characters")
            if number > 1:
                yield number, cells
    except csv.Error as exc:
        raise FileRefused(f"row {number + 1} cannot be read: {exc}") from None


def _header(line: str, certificate_type: CertificateType) -> tuple[str, tuple[Field | None, ...]]:
    known = _column_names(certificate_type)
    try:
        readings = {delimiter: next(csv.reader([line], delimiter=delimiter), []) for delimiter in _DELIMITERS}
    except csv.Error as exc:
        raise FileRefused(f"header cannot be read: {exc}") from None
    delimiter = max(readings, key=lambda each: sum(trimmed(name) in known for name in readings[each]))
    names = [trimmed(name) for name in readings[delimiter]]
    # The cells are not quoted in the message: without a header they would be somebody's data.
    unknown = [str(place) for place, name in enumerate(names, start=1) if name not in known]
    if unknown or not names:
        raise FileRefused(f"header names no field of {certificate_type.id} in column {', '.join(unknown) or '1'}")
    columns = tuple(known[name] for name in names)
    if len({column.name if column else ROW_KEY for column in columns}) != len(columns):
        raise FileRefused("header names a field twice")
    missing = _missing(certificate_type, {column.name for column in columns if column})
    if missing:
        raise FileRefused(f"header lacks the columns {', '.join(missing)}")
    return delimiter, columns


def _column_names(certificate_type: CertificateType) -> dict[str, Field | None]:
    """Return what a column may be called: a field's name or its Chinese label where only one field has it."""
    fields = orderable_fields(certificate_type)
    labels = [field.label_zh for field in fields]
    by_label = {field.label_zh: field for field in fields if labels.count(field.label_zh) == 1}
    return {ROW_KEY: None} | by_label | {field.name: field for field in fields}


def _missing(certificate_type: CertificateType, present: set[str]) -> list[str]:
    wanted = (field for field in certificate_type.fields if field.required and field.derivation is None)
    return [field.name for field in wanted if field.kind is not Kind.IMAGE and field.name not in present]


def _csv_rows(records: Records) -> Iterator[Row]:
    labels = {column.name: _labels(column) for column in records.columns if column}
    with records.path.open(encoding=records.encoding, newline="") as file:
        for number, cells in _numbered(file, records):
            if not _is_empty(cells):
                yield _row(number, cells, records.columns, labels)


def _row(
    number: int, cells: Sequence[str], columns: Sequence[Field | None], labels: Mapping[str, Mapping[str, str]]
) -> Row:
    if any(cell.strip() for cell in cells[len(columns) :]) or len(cells) < len(columns):
        return Row(number, None, {}, (_BROKEN,))
    row_key, claims, problems = None, {}, []
    for column, cell in zip(columns, cells, strict=False):
        text = trimmed(cell)
        if column is None:
            row_key = text or None
        elif text:
            value = claim_of(column, text, labels=labels[column.name])
            if isinstance(value, Problem):
                problems.append(value)
            else:
                claims[column.name] = value
    if row_key is not None and not _is_row_key(row_key):
        problems.append(_BAD_KEY)
    return Row(number, row_key, claims, tuple(problems))


def _is_row_key(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 200 and is_free(value)


def _labels(field: Field) -> Mapping[str, str]:
    if field.code_list is None:
        return {}
    values = types.code_list(field.code_list).values
    labels = list(values.values())
    # A label that two codes share decides nothing.
    by_label = {label: code for code, label in values.items() if labels.count(label) == 1}
    return by_label | {code: code for code in values}


def _is_empty(cells: Sequence[str]) -> bool:
    return not any(trimmed(cell) for cell in cells)


def _count_lines(path: Path, encoding: str, limits: FileLimits) -> int:
    with path.open(encoding=encoding, newline="\n") as file:
        total = sum(1 for line in _lines(file, limits.max_line) if line.strip())
    if total > limits.max_rows:
        raise FileRefused(f"file has {total} rows, limit {limits.max_rows}")
    return total


def _json_rows(records: Records) -> Iterator[Row]:
    known = _column_names(records.certificate_type)
    with records.path.open(encoding=records.encoding, newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _json_row(number, line, known)


def _json_row(number: int, line: str, known: Mapping[str, Field | None]) -> Row:
    try:
        record = strict_json.loads_object(line.strip().encode())
    except MalformedToken:
        return Row(number, None, {}, (_BROKEN,))
    row_key = record.pop(ROW_KEY, None)
    named = {(field.name if (field := known.get(name)) else name): value for name, value in record.items()}
    if len(named) != len(record):
        return Row(number, None, {}, (_BROKEN,))
    if row_key is not None and not _is_row_key(row_key):
        return Row(number, None, named, (_BAD_KEY,))
    return Row(number, row_key, named)
