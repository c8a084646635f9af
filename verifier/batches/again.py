"""An earlier verification looked at again: what was wrong then, and whether what can change since still holds.

A verification that was not valid never becomes valid by this: what its certificate was to be compared with is gone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.report import Check, Outcome
from schemas.report_texts_delegation import CHECK as DELEGATION
from verifier.outcomes import unknown
from verifier.policy import Policy
from verifier.results import TEXTS, ResultCheck
from verifier.rules import check_end

_POLICY = Policy(accepted_types=None)
_NO_END = ResultCheck("validity", Outcome.UNKNOWN, "validity_not_kept", TEXTS["validity_not_kept"])
Row = Mapping[str, Any]


def places_of(result: Mapping[str, Any]) -> Sequence[Row]:
    """Return the places that a kept result rests on: ``list`` and ``index`` of each."""
    return result.get("status_places") or ()


def looked_at_again(result: Mapping[str, Any], place: Callable[[str, int], Check], *, now: datetime) -> list[Row]:
    """Return the checks of a kept result at ``now``: those that had not passed, and what is looked at again."""
    flaws = [each for each in result["checks"] if each["state"] in (Outcome.FAILED.value, Outcome.UNKNOWN.value)]
    known = {each["check"] for each in flaws}
    rows = [] if "validity" in known else [_validity(result, now)]
    if DELEGATION in {each["check"] for each in result["checks"]} - known:
        # Which delegation it was is not kept, so whether it was recalled or is over cannot be said.
        rows.append(shown(unknown(DELEGATION, "delegation_status_unknown")))
    places = [shown(place(each["list"], each["index"])) for each in places_of(result)]
    rows += places or [shown(unknown("status", "status_not_referenced"))]
    return [*flaws, *(each.document() for each in rows)]


def shown(row: Check) -> ResultCheck:
    """Return a report's row as one of a result."""
    return ResultCheck(row.code, row.outcome, row.reason, row.text, row.facts)


def _validity(result: Mapping[str, Any], now: datetime) -> ResultCheck:
    if "valid_until" not in result:
        return _NO_END
    until = result["valid_until"]
    moment = None if until is None else datetime.fromisoformat(until)
    return shown(check_end(moment, policy=_POLICY, now=now))
