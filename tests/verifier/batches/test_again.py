"""An earlier verification looked at again: never better than it was, and over when its certificate is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.report import Check
from verifier.batches.again import looked_at_again
from verifier.outcomes import failed, passed

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
LIST = "https://ecert.example/status/1"
PASSED = {"check": "validity", "state": "passed", "code": "in_force"}


def kept(*checks: dict[str, Any], **others: Any) -> dict[str, Any]:
    places = [{"list": LIST, "index": 1}]
    return {"checks": list(checks), "status_places": places, "valid_until": None} | others


def again(result: dict[str, Any], row: Check | None = None) -> list[tuple[str, str, str]]:
    rows = looked_at_again(result, lambda *_: row or passed("status", "status_valid"), now=NOW)
    return [(each["check"], each["state"], each["code"]) for each in rows]


GOOD = ("status", "passed", "status_valid")


def test_what_was_valid_and_never_ends_is_looked_up() -> None:
    assert again(kept(PASSED)) == [("validity", "passed", "in_force"), GOOD]
    revoked = again(kept(PASSED), failed("status", "revoked"))
    assert revoked[-1] == ("status", "failed", "revoked")


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(seconds=1), ("validity", "passed", "in_force")),
        (timedelta(days=-1), ("validity", "failed", "expired")),
    ],
)
def test_a_certificate_is_over_at_its_end(left: timedelta, expected: tuple[str, str, str]) -> None:
    assert again(kept(PASSED, valid_until=(NOW + left).isoformat())) == [expected, GOOD]


def test_where_no_end_was_kept_nobody_knows() -> None:
    result = kept(PASSED)
    del result["valid_until"]
    assert again(result) == [("validity", "unknown", "validity_not_kept"), GOOD]


def test_a_result_without_places_says_nothing_of_the_status() -> None:
    assert again(kept(PASSED, status_places=[]))[-1] == ("status", "unknown", "status_not_referenced")


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_was_wrong_stays_wrong(state: str) -> None:
    flaw = {"check": "holder", "state": state, "code": "holder_key_mismatch"}
    assert again(kept(PASSED, flaw)) == [tuple(flaw.values()), ("validity", "passed", "in_force"), GOOD]


def test_what_had_expired_is_said_once() -> None:
    flaw = {"check": "validity", "state": "failed", "code": "expired"}
    assert again(kept(flaw)) == [tuple(flaw.values()), GOOD]


@pytest.mark.parametrize(("state", "code"), [("passed", "delegation_valid"), ("failed", "delegation_over")])
def test_a_delegation_is_not_taken_for_one_that_still_holds(state: str, code: str) -> None:
    found = again(kept(PASSED, {"check": "delegation", "state": state, "code": code}))
    rows = [each for each in found if each[0] == "delegation"]
    fresh = ("delegation", "unknown", "delegation_status_unknown")
    assert rows == [fresh if state == "passed" else ("delegation", state, code)]
