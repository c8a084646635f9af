"""A certificate that an agent shows for its holder (授权用证): its report, and one row for the delegation.

1. the certificate, as any other, but for the holder's proof, which the delegation stands in for
2. the delegation is signed by the key that the certificate is bound to, for this certificate; its agent shows it
3. the type can be delegated, or a guardian may hold it
4. the delegation has begun, is not over, and does not run longer than is allowed
5. it is shown to this verifier, for this request, just now, and not a second time
6. it is for this purpose, where the caller names one
7. it was not recalled, as far as its status list says; without a list it is good for a day

Offline as all verification is: ``evidence`` and ``now`` come in.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from keys.encoding import b64url_text
from keys.errors import EcertError
from keys.public import PublicKey
from schemas.errors import NotAccepted
from schemas.formats import delegation as delegations
from schemas.formats import key_binding
from schemas.formats.bitstring_credential import BitstringList
from schemas.formats.delegation import Delegation, Relation, UnverifiedDelegated
from schemas.formats.sd_jwt import SdJwt
from schemas.report import Check, Outcome, Report, Verdict
from schemas.report_texts import Text
from schemas.report_texts_delegation import DELEGATION
from schemas.types import by_vct
from verifier.evidence import Evidence, StatusEvidence
from verifier.outcomes import failed, passed, skipped, unknown
from verifier.pipeline import verify
from verifier.policy import Policy

CHECK = "delegation"
PERIOD = timedelta(days=366)
WITHOUT_STATUS = timedelta(days=1)
"""How long a delegation may run that names no place where a recall would show."""


@dataclass(frozen=True, slots=True)
class DelegatedReport:
    """The report on the certificate, the row on the delegation, and what the delegation says.

    ``shown`` is what to keep for 70 s after it was accepted, so that the same is not taken twice.
    """

    report: Report
    delegation: Check
    shown: str | None = field(default=None, repr=False)
    _said: Delegation | None = field(default=None, repr=False)

    @property
    def verdict(self) -> Verdict:
        """Invalid or indeterminate when the certificate or its delegation is."""
        return replace(self.report, checks=(*self.report.checks, self.delegation)).verdict

    @property
    def text(self) -> Text:
        """The delegation's reason in words."""
        return DELEGATION[self.delegation.reason]

    def accepted_delegation(self) -> Delegation:
        """Return who acts, why, for what, until when: "X for Y until …".

        Raises:
            NotAccepted: the certificate or its delegation is not valid.
        """
        if self.verdict is not Verdict.VALID or self._said is None:
            raise NotAccepted(f"{CHECK}: {self.delegation.reason}")
        return self._said


def verify_delegated(
    text: str, *, policy: Policy, evidence: Evidence, now: datetime, purpose: str | None = None
) -> DelegatedReport:
    """Return what can be said of ``text`` at ``now``. Bad input gives a report, not an error."""
    without_holder = replace(policy, require_key_binding=False)
    try:
        shown = delegations.parse(text)
    except EcertError as exc:
        report = verify(text, policy=without_holder, evidence=evidence, now=now)
        return DelegatedReport(report, failed(CHECK, exc.code))
    report = verify(shown.certificate, policy=without_holder, evidence=evidence, now=now)
    if report.check("disclosure").outcome not in (Outcome.PASSED, Outcome.SKIPPED) or report.vct is None:
        return DelegatedReport(report, skipped(CHECK))
    try:
        said = shown.verified_by(_holder_key(shown))
    except EcertError as exc:
        reason = exc.code if exc.code in DELEGATION else delegations.DelegationMalformed.code
        return DelegatedReport(report, failed(CHECK, reason))
    digest = _digest(shown)
    flaw = next(_flaws(said, report, policy, now, purpose), None)
    if flaw is None and digest in evidence.seen:
        flaw = "presentation_replayed"
    row = _recall(said, policy, evidence, now) if flaw is None else failed(CHECK, flaw)
    return DelegatedReport(report, row, digest if row.outcome is Outcome.PASSED else None, said)


def _holder_key(shown: UnverifiedDelegated) -> PublicKey:
    # The signature over these bytes was verified just now; cnf stands in the clear (SD-JWT VC, 2.2.2.3).
    return key_binding.holder_key(SdJwt.parse_issued(shown.certificate).peek_signed_claims())


def _flaws(said: Delegation, report: Report, policy: Policy, now: datetime, purpose: str | None) -> Iterator[str]:
    if not _may_be_delegated(report.vct or "", said.relation):
        yield "delegation_not_allowed_for_type"
    if now < said.since - policy.max_future_skew:
        yield "delegation_not_begun"
    if now >= said.until:
        yield "delegation_over"
    if said.until - said.since > PERIOD:
        yield "delegation_too_long"
    if said.status is None and said.until - said.since > WITHOUT_STATUS:
        yield "delegation_not_recallable"
    yield from _stale(said, policy, now)
    if purpose is not None and purpose not in said.purposes:
        yield "delegation_other_purpose"


def _stale(said: Delegation, policy: Policy, now: datetime) -> Iterator[str]:
    made = datetime.fromtimestamp(said.proof.iat, UTC)
    if said.proof.audience != policy.audience:
        yield "audience_mismatch"
    if policy.nonce is not None and said.proof.nonce != policy.nonce:
        yield "nonce_mismatch"
    if now - made > policy.max_presentation_age:
        yield "presentation_too_old"
    if made - now > policy.max_future_skew:
        yield "presentation_in_future"


def _may_be_delegated(vct: str, relation: Relation) -> bool:
    try:
        ctype = by_vct(vct)
    except EcertError:
        return False
    return ctype.guardian_may_hold if relation is Relation.GUARDIAN else ctype.delegable


def _recall(said: Delegation, policy: Policy, evidence: Evidence, now: datetime) -> Check:
    if said.status is None:
        return passed(CHECK, "delegation_valid")
    found, index = evidence.status_lists.get(said.status.uri), said.status.index
    facts: dict[str, str | int] = {"list": said.status.uri, "index": index}
    if not isinstance(found, StatusEvidence) or isinstance(found.statuses, BitstringList):
        return unknown(CHECK, "delegation_status_unknown", **facts)
    try:
        value = found.statuses[index]
    except EcertError:
        return unknown(CHECK, "delegation_status_unknown", **facts)
    if value:
        return failed(CHECK, "delegation_recalled", **facts)
    age = now - found.issued_at
    if age > policy.status_max_age or (found.expires_at is not None and now >= found.expires_at):
        return unknown(CHECK, "delegation_status_unknown", **facts)
    return passed(CHECK, "delegation_valid", age_seconds=int(age.total_seconds()), **facts)


def _digest(shown: UnverifiedDelegated) -> str:
    signed = (shown.delegation.key_binding or "").rpartition(".")[0]
    return b64url_text(hashlib.sha256(signed.encode()).digest())
