"""The direct way from a document to quads, by compiled tables: fast, in the base install, and strict.

    compiled.canonical(document)     # the same bytes as ``rdf.canonical``, or None: use the general way

Whatever JSON-LD would drop in silence is an error here: an undefined term or type, a relative id, a null.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld import rdfc10, tables
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.errors import (
    ContextInvalid,
    IdRelative,
    JsonLdTooLarge,
    JsonLdUnsupported,
    TypeUndefined,
    ValueDropped,
)
from schemas.formats.jsonld.quads import RDF, RDF_TYPE, XSD, Quad, escape, line
from schemas.formats.jsonld.quads import document as nquads
from schemas.formats.jsonld.tables import Becomes, Member, Table
from schemas.formats.jsonld.terms import ABSENT

MAX_DEPTH = 32
MAX_QUADS = 20_000
MAX_CONTEXTS = 512
"""Contexts of a whole document, those inside it included."""
MAX_SCOPES = 4_096
"""Contexts that types and members bring with their definitions, counted at each object or value that they act on."""
MAX_PAIRS = 1_000_000
"""Values of one member, each beside each: PyLD compares them all, which takes it half a second for so many."""

_JSON = f"<{RDF}JSON>"
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"
_BOOLEAN, _INTEGER, _DOUBLE = f"<{XSD}boolean>", f"<{XSD}integer>", f"<{XSD}double>"
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_DOUBLE_ZEROS = re.compile(r"(\d)0*E\+?(-)?0*(\d)")


def canonical(
    document: Mapping[str, Any], *, contexts: Contexts | None = None, algorithm: str = "sha256"
) -> bytes | None:
    """Return the canonical N-Quads of a document, or None when its contexts are not all on board.

    Args:
        contexts: what may be referred to; by default W3C's contexts, and ours under the issuer's public URL.
        algorithm: the hash of RDFC-1.0, ``sha256`` or ``sha384``; it matters only where there are blank nodes.

    Raises:
        ContextError, DataLoss, JsonLdUnsupported, JsonLdTooLarge, PoisonGraph.
    """
    walk = Walk(contexts or on_board.for_document(document))
    walk.document(document)
    return walk.canonical(algorithm) if walk.exact else None


class Walk:
    """One document on its way to quads. ``exact`` says whether the general way certainly gives the same."""

    __slots__ = ("_blank", "_board", "_contexts", "_depth", "_scopes", "exact", "quads")

    def __init__(self, board: Contexts) -> None:
        self._board = board
        self._blank = 0
        self._contexts = 0
        self._scopes = 0
        self._depth = 0
        self.exact = True
        self.quads: list[Quad] = []

    def document(self, document: Mapping[str, Any]) -> None:
        """Read a whole document; raises as ``canonical``."""
        context = document.get("@context", [])
        self._note(context)
        self._node(document, tables.root(self._board, context), "")
        if not self.quads:
            raise ValueDropped("a document says nothing")
        if len(self.quads) ** 2 > MAX_PAIRS:
            members = Counter((subject, predicate, graph) for subject, predicate, _, graph in self.quads)
            if sum(count**2 for count in members.values()) > MAX_PAIRS:
                raise JsonLdTooLarge("a member has too many values")

    def canonical(self, algorithm: str) -> bytes:
        """Return the canonical N-Quads of what was read."""
        # One blank node alone is c14n0, whatever its hash, and was called so from the start.
        if self._blank > 1:
            return rdfc10.canonicalize(self.quads, algorithm=algorithm).data
        return nquads(sorted({line(quad) for quad in self.quads}))

    def _note(self, context: Any) -> None:
        each = context if type(context) is list else [context]
        self._contexts += _contexts_in(context)
        if self._contexts > MAX_CONTEXTS:
            raise JsonLdTooLarge(f"document has more than {MAX_CONTEXTS} contexts")
        if not all(type(item) is str for item in each):
            self.exact = False

    def _scope(self, contexts: int) -> None:
        self._scopes += contexts
        if self._scopes > MAX_SCOPES:
            raise JsonLdTooLarge(f"types and members bring more than {MAX_SCOPES} contexts")

    def _label(self) -> str:
        label = f"_:c14n{self._blank}"
        self._blank += 1
        return label

    def _node(self, element: Mapping[str, Any], table: Table, graph: str) -> str:
        """Read a node object whose embedded context was applied; return its subject (5.1.2, steps 10 to 14)."""
        self._deeper()
        types = self._types(element, table)
        inner = table.typed(types)
        if inner is not table:
            self._scope(
                sum(_contexts_in(table.active.terms[name].context) for name in types if name in table.active.terms)
            )
        subject = self._subject(element, inner)
        quads = self.quads
        quads += [(subject, RDF_TYPE, table.type(name), graph) for name in types]
        known = inner.members
        for name, value in element.items():
            member = known.get(name) or inner.member(name)
            becomes = member.becomes
            if becomes is _TEXT and type(value) is str:
                quads.append((subject, member.predicate, f'"{escape(value)}"{member.ending}', graph))
            elif becomes is _KEYWORD:
                _check_keyword(name, member.keyword, table)
            else:
                self._values(subject, member, value, inner, graph)
        self._depth -= 1
        return subject

    def _types(self, element: Mapping[str, Any], table: Table) -> list[str]:
        types: list[str] = []
        for alias in table.types:
            if alias in element:
                value = element[alias]
                types += value if type(value) is list else [value]
                if not value:
                    raise ValueDropped("a type is empty")
        if not all(type(name) is str for name in types):
            raise TypeUndefined("a type is no text")
        return types

    def _subject(self, element: Mapping[str, Any], table: Table) -> str:
        given = [element[alias] for alias in table.ids if alias in element]
        if not given:
            return self._label()
        if len(given) > 1 or type(given[0]) is not str:
            raise IdRelative("an id is no text, or stands twice")
        return table.id(given[0])

    def _values(self, subject: str, member: Member, value: Any, table: Table, graph: str) -> None:
        if member.listed:
            found = self._list(member, value if type(value) is list else [value], table, graph)
            self.quads.append((subject, member.predicate, found, graph))
            return
        if member.becomes is Becomes.JSON:
            self.quads.append((subject, member.predicate, self._json(value), graph))
            return
        if value == [] or value is None:
            raise ValueDropped("a value is null or an empty array")
        if member.context is not ABSENT:
            self._scope(_contexts_in(member.context) * (len(value) if type(value) is list else 1))
        for each in value if type(value) is list else (value,):
            self.quads.append((subject, member.predicate, self._object(member, each, table, graph), graph))

    def _list(self, member: Member, items: list[Any], table: Table, graph: str) -> str:
        """Return the head of an RDF list (7.2, List Conversion)."""
        self._deeper()
        self._scope(_contexts_in(member.context) * len(items))
        rest = _NIL
        for item in reversed(items):
            if type(item) is list:
                first = self._list(member, item, table, graph)
            elif member.becomes is Becomes.JSON:
                raise JsonLdUnsupported("a list of @json values")
            else:
                first = self._object(member, item, table, graph)
            cell = self._label()
            self.quads += [(cell, _FIRST, first, graph), (cell, _REST, rest, graph)]
            rest = cell
        self._depth -= 1
        return rest

    def _object(self, member: Member, value: Any, table: Table, graph: str) -> str:
        """Return one value as a quad's object (5.3 and 7.2)."""
        if type(value) is dict:
            return self._inside(member, value, table, graph)
        if member.graph:
            raise ValueDropped("a graph is no object")
        if type(value) is not str:
            return self._number(value, member.datatype)
        if member.becomes is Becomes.ID:
            return table.scoped(member.context).id(value)
        if member.becomes is Becomes.VOCAB:
            return _vocab(table.scoped(member.context), value)
        return f'"{escape(value)}"{member.ending}'

    def _inside(self, member: Member, value: dict[str, Any], table: Table, graph: str) -> str:
        if not table.values.isdisjoint(value):
            if member.graph:
                raise ValueDropped("a graph is no value")
            return self._value_object(value, table.scoped(member.context))
        reference = len(value) == 1 and any(alias in value for alias in table.ids)
        inner = (table if reference else table.outer).scoped(member.context)
        if "@context" in value:
            self._note(value["@context"])
            inner = inner.embedded(value["@context"])
        if not member.graph:
            return self._node(value, inner, graph)
        name, before = self._label(), len(self.quads)
        self._node(value, inner, name)
        if len(self.quads) == before:
            raise ValueDropped("a graph says nothing")
        return name

    def _value_object(self, value: dict[str, Any], table: Table) -> str:
        """Return a value object's literal (JSON-LD 1.1, 9.5)."""
        said: dict[str, Any] = {}
        for name, each in value.items():
            keyword = table.member(name).keyword
            if keyword in said or keyword not in _OF_VALUES or (keyword != "@value" and type(each) is not str):
                raise ContextInvalid("a value object has a member of another kind")
            said[keyword] = each
        text, datatype = said["@value"], said.get("@type")
        if datatype == "@json":
            return self._json(text)
        if datatype is not None:
            if len(said) > 2:
                raise ContextInvalid("a value object has both a type and a language or direction")
            return _typed(text, table.type(datatype)) if type(text) is str else self._number(text, table.type(datatype))
        if len(said) == 1 and type(text) is not str:
            return self._number(text, None)
        return self._text(text, said.get("@language"), said.get("@direction"))

    def _text(self, text: Any, language: str | None, direction: str | None) -> str:
        if type(text) is not str:
            raise ContextInvalid("a value with a language or direction is no text")
        if language is not None and not _LANGUAGE.fullmatch(language):
            raise ValueDropped("a language is no language tag")
        if direction not in {None, "ltr", "rtl"}:
            raise ContextInvalid("@direction is neither ltr nor rtl")
        ending = tables.text_ending(language.lower() if language else None, direction)
        return f'"{escape(text)}"{ending}'

    def _number(self, value: Any, datatype: str | None) -> str:
        """Return a number or truth value as a literal (7.2, steps 6 to 8)."""
        if type(value) is bool:
            return _typed("true" if value else "false", datatype or _BOOLEAN)
        if type(value) not in {int, float} or value != value or value in _INFINITE:
            raise ValueDropped("a value is null, or nothing that JSON has")
        if abs(value) > _LARGEST:
            raise ValueDropped("a number is no IEEE 754 double")
        if datatype == _DOUBLE:
            self.exact = False
        if abs(value) >= _BIG or not float(value).is_integer() or datatype == _DOUBLE:
            text = _DOUBLE_ZEROS.sub(r"\1E\2\3", f"{value:1.15E}")
            return _typed(text, datatype or _DOUBLE)
        return _typed(str(int(value)), datatype or _INTEGER)

    def _json(self, value: Any) -> str:
        """Return an rdf:JSON literal: RFC 8785 wherever orjson writes the same; else one that tells values apart."""
        try:
            if _simple(value, MAX_DEPTH):
                return _typed(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode(), _JSON)
            self.exact = False
            return _typed(json.dumps(value, sort_keys=True, allow_nan=False), _JSON)
        except (ValueError, orjson.JSONEncodeError):
            raise ValueDropped("a number or a text is nothing that JSON has") from None

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH or len(self.quads) > MAX_QUADS:
            raise JsonLdTooLarge(f"document is deeper than {MAX_DEPTH} or gives more than {MAX_QUADS} quads")


_TEXT, _KEYWORD = Becomes.TEXT, Becomes.KEYWORD
_OF_VALUES = frozenset({"@value", "@type", "@language", "@direction"})
_BIG = 10**21
_LARGEST = sys.float_info.max
_INFINITE = (float("inf"), float("-inf"))
_MAX_SAFE = 2**53


def _contexts_in(context: Any) -> int:
    """Count what one context stands for: each of an array, and those inside a context document."""
    if type(context) is list:
        return sum(map(_contexts_in, context))
    if type(context) is dict and "@context" in context:
        return 1 + _contexts_in(context["@context"])
    return 0 if context is ABSENT else 1


def _check_keyword(name: str, keyword: str, table: Table) -> None:
    if keyword not in {"@id", "@type", "@context"} or (keyword == "@type" and name not in table.types):
        raise JsonLdUnsupported(f"member {keyword} in this place")


def _typed(text: str, datatype: str) -> str:
    return f'"{escape(text)}"' if datatype == f"<{XSD}string>" else f'"{escape(text)}"^^{datatype}'


def _vocab(table: Table, value: str) -> str:
    return table.type(value)


def _simple(value: Any, levels: int) -> bool:
    """Whether RFC 8785 and orjson write a value alike: names in ASCII, no fractions, integers below 2^53.

    Raises:
        JsonLdTooLarge: it is deeper than ``levels``.
    """
    if type(value) in {dict, list}:
        if not levels:
            raise JsonLdTooLarge(f"a JSON value is deeper than {MAX_DEPTH}")
        names, members = (value, value.values()) if type(value) is dict else ((), value)
        # Every member is asked, so that the depth of all of them is known.
        return all(name.isascii() for name in names) & all([_simple(each, levels - 1) for each in members])
    return type(value) in {str, bool, type(None)} or (type(value) is int and abs(value) < _MAX_SAFE)
