"""The published SD-JWT specifications (YAML with ``!sd`` tags) as plain values, and what a verifier ends up with."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from schemas.formats.disclosures import ClaimPath


class Sd:
    """A name or a value that the specification marks ``!sd``; each one is itself alone."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Loader(yaml.SafeLoader):
    """Reads ``!sd`` on names, scalars, arrays and objects."""


def _marked(loader: _Loader, node: yaml.Node) -> Sd:
    if isinstance(node, yaml.MappingNode):
        return Sd(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Sd(loader.construct_sequence(node, deep=True))
    # The tag hides the scalar's own type: resolve it as if it were not there, quotes still meaning text.
    assert isinstance(node, yaml.ScalarNode)
    tag = loader.resolve(yaml.ScalarNode, node.value, (node.style is None, node.style is not None))
    return Sd(loader.construct_object(yaml.ScalarNode(tag, node.value), deep=True))


_Loader.add_constructor("!sd", _marked)


@dataclass(frozen=True)
class Case:
    """One specification. ``selective`` are the marked paths, ``chosen`` those that the holder discloses."""

    name: str
    claims: dict[str, Any]
    selective: frozenset[ClaimPath]
    chosen: frozenset[ClaimPath]
    expected: dict[str, Any] | None
    raw: dict[str, Any] = field(repr=False)

    def oracle(self) -> Any:
        """What stays of the claims when every marked path is taken away that no chosen one needs."""
        kept = {path[:length] for path in self.chosen for length in range(1, len(path) + 1)}
        return _pruned(self.claims, (), self.selective - kept)


def load(path: Path) -> Case:
    """Read one specification."""
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  (a safe loader with one tag more)
    selective: set[ClaimPath] = set()
    claims = _plain(raw["user_claims"], (), selective)
    chosen = frozenset(_chosen(raw.get("holder_disclosed_claims") or {}, claims, ()))
    return Case(path.stem, claims, frozenset(selective), chosen, raw.get("expect_verified_user_claims"), raw)


def _plain(value: Any, path: ClaimPath, selective: set[ClaimPath]) -> Any:
    if isinstance(value, Sd):
        selective.add(path)
        value = value.value
    if isinstance(value, dict):
        plain: dict[Hashable, Any] = {}
        for name, item in value.items():
            text = str(name.value if isinstance(name, Sd) else name)
            if isinstance(name, Sd):
                selective.add((*path, text))
            plain[text] = _plain(item, (*path, text), selective)
        return plain
    if isinstance(value, list):
        return [_plain(item, (*path, position), selective) for position, item in enumerate(value)]
    return value


def _chosen(wish: Any, claims: Any, path: ClaimPath) -> Iterator[ClaimPath]:
    # An object or an array in the wish chooses what holds it, and goes on inside; true chooses the claim itself.
    if wish is None or wish is False:
        return
    if path:
        yield path
    if isinstance(wish, dict) and isinstance(claims, dict):
        for name, item in wish.items():
            if name in claims:
                yield from _chosen(item, claims[name], (*path, name))
    elif isinstance(wish, list) and isinstance(claims, list):
        for position, item in enumerate(wish[: len(claims)]):
            yield from _chosen(item, claims[position], (*path, position))


def _pruned(value: Any, path: ClaimPath, hidden: frozenset[ClaimPath]) -> Any:
    if isinstance(value, dict):
        return {n: _pruned(v, (*path, n), hidden) for n, v in value.items() if (*path, n) not in hidden}
    if isinstance(value, list):
        return [_pruned(v, (*path, i), hidden) for i, v in enumerate(value) if (*path, i) not in hidden]
    return value


def pruned(value: Any, hidden: frozenset[ClaimPath]) -> Any:
    """Return ``value`` without the claims at ``hidden``: what a verifier sees of it."""
    return _pruned(value, (), hidden)
