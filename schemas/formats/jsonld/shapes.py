"""Documents whose shape was met before: what is lost depends on names and kinds, so each shape is judged once.

A certificate has the members of every other certificate of its type. For a shape that is kept, all that is left to look
at are the ids, and the shapes of what is inside. Whatever is rare (a value object, a graph, a fraction, a context
inside) has no shape, and the document is read as a whole.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.formats.jsonld import tables
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.tables import Becomes, Member, Table

MAX_DEPTH = 8
MAX_ITEMS = 256
_MAX_CONTEXTS = 16
_MAX_MEMBERS = 128
_MAX_TYPES = 16
_ATOMS = frozenset({str, int, bool})
_READ = frozenset({Becomes.TEXT, Becomes.LITERAL, Becomes.ID})
_USUAL = frozenset({"@id", "@type", "@context"})

Read = list[tuple[str, Table]]
"""Members, each with the table to read its value by."""


class Shape(NamedTuple):
    """What is left to look at in a node: members whose text means an IRI, that hold an object, that hold an array.

    An array may hold texts or objects; in ``arrays`` objects alone, because its texts would mean IRIs.
    """

    ids: Read
    nodes: Read
    lists: Read
    arrays: Read


class _Rare(Exception):
    """A node has no shape; raised and not returned, so that no stranger's names are kept."""


def loses_nothing(document: Mapping[str, Any], board: Contexts) -> bool:
    """Tell whether the document certainly loses nothing; False says that it has to be read as a whole.

    Raises:
        ContextError; DataLoss for what shows by then.
    """
    context = document.get("@context")
    if type(context) is not list or len(context) > _MAX_CONTEXTS or not all(type(url) is str for url in context):
        return False
    try:
        _node(document, tables.root(board, context), MAX_DEPTH)
    except _Rare:
        return False
    return True


def _node(element: Mapping[str, Any], table: Table, left: int) -> None:
    # A value object, and a reference, which is read by another table, have no shape.
    if not left or not 1 < len(element) <= _MAX_MEMBERS or not table.values.isdisjoint(element):
        raise _Rare
    names, kinds = tuple(element), tuple(map(type, element.values()))
    types, whole = _types(element, table), left == MAX_DEPTH
    shape = table.shapes.get((names, kinds, types, whole))
    if shape is None:
        shape = _shape(table, names, kinds, types, whole)
        if table.family.grow(len(names) + len(types)):
            table.shapes[names, kinds, types, whole] = shape
    for name, by in shape.ids:
        by.id(element[name])
    for name, by in shape.nodes:
        _node(element[name], by, left - 1)
    for name, by in shape.lists:
        _list(element[name], by, left - 1, texts=True)
    for name, by in shape.arrays:
        _list(element[name], by, left - 1, texts=False)


def _types(element: Mapping[str, Any], table: Table) -> tuple[str, ...]:
    types: list[Any] = []
    for alias in table.types:
        value = element.get(alias, ())
        types += value if type(value) is list or value == () else (value,)
    if len(types) > _MAX_TYPES:
        raise _Rare
    for name in types:
        if type(name) is not str:
            raise _Rare
    return tuple(types)


def _list(items: list[Any], by: Table, left: int, *, texts: bool) -> None:
    if not items or len(items) > MAX_ITEMS:
        raise _Rare
    for item in items:
        if type(item) is dict:
            _node(item, by, left)
        elif type(item) is not str or not texts:
            raise _Rare


def _shape(table: Table, names: tuple[str, ...], kinds: tuple[type, ...], types: tuple[str, ...], whole: bool) -> Shape:
    """Return what is left to look at; raises _Rare, and DataLoss for a name or type that is lost."""
    if not all(name in table.active.terms for name in types):
        raise _Rare
    for name in types:
        table.type(name)
    inner = table.typed(list(types))
    members = {name: inner.member(name) for name in names}
    _check_keywords(table, members, types, whole=whole)
    if any(member.keyword == "@id" and kind is not str for member, kind in zip(members.values(), kinds, strict=True)):
        raise _Rare
    shape = Shape([], [], [], [])
    for (name, member), kind in zip(members.items(), kinds, strict=True):
        _place(shape, name, member, kind, inner)
    return shape


def _place(shape: Shape, name: str, member: Member, kind: type, inner: Table) -> None:
    if member.becomes is Becomes.KEYWORD:
        if member.keyword == "@id":
            shape.ids.append((name, inner))
        return
    if name not in inner.active.terms or member.graph or member.becomes not in _READ:
        raise _Rare
    means_iri = member.becomes is Becomes.ID
    if kind is list:
        arrays = shape.arrays if means_iri else shape.lists
        arrays.append((name, inner.outer.scoped(member.context)))
    elif kind is dict and not member.listed:
        shape.nodes.append((name, inner.outer.scoped(member.context)))
    elif means_iri and kind is str and not member.listed:
        shape.ids.append((name, inner.scoped(member.context)))
    elif means_iri or kind not in _ATOMS:
        raise _Rare


def _check_keywords(table: Table, members: Mapping[str, Member], types: tuple[str, ...], *, whole: bool) -> None:
    named = [(name, member.keyword) for name, member in members.items() if member.becomes is Becomes.KEYWORD]
    keywords = {keyword for _, keyword in named}
    typed = [name for name, keyword in named if keyword == "@type"]
    if len(keywords) < len(named) or not keywords <= _USUAL or ("@context" in keywords) is not whole:
        raise _Rare
    if not set(typed) <= set(table.types) or (not types and (typed or len(named) == len(members))):
        raise _Rare
