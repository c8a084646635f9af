"""The verify API's JSON: a session and a secret are shown where they are made, and claims only while they are kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.verifications import NAME, NOW, a_verification, an_endpoint, answer
from verifier.api import documents
from verifier.api.model import Status, Via
from verifier.api.service import Created
from verifier.api.webhooks import Delivery, DeliveryState


def test_a_verification_over_the_browser_has_requests_and_no_code() -> None:
    asked = {"protocol": "openid4vp-v1-signed", "data": {"request": "a.b.c"}}
    made = Created(replace(a_verification(via=Via.DC_API), link=None), None, (asked,))
    shown = documents.created(made, base="https://ecert.example/v1/verifications")
    assert (shown["flow"], shown["link"], shown["qr"]) == ("dc_api", None, None)
    assert shown["digital_credential_requests"] == [asked]
    assert "session" not in shown


def test_on_the_same_device_the_session_is_shown_when_it_is_made_and_never_again() -> None:
    verification = a_verification(via=Via.SAME_DEVICE, session="digest")
    shown = documents.created(Created(verification, "secret"), base="https://ecert.example/v1/verifications")
    assert shown["session"] == "secret"
    assert shown["qr"]["png"] == "https://ecert.example/v1/verifications/verification-1/qr.png"
    assert "digital_credential_requests" not in shown
    assert "session" not in documents.described(verification)


def test_claims_are_shown_with_their_end_while_they_are_kept() -> None:
    until = NOW + timedelta(days=1)
    shown = documents.described(a_verification(**answer(), ended_at=NOW, claims_until=until))
    assert shown["result"]["credentials"][0]["claims"]["name"] == NAME
    assert shown["result"]["claims_until"] == "2026-03-03T09:41:17Z"
    assert (shown["has_receipt"], shown["ended_at"]) == (True, "2026-03-02T09:41:17Z")


def test_without_its_claims_a_result_keeps_its_checks() -> None:
    verification = a_verification(**answer(), ended_at=NOW, claims_until=NOW)
    shown = documents.described(verification.at(NOW))["result"]
    assert (shown["credentials"], shown["claims_until"]) == ([], None)
    assert shown["checks"]


def test_what_waits_has_no_result_and_no_receipt() -> None:
    shown = documents.described(a_verification())
    assert (shown["result"], shown["verdict"], shown["ended_at"], shown["has_receipt"]) == (None, None, None, False)


def test_what_nobody_answered_in_time_ended_when_its_time_was_over() -> None:
    verification = a_verification()
    assert verification.at(verification.expires_at - timedelta(seconds=1)) == verification
    seen = verification.at(verification.expires_at + timedelta(hours=1))
    assert (seen.status, seen.ended_at, seen.event) == (
        Status.EXPIRED,
        verification.expires_at,
        "verification.expired",
    )


def test_a_secret_is_shown_when_its_webhook_is_made_and_never_again() -> None:
    assert "secret" in documents.endpoint(an_endpoint(), secret=bytes(32))
    assert "secret" not in documents.endpoint(an_endpoint())


@pytest.mark.parametrize("state", list(DeliveryState))
def test_only_a_delivery_that_waits_says_when_it_is_due(state: DeliveryState) -> None:
    found = Delivery("delivery-1", "endpoint-1", "verification.valid", "verification-1", NOW, state, 1, NOW, 503)
    shown = documents.delivery(found)
    assert (shown["state"], shown["last_status"]) == (state.value, 503)
    assert (shown["due_at"] is not None) == (state is DeliveryState.WAITING)
