"""A certificate's own number (证照编号) against its type's number rule and the claims that it repeats."""

from collections.abc import Mapping
from typing import Any

from schemas.catalogue import CertificateType
from schemas.errors import InvalidNumber
from schemas.national.context import NO_CONTEXT, NumberContext, require
from schemas.national.layout import check_layout, check_pattern
from schemas.national.persons import birth_certificate_year
from schemas.national.rules import check_number

# Parameter of a number rule that names a claim → where that claim stands in the number.
_REPEATED = {
    "citizen_number": slice(0, 18),
    "category": slice(18, 19),
    "level": slice(19, 20),
    "unit": slice(0, 18),
    "subject_type": slice(2, 3),
}


def check_certificate_number(
    ctype: CertificateType,
    number: str,
    claims: Mapping[str, Any],
    *,
    context: NumberContext = NO_CONTEXT,
) -> None:
    """Check a certificate's number: its rule, and that it agrees with the claims that it repeats.

    Raises:
        InvalidNumber: the rule's own reasons, ``prefix``, ``address_code``, or ``mismatch_<field>``.
        UnknownRule: the data name a rule that no code stands for.
    """
    rule = ctype.number_rule
    if not _applies(ctype, rule, claims):
        return
    if rule["rule"] == "pattern":
        check_pattern(rule, number)
    elif rule["rule"] == "layout":
        check_layout(rule, number, claims, context)
    else:
        check_number(rule["rule"], number, context)
        _check_parameters(rule, number, claims)


def _applies(ctype: CertificateType, rule: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    when = rule.get("when")
    return when is None or claims.get(when["field"], ctype.holders[0].default) in when["values"]


def _check_parameters(rule: Mapping[str, Any], number: str, claims: Mapping[str, Any]) -> None:
    name = rule["rule"]
    require(number.startswith(tuple(rule.get("prefixes", ("",)))), name, "prefix")
    require(number.startswith(tuple(rule.get("address_codes", ("",)))), name, "address_code")
    for parameter, part in _REPEATED.items():
        claim = rule.get(parameter, "")
        if claim in claims:
            require(number[part] == claims[claim], name, f"mismatch_{claim}")
    issued = claims.get(rule.get("issued", ""))
    # A form is printed before it is filled in: the letter's year is not after the year of issue.
    if isinstance(issued, str) and f"{birth_certificate_year(number[0])}" > issued[:4]:
        raise InvalidNumber(name, "future")
