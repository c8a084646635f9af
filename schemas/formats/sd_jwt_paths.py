"""Choosing claims by path, as a DCQL claims path pointer does (OpenID4VP 1.0, 7): names, positions, None for all."""

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.formats.disclosures import ClaimPath, path_text
from schemas.formats.errors import UnknownClaimPath

PathPattern = tuple[str | int | None, ...]
"""A path in which None stands for every element of an array."""


def prefixes(claims: dict[str, Any], patterns: Iterable[PathPattern]) -> set[ClaimPath]:
    """Return every path that ``patterns`` match in ``claims``, and every path above one.

    Raises:
        UnknownClaimPath: a pattern matches nothing, or is empty.
    """
    found: set[ClaimPath] = set()
    for pattern in patterns:
        matched = list(_matches(claims, tuple(pattern), ())) if pattern else []
        if not matched:
            raise UnknownClaimPath(f"no claim at {path_text(tuple('*' if step is None else step for step in pattern))}")
        found.update(path[:length] for path in matched for length in range(1, len(path) + 1))
    return found


def _matches(value: Any, pattern: PathPattern, path: ClaimPath) -> Iterator[ClaimPath]:
    if not pattern:
        yield path
        return
    step, rest = pattern[0], pattern[1:]
    if type(step) is str:
        if type(value) is dict and step in value:
            yield from _matches(value[step], rest, (*path, step))
    elif type(value) is list:
        for position in range(len(value)) if step is None else (step,):
            if type(position) is int and 0 <= position < len(value):
                yield from _matches(value[position], rest, (*path, position))
