"""Compiled contexts: for each active context a table from member names to what their values become in RDF.

A table is made once and kept for the contexts on board, so that a document of a known type goes to quads by look-ups.
What is kept is limited by ``kept``; a table that is not kept is made again.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.errors import IdRelative, JsonLdUnsupported, TermNull, TermUndefined, TypeUndefined
from schemas.formats.jsonld.kept import Family, Shelf
from schemas.formats.jsonld.quads import RDF, XSD, iri
from schemas.formats.jsonld.terms import ABSENT, KEYWORDS, Active, Term, is_absolute, process


class Becomes(IntEnum):
    """What a member's text becomes."""

    TEXT = 0  # a literal with a fixed ending, at once
    ID = 1  # an IRI
    VOCAB = 2  # a term or an IRI
    JSON = 3  # one rdf:JSON literal
    KEYWORD = 4  # the member is a keyword or its alias
    LITERAL = 5  # a literal with a fixed ending, in a list or a graph


@dataclass(frozen=True, slots=True)
class Member:
    """A member as a table reads it; ``ending`` is what follows a text's closing quotation mark.

    ``datatype`` is the quoted IRI for numbers and truth values, None for their native one.
    """

    becomes: Becomes
    predicate: str = ""
    ending: str = ""
    datatype: str | None = None
    listed: bool = False
    graph: bool = False
    context: Any = ABSENT
    keyword: str = ""


_KEYWORDS_READ = frozenset({"@id", "@type", "@value", "@language", "@direction"})


class Table:
    """One active context, compiled as far as it was needed. ``outer`` is the table below a type-scoped context.

    ``shapes`` is what ``shapes`` found out about nodes that this table reads; whoever adds to it lets ``family`` grow.
    """

    __slots__ = (
        "_classes",
        "_embedded",
        "_scoped",
        "_typed",
        "active",
        "family",
        "ids",
        "members",
        "outer",
        "shapes",
        "types",
        "values",
    )

    def __init__(self, active: Active, outer: "Table | None" = None, *, family: Family | None = None) -> None:
        self.active = active
        self.family = family or Family()
        self.outer = outer or self
        self.ids = _aliases(active, "@id")
        self.types = _aliases(active, "@type")
        self.values = frozenset(_aliases(active, "@value"))
        self.members: dict[str, Member] = {}
        self._classes: dict[str, str] = {}
        self._scoped: dict[int, Table] = {}
        self._typed: dict[tuple[str, ...], Table] = {}
        self._embedded: dict[tuple[str, ...], Table] = {}
        self.shapes: dict[Any, Any] = {}

    def member(self, name: str) -> Member:
        """Return a member's meaning.

        Raises:
            TermUndefined, TermNull: it has none, and would be dropped.
            JsonLdUnsupported: a keyword that no credential needs.
        """
        found = self.members.get(name)
        if found is None:
            found = self._compile(name)
            if name in self.active.terms or name in KEYWORDS:
                self.members[name] = found
        return found

    def type(self, name: str) -> str:
        """Return a type's IRI as N-Quads writes it; raises TypeUndefined, TermNull, IriInvalid."""
        found = self._classes.get(name)
        if found is None:
            found = self._class(name)
            if name in self.active.terms:
                self._classes[name] = found
        return found

    def _class(self, name: str) -> str:
        meaning = self.active.meaning(name)
        if meaning is None and name in self.active.terms:
            raise TermNull("a context maps a type to null")
        if meaning is None or meaning in KEYWORDS or not is_absolute(meaning):
            raise TypeUndefined("a type is neither a defined term nor an absolute URL")
        return iri(meaning)

    def scoped(self, context: Any) -> "Table":
        """Return the table inside a member with a property-scoped context (5.1.2, step 8)."""
        if context is ABSENT:
            return self
        found = self._scoped.get(id(context))
        if found is None:
            # The key is an address: the context lives as long as this table does, for it is part of the table's terms
            # or of a table above it.
            found = self._below(process(self.active, context, override=True), self._beneath())
            if self.family.grow(len(found.active.terms)):
                self._scoped[id(context)] = found
        return found

    def embedded(self, context: Any) -> "Table":
        """Return the table of a node that brings its own ``@context`` (step 9)."""
        urls = tuple(context) if type(context) is list else (context,)
        if not all(type(url) is str for url in urls):
            return Table(process(self.active, context), self._beneath())  # and what is below it lasts no longer
        found = self._embedded.get(urls)
        if found is None:
            found = self._below(process(self.active, context), self._beneath())
            if self.family.grow(len(found.active.terms) + len(urls)):
                self._embedded[urls] = found
        return found

    def typed(self, types: list[str]) -> "Table":
        """Return the table of a node of these types: their contexts in the order of their names (step 11)."""
        terms = self.active.terms
        names = [name for name in types if (term := terms.get(name)) is not None and term.context is not ABSENT]
        if not names:
            return self
        key = tuple(sorted(set(names)))
        found = self._typed.get(key)
        if found is None:
            active = self.active
            for name in key:
                active = process(active, terms[name].context, propagate=False)
            found = self._below(active, self.outer)
            if self.family.grow(len(found.active.terms) + len(key)):
                self._typed[key] = found
        return found

    def id(self, value: str) -> str:
        """Return an ``@id``, or a text that means one, as N-Quads writes it; raises IdRelative, IriInvalid."""
        expanded = self.active.compact_iri(value)
        if not is_absolute(expanded):
            raise IdRelative("an id is no absolute URL")
        return iri(expanded)

    def _below(self, active: Active, outer: "Table | None") -> "Table":
        return Table(active, outer, family=self.family)

    def _beneath(self) -> "Table | None":
        return None if self.outer is self else self.outer

    def _compile(self, name: str) -> Member:
        meaning = self.active.meaning(name)
        if meaning is None:
            if name in self.active.terms:
                raise TermNull("a context maps a member's name to null")
            raise TermUndefined("a member's name looks like a keyword")
        if meaning in KEYWORDS:
            if meaning not in _KEYWORDS_READ and meaning != "@context":
                raise JsonLdUnsupported(f"member {meaning}")
            return Member(Becomes.KEYWORD, keyword=meaning)
        if not is_absolute(meaning):
            raise TermUndefined("no context defines a member's name")
        return self._property(meaning, self.active.terms.get(name) or Term(meaning))

    def _property(self, meaning: str, term: Term) -> Member:
        plain = not term.container & {"@list", "@graph"} and term.context is ABSENT
        ending, datatype, becomes = "", None, Becomes.TEXT if plain else Becomes.LITERAL
        if term.type == "@json":
            becomes, ending = Becomes.JSON, f"^^<{RDF}JSON>"
        elif term.type in {"@id", "@vocab"}:
            becomes = Becomes.ID if term.type == "@id" else Becomes.VOCAB
        elif term.type in {None, "@none"}:
            ending = self._text_ending(term)
        else:
            datatype = iri(str(term.type))
            ending = "" if term.type == f"{XSD}string" else f"^^{datatype}"
        return Member(
            becomes,
            predicate=iri(meaning),
            ending=ending,
            datatype=datatype,
            listed="@list" in term.container,
            graph="@graph" in term.container,
            context=term.context,
        )

    def _text_ending(self, term: Term) -> str:
        active = self.scoped(term.context).active
        language = active.language if term.language is ABSENT else term.language
        direction = active.direction if term.direction is ABSENT else term.direction
        return text_ending(language, direction)


_MAX_KEY = 4_096  # characters of the contexts and the public URLs by which a table is found again


def _aliases(active: Active, keyword: str) -> tuple[str, ...]:
    return (keyword, *(name for name, term in active.terms.items() if term.iri == keyword))


def text_ending(language: str | None, direction: str | None) -> str:
    """Return what follows a text with language and direction: ``rdfDirection`` is ``i18n-datatype`` (7.3)."""
    if direction is not None:
        return f"^^<https://www.w3.org/ns/i18n#{language or ''}_{direction}>"
    return "" if language is None else f"@{language}"


def root(contexts: Contexts, context: Any) -> Table:
    """Return the table of a document with this ``@context``; kept when all of it is on board."""
    urls = tuple(context) if type(context) is list else (context,)
    if not all(type(url) is str for url in urls) or (length := sum(map(len, (*urls, *contexts.bases)))) > _MAX_KEY:
        return Table(process(Active(contexts), context))
    return SHELF.root(
        (contexts, urls),
        lambda family: Table(process(Active(contexts), list(urls)), family=family),
        lambda table: len(table.active.terms) + length // 64,
    )


SHELF: Shelf[Table] = Shelf()
"""The tables of all documents."""
