"""How often a route may be asked (``issuer.openid4vci.ports.RateLimits``), counted for every worker in one table.

Time is cut into windows as long as the rule's; a row holds how many requests a subject made in the newest one and in
the one before. What was asked in the last ``seconds`` is taken to be

    asked + before * (part of the window before that the last ``seconds`` still reach)

so that nobody gets twice the limit by asking at the end of one window and at the start of the next. A request that is
refused is not counted: who waits for ``retry_after`` is served. Subjects stand there as keyed hashes, no address and no
client in clear.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, delete, select

from ecert.rate_rules import RateRule
from ecert.storage.crypto import Lookup
from ecert.storage.dialects import upsert
from ecert.storage.engine import Database
from ecert.storage.moments import micros
from ecert.storage.tables import RATE_WINDOWS as WINDOWS
from issuer.openid4vci.errors import TooManyRequests

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Left:
    """What a subject may still ask in the window, and the seconds until the window ends."""

    requests: int
    seconds: int


class SqlRateLimits:
    """Counts over the table ``rate_windows``; one statement a request that is let through."""

    def __init__(self, database: Database, *, lookup: Lookup, rules: Mapping[str, RateRule]) -> None:
        self._database = database
        self._lookup = lookup
        self._rules = rules

    def rule(self, rule: str) -> RateRule:
        """Return a rule as it is set."""
        return self._rules[rule]

    def hit(self, rule: str, subject: str, *, now: datetime) -> None:
        """Count a request of ``subject`` under a rule; raises as ``take``."""
        self.take(rule, subject, now=now)

    def take(self, rule: str, subject: str, *, now: datetime) -> Left:
        """Count a request of ``subject`` under a rule and return what is left to it.

        Raises:
            TooManyRequests: the rule's limit is reached.
            KeyError: there is no such rule, which is the caller's mistake.
        """
        limit = self._rules[rule]
        at = micros(now)
        place = {"rule": rule, "subject_hash": self._lookup.subject(rule, subject)}
        with self._database.write() as connection:
            counted = _counted(connection, place, limit, at)
            if counted is not None:
                return _left(counted, limit, at)
            row = connection.execute(select(WINDOWS).filter_by(**place)).one()
        raise TooManyRequests(
            f"more than {limit.count} requests in {limit.seconds} s", retry_after=_wait(row, limit, at)
        )

    def sweep(self, *, now: datetime) -> int:
        """Remove the rows that no longer count and return how many there were."""
        with self._database.write() as connection:
            return connection.execute(delete(WINDOWS).where(WINDOWS.c.expires_at <= micros(now))).rowcount


def _left(row: Row[Any], limit: RateRule, at: int) -> Left:
    length = limit.seconds * _SECOND
    passed = at - row.number * length
    # A machine whose clock is behind counts in a window that begins later for it.
    weighed = row.asked * length + row.before * (length - max(0, passed))
    requests = max(0, (limit.count * length - weighed) // length)
    return Left(requests, max(1, -(-(length - passed) // _SECOND)))


def _counted(connection: Connection, place: Mapping[str, Any], limit: RateRule, at: int) -> Row[Any] | None:
    """Count the request unless the limit is reached; one statement, so that no two take the last place."""
    length = limit.seconds * _SECOND
    number, passed = divmod(at, length)
    # A machine whose clock is behind counts in the window that another one has opened.
    same, next_one = WINDOWS.c.number >= number, WINDOWS.c.number == number - 1
    asked = case((same, WINDOWS.c.asked), else_=0)
    before = case((same, WINDOWS.c.before), (next_one, WINDOWS.c.asked), else_=0)
    changed = {
        "number": case((same, WINDOWS.c.number), else_=number),
        "asked": asked + 1,
        "before": before,
        "expires_at": case((same, WINDOWS.c.expires_at), else_=(number + 2) * length),
    }
    first = {"number": number, "asked": 1, "before": 0, "expires_at": (number + 2) * length}
    added = upsert(connection, WINDOWS).values(**place, **first)
    added = added.on_conflict_do_update(
        index_elements=("rule", "subject_hash"),
        set_=changed,
        where=(asked + 1) * length + before * (length - passed) <= limit.count * length,
    )
    return connection.execute(added.returning(WINDOWS.c.number, WINDOWS.c.asked, WINDOWS.c.before)).first()


def _wait(row: Row[Any], limit: RateRule, at: int) -> int:
    """Return the seconds until the next request would be let through."""
    length = limit.seconds * _SECOND
    start = row.number * length
    if row.number < at // length:  # nobody was let through in the present window yet
        moment = _free_at(start + length, 0, row.asked, limit)
    elif row.asked < limit.count:
        moment = _free_at(start, row.asked, row.before, limit)
    else:
        moment = _free_at(start + length, 0, row.asked, limit)
    return max(1, -((at - moment) // _SECOND))


def _free_at(start: int, asked: int, before: int, limit: RateRule) -> int:
    """Return when, in the window from ``start``, one request more than ``asked`` fits beside ``before``."""
    length = limit.seconds * _SECOND
    room = limit.count - asked - 1
    return start + max(0, length - room * length // before) if before else start
