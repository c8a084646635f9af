"""One entry for whatever is shown: a holder's presentation, what an agent shows for a holder, or a PDF.

judged = judge(text, policy=policy, evidence=evidence, now=now, purpose="bank.personal-account")
judged.report                     as ever; with the row ``delegation`` when an agent shows it
judged.delegation                 who acts, for what, until when; only when all is valid
"""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.formats.delegation import Delegation
from schemas.report import Report, Verdict
from verifier.delegated import agents_text, verify_delegated
from verifier.evidence import Evidence
from verifier.pdf_reading import PdfCopy, verify_copy
from verifier.pipeline import verify
from verifier.policy import Policy


@dataclass(frozen=True, slots=True)
class Judgement:
    """The report, and what the delegation says: None for a holder, and None unless the report is valid."""

    report: Report
    delegation: Delegation | None = field(default=None, repr=False)

    @property
    def verdict(self) -> Verdict:
        """The report's verdict."""
        return self.report.verdict


def judge(
    given: str | PdfCopy, *, policy: Policy, evidence: Evidence, now: datetime, purpose: str | None = None
) -> Judgement:
    """Return what can be said of ``given`` at ``now``. Bad input gives a report, not an error.

    ``purpose`` is the id of a purpose that a delegation has to name; a holder's own presentation is for any.
    """
    if isinstance(given, PdfCopy):
        return Judgement(verify_copy(given, policy=policy, evidence=evidence, now=now))
    text = agents_text(given)
    if text is None:
        return Judgement(verify(given, policy=policy, evidence=evidence, now=now))
    found = verify_delegated(text, policy=policy, evidence=evidence, now=now, purpose=purpose)
    return Judgement(found.report, found.accepted_delegation() if found.verdict is Verdict.VALID else None)
