"""What a relying party is told: one verdict, the same nine checks every time, and what was disclosed.

A report (``schemas.report``) is about one presentation, in the words of the formats. A result is about a whole answer,
in the words of somebody who asks: may the issuer be trusted, may it issue this type, is it what was asked for. Each
check has the worst state of all presentations, a sentence in zh and en, and evidence without personal data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from schemas.report import Check, Outcome, Report, Verdict
from schemas.report_texts import Text
from schemas.report_texts_delegation import CHECK as DELEGATION
from verifier.basis import Basis

CHECKS = ("format", "signature", "trust", "entitlement", "type", "validity", "status", "holder", "request_match")
"""The checks of every result, in order; ``delegation`` follows them when an agent showed something."""
# Which rows of a report speak for a check.
_ROWS: Mapping[str, tuple[str, ...]] = {
    "format": ("format",),
    "signature": ("signature", "disclosure"),
    "trust": ("issuer",),
    "entitlement": ("issuer",),
    "type": ("type",),
    "validity": ("validity",),
    "status": ("status",),
    "holder": ("holder_binding", "presentation"),
    DELEGATION: (DELEGATION,),
}
_NOT_ENTITLED = "issuer_not_entitled"
# A row that was left out (a format without disclosures) hides none that was looked at.
_WORST = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.PASSED, Outcome.SKIPPED)
TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "issuer_entitled": Text("颁发机构有权颁发此类证照", "the issuer may issue this type"),
        "issuer_trusted": Text("颁发机构在信任名单上", "the issuer is on the trust list"),
        "request_matched": Text("所出示的正是所请求的", "what was shown is what was asked for"),
        "not_asked": Text("没有请求可比对", "there is no request to compare with"),
        "not_reached": Text("前面的检查未通过，未再检查", "not checked, because an earlier check failed"),
        "unknown_id": Text("应答了没有提出的请求", "an answer to what was not asked"),
        "purpose_not_allowed": Text(
            "已无权以该用途请求，未比对", "not compared: the purpose may not be asked for any more"
        ),
        "empty": Text("应答中缺少出示", "an answer without a presentation"),
        "several": Text("只需一份，却出示了多份", "several were shown where one was asked for"),
        "mismatch": Text("所出示的与所请求的不符", "what was shown is not what was asked for"),
        "unknown_verification": Text("没有这次核验或其结果", "there is no such verification, or no result of it"),
        "not_judged": Text("未能核验，请另行提交", "could not be judged: hand it in again"),
        "validity_not_kept": Text(
            "当时未留存有效期的终止日期", "until when it is valid was not kept with that verification"
        ),
        "missing": Text("缺少必需的证照", "a certificate that is required is missing"),
        "transaction_data_missing": Text("没有对办理事项的授权", "the matter was not authorised"),
        "transaction_data_mismatch": Text("授权的是别的事项", "another matter was authorised"),
    }
)
"""The words of the reasons that a result adds to those of a report."""


@dataclass(frozen=True, slots=True)
class ResultCheck:
    """One check: its state, a stable code, and evidence: ``kid``, ``list``, ``index``, ``value``, ``age_seconds`` …"""

    check: str
    state: Outcome
    code: str
    text: Text
    evidence: Mapping[str, str | int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "check": self.check,
            "state": self.state.value,
            "code": self.code,
            "text": {"zh": self.text.zh, "en": self.text.en},
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """One presentation in the answer: which query it answers, what it is, and, when all is valid, what it disclosed."""

    query_id: str
    format: str | None
    type_id: str | None
    vct: str | None
    issuer: str | None
    issuer_zh: str | None
    issuer_en: str | None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def document(self) -> dict[str, Any]:
        """Return it as JSON, claims included."""
        return {
            "id": self.query_id,
            "format": self.format,
            "type_id": self.type_id,
            "vct": self.vct,
            "issuer": self.issuer,
            "issuer_name": {"zh": self.issuer_zh, "en": self.issuer_en},
            "claims": dict(self.claims),
        }


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The outcome of one verification. ``credentials`` are there only when the verdict is valid.

    ``basis`` is what receipts state; it is no part of what a relying party is shown. ``places`` are the status lists'
    URIs and indexes that it rests on, ``valid_until`` is the first moment at which one of the certificates is over
    (None: none of them ends): what can be looked at again without asking about a person.
    """

    checks: tuple[ResultCheck, ...]
    verified_at: str
    credentials: tuple[Shown, ...] = field(default=(), repr=False)
    basis: Basis | None = field(default=None, repr=False)
    places: tuple[tuple[str, int], ...] = ()
    valid_until: str | None = None

    @property
    def verdict(self) -> Verdict:
        """Invalid if any check failed; indeterminate if any is unknown; valid otherwise."""
        states = {each.state for each in self.checks}
        if Outcome.FAILED in states:
            return Verdict.INVALID
        return Verdict.INDETERMINATE if Outcome.UNKNOWN in states else Verdict.VALID

    def document(self, *, include_claims: bool = True) -> dict[str, Any]:
        """Return it as JSON; without claims it holds no personal data."""
        made: dict[str, Any] = {
            "verdict": self.verdict.value,
            "verified_at": self.verified_at,
            "checks": [each.document() for each in self.checks],
            "status_places": [{"list": uri, "index": index} for uri, index in self.places],
            "valid_until": self.valid_until,
        }
        return made | {"credentials": [each.document() for each in self.credentials]} if include_claims else made


Match = tuple[Outcome, str]
"""The state and code of ``request_match``."""
MATCHED: Match = (Outcome.PASSED, "request_matched")
NOT_ASKED: Match = (Outcome.SKIPPED, "not_asked")


def result_of(
    reports: Mapping[str, Sequence[Report]], *, match: Match, verified_at: str, basis: Basis | None = None
) -> VerificationResult:
    """Return the result of an answer: for each query id the reports on its presentations.

    ``match`` is what DCQL says of them. An answer without any report is one that could not be read at all.
    """
    flat = [report for found in reports.values() for report in found]
    checks = [_check(name, flat) for name in CHECKS[:-1]]
    state, code = match
    checks.append(ResultCheck("request_match", state, code, TEXTS[code]))
    if any(row.code == DELEGATION for report in flat for row in report.checks):
        checks.append(_check(DELEGATION, flat))
    places = tuple(dict.fromkeys(_places(flat)))
    made = VerificationResult(tuple(checks), verified_at, basis=basis, places=places, valid_until=_first_end(flat))
    if made.verdict is not Verdict.VALID:
        return made
    shown = (_shown(name, report) for name, found in reports.items() for report in found)
    return replace(made, credentials=tuple(shown))


def _places(reports: Iterable[Report]) -> Iterable[tuple[str, int]]:
    rows = (row for report in reports for row in report.checks if row.code == "status")
    return ((str(row.facts["list"]), int(row.facts["index"])) for row in rows if {"list", "index"} <= row.facts.keys())


def _first_end(reports: Iterable[Report]) -> str | None:
    ends = (row.facts.get("until") for report in reports for row in report.checks if row.code == "validity")
    return min((str(each) for each in ends if each is not None), default=None)


def _check(name: str, reports: Iterable[Report]) -> ResultCheck:
    rows = [_row(name, row) for report in reports for row in report.checks if row.code in _ROWS[name]]
    if not rows:
        return ResultCheck(name, Outcome.SKIPPED, "not_reached", TEXTS["not_reached"])
    return min(rows, key=lambda row: _WORST.index(row.state))


def _row(name: str, row: Check) -> ResultCheck:
    if name == "trust" and row.reason == _NOT_ENTITLED:
        return ResultCheck(name, Outcome.PASSED, "issuer_trusted", TEXTS["issuer_trusted"], row.facts)
    if name == "entitlement" and row.outcome is Outcome.PASSED:
        return ResultCheck(name, Outcome.PASSED, "issuer_entitled", TEXTS["issuer_entitled"], row.facts)
    if name == "entitlement" and row.outcome is Outcome.FAILED and row.reason != _NOT_ENTITLED:
        return ResultCheck(name, Outcome.SKIPPED, "not_reached", TEXTS["not_reached"])
    return ResultCheck(name, row.outcome, row.reason, row.text, row.facts)


def _shown(query_id: str, report: Report) -> Shown:
    return Shown(
        query_id,
        report.format,
        report.type_id,
        report.vct,
        report.issuer,
        report.issuer_name_zh,
        report.issuer_name_en,
        report.accepted_claims(),
    )
