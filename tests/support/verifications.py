"""Verifications and what they end with, for tests of the verify API."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from verifier.api.model import Owner, Status, Verification, Via
from verifier.api.webhooks import EVENTS, Endpoint
from verifier.parties.model import Environment

NOW = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)
LIVE = Owner("example-water", Environment.LIVE)
TEST = Owner("example-water", Environment.TEST)
OTHER = Owner("example-bank", Environment.LIVE)
NAME = "示例一"


def result(verdict: str = "valid") -> dict[str, Any]:
    """Return a result without claims, as the API keeps it."""
    state = {"valid": "passed", "invalid": "failed", "indeterminate": "unknown"}[verdict]
    check = {"check": "status", "state": state, "code": f"status_{verdict}", "text": {"zh": "…", "en": "…"}}
    return {"verdict": verdict, "verified_at": "2026-03-02T09:41:17Z", "checks": [check | {"evidence": {}}]}


def basis() -> dict[str, Any]:
    """Return what a receipt rests on."""
    lists = [{"uri": "https://ecert.example/lists/1", "issued_at": "2026-03-02T09:00:00+00:00"}]
    return {"trust_list_version": 7, "status_lists": lists, "salt": "AAAA", "presentations": []}


def answer(verdict: str = "valid", **changed: Any) -> dict[str, Any]:
    """Return the fields of a verification that was answered."""
    shown = [{"id": "id", "claims": {"name": NAME}}] if verdict == "valid" else None
    made = {"status": Status.ANSWERED, "result": result(verdict), "basis": basis(), "credentials": shown}
    return made | {"response_code": None} | changed


def a_verification(number: int = 1, owner: Owner = LIVE, **changed: Any) -> Verification:
    """Return a verification that waits."""
    made = Verification(
        verification_id=f"verification-{number}",
        owner=owner,
        purpose_id="water.account-opening",
        via=Via.CROSS_DEVICE,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
        retention_days=1095,
        reference="order-17",
        link="openid4vp://?client_id=x&request_uri=y",
    )
    return replace(made, **changed)


def an_endpoint(number: int = 1, owner: Owner = LIVE, **changed: Any) -> Endpoint:
    """Return a webhook for every event."""
    made = Endpoint(f"endpoint-{number}", owner, f"https://water.example/hooks/{number}", EVENTS, NOW)
    return replace(made, **changed)
