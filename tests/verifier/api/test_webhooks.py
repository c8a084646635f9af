"""What is told and how it is signed."""

import base64
from datetime import timedelta

import pytest

from tests.support.verifications import NAME, NOW, a_verification, an_endpoint, answer
from verifier.api.errors import InvalidWebhook
from verifier.api.model import Status, claims_end
from verifier.api.webhooks import BACK_OFF, MAX_URL, TRIES, body_of, next_try, read_secret, shown_secret, sign

SECRET = bytes(range(32))


def test_a_secret_is_read_as_it_was_shown() -> None:
    assert read_secret(shown_secret(SECRET)) == SECRET


@pytest.mark.parametrize("shown", ["whsec_%", "whsec_AAAA", base64.b64encode(SECRET).decode(), ""])
def test_what_is_no_secret_is_refused(shown: str) -> None:
    with pytest.raises(InvalidWebhook):
        read_secret(shown)


def test_the_signature_covers_id_moment_and_body() -> None:
    right = sign("msg", "1", b"{}", secret=SECRET)
    assert right.startswith("v1,")
    changed = [
        sign("msh", "1", b"{}", secret=SECRET),
        sign("msg", "2", b"{}", secret=SECRET),
        sign("msg", "1", b"[]", secret=SECRET),
        sign("msg", "1", b"{}", secret=bytes(32)),
    ]
    assert right not in changed


def test_tries_are_ten_and_the_last_waits_a_day() -> None:
    assert TRIES == 10
    assert (BACK_OFF[0], BACK_OFF[-1]) == (timedelta(minutes=1), timedelta(days=1))
    assert next_try(9, now=NOW) == NOW + timedelta(days=1)
    assert next_try(10, now=NOW) is None


def test_a_body_has_codes_and_no_claims() -> None:
    said = body_of(a_verification(**answer(), ended_at=NOW)).decode()
    assert '"status_valid"' in said
    assert NAME not in said


def test_what_expired_has_no_verdict() -> None:
    said = body_of(a_verification(status=Status.EXPIRED)).decode()
    assert '"verification.expired"' in said
    assert '"verdict":null' in said.replace(" ", "")


def test_what_waits_is_no_event() -> None:
    assert a_verification().event is None


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "", "water.example:0"])
def test_a_host_that_is_no_name_is_no_address(host: str) -> None:
    with pytest.raises(InvalidWebhook):
        an_endpoint(url=f"https://{host}/x")


def test_an_address_is_not_longer_than_its_limit() -> None:
    with pytest.raises(InvalidWebhook):
        an_endpoint(url="https://a.example/" + "x" * MAX_URL)


@pytest.mark.parametrize(("days", "kept"), [(0, 10), (1, 1440), (1095, 1440)])
def test_claims_are_kept_no_longer_than_the_purpose_lets_them(days: int, kept: int) -> None:
    assert claims_end(NOW, days) == NOW + timedelta(minutes=kept)
