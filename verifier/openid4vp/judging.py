"""What a response is worth: its presentations verified, and compared with what was asked for. Pure but for its ports.

Anybody who has the link may send a response, and verifying costs: what cannot be an answer by its number and form is
refused unverified, and after the first presentation that does not hold the others are not looked at.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from keys import strict_json
from schemas.dcql import Candidate, check_counts, check_response
from schemas.errors import QueryNotSatisfied
from schemas.openid4vp.response import Presentation, Response
from schemas.openid4vp.transaction_data import check_hashes, read_transaction_data, usable_for
from schemas.order import CredentialFormat
from schemas.report import Outcome, Report, Verdict
from verifier.basis import basis_of
from verifier.evidence import Evidence
from verifier.openid4vp.matching import candidate, key_binding_claims
from verifier.openid4vp.ports import EvidenceNow
from verifier.openid4vp.transactions import Transaction
from verifier.pipeline import verify
from verifier.policy import Policy
from verifier.results import MATCHED, NOT_ASKED, Match, VerificationResult, result_of

MAX_AGE = timedelta(minutes=5)
"""How old a presentation may be: a person reads a consent page in between."""
SKEW = timedelta(seconds=60)


def judged(
    transaction: Transaction, response: Response, source: EvidenceNow, *, now: datetime, salt: bytes
) -> VerificationResult:
    """Return the result of a response by what ``source`` knows now; ``salt`` is for the receipt's digests."""
    evidence, reports = source.evidence(), {}
    match = _unfit(transaction, response)
    if match is None:
        reports = _reports(transaction, response, evidence, now)
        if wanted := [uri for found in reports.values() for report in found for uri in report.wanted_lists]:
            evidence = source.evidence(wanted)
            reports = _reports(transaction, response, evidence, now)
        match = _matched(transaction, response, reports)
    texts = [(name, as_text(each)) for name, found in response.presentations.items() for each in found]
    flat = [report for found in reports.values() for report in found]
    basis = basis_of(texts, flat, evidence=evidence, salt=salt)
    return result_of(reports, match=match, verified_at=_timestamp(now), basis=basis)


def _unfit(transaction: Transaction, response: Response) -> Match | None:
    query = transaction.request.query
    try:
        check_counts(query, {name: len(found) for name, found in response.presentations.items()})
    except QueryNotSatisfied as exc:
        return Outcome.FAILED, exc.reason
    by_id = query.by_id
    forms = ((by_id[name].format, each) for name, found in response.presentations.items() for each in found)
    return None if all(_has_form(form, each) for form, each in forms) else (Outcome.FAILED, "mismatch")


def _has_form(form: str, presentation: Presentation) -> bool:
    """Tell whether a presentation is an object or a text, as its format has it (B.1.3.2); no text is JSON."""
    if isinstance(presentation, str):
        return form != CredentialFormat.LDP_VC and not presentation.lstrip().startswith("{")
    return form == CredentialFormat.LDP_VC


def as_text(presentation: Presentation) -> str:
    """Return a presentation as the verifier reads it."""
    return presentation if isinstance(presentation, str) else strict_json.dumps(presentation).decode()


def _reports(
    transaction: Transaction, response: Response, evidence: Evidence, now: datetime
) -> dict[str, list[Report]]:
    reports: dict[str, list[Report]] = {}
    for name, presentations in response.presentations.items():
        policy = _policy(transaction, bound=transaction.request.query.by_id[name].holder_binding)
        reports[name] = []
        for each in presentations:
            reports[name].append(verify(as_text(each), policy=policy, evidence=evidence, now=now))
            if reports[name][-1].verdict is Verdict.INVALID:
                return reports
    return reports


def _matched(transaction: Transaction, response: Response, reports: Mapping[str, list[Report]]) -> Match:
    if any(each.verdict is not Verdict.VALID for found in reports.values() for each in found):
        return NOT_ASKED  # nothing of it may be used, so there is nothing to compare
    presented = {
        name: [candidate(as_text(one), report) for one, report in zip(found, reports[name], strict=True)]
        for name, found in response.presentations.items()
    }
    return _satisfied(transaction, presented) or _authorised(transaction, response) or MATCHED


def _policy(transaction: Transaction, *, bound: bool) -> Policy:
    return Policy(
        accepted_types=None,  # the query says which
        audience=transaction.audience,
        nonce=transaction.request.nonce,
        require_key_binding=bound,
        max_presentation_age=MAX_AGE,
        max_future_skew=SKEW,
        leeway=SKEW,
    )


def _satisfied(transaction: Transaction, presented: Mapping[str, list[Candidate]]) -> Match | None:
    try:
        check_response(transaction.request.query, presented)
    except QueryNotSatisfied as exc:
        return Outcome.FAILED, exc.reason
    return None


def _authorised(transaction: Transaction, response: Response) -> Match | None:
    query = transaction.request.query
    entries = [read_transaction_data(each, asked=usable_for(query)) for each in transaction.request.transaction_data]
    if not entries:
        return None
    shown = (
        (name, key_binding_claims(as_text(each))) for name, found in response.presentations.items() for each in found
    )
    fault = check_hashes(shown, entries)
    return None if fault is None else (Outcome.FAILED, fault)


def _timestamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")
