"""Whether what is asked stays within a purpose: fewer claims, fewer credentials, never more (invariant 6).

A credential query is within the purpose when the purpose has one of the same id and format that accepts its types and
authorities, binds no more than it, and whose claims cover its own. What must be answered must be so in the purpose,
too. And the holder keeps every choice: whoever drops the option that shows an age would make people show the birth
date. So of two sets of alternatives the narrower one may shorten alternatives, or leave a set out whole, and no more;
and no set is asked for twice, or both alternatives of it could come.

The rule is sound, and not complete: what it lets through never asks for more; it may refuse a query that asks for less
in another arrangement. The whole purpose is always within itself.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from schemas.dcql import ClaimsQuery, CredentialQuery, CredentialSetQuery, Query, TrustedAuthorities
from verifier.errors import OverAsking

_T = TypeVar("_T")


def check_within(asked: Query, allowed: Query) -> None:
    """Return when ``asked`` asks for nothing that ``allowed`` does not.

    Raises:
        OverAsking: it does; the message names the credential query.
    """
    known = allowed.by_id
    for each in asked.credentials:
        if each.id not in known or not _is_narrower(each, known[each.id]):
            raise OverAsking(f"credential query {each.id} asks for more than its purpose")
    free = [*(each for each in allowed.required if len(each.options) == 1), *_split(allowed.required)]
    _place(_split(asked.required), free, "required")
    free += (each for each in allowed.sets if not each.required)
    _place([each for each in asked.sets if not each.required], free, "offered")


def _place(asked: Iterable[CredentialSetQuery], free: list[CredentialSetQuery], how: str) -> None:
    """Find for each set one of ``free`` that it narrows. Alternatives are used up: asked for twice, both could come."""
    for wanted in asked:
        found = next((one for one in free if _keeps_choices(wanted, one)), None)
        if found is None:
            raise OverAsking(f"credential query {wanted.options[0][0]} is {how} otherwise than by its purpose")
        if len(found.options) > 1:
            free.remove(found)


def _split(sets: Iterable[CredentialSetQuery]) -> list[CredentialSetQuery]:
    """Required sets, those with one option as one set for each of its credentials: all of them are needed anyway."""
    made: list[CredentialSetQuery] = []
    for each in sets:
        if len(each.options) == 1:
            made += (CredentialSetQuery(((name,),)) for name in each.options[0])
        else:
            made.append(each)
    return made


def _keeps_choices(asked: CredentialSetQuery, allowed: CredentialSetQuery) -> bool:
    return _narrows(asked.options, allowed.options, lambda few, many: set(few) <= set(many))


def _narrows(asked: Sequence[_T], allowed: Sequence[_T], within: Callable[[_T, _T], bool]) -> bool:
    """Each alternative lies within an allowed one, and each allowed one can still be answered with as little."""
    return all(any(within(few, many) for many in allowed) for few in asked) and all(
        any(within(few, many) for few in asked) for many in allowed
    )


def _is_narrower(asked: CredentialQuery, allowed: CredentialQuery) -> bool:
    return (
        asked.format == allowed.format
        and asked.holder_binding >= allowed.holder_binding
        and asked.multiple <= allowed.multiple
        and _has_types(asked, allowed)
        and _has_authorities(asked, allowed)
        # Those, too, that no claim_set names: a wallet without claim_sets shows them.
        and _covered(asked.claims or (), allowed.claims or ())
        and _narrows(asked.combinations, allowed.combinations, _covered)
    )


def _has_types(asked: CredentialQuery, allowed: CredentialQuery) -> bool:
    # 6.1: no types take any; a set of types must all be there, so that more of them are the narrower query.
    if not allowed.types:
        return True
    return bool(asked.types) and all(any(few <= many for few in allowed.types) for many in asked.types)


def _has_authorities(asked: CredentialQuery, allowed: CredentialQuery) -> bool:
    if not allowed.trusted_authorities:
        return True
    known = _authorities(allowed.trusted_authorities)
    return bool(asked.trusted_authorities) and _authorities(asked.trusted_authorities) <= known


def _authorities(conditions: Iterable[TrustedAuthorities]) -> set[tuple[str, str]]:
    return {(each.type, value) for each in conditions for value in each.values}


def _covered(asked: Sequence[ClaimsQuery], allowed: Sequence[ClaimsQuery]) -> bool:
    return all(any(_is_same(one, other) for other in allowed) for one in asked)


def _is_same(asked: ClaimsQuery, allowed: ClaimsQuery) -> bool:
    if asked.path != allowed.path:
        return False
    return not allowed.values or (bool(asked.values) and _typed(asked) <= _typed(allowed))


def _typed(claim: ClaimsQuery) -> set[tuple[type, object]]:
    # 6.3: type and value; in Python True equals 1.
    return {(type(value), value) for value in claim.values}
