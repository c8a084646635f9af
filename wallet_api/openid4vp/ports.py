"""What answering needs from outside, beside the ports of ``wallet_api.ports`` and ``wallet_api.openid4vci``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from keys.public import PublicKey
from schemas.openid4vp.registration import Registration
from schemas.openid4vp.request import AuthorizationRequest


class RequestAnchors(Protocol):
    """Who vouches for verifiers."""

    def key_of(self, chain: Sequence[bytes], at: datetime) -> PublicKey:
        """Return the key of the leaf of ``chain`` (DER, leaf first).

        Raises:
            KeysError: it leads to no anchor for verifiers, or is not for signing requests, at that moment.
        """

    def registration_of(self, request: AuthorizationRequest, at: datetime) -> Registration | None:
        """Return what the city attests of an authenticated request (``schemas.openid4vp.registration``), or None."""


class Complaint(StrEnum):
    """What a holder reports a verifier for."""

    OVER_ASKING = "over_asking"
    UNKNOWN_PARTY = "unknown_party"
    MISUSE = "misuse"
    NO_DELETION = "no_deletion"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReportedVerifier:
    """A report for the operator: which verifier and why, nothing of the holder or of what was shown."""

    client_id: str
    complaint: Complaint
    at: datetime


class Operator(Protocol):
    """Where reports go."""

    def verifier_reported(self, report: ReportedVerifier) -> None:
        """Record a report in the audit trail."""
