"""Lints of what signed documents freeze (ADR 5): times, derived claims."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from issuer.documents import Document, content, unstable_claims
from issuer.lints.model import Finding, Lint
from schemas import types
from schemas.catalogue import Kind

_HOUR = 3600
_YEAR = timedelta(days=365)
_WEEK = timedelta(days=7)


def full_hours(draft: Document) -> Iterator[Finding]:
    """Times are rounded to the hour, so that two credentials are not linked by their second."""
    for name in ("iat", "nbf", "exp"):
        if draft.claims.get(name, 0) % _HOUR:
            yield Finding(name, "时间未取整到小时", "the time is no full hour")


def lifetime(draft: Document) -> Iterator[Finding]:
    """A credential ends within a year, within seven days when it holds a claim that can turn back."""
    frame = draft.frame
    unstable = unstable_claims(frame.certificate_type) & content(draft).keys()
    longest = _WEEK if frame.short_lived or unstable else _YEAR
    if frame.expires_at - frame.issued_at > longest:
        yield Finding(
            "exp", f"凭证有效期超过 {longest.days} 天", f"the credential lives longer than {longest.days} days"
        )


def derived_only_when_true(draft: Document) -> Iterator[Finding]:
    """A derived claim that stays so once true is signed only when it is true: its absence says nothing."""
    claims = content(draft)
    for field in types.credential_fields(draft.frame.certificate_type.id):
        stable = field.derivation is not None and field.derivation.stable and field.kind is Kind.BOOLEAN
        if stable and claims.get(field.name) is False:
            yield Finding(field.name, "派生声明为否时不应签发", "a derived claim is signed though it is false")


LINTS: Mapping[str, Lint] = {
    "full_hours": full_hours,
    "lifetime": lifetime,
    "derived_only_when_true": derived_only_when_true,
}
