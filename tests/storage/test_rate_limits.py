"""Rate limits over SQL: at the limit, beyond it, over the edge of a window, and among workers."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from ecert.rate_rules import DEFAULTS, RateRule
from ecert.storage import Storage
from issuer.openid4vci.errors import TooManyRequests
from issuer.openid4vci.ports import RateLimits

NOW = datetime(2026, 3, 2, 9, 41, 0, tzinfo=UTC)  # a window of 60 s begins here
RULES = {"token": RateRule(5, 60), "login": RateRule(1, 300)}


def seconds(number: float) -> datetime:
    return NOW + timedelta(seconds=number)


def passed(limits: RateLimits, times: int, *, rule: str = "token", subject: str = "a", now: datetime = NOW) -> int:
    """Ask ``times`` times and return how often it was let through."""
    refused = 0
    for _ in range(times):
        try:
            limits.hit(rule, subject, now=now)
        except TooManyRequests:
            refused += 1
    return times - refused


@pytest.fixture
def limits(opened: Callable[..., Storage]) -> RateLimits:
    return opened(rate_rules=RULES).rate_limits


def test_the_limit_is_reached_and_one_more_is_refused(limits: RateLimits) -> None:
    assert passed(limits, 5) == 5
    with pytest.raises(TooManyRequests, match="more than 5 requests in 60 s") as refused:
        limits.hit("token", "a", now=NOW)
    assert refused.value.headers == {"Retry-After": "72"}
    assert passed(limits, 1, now=seconds(71)) == 0
    assert passed(limits, 1, now=seconds(72)) == 1


@pytest.mark.parametrize("rule", DEFAULTS)
def test_every_default_rule_holds_at_its_number(storage: Storage, rule: str) -> None:
    count = DEFAULTS[rule].count
    assert passed(storage.rate_limits, count + 1, rule=rule) == count


def test_each_subject_and_each_rule_has_counts_of_its_own(limits: RateLimits) -> None:
    assert passed(limits, 6) == 5
    assert passed(limits, 6, subject="b") == 5
    assert passed(limits, 2, rule="login") == 1


def test_what_is_refused_is_not_counted(limits: RateLimits) -> None:
    assert passed(limits, 50) == 5
    assert passed(limits, 1, now=seconds(72)) == 1


def test_the_end_of_one_window_and_the_start_of_the_next_do_not_give_twice_as_much(limits: RateLimits) -> None:
    assert passed(limits, 5, now=seconds(59)) == 5
    assert passed(limits, 5, now=seconds(60)) == 0
    assert passed(limits, 5, now=seconds(90)) == 2


def test_after_two_windows_nothing_is_left_of_it(limits: RateLimits) -> None:
    passed(limits, 5)
    assert passed(limits, 6, now=seconds(120)) == 5


def test_the_first_of_a_limit_of_one_waits_a_whole_window(limits: RateLimits) -> None:
    limits.hit("login", "a", now=seconds(0))
    with pytest.raises(TooManyRequests) as refused:
        limits.hit("login", "a", now=seconds(299))
    assert passed(limits, 1, rule="login", now=seconds(299 + refused.value.retry_after)) == 1


def test_a_machine_whose_clock_is_behind_counts_in_the_newest_window(limits: RateLimits) -> None:
    assert passed(limits, 4, now=seconds(60)) == 4
    assert passed(limits, 2, now=seconds(59.9)) == 1


def test_who_waits_as_told_is_served_and_nobody_gets_much_more_than_the_limit(limits: RateLimits) -> None:
    """A subject that asks at random moments and, once refused, comes again when it was told to."""
    chance, now, served, waits = random.Random(7), NOW, [], []  # noqa: S311 - no secret
    for _ in range(120):
        now += timedelta(seconds=chance.choice((0, 0.5, 3, 20)))
        try:
            limits.hit("token", "a", now=now)
        except TooManyRequests as refused:
            waits.append(refused.retry_after)
            now += timedelta(seconds=refused.retry_after)
            limits.hit("token", "a", now=now)
        served.append(now)
    assert waits
    assert 1 <= min(waits) <= max(waits) <= 120
    in_a_minute = [sum(start <= each < start + timedelta(seconds=60) for each in served) for start in served]
    assert max(in_a_minute) <= 6


def test_an_unknown_rule_is_the_callers_mistake(limits: RateLimits) -> None:
    with pytest.raises(KeyError):
        limits.hit("tokens", "a", now=NOW)


def test_of_many_workers_at_once_no_more_than_the_limit_pass(opened: Callable[..., Storage]) -> None:
    workers = [opened(rate_rules=RULES).rate_limits for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda number: passed(workers[number % 2], 3), range(8)))
    assert sum(got) == 5


def test_no_address_stands_in_the_table(storage: Storage) -> None:
    storage.rate_limits.hit("token", "192.0.2.77", now=NOW)
    with storage.database.read() as connection:
        (row,) = connection.execute(text("SELECT * FROM rate_windows")).all()
    assert "192.0.2.77" not in repr(row)
    assert b"192.0.2.77" not in bytes(row.subject_hash)


def test_what_no_longer_counts_is_swept(storage: Storage) -> None:
    storage.rate_limits.hit("token", "a", now=seconds(0))
    storage.rate_limits.hit("token", "b", now=seconds(60))
    assert [storage.rate_limits.sweep(now=seconds(each)) for each in (119, 120, 179, 180)] == [0, 1, 0, 1]
