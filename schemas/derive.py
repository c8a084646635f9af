"""Derived claims: what a verifier may ask instead of the printed fields, computed by the issuer. Pure.

Each rule returns a value and the next day on which it would be another one (None: not by the passing of time). A rule
that lacks its fields gives no claim; a rule that needs a register takes the department's word.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from schemas.catalogue import CertificateType, Field
from schemas.errors import UnknownRule
from schemas.national import DivisionTable
from schemas.validity import birthday
from schemas.values import read_date

Parameters = Mapping[str, Any]
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A computed claim, and the next day on which it changes by itself."""

    value: Any
    next_change: date | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """The derived claims of a certificate on one day.

    ``stable``: what every credential may hold; booleans only when true, for a false one goes stale. ``unstable``: what
    only short-lived credentials hold. ``values``: all that was computed, false booleans included. ``next_change``: for
    each computed claim the next day on which it changes, None when time does not change it.
    """

    stable: Mapping[str, Any]
    unstable: Mapping[str, Any]
    values: Mapping[str, Any]
    next_change: Mapping[str, date | None]

    def change_after(self, *, short_lived: bool) -> date | None:
        """Return the earliest day on which the claims of a credential change, None when time changes none.

        A birthday that makes a stable claim true counts: the credential of the day before lacks the claim, and its
        end makes the wallet fetch the one that has it.
        """
        days = (day for name, day in self.next_change.items() if short_lived or name not in self.unstable)
        return min((day for day in days if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Question:
    """What a rule may know: its parameters, the claims, the department's own value, the day, the divisions."""

    parameters: Parameters
    claims: Claims
    given: Any
    today: date
    divisions: DivisionTable | None

    def claim(self, parameter: str) -> Any:
        """Return the claim that a parameter names, None when either is absent."""
        return self.claims.get(self.parameters.get(parameter, ""))


def derive(
    ctype: CertificateType,
    claims: Claims,
    *,
    today: date,
    divisions: DivisionTable | None = None,
) -> Derived:
    """Compute every derived claim of a type on ``today`` (a day of Asia/Shanghai) from validated claims.

    Raises:
        UnknownRule: the data name a rule that no code stands for.
    """
    found = dict(_values(ctype, claims, today, divisions))
    fields = ctype.by_name
    return Derived(
        stable={name: known.value for name, known in found.items() if _is_stable(fields[name], known.value)},
        unstable={name: known.value for name, known in found.items() if not _stable(fields[name])},
        values={name: known.value for name, known in found.items()},
        next_change={name: known.next_change for name, known in found.items()},
    )


def _values(
    ctype: CertificateType, claims: Claims, today: date, divisions: DivisionTable | None
) -> Iterator[tuple[str, Value]]:
    for member in ctype.fields:
        if member.derivation is None:
            continue
        rule = RULES.get(member.derivation.rule)
        if rule is None:
            raise UnknownRule(f"no derivation rule has the name that {ctype.id} gives for {member.name}")
        known = rule(_Question(member.derivation.parameters, claims, claims.get(member.name), today, divisions))
        if known is not None:
            yield member.name, known


def _stable(member: Field) -> bool:
    return member.derivation is not None and member.derivation.stable


def _is_stable(member: Field, value: Any) -> bool:
    return _stable(member) and value is not False


def contradicts(member: Field, given: Any, computed: Any) -> bool:
    """Whether a department's own value of a derived claim is wrong.

    A stable claim given as false is merely old: once true it stays so, and the computed value wins.
    """
    return given != computed and not (_stable(member) and given is False)


def _age_over(question: _Question) -> Value | None:
    born = read_date(question.claim("from"))
    if born is None:
        return None
    day = birthday(born, question.parameters["years"])
    return Value(True) if question.today >= day else Value(False, day)


def _division_of(question: _Question) -> Value | None:
    """The county of an address or a body's name; without a table, or without a clear county, the department's word."""
    text, table = question.claim("from"), question.divisions
    code = table.county_in(text) if table is not None and text else None
    agreeing = str(question.claim("agrees_with") or "")[:6]
    if code is None and table is not None and table.lists(agreeing):
        code = agreeing
    code = code or question.given
    return None if code is None else Value(code)


def _tail(question: _Question) -> Value | None:
    text = question.claim("from")
    return Value(text[-question.parameters["length"] :]) if text else None


def _date_part(question: _Question) -> Value | None:
    text = question.claim("from")
    return Value(text[:10]) if text else None


def _in_force(question: _Question) -> Value | None:
    """True while the certificate is valid and its last day has not passed; a register may know better (false)."""
    if question.given is False and "register" in question.parameters:
        return Value(False)
    last = read_date(question.claim("until"))
    if last is None:
        return Value(True)
    after = last + timedelta(days=1)
    return Value(True, after) if question.today < after else Value(False)


def _register(question: _Question) -> Value | None:
    return None if question.given is None else Value(question.given)


def _one_of(question: _Question) -> Value | None:
    code = question.claim("from")
    return None if code is None else Value(code in question.parameters["values"])


def _contains(question: _Question) -> Value | None:
    text = question.claim("from")
    return None if text is None else Value(question.parameters["text"] in text)


def _insured_at(question: _Question) -> Value | None:
    entries, as_of = question.claim("entries"), question.claim("as_of")
    if not as_of:
        return None
    state, back = question.parameters["state"], question.parameters["months_back"]
    return Value(any(e["state"] == state and _is_recent(e["last_month"], as_of, back) for e in entries or ()))


def _paid_months(question: _Question) -> Value | None:
    months, paid_to, as_of = (question.claim(name) for name in ("months", "paid_to", "as_of"))
    if months is None or not paid_to or not as_of:
        return None
    wanted = question.parameters
    enough = months >= wanted["at_least"] and question.claim("state") == wanted["value"]
    return Value(enough and _is_recent(paid_to, as_of, wanted["months_back"]))


def _is_recent(month: str, day: str, back: int) -> bool:
    """Whether a month (YYYY-MM) is that of a day (YYYY-MM-DD) or one of the ``back`` months before it."""
    distance = (int(day[:4]) - int(month[:4])) * 12 + int(day[5:7]) - int(month[5:7])
    return 0 <= distance <= back


def _unemployed(question: _Question) -> Value | None:
    state = question.claim("state")
    if state is None:
        return None
    if state != question.parameters["value"]:
        return Value(False)
    # ISO dates compare as texts.
    ended = max((r.get("to", r["from"]) for r in question.claim("employment") or ()), default="")
    return Value(any(record["date"] >= ended for record in question.claim("unemployment") or ()))


RULES: Mapping[str, Callable[[_Question], Value | None]] = MappingProxyType(
    {
        "age_over": _age_over,
        "contains": _contains,
        "date_part": _date_part,
        "division_of": _division_of,
        "in_force": _in_force,
        "insured_at": _insured_at,
        "one_of": _one_of,
        "paid_months": _paid_months,
        "register": _register,
        "tail": _tail,
        "unemployed": _unemployed,
    }
)
"""Derivation rule → function."""
