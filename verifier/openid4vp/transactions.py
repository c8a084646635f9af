"""One exchange: what is asked, by whom, in which way, until when, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.openid4vp import dc_api
from schemas.openid4vp.request import AuthorizationRequest, read_request


class Flow(StrEnum):
    """Where the wallet is."""

    SAME_DEVICE = "same_device"  # on the device with the browser; the result is released to that browser alone
    CROSS_DEVICE = "cross_device"  # it scans a QR code
    DC_API = "dc_api"  # the browser asks it


class State(StrEnum):
    """How far a transaction has come; all but the first are final."""

    WAITING = "waiting"
    ANSWERED = "answered"  # a presentation came, and its result is there
    DECLINED = "declined"  # the wallet answered with an error
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction.

    ``session`` is a digest of what the browser holds that started it, for ``SAME_DEVICE``; ``response_code`` one of the
    secret in the redirect after the answer (8.2). ``result`` is the result as JSON, ``error`` the wallet's error.
    """

    transaction_id: str
    party_id: str
    purpose_id: str
    environment: str
    flow: Flow
    request: AuthorizationRequest
    created_at: datetime
    expires_at: datetime
    return_uri: str
    session: str | None = None
    response_code: str | None = None
    state: State = State.WAITING
    result: Mapping[str, Any] | None = None
    error: str | None = None

    @property
    def audience(self) -> str:
        """What every presentation must be made for: the whole client identifier (14.10), or the origin (A.4)."""
        if self.flow is Flow.DC_API:
            return dc_api.audience(self.request.expected_origins[0])
        return str(self.request.client_id)

    def ended(self, state: State, **changed: Any) -> "Transaction":
        """Return it as it ended."""
        return replace(self, state=state, **changed)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "transaction_id": self.transaction_id,
            "party_id": self.party_id,
            "purpose_id": self.purpose_id,
            "environment": self.environment,
            "flow": self.flow.value,
            "request": self.request.claims(),
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "return_uri": self.return_uri,
            "session": self.session,
            "response_code": self.response_code,
            "state": self.state.value,
            "result": self.result,
            "error": self.error,
        }

    @staticmethod
    def of(document: Mapping[str, Any]) -> "Transaction":
        """Return the transaction that ``document()`` wrote."""
        return Transaction(
            transaction_id=document["transaction_id"],
            party_id=document["party_id"],
            purpose_id=document["purpose_id"],
            environment=document["environment"],
            flow=Flow(document["flow"]),
            request=read_request(document["request"]),
            created_at=datetime.fromisoformat(document["created_at"]),
            expires_at=datetime.fromisoformat(document["expires_at"]),
            return_uri=document["return_uri"],
            session=document["session"],
            response_code=document["response_code"],
            state=State(document["state"]),
            result=document["result"],
            error=document["error"],
        )
