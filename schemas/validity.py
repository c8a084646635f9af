"""Legal dates: from the type's own date fields where it has them, otherwise by its validity rule.

Days are those of Asia/Shanghai, the last one inclusive. A period of years or months ends on the corresponding day
(民法总则 第二百零二条; where the month lacks it, on the month's last day); most licences print the day before it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from types import MappingProxyType
from typing import Any

from schemas.catalogue import CertificateType
from schemas.errors import NoLegalDate, UnknownRule
from schemas.order import LegalDates
from schemas.values import LONG_TERM, read_date

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Without summer time since 1992."""
Rule = Mapping[str, Any]
Claims = Mapping[str, Any]


def day_of(moment: datetime) -> date:
    """Return the day in Asia/Shanghai of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """Return the first second after a day of Asia/Shanghai, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """Return the corresponding day some months later, the month's last day where it lacks one."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def add_years(day: date, years: int) -> date:
    """Return the corresponding day some years later; 29 February gives 28 February in a common year."""
    return add_months(day, 12 * years)


def birthday(born: date, age: int) -> date:
    """Return the day on which a person attains an age; someone born on 29 February does so on 1 March in a common year.

    The later of the two possible days: an age claim must not be true too early.
    """
    anniversary = add_years(born, age)
    return anniversary + timedelta(days=1) if anniversary.day < born.day else anniversary


def legal_dates(ctype: CertificateType, claims: Claims, issued: date, *, renewal: bool = False) -> LegalDates:
    """Return the dates of a certificate issued on ``issued`` (a day of Asia/Shanghai).

    The type's own date fields win, where the claims have them. ``renewal`` selects the longer period of types that
    are first issued for a trial period.

    Raises:
        NoLegalDate: the claims lack what the rule computes from, or hold a date that is none.
        UnknownRule: the data name a rule that no code stands for.
    """
    rule = ctype.validity
    issued_on = _own(ctype, claims, "issued") or issued
    effective = _own(ctype, claims, "effective") or issued_on
    if rule.get("expires") in claims:
        own_end = claims[rule["expires"]]
        expires = None if own_end == LONG_TERM else _own(ctype, claims, "expires")
    else:
        expires = end_by_rule(ctype, claims, effective, renewal=renewal)
    return LegalDates(issued_on, effective, expires)


def end_by_rule(ctype: CertificateType, claims: Claims, start: date, *, renewal: bool = False) -> date | None:
    """Return the last day that the type's rule gives to a period from ``start``; None is 长期.

    Raises:
        NoLegalDate: the claims lack what the rule computes from.
        UnknownRule: the data name a rule that no code stands for.
    """
    rule = ctype.validity
    if rule["rule"] == "by_issue":
        return _years(rule, start, rule["renewal_years" if renewal else "first_years"])
    compute = _ENDS.get(rule["rule"])
    if compute is None:
        raise UnknownRule(f"no validity rule has the name that {ctype.id} gives")
    return compute(rule, claims, start)


def start_by(ctype: CertificateType, issued: date, *, extensions: int = 0) -> date | None:
    """Return the last day on which works under a permit may begin; None where the type has no such window.

    A permit whose works began in time stays valid until they end, so the window is no end of the certificate.
    """
    rule = ctype.validity
    if rule["rule"] != "start_window":
        return None
    return add_months(issued, rule["months"] * (1 + min(extensions, rule["extensions"])))


def _own(ctype: CertificateType, claims: Claims, which: str) -> date | None:
    """Return the type's own date; NoLegalDate when the claim is there and is no date."""
    name = ctype.validity.get(which, "")
    if name not in claims:
        return None
    found = read_date(claims[name])
    if found is None:
        raise NoLegalDate(f"{ctype.id}: {name} is no date")
    return found


def _years(rule: Rule, start: date, years: int) -> date:
    if rule["last_day"] == "anniversary":
        return add_years(start, years)
    # The day before the corresponding day; 29 February to 28 February, not 27.
    return birthday(start, years) - timedelta(days=1)


def _fixed(rule: Rule, claims: Claims, start: date) -> date | None:
    return _years(rule, start, rule["years"])


def _never(rule: Rule, claims: Claims, start: date) -> date | None:
    return None


def _printed(rule: Rule, claims: Claims, start: date) -> date | None:
    raise NoLegalDate(f"the claims lack {rule['expires']}, and no rule gives it")


def _snapshot(rule: Rule, claims: Claims, start: date) -> date | None:
    # 民法总则 第二百零一条: the day on which a period begins is not counted.
    return start + timedelta(days=rule["days"])


def _by_age(rule: Rule, claims: Claims, start: date) -> date | None:
    born = read_date(claims.get(rule["birth"]))
    if born is None:
        raise NoLegalDate(f"the claims lack {rule['birth']}, which the validity rule needs")
    for band in rule["bands"]:
        if "age_lt" in band and start < birthday(born, band["age_lt"]):
            return _years(rule, start, band["years"])
    return None


def _by_beds(rule: Rule, claims: Claims, start: date) -> date | None:
    beds = claims.get(rule["beds"])
    if not isinstance(beds, int):
        raise NoLegalDate(f"the claims lack {rule['beds']}, which the validity rule needs")
    years = next(band["years"] for band in rule["bands"] if beds < band.get("beds_lt", beds + 1))
    return _years(rule, start, years)


def _by_class(rule: Rule, claims: Claims, start: date) -> date | None:
    """机动车驾驶证: six years, then ten, then 长期, counted from the first licence."""
    first = read_date(claims.get(rule["first"])) or start
    if start < add_years(first, rule["first_years"]):
        return _years(rule, start, rule["first_years"])
    if start < add_years(first, rule["first_years"] + rule["then_years"]):
        return _years(rule, start, rule["then_years"])
    return None


_ENDS: Mapping[str, Callable[[Rule, Claims, date], date | None]] = MappingProxyType(
    {
        "fixed": _fixed,
        "endorsed_yearly": _fixed,
        "periodic_review": _fixed,
        "yearly_review": _fixed,
        "long_term": _never,
        "until_event": _never,
        "use_term": _never,
        "start_window": _never,
        "business_term": _printed,
        "by_inspection": _printed,
        "snapshot": _snapshot,
        "by_age_at_issue": _by_age,
        "by_beds": _by_beds,
        "by_class_and_record": _by_class,
    }
)
BOUNDED = frozenset({"fixed", "endorsed_yearly", "periodic_review", "by_age_at_issue", "by_beds"})
"""The rules whose period no printed date may exceed (``extendable`` types apart)."""


def exceeds_rule(ctype: CertificateType, claims: Claims) -> bool:
    """Whether the type's own end date is later than its rule allows; false where dates or rule say nothing.

    The corresponding day itself is allowed even where the type prints the day before it.
    """
    rule = ctype.validity
    start = read_date(claims.get(rule["effective"]))
    if rule["rule"] not in BOUNDED or rule.get("extendable") or start is None or rule.get("expires") not in claims:
        return False
    try:
        latest = end_by_rule(ctype, claims, start)
    except NoLegalDate:
        return False
    own = claims[rule["expires"]]
    if latest is None or (own == LONG_TERM and rule.get("long_term_allowed")):
        return False
    end = read_date(own)
    slack = timedelta(days=1 if rule["last_day"] == "day_before" else 0)
    return own == LONG_TERM or (end is not None and end > latest + slack)
