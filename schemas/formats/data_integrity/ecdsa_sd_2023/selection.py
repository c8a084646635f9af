"""Selecting a part of a document by JSON Pointers (RFC 6901; VC DI ECDSA, 3.4.12 to 3.4.15)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any

from schemas.formats.data_integrity.errors import JsonPointerMalformed, JsonPointerUnmatched

MAX_POINTERS = 1_024
_MAX_LENGTH = 2_048
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)+", re.DOTALL)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
# What stands in every object on the way (3.4.13); a type says what the terms mean, an id whose statements they are.
_ALWAYS = frozenset({"id", "type", "@id", "@type", "@context"})

Tree = dict[str, "Tree | None"]
"""Tokens that were asked for, below each other; None asks for the whole value."""
NodeId = Callable[[Mapping[str, Any]], str | None]
"""Returns the ``@id`` to write into an object of the selection, or None."""


def tree(pointers: Iterable[str]) -> Tree:
    """Return the pointers as a tree of tokens.

    Raises:
        JsonPointerMalformed: not a pointer by RFC 6901 to a part of the document, or too many of them.
    """
    given = tuple(pointers)
    if len(given) > MAX_POINTERS:
        raise JsonPointerMalformed(f"more than {MAX_POINTERS} pointers")
    for pointer in given:
        if type(pointer) is not str or len(pointer) > _MAX_LENGTH:
            raise JsonPointerMalformed("pointer is no text, or too long for one")
    return _kept(given) if sum(map(len, given)) <= _MAX_KEPT else _tree(given)


def _tree(pointers: tuple[str, ...]) -> Tree:
    root: Tree = {}
    for pointer in pointers:
        if not _POINTER.fullmatch(pointer):
            raise JsonPointerMalformed("pointer is not a JSON Pointer to a part of the document")
        _grow(root, [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]])
    return root


# Nobody changes a tree, and the certificates of a type have the same mandatory pointers.
_kept = lru_cache(maxsize=256)(_tree)
_MAX_KEPT = 8_192


def select(document: Mapping[str, Any], wanted: Tree, node_id: NodeId | None = None) -> dict[str, Any]:
    """Return the selected part of a document: what is wanted, and on the way to it ids, types and contexts.

    Args:
        node_id: gives objects of the selection an ``@id``; the shape stays, so the same pointers lead through it.

    Raises:
        JsonPointerUnmatched: a pointer leads to nothing.
    """
    return _members(document, wanted, node_id)


def _grow(branch: Tree, tokens: list[str]) -> None:
    for token in tokens[:-1]:
        inner = branch.setdefault(token, {})
        if inner is None:
            return
        branch = inner
    branch[tokens[-1]] = None


def _part(value: Any, wanted: Tree | None, node_id: NodeId | None) -> Any:
    if wanted is None:
        return value if node_id is None else _whole(value, node_id)
    if type(value) is dict:
        return _members(value, wanted, node_id)
    if type(value) is list:
        return [
            _part(value[index], branch, node_id) for index, branch in sorted(_indexes(value, wanted), key=itemgetter(0))
        ]
    raise JsonPointerUnmatched("pointer leads to nothing in this document")


def _members(value: Mapping[str, Any], wanted: Tree, node_id: NodeId | None) -> dict[str, Any]:
    if not wanted.keys() <= value.keys():
        raise JsonPointerUnmatched("pointer leads to nothing in this document")
    part = {
        name: _part(item, None if name in _ALWAYS else wanted[name], None if name == "@context" else node_id)
        for name, item in value.items()
        if name in wanted or (name in _ALWAYS and not _is_blank(item))
    }
    return _identified(part, value, node_id)


def _indexes(value: list[Any], wanted: Tree) -> Iterator[tuple[int, Tree | None]]:
    for token, branch in wanted.items():
        if not _INDEX.fullmatch(token) or int(token) >= len(value):
            raise JsonPointerUnmatched("pointer leads to nothing in this document")
        yield int(token), branch


def _whole(value: Any, node_id: NodeId) -> Any:
    if type(value) is dict:
        part = {name: item if name == "@context" else _whole(item, node_id) for name, item in value.items()}
        return _identified(part, value, node_id)
    if type(value) is list:
        return [_whole(item, node_id) for item in value]
    return value


def _identified(part: dict[str, Any], value: Mapping[str, Any], node_id: NodeId | None) -> dict[str, Any]:
    name = None if node_id is None else node_id(value)
    if name is not None:
        part.pop("id", None)
        part["@id"] = name
    return part


def _is_blank(value: Any) -> bool:
    return type(value) is str and value.startswith("_:")
