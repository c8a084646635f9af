"""The verification report: the same rows every time, a verdict, and claims that come out only when it is valid.

Outcomes follow ETSI EN 319 102-1 (passed, failed, indeterminate). *Unknown* is never *passed*.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from schemas import report_texts_delegation as delegation
from schemas.errors import NotAccepted
from schemas.report_texts import CHECK_NAMES, REASONS, REASONS_BY_CHECK, VERDICTS, Text


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """What the checks say together."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


CHECKS = (
    "format",
    "issuer",
    "signature",
    "disclosure",
    "type",
    "validity",
    "status",
    "holder_binding",
    "presentation",
)
"""The rows of every report, in order. The first four are gates: past a failed one nothing is believed.

When an agent shows the certificate, ``delegation`` stands after them.
"""
COMPARE = "printed_copy"
"""The reason why a code on paper is never valid: the person's own document has to be compared."""


@dataclass(frozen=True, slots=True)
class Check:
    """One row: its code, its outcome, a stable reason, and facts without personal data."""

    code: str
    outcome: Outcome
    reason: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        """The reason in words, zh and en, as this check means it."""
        known = delegation.DELEGATION if self.code == delegation.CHECK else REASONS_BY_CHECK.get(self.code, REASONS)
        return known.get(self.reason) or Text(self.reason, self.reason)

    @property
    def name(self) -> Text:
        """What the check is called, zh and en."""
        return delegation.NAME if self.code == delegation.CHECK else CHECK_NAMES[self.code]


@dataclass(frozen=True, slots=True)
class PrintedCopy:
    """What a certificate on paper says of its copy (加注件): who made it, why, when, until when (UTC, ISO 8601)."""

    maker: str
    cause: str
    made_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a verifier found, judged at ``verified_at`` (UTC, ISO 8601).

    ``printed_copy`` is there for a code on paper: anyone may copy it, so that it is never more than "compare".
    ``shown`` is there when it was shown for here and just now, by the holder or by an agent: the digest to keep for
    70 s, so that the same is not taken twice. ``wanted_lists`` are URIs of status lists that are not at hand and that
    could make an indeterminate report another one; who signed the certificate that names them is on the trust list, so
    that they may be fetched.
    """

    checks: tuple[Check, ...]
    verified_at: str
    format: str | None = None
    issuer: str | None = None
    issuer_name_zh: str | None = None
    issuer_name_en: str | None = None
    vct: str | None = None
    type_id: str | None = None
    status_age_seconds: int | None = None
    _claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    type_name_zh: str | None = None
    type_name_en: str | None = None
    printed_copy: PrintedCopy | None = None
    shown: str | None = field(default=None, repr=False)
    wanted_lists: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Invalid if any check failed; indeterminate if any is unknown or none was made; valid otherwise."""
        outcomes = {check.outcome for check in self.checks}
        if Outcome.FAILED in outcomes:
            return Verdict.INVALID
        if Outcome.UNKNOWN in outcomes or not self.checks:
            return Verdict.INDETERMINATE
        return Verdict.VALID

    def accepted_claims(self) -> Mapping[str, Any]:
        """Return the disclosed claims.

        Raises:
            NotAccepted: the verdict is not valid; the message names the first check that stands in the way.
        """
        if self.verdict is not Verdict.VALID:
            raise NotAccepted(self._why())
        return self._claims

    def claims_to_compare(self) -> Mapping[str, Any]:
        """Return the claims of a printed copy, for comparing with the document of the person who brings it.

        Raises:
            NotAccepted: no printed copy, or more stands in the way than its being one.
        """
        if not self.is_to_compare:
            raise NotAccepted(self._why())
        return self._claims

    def check(self, code: str) -> Check:
        """Return the row ``code``; raises KeyError when there is none."""
        return {check.code: check for check in self.checks}[code]

    def to_dict(self, *, include_claims: bool = False) -> dict[str, Any]:
        """Return the report as JSON values; the disclosed claims only on demand and only when the verdict is valid.

        A printed copy in order has them as ``claims_to_compare``.
        """
        verdict = self.verdict
        words = VERDICTS[verdict]
        result: dict[str, Any] = {
            "verdict": verdict.value,
            "verdict_text": {"zh": words.zh, "en": words.en},
            "verified_at": self.verified_at,
            "format": self.format,
            "issuer": self.issuer,
            "issuer_name": _names(self.issuer_name_zh, self.issuer_name_en),
            "vct": self.vct,
            "type_id": self.type_id,
            "type_name": _names(self.type_name_zh, self.type_name_en),
            "status_age_seconds": self.status_age_seconds,
            "printed_copy": None if self.printed_copy is None else asdict(self.printed_copy),
            "checks": [_row(check) for check in self.checks],
        }
        if include_claims and verdict is Verdict.VALID:
            result["claims"] = dict(self._claims)
        if include_claims and self.is_to_compare:
            result["claims_to_compare"] = dict(self._claims)
        return result

    @property
    def is_to_compare(self) -> bool:
        """Whether nothing stands in the way but that it is a printed copy."""
        if self.printed_copy is None:
            return False
        return [row.reason for row in self.checks if row.outcome in (Outcome.FAILED, Outcome.UNKNOWN)] == [COMPARE]

    def _why(self) -> str:
        for check in self.checks:
            if check.outcome in (Outcome.FAILED, Outcome.UNKNOWN):
                return f"{check.code}: {check.reason}"
        return "nothing was checked"

    def __bool__(self) -> NoReturn:
        raise TypeError("a report is not a yes or a no: compare report.verdict")


def _names(zh: str | None, en: str | None) -> dict[str, str | None] | None:
    return None if zh is None and en is None else {"zh": zh, "en": en}


def _row(check: Check) -> dict[str, Any]:
    return {
        "check": check.code,
        "outcome": check.outcome.value,
        "reason": check.reason,
        "text": {"zh": check.text.zh, "en": check.text.en},
        "facts": dict(check.facts),
    }
