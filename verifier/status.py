"""Status lists as evidence, and the rule about them (step 7): missing, stale or not trusted is unknown."""

from collections.abc import Iterator
from datetime import UTC, datetime

from keys.errors import EcertError, NotTrusted, UnknownIssuerKey
from keys.jws import UnverifiedJws
from keys.public import PublicKey
from keys.trust import TrustEntry, TrustList
from schemas.formats import status_token
from schemas.formats.claims import optional_number
from schemas.formats.errors import StatusIndexOutOfBounds, StatusTokenInvalid
from schemas.report import Check, Outcome
from verifier.documents import Credential, Document
from verifier.evidence import Evidence, StatusEvidence, UntrustedStatus
from verifier.outcomes import failed, passed, skipped, unknown
from verifier.policy import Policy

_REASONS = {1: "revoked", 2: "suspended", 3: "replaced"}


def accept_status_list(text: str, *, uri: str, trust: TrustList) -> StatusEvidence | UntrustedStatus:
    """Return the status list of a token found at ``uri``, or why it is not believed.

    It is believed when an issuer of the trust list signed it with a key that it has at the token's ``iat`` and that is
    not withdrawn, and when it says itself that it belongs at ``uri`` (Token Status List, 8.3).
    """
    try:
        token = status_token.parse(text)
        at = _issued_at(token.issuer_jws)
        owners = dict(_owners(token.issuer_jws, trust, at))
        if not owners:
            return UntrustedStatus(uri, UnknownIssuerKey.code)
        key = next(iter(owners.values()))
        if trust.withdrawal(key.kid) is not None:
            return UntrustedStatus(uri, "key_withdrawn")
        read = token.verified_by(key)
    except EcertError as exc:
        return UntrustedStatus(uri, exc.code)
    if read.uri != uri:
        return UntrustedStatus(uri, "status_list_of_another_uri")
    exp = read.times.exp
    expires_at = None if exp is None else datetime.fromtimestamp(exp, UTC)
    return StatusEvidence(uri, frozenset(owners), at, expires_at, read.statuses)


def _issued_at(token: UnverifiedJws) -> datetime:
    # Chooses the key's period; the token's own reader refuses one without iat.
    return datetime.fromtimestamp(optional_number(token.peek_claims(), "iat", StatusTokenInvalid) or 0, UTC)


def _owners(token: UnverifiedJws, trust: TrustList, at: datetime) -> Iterator[tuple[str, PublicKey]]:
    kid, chain = token.header.kid, token.header.x5c()
    for entry in trust.entries.values():
        if (key := _key_of(entry, kid, chain, at)) is not None:
            yield entry.issuer, key


def _key_of(entry: TrustEntry, kid: str | None, chain: tuple[bytes, ...], at: datetime) -> PublicKey | None:
    try:
        entry.check_entitled(vct=None, at=at)
        return entry.select(kid=kid, chain=chain, at=at)
    except NotTrusted:
        return None


def check_status(
    document: Document, credential: Credential, *, policy: Policy, evidence: Evidence, now: datetime
) -> Check:
    """Step 7: the issuer's own, fresh status list says 0. What is not known is not passed."""
    row = _judge(document, credential, policy, evidence, now)
    if row.outcome is Outcome.UNKNOWN and not policy.require_status:
        return skipped("status", "status_not_required")
    return row


def _judge(document: Document, credential: Credential, policy: Policy, evidence: Evidence, now: datetime) -> Check:
    if credential.status is None:
        return unknown("status", "status_not_referenced")
    found = _list_for(document.issuer, evidence.status_lists.get(credential.status.uri))
    if isinstance(found, Check):
        return found
    try:
        value = found.statuses[credential.status.index]
    except StatusIndexOutOfBounds as exc:
        return unknown("status", exc.code)
    if value != 0:
        # A known end is an end, however old the list is.
        return failed("status", _REASONS.get(value, "status_other"), age_seconds=status_age(found, now))
    return _judge_age(found, policy, now)


def _list_for(issuer: str, found: StatusEvidence | UntrustedStatus | None) -> StatusEvidence | Check:
    if found is None:
        return unknown("status", "status_list_missing")
    if isinstance(found, UntrustedStatus):
        return unknown("status", "status_list_untrusted", because=found.reason)
    if issuer not in found.issuers:
        return unknown("status", "status_list_of_another_issuer")
    return found


def _judge_age(found: StatusEvidence, policy: Policy, now: datetime) -> Check:
    age = now - found.issued_at
    seconds = status_age(found, now)
    if -age > policy.max_future_skew:
        return unknown("status", "status_list_in_future", age_seconds=seconds)
    if age > policy.status_hard_stop:
        return unknown("status", "status_hard_stop", age_seconds=seconds)
    if age > policy.status_max_age:
        return unknown("status", "status_list_stale", age_seconds=seconds)
    if found.expires_at is not None and now >= found.expires_at:
        return unknown("status", "status_list_expired", age_seconds=seconds)
    return passed("status", "status_valid", age_seconds=seconds)


def status_age(found: StatusEvidence, now: datetime) -> int:
    """Return how many whole seconds old the list is at ``now``."""
    return int((now - found.issued_at).total_seconds())
