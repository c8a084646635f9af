"""Active contexts and term definitions (JSON-LD 1.1 API, 4): what each name of a document means.

Our own reading of the algorithms, without network and without leniency: what a processor would warn of or ignore is an
error here. ``loss`` and ``compiled`` stand on it; the general way (``rdf``) uses another implementation, and both are
compared by tests.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.errors import ContextInvalid, JsonLdUnsupported, ProtectedTermRedefined

KEYWORDS = frozenset(
    f"@{name}"
    for name in (
        "base",
        "container",
        "context",
        "default",
        "direction",
        "graph",
        "id",
        "import",
        "included",
        "index",
        "json",
        "language",
        "list",
        "nest",
        "none",
        "prefix",
        "propagate",
        "protected",
        "reverse",
        "set",
        "type",
        "value",
        "version",
        "vocab",
    )
)
MAX_CONTEXTS = 32
"""Contexts in one array, contexts inside each other, and terms of a context that need each other in a row."""
MAX_TERMS = 1_000
"""Terms of one context object."""

_LIKE_KEYWORD = re.compile(r"@[A-Za-z]+")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_GEN_DELIMS = (":", "/", "?", "#", "[", "]", "@")
_CONTEXT_KEYS = frozenset({"@version", "@vocab", "@base", "@language", "@direction", "@protected"})
_TERM_KEYS = frozenset({"@id", "@type", "@container", "@context", "@language", "@direction", "@protected", "@prefix"})
_RARE = frozenset({"@reverse", "@nest", "@index", "@import", "@propagate"})
_CONTAINERS: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"@set"}),
    frozenset({"@list"}),
    frozenset({"@graph"}),
    frozenset({"@graph", "@set"}),
)


class _Absent:
    """Not said, which differs from null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Term:
    """A term definition (JSON-LD 1.1, 9.15.1). ``iri`` is an absolute IRI, a keyword, or None: the term is null."""

    iri: str | None
    type: str | None = None
    container: frozenset[str] = frozenset()
    context: Any = ABSENT
    language: Any = ABSENT
    direction: Any = ABSENT
    prefix: bool = False
    protected: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Active:
    """An active context. ``previous`` is the one to return to below a type-scoped context."""

    board: Contexts
    terms: Mapping[str, Term] = field(default_factory=dict, repr=False)
    vocab: str | None = None
    language: str | None = None
    direction: str | None = None
    previous: "Active | None" = field(default=None, repr=False)

    def meaning(self, name: str) -> str | None:
        """Return what a member's name or a type means: a keyword, an IRI, or None: nothing (5.2, IRI expansion).

        The result may be relative; ``is_absolute`` tells.
        """
        if name in KEYWORDS:
            return name
        term = self.terms.get(name)
        if term is not None:
            return term.iri
        if _LIKE_KEYWORD.fullmatch(name):
            return None
        if ":" in name[1:]:
            return self.compact_iri(name)
        return name if self.vocab is None else self.vocab + name

    def compact_iri(self, value: str) -> str:
        """Return an IRI with its prefix spelled out, if it has one that is a term."""
        prefix, colon, suffix = value.partition(":")
        if colon and prefix and prefix != "_" and not suffix.startswith("//"):
            term = self.terms.get(prefix)
            if term is not None and term.prefix and term.iri is not None:
                return term.iri + suffix
        return value


def is_absolute(value: str | None) -> bool:
    """Whether an IRI has a scheme and no white space."""
    return value is not None and _ABSOLUTE.fullmatch(value) is not None


def process(active: Active, local: Any, *, override: bool = False, propagate: bool = True, depth: int = 0) -> Active:
    """Return ``active`` with a local context applied (4.1.2).

    Args:
        override: whether protected terms may change (property-scoped contexts).
        propagate: False for type-scoped contexts: they end at the next node object.

    Raises:
        ContextUnknown, ContextInvalid, ProtectedTermRedefined, JsonLdUnsupported.
    """
    each = local if type(local) is list else [local]
    if depth > MAX_CONTEXTS or len(each) > MAX_CONTEXTS:
        raise ContextInvalid(f"more than {MAX_CONTEXTS} contexts")
    result = active
    if not propagate and result.previous is None:
        result = replace(result, previous=active)
    for context in each:
        result = _apply(result, context, override=override, depth=depth)
    return result


def _apply(active: Active, context: Any, *, override: bool, depth: int) -> Active:
    if context is None:
        if not override and any(term.protected for term in active.terms.values()):
            raise ProtectedTermRedefined("a context takes protected terms away")
        return Active(active.board, previous=active.previous)
    if type(context) is str:
        document = active.board.document(context)
        return process(active, document["@context"], override=override, depth=depth + 1)
    if not isinstance(context, Mapping):
        raise ContextInvalid("a context is neither a URL nor an object")
    if "@context" in context:
        # A whole context document in a context's place: processors take its context, and would ignore the rest.
        if len(context) > 1:
            raise ContextInvalid("a context document in a context's place has other members")
        return process(active, context["@context"], override=override, depth=depth + 1)
    return _Definitions(active, context, override=override).apply()


def _flag(context: Mapping[str, Any], name: str, default: bool) -> bool:
    value = context.get(name, default)
    if type(value) is not bool:
        raise ContextInvalid(f"{name} is neither true nor false")
    return value


class _Definitions:
    """One context object being applied: the definitions that it makes, in whatever order they need each other."""

    def __init__(self, active: Active, local: Mapping[str, Any], *, override: bool) -> None:
        self._local = local
        self._override = override
        self._before = active.terms
        self._terms = dict(active.terms)
        self._done: dict[str, bool] = {}
        self._open = 0
        if len(local) > MAX_TERMS:
            raise ContextInvalid(f"a context has more than {MAX_TERMS} terms")
        self._protected = _flag(local, "@protected", default=False)
        self._active = replace(self._with_keywords(active), terms=self._terms)

    def apply(self) -> Active:
        """Return the new active context."""
        for name in self._local:
            if name not in _CONTEXT_KEYS:
                self._define(name)
        return self._active

    def _with_keywords(self, active: Active) -> Active:
        local = self._local
        for name in _RARE & local.keys():
            raise JsonLdUnsupported(f"context with {name}")
        if local.get("@version", 1.1) != 1.1 or type(local.get("@version", 1.1)) is not float:
            raise ContextInvalid("@version is not 1.1")
        base = local.get("@base")
        if base is not None and type(base) is not str:
            raise ContextInvalid("@base is no text")
        if "@language" in local:
            active = replace(active, language=_language(local["@language"]))
        if "@direction" in local:
            active = replace(active, direction=_direction(local["@direction"]))
        if "@vocab" in local:
            active = replace(active, vocab=_vocab(active, local["@vocab"]))
        return active

    def _define(self, name: str) -> None:
        """Create Term Definition (4.2.2)."""
        if name in self._done:
            if not self._done[name]:
                raise ContextInvalid("a term is defined by itself")
            return
        self._done[name] = False
        self._open += 1
        if self._open > MAX_CONTEXTS:
            raise ContextInvalid(f"more than {MAX_CONTEXTS} terms need each other in a row")
        value = self._local[name]
        if name == "" or name in KEYWORDS or _LIKE_KEYWORD.fullmatch(name):
            raise ContextInvalid("a keyword or an empty name is defined as a term")
        term = self._term(name, value)
        before = self._before.get(name)
        if before is not None and before.protected and not self._override:
            if replace(term, protected=True) != before:
                raise ProtectedTermRedefined("a protected term is defined anew")
            term = before
        self._terms[name] = term
        self._done[name] = True
        self._open -= 1

    def _term(self, name: str, value: Any) -> Term:
        simple = type(value) is str
        if value is None or simple:
            value = {"@id": value}
        if not isinstance(value, Mapping):
            raise ContextInvalid("a term's definition is neither a text, an object nor null")
        for key in value:
            if key in _RARE:
                raise JsonLdUnsupported(f"term with {key}")
            if key not in _TERM_KEYS:
                raise ContextInvalid("a term's definition has an unknown member")
        protected = _flag(value, "@protected", self._protected)
        if "@id" in value and value["@id"] is None:
            return Term(None, protected=protected)
        meaning = self._iri(name, value)
        may_be_prefix = simple and not re.search(r"[:/]", name) and meaning.endswith(_GEN_DELIMS)
        type_ = self._type(value)
        return Term(
            iri=meaning,
            type=type_,
            container=_container(value),
            context=value.get("@context", ABSENT),
            language=_language(value["@language"]) if "@language" in value and type_ is None else ABSENT,
            direction=_direction(value["@direction"]) if "@direction" in value else ABSENT,
            prefix=_flag(value, "@prefix", may_be_prefix),
            protected=protected,
        )

    def _iri(self, name: str, value: Mapping[str, Any]) -> str:
        given = value.get("@id", name)
        if type(given) is not str:
            raise ContextInvalid("a term's @id is no text")
        if given != name:
            found = self._expand(given)
            if ":" in name[1:-1] and self._expand_compact(name) != found:
                raise ContextInvalid("a term that looks like an IRI means another one")
        elif ":" in name[1:]:
            found = self._expand_compact(name)
        else:
            # 4.2.2, step 18: a term without @id lives in the vocabulary
            vocab = self._active.vocab
            found = None if vocab is None else vocab + name
        if found in KEYWORDS:
            if found == "@context" or value.keys() - {"@id", "@protected"}:
                raise ContextInvalid("a keyword's alias says more than its keyword")
        elif not is_absolute(found):
            raise ContextInvalid("a term means no absolute IRI")
        return str(found)

    def _type(self, value: Mapping[str, Any]) -> str | None:
        if "@type" not in value:
            return None
        given = value["@type"]
        if type(given) is not str:
            raise ContextInvalid("a term's @type is no text")
        found = self._expand(given)
        if found not in {"@id", "@vocab", "@json", "@none"} and (not is_absolute(found) or str(found).startswith("_:")):
            raise ContextInvalid("a term's @type is no absolute IRI")
        return found

    def _expand(self, value: str) -> str | None:
        if value not in KEYWORDS and value in self._local and value not in _CONTEXT_KEYS:
            self._define(value)
        if ":" in value[1:] and value not in self._terms:
            return self._expand_compact(value)
        return self._active.meaning(value)

    def _expand_compact(self, value: str) -> str:
        prefix = value.partition(":")[0]
        if prefix in self._local and not self._done.get(prefix):
            self._define(prefix)
        return self._active.compact_iri(value)


def _container(value: Mapping[str, Any]) -> frozenset[str]:
    given = value.get("@container", [])
    listed = given if type(given) is list else [given]
    if not all(type(each) is str for each in listed):
        raise ContextInvalid("a term's @container is no text")
    found = frozenset(listed)
    if found not in _CONTAINERS:
        raise JsonLdUnsupported("a term's @container is other than @set, @list or @graph")
    return found


def _language(value: Any) -> str | None:
    if value is not None and type(value) is not str:
        raise ContextInvalid("@language is no text")
    return None if value is None else value.lower()


def _direction(value: Any) -> str | None:
    if value not in (None, "ltr", "rtl"):
        raise ContextInvalid("@direction is neither ltr nor rtl")
    return None if value is None else str(value)


def _vocab(active: Active, value: Any) -> str | None:
    if value is None:
        return None
    if type(value) is not str:
        raise ContextInvalid("@vocab is no text")
    found = active.meaning(value)
    if not is_absolute(found):
        raise ContextInvalid("@vocab is no absolute IRI")
    return found
