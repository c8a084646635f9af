"""How often a route may be asked: the setting ``ECERT_RATE_LIMITS``, ``rule=count/seconds`` with commas between.

A rule that the setting does not name keeps its default. The subject is an address for the rules that anybody reaches
before they are known, and a client, a holder or an offer's code for the others; the routes say which.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

MAX_COUNT = 1_000_000
MAX_SECONDS = 86_400
SNAPSHOTS = 5
"""Certificates of facts of a type for a holder in a day: each takes status indexes for ever, and asks a register."""
_ENTRY = re.compile(r"([a-z][a-z0-9_]{0,39})=([0-9]{1,7})/([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class RateRule:
    """At most ``count`` requests of one subject in ``seconds``."""

    count: int
    seconds: int


DEFAULTS: Mapping[str, RateRule] = MappingProxyType(
    {
        "token": RateRule(60, 60),
        "nonce": RateRule(120, 60),
        "par": RateRule(60, 60),
        "authorize": RateRule(60, 60),
        "login": RateRule(10, 300),  # somebody who tries names and second factors
        "pre_authorized_code": RateRule(
            5, 300
        ),  # transaction codes of a few digits can be tried (OpenID4VCI 1.0, 13.6)
        "offer": RateRule(60, 60),
        "wallet_offer": RateRule(20, 60),  # of one holder: each makes this server ask an address of the holder's choice
        "wallet_request": RateRule(60, 60),  # of one holder: wherever else this server asks or sends for them
        "credential": RateRule(120, 60),
        "snapshot": RateRule(SNAPSHOTS, 86_400),
        "openid4vp": RateRule(120, 60),
        "delegation": RateRule(30, 3600),  # agents and children are named by number, which nobody shall try
        "verify_api": RateRule(600, 60),  # of one relying party in one environment
    }
)
"""Every rule there is."""
DEFAULT_TEXT = ",".join(f"{name}={rule.count}/{rule.seconds}" for name, rule in DEFAULTS.items())


def rate_rules(text: str) -> Mapping[str, RateRule]:
    """Return every rule, those that ``text`` names changed; raises ValueError with the rule that the text breaks."""
    found: dict[str, RateRule] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError("expected rule=count/seconds with commas between")
        name, rule = match[1], RateRule(int(match[2]), int(match[3]))
        if name not in DEFAULTS:
            near = difflib.get_close_matches(name, DEFAULTS, n=1)
            raise ValueError(f"expected one of {', '.join(DEFAULTS)}" + (f", did you mean {near[0]}" if near else ""))
        if name in found:
            raise ValueError(f"expected rule {name} once")
        if not (1 <= rule.count <= MAX_COUNT and 1 <= rule.seconds <= MAX_SECONDS):
            raise ValueError(f"expected a count from 1 to {MAX_COUNT} and seconds from 1 to {MAX_SECONDS}")
        found[name] = rule
    return MappingProxyType({**DEFAULTS, **found})
