"""Limits of claims, files of records, DCQL queries and the parts of an SD-CWT."""

import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from issuer.bulk.reading import FileLimits, open_records
from issuer.documents import orderable_fields
from keys.errors import EcertError
from schemas import types
from schemas.catalogue import CertificateType
from schemas.dcql import read_query
from schemas.examples import example_claims
from schemas.formats.sd_cwt import redaction
from schemas.qr import animation
from schemas.validation import normalise, validate_claims
from tests.limits.case import Case

_IDENTITY = types.certificate_type("resident_id_card")
_PERMIT = types.certificate_type("construction_planning_permit")
_DAY = datetime(2026, 3, 2, tzinfo=UTC).date()
_SIMPLE = {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}


class Flaw(EcertError):
    """Claims break a rule; the code is the rule's."""

    def __init__(self, rule: str) -> None:
        self.code = rule  # type: ignore[misc]
        super().__init__(rule)


def _checked(ctype: CertificateType, claims: dict[str, Any]) -> None:
    for problem in validate_claims(ctype, normalise(ctype, example_claims(ctype) | claims), today=_DAY):
        if problem.path.partition("[")[0] in claims:
            raise Flaw(problem.rule)


def _picture(size: int) -> str:
    """The shortest image of that many characters, which come in fours."""
    start = "data:image/png;base64,iVBORw0KGgo"
    return start + "A" * (-(-(size - len(start) + 11) // 4) * 4 - 11)


@cache
def _columns() -> tuple[str, ...]:
    return tuple(field.name for field in orderable_fields(_PERMIT))


def _csv(last: str) -> str:
    header = ",".join(("row_key", *_columns()))
    row = ",".join(("k", *["x"] * (len(_columns()) - 1), last))
    return f"{header}\n{row}\n"


def _open(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        path.write_text(text, encoding="utf-8")
        for row in open_records(path, _PERMIT, limits=FileLimits()):
            del row


def _query(**changed: Any) -> dict[str, Any]:
    return {"credentials": [_SIMPLE | changed]}


def _claims(count: int) -> list[dict[str, Any]]:
    return [{"id": f"c{number}", "path": ["a"]} for number in range(count)]


def _dcql(name: str, make: Any) -> Case:
    return Case(f"schemas.dcql.reading.{name}", "invalid_dcql_query", make, read_query)


CASES = (
    Case(
        "schemas.values.MAX_ITEMS",
        "items",
        lambda size: {"attachments": ["x"] * size},
        lambda claims: _checked(_PERMIT, claims),
    ),
    Case(
        "schemas.values.MAX_IMAGE",
        "image",
        lambda size: {"photo": _picture(size)},
        lambda claims: _checked(_IDENTITY, claims),
        stand_in=102,
    ),
    Case("issuer.bulk.reading.FileLimits.max_cell", "file_refused", lambda size: _csv("x" * size), _open, "longer"),
    _dcql("MAX_CREDENTIALS", lambda size: {"credentials": [_SIMPLE | {"id": f"c{n}"} for n in range(size)]}),
    _dcql("MAX_CLAIMS", lambda size: _query(claims=_claims(size))),
    _dcql("MAX_SETS", lambda size: _query(claims=_claims(1), claim_sets=[["c0"]] * size)),
    _dcql("MAX_PATH", lambda size: _query(claims=[{"path": ["a"] * size}])),
    _dcql("MAX_VALUES", lambda size: _query(claims=[{"path": ["a"], "values": list(range(size))}])),
    _dcql("MAX_TEXT", lambda size: _query(claims=[{"path": ["a" * size]}])),
    _dcql("MAX_INDEX", lambda size: _query(claims=[{"path": ["a", size]}])),
    Case(
        "schemas.formats.sd_cwt.redaction._MAX_KEY",
        "claim_key_refused",
        lambda size: {"k" * size: 1},
        lambda claims: redaction.place(claims, ()),
    ),
    Case(
        "schemas.qr.animation.MAX_FRAMES",
        "frame_refused",
        lambda size: animation.Frame(b"idid", 1, size, b"x").text,
        animation.read,
        "is no frame",
    ),
)
