"""One credential query against one credential (OpenID4VP 1.0, 6.1, 6.3 and 6.4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.dcql.paths import Pointer, select
from schemas.dcql.query import ClaimsQuery, CredentialQuery
from schemas.errors import PathSelectsNothing


@dataclass(frozen=True, slots=True)
class Candidate:
    """A credential as a query sees it.

    ``claims`` is the whole credential as JSON, disclosed or disclosable; for the formats of the W3C it starts at the
    credential's root. ``types``: the ``vct`` (with those that it inherits from), or the expanded types.
    ``authorities``: for a type of 6.1.1 the values that the credential's chain fits, for ``aki`` key identifiers.
    """

    format: str
    types: frozenset[str]
    claims: Mapping[str, Any] = field(repr=False)
    holder_bound: bool = True
    authorities: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """How a credential answers a query: the claims taken, with the pointers to their elements."""

    query_id: str
    claims: tuple[ClaimsQuery, ...]
    pointers: tuple[Pointer, ...]


def match(query: CredentialQuery, candidate: Candidate) -> Match | None:
    """Return how ``candidate`` answers ``query``, by the first combination of claims that it has, or None."""
    if not _fits(query, candidate):
        return None
    for combination in query.combinations:
        found = _all_of(combination, candidate)
        if found is not None:
            return Match(query.id, combination, found)
    return None


def _fits(query: CredentialQuery, candidate: Candidate) -> bool:
    if query.format != candidate.format or (query.holder_binding and not candidate.holder_bound):
        return False
    return _has_type(query, candidate) and _has_authority(query, candidate)


def _has_type(query: CredentialQuery, candidate: Candidate) -> bool:
    return not query.types or any(one <= candidate.types for one in query.types)


def _has_authority(query: CredentialQuery, candidate: Candidate) -> bool:
    # 6.1.1: one condition that fits is enough; a type that we cannot judge fits nothing.
    return not query.trusted_authorities or any(
        not candidate.authorities.get(each.type, frozenset()).isdisjoint(each.values)
        for each in query.trusted_authorities
    )


def _all_of(combination: tuple[ClaimsQuery, ...], candidate: Candidate) -> tuple[Pointer, ...] | None:
    pointers: dict[Pointer, None] = {}
    for claim in combination:
        found = _pointers(claim, candidate.claims)
        if not found:
            return None
        pointers |= dict.fromkeys(found)
    return tuple(pointers)


def _pointers(claim: ClaimsQuery, claims: Mapping[str, Any]) -> list[Pointer]:
    try:
        selected = select(claims, claim.path)
    except PathSelectsNothing:
        return []
    return [pointer for pointer, value in selected.items() if not claim.values or _is_one_of(value, claim)]


def _is_one_of(value: Any, claim: ClaimsQuery) -> bool:
    # 6.3: type and value match exactly; in Python True equals 1.
    return any(type(value) is type(wanted) and value == wanted for wanted in claim.values)
