"""The outbox's values: steps, lag, and what they tell."""

from datetime import UTC, datetime, timedelta

import pytest

from issuer.outbox import OutboxEntry, Waiting, is_pending
from schemas.order import Identifier

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
URI = "https://ecert.example/status/1"


def an_entry(*reached: str) -> OutboxEntry:
    moments = {f"{name}_at": NOW + timedelta(minutes=place + 1) for place, name in enumerate(reached)}
    return OutboxEntry(1, Identifier("id"), URI, 1, NOW, **moments)


@pytest.mark.parametrize(
    ("reached", "step"),
    [
        ((), "asked"),
        (("signed",), "signed"),
        (("signed", "published"), "published"),
        (("signed", "published", "seen"), "seen"),
    ],
)
def test_an_entry_is_as_far_as_its_last_moment(reached: tuple[str, ...], step: str) -> None:
    assert an_entry(*reached).step == step


@pytest.mark.parametrize(("reached", "pending"), [((), True), (("signed",), True), (("signed", "published"), False)])
def test_an_entry_is_pending_until_it_is_published(reached: tuple[str, ...], pending: bool) -> None:
    assert an_entry(*reached).pending is pending
    assert is_pending([an_entry("signed", "published"), an_entry(*reached)]) is pending


def test_the_lag_grows_until_the_list_is_published() -> None:
    assert an_entry().lag(NOW + timedelta(hours=2)) == timedelta(hours=2)
    assert an_entry("signed", "published").lag(NOW + timedelta(hours=2)) == timedelta(minutes=2)


def test_a_clock_that_went_back_makes_no_negative_lag() -> None:
    assert an_entry().lag(NOW - timedelta(hours=2)) == timedelta(0)
    assert Waiting(1, 1, NOW).lag(NOW - timedelta(hours=2)) == timedelta(0)


def test_an_entry_says_the_moments_that_it_has_reached() -> None:
    assert an_entry("signed").document() == {
        "list": URI,
        "value": 1,
        "step": "signed",
        "sequence": None,
        "asked_at": "2026-03-02T01:23:45+00:00",
        "signed_at": "2026-03-02T01:24:45+00:00",
    }
