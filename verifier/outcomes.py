"""Rows of a report, by outcome, in one line each."""

from schemas.report import Check, Outcome

Facts = str | int


def passed(code: str, reason: str, **facts: Facts) -> Check:
    """Return the row of a check that held."""
    return Check(code, Outcome.PASSED, reason, facts)


def failed(code: str, reason: str, **facts: Facts) -> Check:
    """Return the row of a check that did not hold."""
    return Check(code, Outcome.FAILED, reason, facts)


def unknown(code: str, reason: str, **facts: Facts) -> Check:
    """Return the row of a check that cannot be decided; it never counts as passed."""
    return Check(code, Outcome.UNKNOWN, reason, facts)


def skipped(code: str, reason: str = "not_reached") -> Check:
    """Return the row of a check that was not made."""
    return Check(code, Outcome.SKIPPED, reason)
