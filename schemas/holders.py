"""Whose certificate it is: the holders that a type's rules find in the claims (``holder_code_from``)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.catalogue import CertificateType, HolderRule
from schemas.errors import MissingHolder


@dataclass(frozen=True, slots=True)
class HolderClaim:
    """One holder as the claims name it: code type of GB/T 36903 annex A, number, name."""

    code_type: str
    code: str = field(repr=False)
    name: str = field(repr=False)


def holders_of(ctype: CertificateType, claims: Mapping[str, Any]) -> tuple[HolderClaim, ...]:
    """Return the holders in the order of the type's rules, each number once.

    A rule whose number is absent (a birth certificate without a father) gives none.

    Raises:
        MissingHolder: no rule finds a number.
    """
    found = {(holder.code_type, holder.code): holder for rule in ctype.holders for holder in _of_rule(rule, claims)}
    if not found:
        raise MissingHolder(f"claims of {ctype.id} name no holder")
    return tuple(found.values())


def _of_rule(rule: HolderRule, claims: Mapping[str, Any]) -> Iterator[HolderClaim]:
    for record in claims.get(rule.each, ()) if rule.each else (claims,):
        code = record.get(rule.code)
        if code:
            name = record.get(rule.name, "") if rule.name else ""
            yield HolderClaim(code_type_of(rule, record), code, name)


def code_type_of(rule: HolderRule, record: Mapping[str, Any]) -> str:
    """Return the code type of a rule's number in the claims, or in an item of them when the rule has ``each``."""
    if not rule.code_type.startswith("$"):
        return rule.code_type
    # 999: a natural person's other document, when the record does not say which (GB/T 36903 annex A).
    return str(record.get(rule.code_type[1:], rule.default or "999"))
