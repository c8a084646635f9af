"""The registry of number rules: the names that the type data uses, and the functions that stand for them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from schemas.errors import UnknownRule
from schemas.national import organisations, persons, things
from schemas.national.context import NO_CONTEXT, NumberContext
from schemas.national.identifier import gbt36904


class NumberRule(Protocol):
    """A rule: silent when the number keeps it, InvalidNumber otherwise."""

    def __call__(self, number: str, context: NumberContext, /) -> None:
        """Check a number on the day and with the table of the context."""


RULES: Mapping[str, NumberRule] = MappingProxyType(
    {
        "birth_certificate": persons.birth_certificate,
        "business_number": organisations.business_number,
        "divorce_certificate": persons.divorce_certificate,
        "gb11643": persons.gb11643,
        "gb11643_prefix": persons.gb11643_prefix,
        "gb11714": organisations.gb11714,
        "gb16735_vin": things.gb16735_vin,
        "gb32100": organisations.gb32100,
        "gbt36904": gbt36904,
        "gbt37346": things.gbt37346,
        "jy_mod11_10": things.jy_mod11_10,
        "luhn": things.luhn,
        "marriage_certificate": persons.marriage_certificate,
        "physician_qualification": persons.physician_qualification,
        "pollutant_permit": organisations.pollutant_permit,
        "sc_mod11_10": things.sc_mod11_10,
    }
)
"""Rule name → rule."""


def check_number(rule: str, number: str, context: NumberContext = NO_CONTEXT) -> None:
    """Check ``number`` by the rule of this name.

    Raises:
        InvalidNumber: the number breaks the rule.
        UnknownRule: no rule has this name.
    """
    found = RULES.get(rule)
    if found is None:
        raise UnknownRule("no number rule has this name")
    found(number, context)
