"""The registers that answer a holder's wish for a certificate of facts: none, or a stand-in for development."""

import secrets
import string
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from schemas.catalogue import TypeId
from schemas.examples import example_claims
from schemas.holders import HolderClaim
from schemas.types import certificate_type
from schemas.validity import day_of

_LETTERS = string.ascii_uppercase + string.digits


class UnsafeRegisterWarning(UserWarning):
    """A register that makes its answers up is in use."""


class NoRegisters:
    """There is no register: it has nothing about anybody."""

    def snapshot(self, type_id: TypeId, holder: HolderClaim) -> Mapping[str, Any] | None:
        """Return None."""
        del type_id, holder
        return None


class UnsafeRegister:
    """For development: every holder has the example's facts, as of today; it warns when it is made."""

    def __init__(self, clock: Callable[[], datetime], *, choose: Callable[[str], str] = secrets.choice) -> None:
        warnings.warn("UnsafeRegister makes its answers up", UnsafeRegisterWarning, stacklevel=2)
        self._clock = clock
        self._choose = choose

    def snapshot(self, type_id: TypeId, holder: HolderClaim) -> Mapping[str, Any] | None:
        """Return fictional facts about the holder; None for an organisation, which neither register has."""
        kind = certificate_type(type_id)
        today = day_of(self._clock())
        (rule,) = kind.holders
        code_type = rule.default or rule.code_type
        if holder.code_type != code_type:
            return None
        claims = example_claims(kind, today=today) | {rule.code: holder.code, rule.name or "name": holder.name}
        return claims | {"issue_date": today.isoformat(), kind.number_field: self._number(kind.number_rule, today)}

    def _number(self, rule: Mapping[str, Any], today: Any) -> str:
        """Return a number of the type's layout: its text, the day, and chance."""
        made = ""
        for part in rule["parts"]:
            made += part.get("text", "")
            made += f"{today:%Y%m%d}" if "date" in part else ""
            made += "".join(self._choose(string.digits) for _ in range(part.get("digits", 0)))
            made += "".join(self._choose(_LETTERS) for _ in range(6 if "match" in part else 0))
        return made
