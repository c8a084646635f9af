"""The rules past the gates that need only the credential: its type and its dates (steps 5 and 6)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from schemas.report import Check
from verifier.documents import Credential
from verifier.evidence import Evidence
from verifier.outcomes import failed, passed, unknown
from verifier.policy import Policy

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""No summer time since 1991, so that no time zone database is needed."""
_LONG_TERM = "长期"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def check_type(credential: Credential, *, policy: Policy, evidence: Evidence) -> Check:
    """Step 5: the type is one that the relying party accepts, and that the offline data knows."""
    if policy.accepted_types is not None and credential.vct not in policy.accepted_types:
        return failed("type", "type_not_accepted")
    if credential.vct not in evidence.types:
        return unknown("type", "type_unknown")
    return passed("type", "type_accepted")


def check_validity(credential: Credential, *, policy: Policy, now: datetime) -> Check:
    """Step 6: every date holds at ``now``; a day is one of Asia/Shanghai, and the last one is inclusive."""
    try:
        return _judge_dates(credential, policy.leeway, now)
    except (ValueError, OverflowError):  # no day, or one at an end of the calendar
        return failed("validity", "dates_malformed")


def check_end(until: datetime | None, *, policy: Policy, now: datetime) -> Check:
    """Step 6 once more, of what was in force: its end alone; None is a certificate without one."""
    return _in_force(until) if until is None or now - policy.leeway < until else _over(until)


def _in_force(until: datetime | None) -> Check:
    return passed("validity", "in_force", **({} if until is None else {"until": until.astimezone(UTC).isoformat()}))


def _over(until: datetime) -> Check:
    return failed("validity", "expired", ended=_day(until - timedelta(seconds=1)))


def _judge_dates(credential: Credential, leeway: timedelta, now: datetime) -> Check:
    starts, ends = list(_starts(credential)), list(_ends(credential))
    if ends and now - leeway >= min(ends):
        return _over(min(ends))
    if credential.iat > now + leeway:
        return failed("validity", "issued_in_future")
    if starts and now + leeway < max(starts):
        return failed("validity", "not_yet_valid", begins=_day(max(starts)))
    return _in_force(min(ends, default=None))


def _starts(credential: Credential) -> Iterator[datetime]:
    if credential.nbf is not None:
        yield credential.nbf
    effective = credential.claims.get("effective_date")
    if effective is not None:
        yield _midnight(effective)


def _ends(credential: Credential) -> Iterator[datetime]:
    """Moments from which on it is over (RFC 7519, 4.1.4: on or after which)."""
    if credential.exp is not None:
        yield credential.exp
    expiring = credential.claims.get("expiring_date")
    if expiring is not None and expiring != _LONG_TERM:
        yield _midnight(expiring) + timedelta(days=1)


def _midnight(value: Any) -> datetime:
    """Return the first moment of a day YYYY-MM-DD; raises ValueError for anything else."""
    if type(value) is not str or not _DAY.fullmatch(value):
        raise ValueError("no day")
    return datetime.combine(date.fromisoformat(value), time(), SHANGHAI).astimezone(UTC)


def _day(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).date().isoformat()
