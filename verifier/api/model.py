"""One verification as the verify API keeps it: what was asked, how it ended, and, for a while, what was disclosed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from verifier.parties.model import Environment

UNFETCHED = timedelta(days=1)
"""How long claims wait for the relying party, if its purpose lets anything be kept for so long."""
FETCHED = timedelta(minutes=10)
"""How long claims can be fetched again: an answer may be lost on the way."""
RECORDS_KEPT = timedelta(days=1095)
"""How long a verification without its claims can be looked up and its receipt be had."""
_DAY = timedelta(days=1)


class Status(StrEnum):
    """How far a verification has come; all but the first are final."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DECLINED = "declined"
    EXPIRED = "expired"


class Via(StrEnum):
    """How the presentation comes."""

    SAME_DEVICE = "same_device"
    CROSS_DEVICE = "cross_device"
    DC_API = "dc_api"
    IN_HAND = "in_hand"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a verification is: test keys see what is of the test environment, live keys what is live."""

    party_id: str
    environment: Environment


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification. ``result`` has no claims; they are in ``credentials``, until ``claims_until``.

    ``session`` and ``response_code`` are digests of what releases the result on the same device. ``link`` is what a
    wallet is opened with. ``basis`` is the receipt's (``Basis.document``).
    """

    verification_id: str
    owner: Owner
    purpose_id: str
    via: Via
    created_at: datetime
    expires_at: datetime
    retention_days: int
    reference: str | None = None
    link: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    status: Status = Status.WAITING
    ended_at: datetime | None = None
    result: Mapping[str, Any] | None = None
    basis: Mapping[str, Any] | None = None
    response_code: str | None = field(default=None, repr=False)
    credentials: Sequence[Mapping[str, Any]] | None = field(default=None, repr=False)
    claims_until: datetime | None = None

    def at(self, now: datetime) -> "Verification":
        """Return it as it stands at ``now``: expired when nobody answered in time, claims gone when their time is."""
        seen = self
        if self.status is Status.WAITING and self.expires_at <= now:
            seen = replace(seen, status=Status.EXPIRED, ended_at=self.expires_at)
        if self.claims_until is not None and self.claims_until <= now:
            seen = replace(seen, credentials=None)
        return seen

    @property
    def event(self) -> str | None:
        """The event that its end is: ``verification.`` and the verdict, ``declined`` or ``expired``."""
        if self.status is Status.WAITING:
            return None
        verdict = self.result["verdict"] if self.status is Status.ANSWERED and self.result else self.status.value
        return f"verification.{verdict}"


def claims_end(ended_at: datetime, retention_days: int) -> datetime:
    """Return until when claims are kept: a day at most, and no longer than the purpose lets them."""
    return ended_at + max(FETCHED, min(UNFETCHED, retention_days * _DAY))


@dataclass(frozen=True, slots=True)
class Filters:
    """Which verifications a list is of; None leaves a filter out."""

    status: Status | None = None
    purpose_id: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Verifications, the newest first, and the position after the last one when there are more."""

    items: Sequence[Verification]
    after: int | None
