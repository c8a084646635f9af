"""Events of the audit trail are checked when they are made."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.audit import MAX_DETAILS, MAX_TEXT, AuditAct, AuditEvent, Doer, Subject

NOW = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)


def an_event(**changed: Any) -> AuditEvent:
    parts: dict[str, Any] = {
        "subject": Subject.ORDER,
        "subject_id": "o-1",
        "act": AuditAct.APPROVED,
        "by": Doer("t-1", "approver"),
        "at": NOW,
    }
    return AuditEvent(**parts | changed)


def test_an_event_has_no_department_and_no_details_unless_they_are_named() -> None:
    event = an_event()
    assert (event.department, dict(event.details)) == ("", {})


def test_details_are_texts_numbers_and_yes_or_no() -> None:
    details = {"reason": "材料不齐", "copies": 3, "by_csv": True}
    assert an_event(details=details, department="amr").details == details


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({"subject": Subject.CERTIFICATE}, "recorded by the ledger"),
        ({"subject_id": ""}, "subject_id"),
        ({"subject_id": "a b"}, "subject_id"),
        ({"subject_id": "x" * 129}, "subject_id"),
        ({"act": "Approved"}, "act"),
        ({"by": Doer("陈大文示例", "approver")}, "actor"),
        ({"by": Doer("t-1", "")}, "role"),
        ({"department": "a b"}, "department"),
        ({"at": NOW.replace(tzinfo=None)}, "no time zone"),
        ({"details": {f"n{n}": n for n in range(MAX_DETAILS + 1)}}, "17 details"),
        ({"details": {"Name": "x"}}, "a name that is not"),
        ({"details": {"reason": "x" * (MAX_TEXT + 1)}}, "201 characters"),
        ({"details": {"number": 2**53}}, "neither"),
        ({"details": {"number": -(2**53)}}, "neither"),
        ({"details": {"number": 0.5}}, "neither"),
        ({"details": {"nothing": None}}, "neither"),
    ],
)
def test_an_event_of_another_form_is_the_callers_mistake(changed: dict[str, Any], fact: str) -> None:
    with pytest.raises(ValueError, match=fact):
        an_event(**changed)


def test_what_is_as_large_as_allowed_is_taken() -> None:
    details = {f"n{n}": "x" * MAX_TEXT for n in range(MAX_DETAILS)}
    assert len(an_event(details=details, subject_id="x" * 128).details) == MAX_DETAILS
