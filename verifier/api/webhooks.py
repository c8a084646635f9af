"""Webhooks: what is said to a relying party when a verification ends, how it is signed, and when it is tried again.

As Standard Webhooks 1.0 (github.com/standard-webhooks) has it: the headers ``Webhook-Id``, ``Webhook-Timestamp`` and
``Webhook-Signature``; the signature is ``v1,`` and the base64 of HMAC-SHA-256 over ``id.timestamp.body``, by a secret
that is shown as ``whsec_`` and its base64. Whoever receives one compares the signature in constant time, refuses a
timestamp more than five minutes off (``REPLAY_WINDOW``), and takes each ``Webhook-Id`` once: a delivery that was not
acknowledged comes again with the same one.

A body names ids, the verdict and check codes, and never a claim.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from keys import strict_json
from verifier.api.errors import InvalidWebhook
from verifier.api.model import Owner, Verification

EVENTS = (
    *(f"verification.{name}" for name in ("valid", "invalid", "indeterminate", "declined", "expired")),
    "batch.done",  # verifier.batches
    "watch.changed",  # verifier.watches
)
REPLAY_WINDOW = timedelta(minutes=5)
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins, no secret
MAX_URL = 1_000
MAX_ENDPOINTS = 10
"""Endpoints of one relying party in one environment."""
BACK_OFF = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 180, 360, 720, 1_440, 1_440))
"""What is waited after each try that failed; after the tenth a delivery is dead."""
TRIES = len(BACK_OFF) + 1
PER_PARTY = 8
"""What is sent for one relying party before it is the others' turn."""
PAUSE = BACK_OFF[0]
"""For how long nothing goes to an endpoint that did not answer."""


class DeliveryState(StrEnum):
    """Where a delivery is."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of a relying party that hears of events.

    Raises:
        InvalidWebhook: the address is no https address (http to this machine is for the test environment), or an
            event is not known.
    """

    endpoint_id: str
    owner: Owner
    url: str
    events: tuple[str, ...]
    created_at: datetime

    def __post_init__(self) -> None:
        if not _is_address(self.url):
            raise InvalidWebhook("webhook's address is no https address without user and fragment")
        if not self.events or len(set(self.events)) != len(self.events) or not set(self.events) <= set(EVENTS):
            raise InvalidWebhook("webhook's events are not each, once, among those that there are")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. ``status`` is the last answer's HTTP status, None: there was none."""

    delivery_id: str
    endpoint_id: str
    event: str
    verification_id: str
    created_at: datetime
    state: DeliveryState
    tries: int
    due_at: datetime
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery that is due: where it goes and whose that is, what it says, and how often it was tried before."""

    delivery_id: str
    url: str
    secret: bytes
    body: bytes
    tries: int
    endpoint_id: str = ""
    party_id: str = ""


def body_of(verification: Verification) -> bytes:
    """Return what is said of a verification that ended."""
    ended_at = verification.ended_at or verification.expires_at
    data: dict[str, Any] = {
        "id": verification.verification_id,
        "environment": verification.owner.environment.value,
        "purpose": verification.purpose_id,
        "reference": verification.reference,
        "status": verification.status.value,
        "verdict": verification.result["verdict"] if verification.result else None,
        "checks": _codes(verification.result),
    }
    said = {"type": verification.event, "timestamp": timestamp(ended_at), "data": data}
    return strict_json.dumps(said)


def headers_of(delivery_id: str, body: bytes, *, secret: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of one try: the moment is the try's own, the id the delivery's."""
    seconds = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "Webhook-Id": delivery_id,
        "Webhook-Timestamp": seconds,
        "Webhook-Signature": sign(delivery_id, seconds, body, secret=secret),
    }


def sign(delivery_id: str, seconds: str, body: bytes, *, secret: bytes) -> str:
    """Return the signature over id, moment and body."""
    digest = hmac.digest(secret, b".".join((delivery_id.encode(), seconds.encode(), body)), "sha256")
    return "v1," + base64.b64encode(digest).decode()


def shown_secret(secret: bytes) -> str:
    """Return a secret as a relying party is shown it, once."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def read_secret(shown: str) -> bytes:
    """Return the secret of ``shown_secret``; raises InvalidWebhook."""
    try:
        secret = base64.b64decode(shown.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidWebhook("webhook's secret is no base64") from None
    if not shown.startswith(SECRET_PREFIX) or len(secret) < SECRET_BYTES:
        raise InvalidWebhook(f"webhook's secret is not {SECRET_PREFIX} with {SECRET_BYTES} bytes of base64 or more")
    return secret


def next_try(tries: int, *, now: datetime) -> datetime | None:
    """Return when a delivery is tried again that failed ``tries`` times; None: it is dead."""
    return now + BACK_OFF[tries - 1] if tries <= len(BACK_OFF) else None


def timestamp(moment: datetime) -> str:
    """Return a moment as the API writes it: UTC, whole seconds, RFC 3339."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _codes(result: Mapping[str, Any] | None) -> list[dict[str, str]]:
    if result is None:
        return []
    return [{name: each[name] for name in ("check", "state", "code")} for each in result["checks"]]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")  # every label has 1 to 63 characters (RFC 1035, 2.3.4)
    except ValueError:
        return False
    plain = len(url) <= MAX_URL and url.isascii() and url.isprintable() and not set(url) & set(" \\#@")
    return plain and parts.scheme == "https" and bool(parts.hostname) and port != 0
