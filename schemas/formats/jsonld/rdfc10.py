"""RDF Dataset Canonicalization 1.0 (W3C RDFC-1.0, 4): the same names for the blank nodes of the same dataset.

    result = rdfc10.canonicalize(quads)
    result.data      # canonical N-Quads
    result.labels    # {"b0": "c14n0", ...}, which ecdsa-sd-2023 needs

Work is bounded: a dataset whose blank nodes are so alike that the algorithm would run away ("poison", 7.1) is refused.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256, sha384
from itertools import permutations
from typing import Any

from schemas.formats.jsonld.errors import JsonLdTooLarge, PoisonGraph
from schemas.formats.jsonld.quads import Quad, document, line

MAX_QUADS = 50_000
MAX_STEPS = 50_000
"""Permutations and calls of Hash N-Degree Quads for one dataset: a third of a second."""
MAX_WORK = 2_000_000
"""Quads, names and 256 characters of text that all of the steps go through: a second at most."""
MAX_DEPTH = 128
"""How far Hash N-Degree Quads follows one chain of blank nodes."""

_HASHES: Mapping[str, Callable[[bytes], Any]] = {"sha256": sha256, "sha384": sha384}
_POSITIONS = ((0, "s"), (2, "o"), (3, "g"))


@dataclass(frozen=True, slots=True)
class Canonical:
    """A canonical dataset: its lines in code point order, and input label -> canonical label, both without ``_:``."""

    lines: tuple[str, ...]
    labels: Mapping[str, str]

    @property
    def data(self) -> bytes:
        """The canonical N-Quads document."""
        return document(self.lines)


def canonicalize(quads: Iterable[Quad], *, algorithm: str = "sha256") -> Canonical:
    """Return the canonical form of a dataset (4.4.3).

    Args:
        algorithm: ``sha256``, or ``sha384`` as ecdsa-rdfc-2019 wants with P-384.

    Raises:
        PoisonGraph: naming the blank nodes takes more than MAX_STEPS, MAX_WORK or MAX_DEPTH.
        JsonLdTooLarge: more than MAX_QUADS quads.
    """
    dataset = tuple(dict.fromkeys(quads))
    if len(dataset) > MAX_QUADS:
        raise JsonLdTooLarge(f"dataset has {len(dataset)} quads, limit {MAX_QUADS}")
    blank = [quad for quad in dataset if quad[0][0] == "_" or quad[2][0] == "_" or quad[3][:1] == "_"]
    if not blank:
        return Canonical(tuple(sorted([line(quad) for quad in dataset])), {})
    names = _Naming(blank, algorithm).names()
    lines = [line(quad) for quad in set(dataset).difference(blank)] + [line(_renamed(quad, names)) for quad in blank]
    lines.sort()
    return Canonical(tuple(lines), {label[2:]: name[2:] for label, name in names.items()})


def _renamed(quad: Quad, names: Mapping[str, str]) -> Quad:
    subject, predicate, value, graph = quad
    return names.get(subject, subject), predicate, names.get(value, value), names.get(graph, graph)


class _Issuer:
    """An identifier issuer (4.5): names in the order in which they were asked for."""

    __slots__ = ("names", "prefix")

    def __init__(self, prefix: str, names: Mapping[str, str] | None = None) -> None:
        self.prefix = prefix
        self.names: dict[str, str] = dict(names or ())

    def issue(self, label: str) -> str:
        name = self.names.get(label)
        if name is None:
            name = self.names[label] = f"{self.prefix}{len(self.names)}"
        return name

    def copy(self) -> "_Issuer":
        return _Issuer(self.prefix, self.names)


class _Naming:
    """The canonicalization state (4.3) of one dataset."""

    def __init__(self, dataset: Iterable[Quad], algorithm: str) -> None:
        self._hash = _HASHES[algorithm]
        self._quads: dict[str, list[Quad]] = {}
        self._first: dict[str, str] = {}
        self._canonical = _Issuer("_:c14n")
        self._steps = 0
        self._done = 0
        for quad in dataset:
            for label in _blank_in(quad):
                self._quads.setdefault(label, []).append(quad)

    def names(self) -> dict[str, str]:
        """Return the canonical names, in the order in which they were issued (4.4.3, steps 3 to 5)."""
        by_hash: dict[str, list[str]] = {}
        for label in self._quads:
            by_hash.setdefault(self._first_degree(label), []).append(label)
        shared: list[list[str]] = []
        for digest in sorted(by_hash):
            labels = by_hash[digest]
            if len(labels) == 1:
                self._canonical.issue(labels[0])
            else:
                shared.append(labels)
        for labels in shared:
            self._name_alike(labels)
        return self._canonical.names

    def _name_alike(self, labels: list[str]) -> None:
        results: list[tuple[str, _Issuer]] = []
        for label in labels:
            if label not in self._canonical.names:
                issuer = _Issuer("_:b")
                issuer.issue(label)
                results.append(self._n_degree(label, issuer, 0))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for label in issuer.names:
                self._canonical.issue(label)

    def _digest(self, text: str) -> str:
        found: str = self._hash(document((text,))).hexdigest()
        return found

    def _first_degree(self, label: str) -> str:
        """Hash First Degree Quads (4.6)."""
        found = self._first.get(label)
        if found is None:
            lines = [line(_seen_from(label, quad)) for quad in self._quads[label]]
            found = self._first[label] = self._digest("".join(sorted(lines)))
        return found

    def _related(self, label: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        """Hash Related Blank Node (4.7)."""
        name = self._canonical.names.get(label) or issuer.names.get(label) or self._first_degree(label)
        predicate = "" if position == "g" else quad[1]
        return self._digest(f"{position}{predicate}{name}")

    def _neighbours(self, label: str, issuer: _Issuer) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for quad in self._quads[label]:
            for place, position in _POSITIONS:
                other = quad[place]
                if other != label and other[:1] == "_":
                    found.setdefault(self._related(other, quad, issuer, position), []).append(other)
        return found

    def _n_degree(self, label: str, issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Hash N-Degree Quads (4.8)."""
        if depth > MAX_DEPTH:
            raise PoisonGraph(f"blank nodes alike along a chain of more than {MAX_DEPTH}")
        self._work(len(self._quads[label]))
        neighbours = self._neighbours(label, issuer)
        data: list[str] = []
        for digest in sorted(neighbours):
            path, issuer = self._shortest(neighbours[digest], issuer, depth)
            data += digest, path
        return self._digest("".join(data)), issuer

    def _shortest(self, labels: list[str], issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Return the chosen path and its issuer (4.8, steps 5.2 to 5.6)."""
        chosen: tuple[str, _Issuer] | None = None
        for order in permutations(labels):
            self._step()
            self._work(len(order) + len(issuer.names))
            tried = self._path(order, issuer.copy(), chosen[0] if chosen else "", depth)
            if tried is not None and (chosen is None or tried[0] < chosen[0]):
                chosen = tried
        return chosen or ("", issuer)

    def _path(self, order: tuple[str, ...], issuer: _Issuer, best: str, depth: int) -> tuple[str, _Issuer] | None:
        """Return the path of one order (4.8, step 5.4); None as soon as it cannot be the shortest."""
        path, unnamed = "", []
        for label in order:
            name = self._canonical.names.get(label)
            if name is None:
                if label not in issuer.names:
                    unnamed.append(label)
                name = issuer.issue(label)
            path += name
        # No order is given up before here: nodes with the same hash are unnamed, all of them, or one node named often.
        for label in unnamed:
            self._step()
            digest, known = self._n_degree(label, issuer, depth + 1)
            path += f"{issuer.issue(label)}<{digest}>"
            issuer = known
            self._work(len(path) >> 8)
            if _worse(path, best):
                return None
        return path, issuer

    def _work(self, amount: int) -> None:
        # A step is as long as the quads, the names and the text that it goes through.
        self._done += amount
        if self._done > MAX_WORK:
            raise PoisonGraph(f"naming the blank nodes goes through more than {MAX_WORK} quads and names")

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise PoisonGraph(f"naming the blank nodes takes more than {MAX_STEPS} steps")


def _blank_in(quad: Quad) -> tuple[str, ...]:
    """Return the blank nodes of a quad, each once."""
    subject, _, value, graph = quad
    if not graph and value[0] != "_":
        return (subject,)
    return tuple({term for term in (subject, value, graph) if term[:1] == "_"})


def _seen_from(label: str, quad: Quad) -> Quad:
    subject, predicate, value, graph = quad
    if subject[0] == "_":
        subject = "_:a" if subject == label else "_:z"
    if value[0] == "_":
        value = "_:a" if value == label else "_:z"
    if graph[:1] == "_":
        graph = "_:a" if graph == label else "_:z"
    return subject, predicate, value, graph


def _worse(path: str, best: str) -> bool:
    return bool(best) and len(path) >= len(best) and path > best


def blank_labels(quads: Iterable[Quad]) -> Iterator[str]:
    """Yield the labels of the blank nodes, without ``_:``, each once, in the order in which they are met."""
    seen: dict[str, None] = {}
    for subject, _, value, graph in quads:
        for term in (subject, value, graph):
            if term.startswith("_:") and term not in seen:
                seen[term] = None
                yield term[2:]
