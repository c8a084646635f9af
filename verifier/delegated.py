"""A certificate that an agent shows for its holder (授权用证): its report, and one row more for the delegation.

1. the certificate, as any other, but for the holder's proof, which the delegation stands in for
2. the delegation is signed by the key that the certificate is bound to, for this certificate; its agent shows it
3. the type can be delegated, or a guardian may hold it
4. the delegation has begun, is not over, and does not run longer than is allowed; the trust anchor registered it where
   it names a place for its recall, or says more of the agent than that it is one
5. it is for this purpose, where the caller names one
6. it is shown to this verifier, for this request, just now, and not a second time
7. it was not recalled, as far as the list that the trust anchor signed says; without a list it is good for a day

Offline as all verification is: ``evidence`` and ``now`` come in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from keys.errors import EcertError
from keys.public import PublicKey
from schemas.errors import NotAccepted
from schemas.formats import delegation as delegations
from schemas.formats import key_binding
from schemas.formats.bitstring_credential import BitstringList
from schemas.formats.delegation import Delegation, DelegationMalformed, Relation, UnverifiedDelegated
from schemas.formats.sd_jwt import SdJwt
from schemas.report import Check, Outcome, Report, Verdict
from schemas.report_texts import Text
from schemas.report_texts_delegation import CHECK, DELEGATION
from schemas.types import by_vct
from verifier.binding import freshness_flaws, signed_digest
from verifier.documents.common import signed_part
from verifier.evidence import Evidence, StatusEvidence
from verifier.outcomes import failed, passed, skipped, unknown
from verifier.pipeline import verify
from verifier.policy import Policy
from verifier.status import status_age, too_old

PERIOD = timedelta(days=366)
WITHOUT_STATUS = timedelta(days=1)
"""How long a delegation may run that names no place where a recall would show."""
_HOLDERS_ROWS = ("holder_binding", "presentation")
_PACKED = "ZK1:"


@dataclass(frozen=True, slots=True)
class DelegatedReport:
    """The report on the certificate, with the row ``delegation`` after the others, and what the delegation says."""

    report: Report
    _said: Delegation | None = field(default=None, repr=False)

    @property
    def delegation(self) -> Check:
        """The row on the delegation."""
        return self.report.check(CHECK)

    @property
    def verdict(self) -> Verdict:
        """Invalid or indeterminate when the certificate or its delegation is."""
        return self.report.verdict

    @property
    def shown(self) -> str | None:
        """What to keep for 70 s after it was accepted, so that the same is not taken twice."""
        return self.report.shown

    @property
    def text(self) -> Text:
        """The delegation's reason in words."""
        return self.delegation.text

    def accepted_delegation(self) -> Delegation:
        """Return who acts, why, for what, until when: "X for Y until …".

        Raises:
            NotAccepted: the certificate or its delegation is not valid.
        """
        if self.verdict is not Verdict.VALID or self._said is None:
            raise NotAccepted(f"{CHECK}: {self.delegation.reason}")
        return self._said


def agents_text(text: str) -> str | None:
    """Return what an agent shows, out of its code's packing where it is packed; None for whatever else ``text`` is."""
    if text.startswith(_PACKED):
        from schemas.qr import text as codes  # the dictionaries are read only when a code is

        try:
            text = codes.decode(text).token
        except EcertError:
            return None
    return text if delegations.is_delegated(text) else None


def verify_delegated(
    text: str, *, policy: Policy, evidence: Evidence, now: datetime, purpose: str | None = None
) -> DelegatedReport:
    """Return what can be said of ``text`` at ``now``. Bad input gives a report, not an error.

    ``purpose`` is one that the delegation has to name, letter by letter.
    """
    without_holder = replace(policy, require_key_binding=False)
    try:
        shown = _parsed(text, policy)
    except EcertError as exc:
        return _ended(verify(text, policy=without_holder, evidence=evidence, now=now), failed(CHECK, exc.code))
    report = verify(shown.certificate, policy=without_holder, evidence=evidence, now=now)
    if report.vct is None:  # a gate failed: nothing of it is believed
        return _ended(report, skipped(CHECK))
    report = replace(report, checks=tuple(map(_by_agent, report.checks)))
    try:
        said = shown.verified_by(_holder_key(shown))
    except EcertError as exc:
        return _ended(report, failed(CHECK, exc.code if exc.code in DELEGATION else DelegationMalformed.code))
    digest = _digest(shown)
    unfit = [*freshness_flaws(said.proof, policy, now), *_replayed(digest, evidence)]
    flaw = next(chain(_flaws(said, report, policy, now), _unregistered(said, evidence, purpose), unfit), None)
    row = _recall(said, policy, evidence, now) if flaw is None else failed(CHECK, flaw)
    # Shown is shown, whatever else stood in the way: as with a holder.
    return _ended(replace(report, shown=None if unfit else digest), row, said)


def _parsed(text: str, policy: Policy) -> UnverifiedDelegated:
    if len(text) > policy.max_bytes:
        raise DelegationMalformed(f"text has {len(text)} characters, limit {policy.max_bytes}")
    return delegations.parse(text)


def _ended(report: Report, row: Check, said: Delegation | None = None) -> DelegatedReport:
    return DelegatedReport(replace(report, checks=(*report.checks, row)), said)


def _by_agent(row: Check) -> Check:
    skippable = row.code in _HOLDERS_ROWS and row.outcome is Outcome.SKIPPED
    return skipped(row.code, "by_delegation") if skippable else row


def _holder_key(shown: UnverifiedDelegated) -> PublicKey:
    # The signature over these bytes was verified just now; cnf stands in the clear (SD-JWT VC, 2.2.2.3).
    return key_binding.holder_key(SdJwt.parse_issued(shown.certificate).peek_signed_claims())


def _flaws(said: Delegation, report: Report, policy: Policy, now: datetime) -> Iterator[str]:
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


def _unregistered(said: Delegation, evidence: Evidence, purpose: str | None) -> Iterator[str]:
    # The holder's key signs whatever its holder likes: who is a guardian, and which places there are, is the city's.
    if (said.status is not None or said.relation is not Relation.AGENT) and not said.registered_by(evidence.anchor):
        yield "delegation_not_registered"
    if purpose is not None and purpose not in said.purposes:
        yield "delegation_other_purpose"


def _replayed(digest: str, evidence: Evidence) -> Iterator[str]:
    if digest in evidence.seen:
        yield "presentation_replayed"


def _may_be_delegated(vct: str, relation: Relation) -> bool:
    try:
        ctype = by_vct(vct)
    except EcertError:
        return False
    return ctype.guardian_may_hold if relation is Relation.GUARDIAN else ctype.delegable


def _recall(said: Delegation, policy: Policy, evidence: Evidence, now: datetime) -> Check:
    if said.status is None:
        return passed(CHECK, "delegation_valid")
    found, index = evidence.recall_lists.get(said.status.uri), said.status.index
    facts: dict[str, str | int] = {"list": said.status.uri, "index": index}
    if not isinstance(found, StatusEvidence) or isinstance(found.statuses, BitstringList):
        return unknown(CHECK, "delegation_status_unknown", **facts)
    facts["age_seconds"] = status_age(found, now)
    try:
        recalled = found.statuses[index]
    except EcertError:
        return unknown(CHECK, "delegation_status_unknown", **facts)
    if recalled:
        return failed(CHECK, "delegation_recalled", **facts)
    if too_old(found, policy, now) is not None:
        return unknown(CHECK, "delegation_status_unknown", **facts)
    return passed(CHECK, "delegation_valid", **facts)


def _digest(shown: UnverifiedDelegated) -> str:
    return signed_digest(signed_part(shown.delegation.key_binding) or b"")
