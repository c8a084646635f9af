"""A PDF as it is given to a verifier: judged by what is attached and by its code, never by its looks (docs/adr/0028).

    copy = read_pdf(data)
    report = verify_copy(copy, policy=..., evidence=..., now=...)

Both credentials must verify, each with a status of its own, and agree: same issuer, type and mark, and every claim that
the code shows stands in the attached one with the same value. Like every copy it is never more than "compare".
"""

import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import orjson

from schemas.report import CHECKS, Outcome, Report
from verifier.errors import PdfRefused, PdfToolsMissing
from verifier.evidence import Evidence
from verifier.outcomes import failed
from verifier.pipeline import verify
from verifier.policy import Policy

MAX_PDF = 4 << 20
"""Bytes: a copy with a portrait has less than 150 kB."""
TIMEOUT = 30.0
_TOOLS = ("pyhanko", "pypdfium2")
_ROOT = Path(__file__).resolve().parent.parent
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
_REASONS = {
    "encrypted": "PDF is encrypted",
    "active_content": "PDF holds actions or forms that run or send something",
    "no_credential": "PDF has no credential attached",
    "several_credentials": "PDF has several credentials attached",
    "too_many_attachments": "PDF has too many attachments",
    "too_many_objects": "PDF has too many objects",
    "too_many_pages": "PDF has no page, or too many",
    "page_too_large": "PDF has a page that is too large",
    "attachment_coded": "attached credential is coded in another way than by Flate",
    "attachment_too_large": "attached credential is too large",
    "no_code": "PDF shows no code of an e-certificate",
    "several_codes": "PDF shows several codes of e-certificates",
}
_WORST = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.PASSED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class PdfCopy:
    """The two credentials of a PDF, unverified: the attached one, and the one in its code."""

    attached: str = field(repr=False)
    code: str = field(repr=False)


def is_pdf(data: bytes) -> bool:
    """Tell whether this begins like a PDF."""
    return data.startswith(b"%PDF-")


def read_pdf(data: bytes) -> PdfCopy:
    """Take a PDF apart, in a process of its own under limits of memory and time.

    Raises:
        PdfToolsMissing: the extra ``pdf`` is not installed.
        PdfRefused: too large, broken, active, without the two credentials or with several; or it took too much.
    """
    if missing := [each for each in _TOOLS if find_spec(each) is None]:
        raise PdfToolsMissing(f"PDF needs the extra pdf (pip install 'ecert[pdf]'): {', '.join(missing)} missing")
    if len(data) > MAX_PDF:
        raise PdfRefused(f"PDF has {len(data)} bytes, limit {MAX_PDF}")
    # Its own interpreter, nothing of this process's environment (it may hold secrets), and nothing of the PDF on the
    # command line.
    command = [sys.executable, "-E", "-s", "-W", "ignore", "-m", "verifier.pdf_parts"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, cwd=_ROOT, env=_ENVIRONMENT, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise PdfRefused("PDF takes too long to read") from exc
    if done.returncode:
        raise PdfRefused("PDF is broken, or takes too much to read")
    found = orjson.loads(done.stdout)
    if "refused" in found:
        raise PdfRefused(_REASONS[found["refused"]])
    return PdfCopy(found["attached"], found["code"])


def verify_copy(copy: PdfCopy, *, policy: Policy, evidence: Evidence, now: datetime) -> Report:
    """Return one report of both credentials: of each row the worse, and a failed last row when they contradict.

    The claims are those of the attached one; they come out only for comparing, as of any printed copy.
    """
    whole, shown = (verify(each, policy=policy, evidence=evidence, now=now) for each in (copy.attached, copy.code))
    rows = [min((whole.check(name), shown.check(name)), key=lambda row: _WORST.index(row.outcome)) for name in CHECKS]
    if not _agree(whole, shown):
        rows[-1] = failed("presentation", "pdf_contradicts")
    wanted = tuple(dict.fromkeys(whole.wanted_lists + shown.wanted_lists))
    return replace(whole, checks=tuple(rows), wanted_lists=wanted)


def _agree(whole: Report, shown: Report) -> bool:
    """Tell whether two reports are of one copy; where a gate failed nothing is known, and its row says so."""
    if whole.vct is None or shown.vct is None:
        return True
    mark = whole.printed_copy
    same = mark is not None and mark == shown.printed_copy and (whole.issuer, whole.vct) == (shown.issuer, shown.vct)
    if not (same and whole.is_to_compare and shown.is_to_compare):
        return same
    return shown.claims_to_compare().items() <= whole.claims_to_compare().items()
