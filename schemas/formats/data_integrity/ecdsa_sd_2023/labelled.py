"""A document's statements under names that tell nothing, and those of a selection of it (VC DI ECDSA, 3.4.3 to 3.4.17).

The specification finds out what a pointer selects by writing a name into every blank node ("skolemizing") of the
expanded document, compacting it again and converting the selected part. Here the conversion itself says which object of
the document became which node, so the name goes straight into the selected part: the document keeps its shape, and
pointers lead where they led.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys.encoding import b64url_text
from schemas.formats.data_integrity import statements
from schemas.formats.data_integrity.ecdsa_sd_2023 import selection
from schemas.formats.data_integrity.ecdsa_sd_2023.selection import Tree
from schemas.formats.data_integrity.errors import SdLabelMapIncomplete, SelectionNotSigned
from schemas.formats.jsonld import rdf, rdfc10
from schemas.formats.jsonld.compiled import Walk
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.errors import JsonLdUnsupported
from schemas.formats.jsonld.quads import RDF, Quad, line, parse
from schemas.formats.jsonld.quads import document as nquads
from schemas.formats.jsonld.tables import Table

_NAME = "urn:ecert:node:"
_FIRST = f"<{RDF}first>"


class _Nodes(Walk):
    """The conversion of a document to quads that remembers the subject of each object."""

    __slots__ = ("subjects",)

    def __init__(self, board: Contexts) -> None:
        super().__init__(board)
        self.subjects: dict[int, str] = {}

    def _subject(self, element: Mapping[str, Any], table: Table) -> str:
        subject = self.subjects[id(element)] = super()._subject(element, table)
        return subject

    def names(self) -> Mapping[str, str]:
        """Return label → canonical label, both without ``_:``; one blank node alone has its name from the start."""
        if self._blank > 1:
            return rdfc10.canonicalize(self.quads).labels
        return {f"c14n{number}": f"c14n{number}" for number in range(self._blank)}

    def check(self, document: Mapping[str, Any]) -> None:
        """Return if the general way reads the document alike; raises JsonLdUnsupported."""
        if not self.exact and self.canonical("sha256") != rdf.canonical(document, contexts=self._board):
            raise JsonLdUnsupported("two readings of the document differ")


@dataclass(frozen=True, slots=True)
class Labelled:
    """The statements of one document.

    ``lines`` are canonical N-Quads in order, blank nodes under their HMAC names; ``names`` leads from a label of the
    conversion (``_:b0``) to such a name (``_:u…``).
    """

    document: Mapping[str, Any]
    contexts: Contexts
    lines: tuple[str, ...]
    names: Mapping[str, str]
    _subjects: Mapping[int, str]
    _quads: tuple[Quad, ...]

    def quads(self, wanted: Tree) -> list[Quad]:
        """Return the statements that a selection makes, under the labels of the conversion.

        Raises:
            JsonPointerUnmatched: a pointer leads to nothing.
        """
        walk = Walk(self.contexts)
        walk.document(selection.select(self.document, wanted, self._node_id))
        own = {f"_:{label}": f"_:{label}." for label in rdfc10.blank_labels(walk.quads)}
        names = {f"<{_NAME}{label[2:]}>": label for label in self.names} | own
        named = [_renamed(quad, names) for quad in walk.quads]
        if not own:
            return named
        cells = _cells(named, self._quads)
        return [_renamed(quad, cells) for quad in named]

    def group(self, quads: list[Quad]) -> frozenset[str]:
        """Return these statements as they stand in ``lines``; raises SelectionNotSigned if one does not."""
        found = frozenset(line(_renamed(quad, self.names)) for quad in quads)
        if not found <= frozenset(self.lines):
            raise SelectionNotSigned("a selected part says what the whole document does not")
        return found

    def _node_id(self, value: Mapping[str, Any]) -> str | None:
        subject = self._subjects.get(id(value), "")
        return _NAME + subject[2:] if subject.startswith("_:") else None


def label(document: Mapping[str, Any], hmac_key: bytes, contexts: Contexts) -> Labelled:
    """Return the statements of a document that loses nothing, blank nodes named by HMAC-SHA-256 (3.4.4).

    Raises:
        JsonLdError: a subclass for each reason.
    """
    walk = _Nodes(contexts)
    walk.document(document)
    walk.check(document)
    names = {f"_:{old}": f"_:{_hmac_name(hmac_key, new)}" for old, new in walk.names().items()}
    lines = sorted({line(_renamed(quad, names)) for quad in walk.quads})
    nquads(lines)  # raises for a text that is no Unicode
    return Labelled(document, contexts, tuple(lines), names, walk.subjects, tuple(walk.quads))


def relabelled(document: Mapping[str, Any], labels: Mapping[str, str], contexts: Contexts) -> list[str]:
    """Return a document's canonical lines with its blank nodes under other names, in order (3.4.2).

    Args:
        labels: from canonical name (``c14n0``) to the other name.

    Raises:
        SdLabelMapIncomplete: the map does not name exactly the blank nodes of the document.
        JsonLdError: a subclass for each reason.
    """
    lines = statements.of_document(document, contexts, "sha256").decode().splitlines(keepends=True)
    quads = parse(lines)
    if set(rdfc10.blank_labels(quads)) != labels.keys():
        raise SdLabelMapIncomplete("label map does not name exactly the blank nodes of the document")
    names = {f"_:{old}": f"_:{new}" for old, new in labels.items()}
    return sorted([line(_renamed(quad, names)) for quad in quads]) if names else lines


def _cells(selected: list[Quad], whole: tuple[Quad, ...]) -> dict[str, str]:
    """Return for each cell of a list in a selection the cell of the whole document.

    A cell is no object of the document, so that no name could be written into it. It is found by what leads to it; a
    list that was selected in part has other cells, and so says what the whole document does not.
    """
    own = {subject for subject, predicate, *_ in selected if predicate == _FIRST}
    there: dict[tuple[str, str, str], list[str]] = {}
    for subject, predicate, value, graph in whole:
        there.setdefault((subject, predicate, graph), []).append(value)
    found: dict[str, str] = {}
    # A list is written before what leads to it, its last cell first: backwards, every cell is met after the one before.
    for subject, predicate, value, graph in reversed(selected):
        known = found.get(subject, subject)
        candidates = there.get((known, predicate, found.get(graph, graph)), [])
        if value in own and len(candidates) == 1:
            found[value] = candidates[0]
    return found


def _hmac_name(hmac_key: bytes, canonical_name: str) -> str:
    return "u" + b64url_text(hmac.digest(hmac_key, canonical_name.encode(), "sha256"))


def _renamed(quad: Quad, names: Mapping[str, str]) -> Quad:
    subject, predicate, value, graph = quad
    return names.get(subject, subject), predicate, names.get(value, value), names.get(graph, graph)
