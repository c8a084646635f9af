"""Departments' records: the types' fictional examples, as the files that a department would export."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from schemas.catalogue import CertificateType
from schemas.examples import example_claims
from schemas.types import all_types

_GB18030 = frozenset({"psb", "amr"})  # departments whose spreadsheets still write the national encoding


def write_records(folder: Path, today: date) -> dict[str, Path]:
    """Write one file a type into ``folder`` and return them by type id: flat records as CSV, others as JSON Lines."""
    folder.mkdir(parents=True, exist_ok=True)
    return {ctype.id: _write(folder, ctype, example_claims(ctype, today=today)) for ctype in all_types()}


def _write(folder: Path, ctype: CertificateType, claims: dict[str, Any]) -> Path:
    if any(isinstance(value, list | dict) for value in claims.values()):
        path = folder / f"{ctype.id}.jsonl"
        path.write_bytes(orjson.dumps(claims, option=orjson.OPT_APPEND_NEWLINE))
        return path
    path = folder / f"{ctype.id}.csv"
    encoding = "gb18030" if ctype.department in _GB18030 else "utf-8-sig"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(claims)
        writer.writerow([_cell(value) for value in claims.values()])
    return path


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
