"""What comes to a webhook: checked before anything of it is believed (Standard Webhooks 1.0)."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from keys import strict_json
from keys.errors import KeysError
from verifier.client.errors import WebhookRefused

WINDOW = timedelta(minutes=5)
"""How far the moment of sending may be from now."""
_SECRET_BYTES = 32
_PREFIX = "whsec_"
_VERSION = "v1,"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """An event. Take each ``id`` once: what was not acknowledged comes again with the same one."""

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any] = field(repr=False)


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str | Sequence[str], now: datetime | None = None
) -> WebhookEvent:
    """Return the event in ``body``, exactly as it came; ``secret`` may be several while one takes another's place.

    Raises:
        WebhookRefused: no signature by any secret, another body, or sent more than five minutes away from ``now``.
        ValueError: a secret is not of the form ``whsec_`` and base64.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signed = b".".join((message_id.encode(), sent_at.encode(), body))
    secrets = (secret,) if isinstance(secret, str) else tuple(secret)
    expected = [hmac.digest(_bytes(each), signed, "sha256") for each in secrets]
    found = _signatures(given.get("webhook-signature", ""))
    # Every pair is compared, so that the time does not tell which secret it was.
    matches = [hmac.compare_digest(one, other) for one in expected for other in found]
    if not message_id or not any(matches):
        raise WebhookRefused("body is not signed with the secret")
    _check_moment(sent_at, now or datetime.now(UTC))
    return _event(message_id, body)


def _check_moment(sent_at: str, now: datetime) -> None:
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
        raise WebhookRefused("moment of sending is no number of seconds")
    if abs(now.timestamp() - int(sent_at)) > WINDOW.total_seconds():
        raise WebhookRefused("body was sent more than five minutes away from now")


def _event(message_id: str, body: bytes) -> WebhookEvent:
    try:
        document = strict_json.loads_object(body)
        return WebhookEvent(message_id, document["type"], document["timestamp"], dict(document["data"]))
    except (KeysError, KeyError, TypeError, ValueError):
        raise WebhookRefused("body is no event") from None


def _signatures(header: str) -> list[bytes]:
    found = []
    for each in header.split(" "):
        if each.startswith(_VERSION):
            try:
                found.append(base64.b64decode(each.removeprefix(_VERSION), validate=True))
            except (binascii.Error, ValueError):
                continue
    return found


def _bytes(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        raise ValueError("webhook's secret does not begin with whsec_")
    found = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    if len(found) < _SECRET_BYTES:  # an empty setting, with which anybody could sign
        raise ValueError(f"webhook's secret has fewer than {_SECRET_BYTES} bytes")
    return found
