"""Which credentials a wallet returns, and whether what came is what was asked for (OpenID4VP 1.0, 6.4.2 and 8.6)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from schemas.dcql.matching import Candidate, Match, match
from schemas.dcql.query import Query
from schemas.errors import QueryNotSatisfied

Key = TypeVar("Key")
Offered = Mapping[str, Mapping[Key, Match]]
"""For each credential query the candidates that answer it, by the caller's own keys, with how they do."""


def matches(query: Query, candidates: Mapping[Key, Candidate]) -> dict[str, dict[Key, Match]]:
    """Return for each credential query the candidates that answer it, in the order given; none is an empty mapping."""
    made: dict[str, dict[Key, Match]] = {}
    for wanted in query.credentials:
        answers = ((key, match(wanted, candidate)) for key, candidate in candidates.items())
        made[wanted.id] = {key: found for key, found in answers if found is not None}
    return made


def choose(query: Query, offered: Offered[Key], *, optional: bool = False) -> tuple[str, ...]:
    """Return the ids of the credential queries to answer: the first option of each required set that can be answered.

    ``optional`` adds those of the other sets, as far as they can be.

    Raises:
        QueryNotSatisfied: a required set cannot be answered; nothing at all may be returned then.
    """
    able = {name for name, found in offered.items() if found}
    chosen: dict[str, None] = {}
    for wanted in query.required:
        option = _first(wanted.options, able)
        if option is None:
            raise QueryNotSatisfied(
                "missing", "the wallet holds no credential for a part of the query that is required"
            )
        chosen |= dict.fromkeys(option)
    if optional:
        for wanted in query.sets:
            if not wanted.required:
                chosen |= dict.fromkeys(_first(wanted.options, able) or ())
    return tuple(chosen)


def check_response(query: Query, presented: Mapping[str, Sequence[Candidate]]) -> dict[str, tuple[Match, ...]]:
    """Return how each presented credential answers its query.

    Nothing that a wallet says is relied on: format, types, holder binding, authorities, claims and values are looked at
    again. What is disclosed beyond the query is the holder's act and no reason to refuse.

    Raises:
        QueryNotSatisfied: ``reason`` says why: ``unknown_id``, ``empty``, ``several``, ``mismatch`` or ``missing``.
    """
    check_counts(query, {name: len(candidates) for name, candidates in presented.items()})
    known = query.by_id
    made: dict[str, tuple[Match, ...]] = {}
    for name, candidates in presented.items():
        found = [match(known[name], candidate) for candidate in candidates]
        made[name] = tuple(each for each in found if each is not None)
        if len(made[name]) != len(found):
            raise QueryNotSatisfied("mismatch", "a presentation is not what its query asked for")
    return made


def check_counts(query: Query, counts: Mapping[str, int]) -> None:
    """Return when so many presentations for each query can be an answer, whatever they are.

    It costs nothing, so that nothing is verified that was not asked for.

    Raises:
        QueryNotSatisfied: ``reason`` is ``unknown_id``, ``empty``, ``several`` or ``missing``.
    """
    known = query.by_id
    for name, count in counts.items():
        if name not in known:
            raise QueryNotSatisfied("unknown_id", "the response answers a query that was not asked")
        if not count:
            raise QueryNotSatisfied("empty", "the response holds an answer without a presentation")
        if count > 1 and not known[name].multiple:
            raise QueryNotSatisfied("several", "the response holds several presentations where one was asked for")
    _check_complete(query, counts.keys())


def _check_complete(query: Query, answered: Iterable[str]) -> None:
    have = set(answered)
    for wanted in query.required:
        if _first(wanted.options, have) is None:
            raise QueryNotSatisfied("missing", "the response lacks a credential that is required")


def _first(options: Sequence[tuple[str, ...]], have: set[str]) -> tuple[str, ...] | None:
    return next((option for option in options if have.issuperset(option)), None)
