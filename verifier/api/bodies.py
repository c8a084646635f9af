"""What relying parties send, and examples of what they get."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.dcql import read_query
from schemas.openid4vp.transaction_data import MAX_TEXT, authorisation
from verifier.api.service import Wanted
from verifier.api.webhooks import EVENTS, MAX_URL
from verifier.openid4vp.transactions import Flow

_REFERENCE = r"^[A-Za-z0-9._:/-]{1,64}$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class AuthorisationBody(_Body):
    """What the holder authorises by presenting: by which of the credentials asked for, and what, in words."""

    credential_ids: list[str] = Field(min_length=1, max_length=16)
    subject_zh: str = Field(min_length=1, max_length=MAX_TEXT)
    subject_en: str = Field(min_length=1, max_length=MAX_TEXT)
    reference: str = Field(default="", max_length=MAX_TEXT)


class CreateBody(_Body):
    """Ask a holder: for a purpose, for less than it allows (``query``, DCQL), on which way.

    ``reference`` is the relying party's own number of the matter; it is no place for a person's name or number.
    """

    purpose: str = Field(min_length=1, max_length=64)
    reference: str | None = Field(default=None, pattern=_REFERENCE)
    query: dict[str, Any] | None = None
    flow: Literal["cross_device", "same_device", "dc_api"] = "cross_device"
    return_uri: str | None = Field(default=None, max_length=1_000)
    origin: str | None = Field(default=None, max_length=300)
    unsigned: bool = False
    transaction_data: list[AuthorisationBody] = Field(default=[], max_length=8)

    def wanted(self) -> Wanted:
        """Return it as the use case takes it; raises InvalidDcqlQuery, InvalidTransactionData."""
        entries = (
            authorisation(
                each.credential_ids, subject_zh=each.subject_zh, subject_en=each.subject_en, reference=each.reference
            )
            for each in self.transaction_data
        )
        return Wanted(
            purpose_id=self.purpose,
            reference=self.reference,
            query=None if self.query is None else read_query(self.query),
            flow=Flow(self.flow),
            return_uri=self.return_uri,
            origin=self.origin,
            unsigned=self.unsigned,
            transaction_data=tuple(each.encoded for each in entries),
        )


class BrowserBody(_Body):
    """What the browser's Digital Credentials API returned: its ``data``."""

    data: dict[str, Any]


class WebhookBody(_Body):
    """An address that hears of events; all of them when none are named."""

    url: str = Field(min_length=1, max_length=MAX_URL)
    events: list[str] = Field(default=list(EVENTS), min_length=1, max_length=len(EVENTS))


ASK = {"purpose": "water.account-opening", "reference": "order-17"}
SUMMARY = {
    "id": "8Yq0…",
    "environment": "test",
    "status": "answered",
    "verdict": "valid",
    "purpose": "water.account-opening",
    "reference": "order-17",
    "flow": "cross_device",
    "created_at": "2026-03-02T09:41:17Z",
    "expires_at": "2026-03-02T09:46:17Z",
    "ended_at": "2026-03-02T09:42:03Z",
}
CREATED = SUMMARY | {
    "status": "waiting",
    "verdict": None,
    "ended_at": None,
    "link": "openid4vp://?client_id=x509_hash%3A…&request_uri=https%3A…&request_uri_method=post",
    "qr": {"svg": "data:image/svg+xml;base64,…", "png": "https://ecert.example/v1/verifications/8Yq0…/qr.png"},
}
_CHECK = {
    "check": "status",
    "state": "passed",
    "code": "status_valid",
    "text": {"zh": "状态有效", "en": "the status is valid"},
    "evidence": {"list": "https://ecert.example/…", "index": 4711, "value": 0, "age_seconds": 310},
}
DESCRIBED = SUMMARY | {
    "result": {
        "verdict": "valid",
        "verified_at": "2026-03-02T09:42:03Z",
        "checks": [_CHECK],
        "credentials": [{"id": "id", "type_id": "resident_id_card", "claims": {"name": "示例"}}],
        "claims_until": "2026-03-02T09:52:03Z",
    },
    "has_receipt": True,
}
LISTED = {"verifications": [SUMMARY], "next_cursor": "AAAAAAAAABE"}
HOOK = {"url": "https://water.example/hooks/ecert", "events": ["verification.valid", "verification.invalid"]}
ENDPOINT = HOOK | {"id": "…", "environment": "test", "created_at": "2026-03-02T09:41:17Z"}
ENDPOINT_MADE = ENDPOINT | {"secret": "whsec_…"}
DELIVERY = {
    "id": "…",
    "webhook": "…",
    "event": "verification.valid",
    "verification": "8Yq0…",
    "state": "dead",
    "tries": 10,
    "last_status": 500,
    "created_at": "2026-03-02T09:42:03Z",
    "due_at": None,
}
