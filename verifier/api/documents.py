"""The verify API's answers as JSON."""

from datetime import datetime
from typing import Any

from verifier.api.model import Verification
from verifier.api.service import Created, svg_data
from verifier.api.webhooks import Delivery, Endpoint, shown_secret, timestamp


def created(made: Created, *, base: str) -> dict[str, Any]:
    """Return what a relying party is told of a verification that it began; ``session`` is shown here alone."""
    verification, link = made.verification, made.verification.link
    code = None if link is None else {"svg": svg_data(link), "png": f"{base}/{verification.verification_id}/qr.png"}
    more: dict[str, Any] = {"link": link, "qr": code}
    if made.session is not None:
        more["session"] = made.session
    if made.browser:
        more["digital_credential_requests"] = [dict(each) for each in made.browser]
    return summary(verification) | more


def summary(verification: Verification) -> dict[str, Any]:
    """Return a verification without its result's words and claims: what a list shows."""
    result = verification.result
    return {
        "id": verification.verification_id,
        "environment": verification.owner.environment.value,
        "status": verification.status.value,
        "verdict": result["verdict"] if result else None,
        "purpose": verification.purpose_id or None,
        "reference": verification.reference,
        "flow": verification.via.value,
        "created_at": timestamp(verification.created_at),
        "expires_at": timestamp(verification.expires_at),
        "ended_at": _moment(verification.ended_at),
    }


def described(verification: Verification) -> dict[str, Any]:
    """Return a verification with its result: the nine checks, and what was disclosed while it is kept."""
    result: dict[str, Any] | None = None
    if verification.result is not None:
        kept = verification.credentials is not None
        result = dict(verification.result) | {"credentials": list(verification.credentials or ())}
        result["claims_until"] = _moment(verification.claims_until) if kept else None
    return summary(verification) | {"result": result, "has_receipt": verification.basis is not None}


def endpoint(found: Endpoint, *, secret: bytes | None = None) -> dict[str, Any]:
    """Return a webhook; with its secret when it was just made."""
    made: dict[str, Any] = {
        "id": found.endpoint_id,
        "environment": found.owner.environment.value,
        "url": found.url,
        "events": list(found.events),
        "created_at": timestamp(found.created_at),
    }
    return made if secret is None else made | {"secret": shown_secret(secret)}


def delivery(found: Delivery) -> dict[str, Any]:
    """Return a delivery as its relying party sees it."""
    return {
        "id": found.delivery_id,
        "webhook": found.endpoint_id,
        "event": found.event,
        "verification": found.verification_id,
        "state": found.state.value,
        "tries": found.tries,
        "last_status": found.status,
        "created_at": timestamp(found.created_at),
        "due_at": timestamp(found.due_at) if found.state.value == "waiting" else None,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)
