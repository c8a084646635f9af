"""What comes to a webhook is believed when it was signed with the secret, now."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from keys import strict_json
from verifier.api.webhooks import headers_of, shown_secret
from verifier.client import WebhookRefused, verify_webhook

NOW = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
DATA = {"id": "8Yq0", "verdict": "valid"}
BODY = strict_json.dumps({"type": "verification.valid", "timestamp": "2026-03-02T09:41:17Z", "data": DATA})


def sent(body: bytes = BODY, *, secret: bytes = NEW, at: datetime = NOW) -> dict[str, str]:
    return headers_of("d1", body, secret=secret, now=at)


def test_what_the_api_sends_is_accepted() -> None:
    event = verify_webhook(BODY, sent(), shown_secret(NEW), NOW)
    assert (event.id, event.type, event.timestamp, event.data) == (
        "d1",
        "verification.valid",
        "2026-03-02T09:41:17Z",
        DATA,
    )


def test_without_a_moment_it_is_now() -> None:
    at = datetime.now(UTC)
    assert verify_webhook(BODY, sent(at=at), shown_secret(NEW)).id == "d1"


def test_the_names_of_headers_are_of_any_case() -> None:
    assert verify_webhook(BODY, {name.upper(): value for name, value in sent().items()}, shown_secret(NEW), NOW)


def test_two_secrets_hold_while_one_takes_the_others_place() -> None:
    both = [shown_secret(NEW), shown_secret(OLD)]
    assert verify_webhook(BODY, sent(secret=OLD), both, NOW)
    assert verify_webhook(BODY, sent(secret=NEW), both, NOW)
    double = sent() | {"Webhook-Signature": f"v1,!!! v2,xx {sent(secret=OLD)['Webhook-Signature']}"}
    assert verify_webhook(BODY, double, shown_secret(OLD), NOW)


@pytest.mark.parametrize("off", [timedelta(minutes=5), -timedelta(minutes=5)])
def test_five_minutes_are_taken_and_more_is_not(off: timedelta) -> None:
    assert verify_webhook(BODY, sent(), shown_secret(NEW), NOW + off)
    with pytest.raises(WebhookRefused, match="five minutes"):
        verify_webhook(BODY, sent(), shown_secret(NEW), NOW + off * 1.01)


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (BODY + b" ", {}),
        (BODY, {"Webhook-Id": "d2"}),
        (BODY, {"Webhook-Id": ""}),
        (BODY, {"Webhook-Timestamp": str(int(NOW.timestamp()) + 1)}),
        (BODY, {"Webhook-Signature": sent(secret=OLD)["Webhook-Signature"]}),
        (BODY, {"Webhook-Signature": ""}),
        (BODY, {"Webhook-Signature": "v1," + base64.b64encode(b"x").decode()}),
    ],
)
def test_what_was_not_signed_is_refused(body: bytes, changed: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused, match="not signed"):
        verify_webhook(body, sent() | changed, shown_secret(NEW), NOW)


def test_a_moment_that_is_no_number_is_refused_though_it_is_signed() -> None:
    from verifier.api.webhooks import sign

    headers = {
        "Webhook-Id": "d1",
        "Webhook-Timestamp": "soon",
        "Webhook-Signature": sign("d1", "soon", BODY, secret=NEW),
    }
    with pytest.raises(WebhookRefused, match="number of seconds"):
        verify_webhook(BODY, headers, shown_secret(NEW), NOW)


@pytest.mark.parametrize("body", [b"no JSON", b"{}", b'{"type": "x", "timestamp": "y", "data": 1}'])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookRefused, match="no event"):
        verify_webhook(body, sent(body), shown_secret(NEW), NOW)


def test_a_secret_has_its_form() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        verify_webhook(BODY, sent(), "secret", NOW)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_" + base64.b64encode(b"s" * 31).decode()])
def test_a_secret_that_anybody_could_guess_is_none(secret: str) -> None:
    guessed = base64.b64decode(secret.removeprefix("whsec_"))
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        verify_webhook(BODY, sent(secret=guessed), secret, NOW)
