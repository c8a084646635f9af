"""Fictional claims of every type, as a department would order them: for demos, documentation and tests.

The data's examples are of June 2019. ``example_claims(ctype, today=...)`` moves a certificate that would have ended by
then forward in whole months, so that it is in force on the day asked for; persons stay as old as they are.
"""

from datetime import date
from typing import Any

from schemas.catalogue import CertificateType, Field, Kind
from schemas.validity import add_months, legal_dates
from schemas.values import read_date

_BIRTHS = ("birth_date", "birth_time", "expected_date")


def example_claims(ctype: CertificateType, *, today: date | None = None) -> dict[str, Any]:
    """Return the claims of a type's examples: no computed claim, but those that only a register knows.

    With ``today`` (a day of Asia/Shanghai) the certificate is in force on that day.
    """
    claims = {member.name: member.example for member in ctype.fields if _is_ordered(member)}
    if today is None:
        return claims
    dates = legal_dates(ctype, claims, today)
    if dates.expires is None or dates.expires >= today:
        return claims
    months = (today.year - dates.issued.year) * 12 + today.month - dates.issued.month
    if add_months(dates.issued, months) > today:
        months -= 1
    return {name: _moved(ctype.by_name[name], value, months) for name, value in claims.items()}


def _is_ordered(member: Field) -> bool:
    if member.example is None:
        return False
    return member.derivation is None or member.derivation.rule == "register"


def _moved(member: Field, value: Any, months: int) -> Any:
    if member.name.endswith(_BIRTHS):
        return value
    if member.kind is Kind.MONTH:
        return add_months(date.fromisoformat(f"{value}-01"), months).isoformat()[:7]
    if member.kind is Kind.ARRAY and "fields" in (member.items or {}):
        members = {known.name: known for known in (member.items or {})["fields"]}
        return [{name: _moved(members[name], each, months) for name, each in item.items()} for item in value]
    day = read_date(value) if member.kind in (Kind.DATE, Kind.DATE_OR_LONG_TERM) else None
    return value if day is None else add_months(day, months).isoformat()
