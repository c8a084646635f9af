"""Claims path pointers for JSON-based credentials (OpenID4VP 1.0, 7.1)."""

from collections.abc import Iterator
from typing import Any

from schemas.dcql.query import Path
from schemas.errors import PathSelectsNothing

Pointer = tuple[str | int, ...]
"""A path to one element: names and indexes, no None."""


def select(document: Any, path: Path) -> dict[Pointer, Any]:
    """Return the elements that ``path`` selects in ``document``, by their own pointers, in the order of the document.

    Raises:
        PathSelectsNothing: a component meets an element of another kind (2.1 to 2.3), or nothing is selected (3).
    """
    selected: dict[Pointer, Any] = {(): document}
    for component in path:
        selected = dict(_step(selected, component))
    if not selected:
        raise PathSelectsNothing("pointer selects nothing")
    return selected


def _step(selected: dict[Pointer, Any], component: str | int | None) -> Iterator[tuple[Pointer, Any]]:
    for pointer, element in selected.items():
        if isinstance(component, str):
            if component in _of_kind(element, dict):
                yield (*pointer, component), element[component]
        elif component is None:
            yield from (((*pointer, index), item) for index, item in enumerate(_of_kind(element, list)))
        elif component < len(_of_kind(element, list)):
            yield (*pointer, component), element[component]


def _of_kind(element: Any, kind: type) -> Any:
    if not isinstance(element, kind):
        raise PathSelectsNothing("pointer meets an element of another kind")
    return element
