"""RDF statements as N-Quads, in the canonical form of RDFC-1.0, 5 and RDF 1.1 N-Quads, 4.

A quad is four texts as N-Quads writes them: subject, predicate, object, graph; the graph is empty for the default one.
"""

import re
from collections.abc import Iterable

from schemas.formats.jsonld.errors import IriInvalid, MalformedNQuads, ValueDropped

Quad = tuple[str, str, str, str]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = f"<{RDF}type>"

# Canonical N-Quads, 4: these are written as ECHAR or UCHAR, everything else as itself.
_NAMED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPES = str.maketrans({chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | _NAMED)
_ESCAPED = re.compile(r'[\x00-\x1f"\\\x7f]')
# N-Quads IRIREF; RFC 3987 has no spaces, controls or these delimiters either.
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_BLANK = r"_:([A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_:-])?)"
_IRI = r"<[^\x00-\x20<>\"{}|^`\\]*>"
_LITERAL = rf'"(?:[^"\\\n\r]|\\.)*"(?:\^\^{_IRI}|@[A-Za-z]+(?:-[A-Za-z0-9]+)*)?'
_LINE = re.compile(rf"({_IRI}|{_BLANK}) ({_IRI}) ({_IRI}|{_BLANK}|{_LITERAL})(?: ({_IRI}|{_BLANK}))? \.\n?")


def iri(value: str) -> str:
    """Return an IRI as N-Quads writes it; raises IriInvalid for characters that no IRI has."""
    if _NOT_IN_IRI.search(value):
        raise IriInvalid("an IRI holds characters that no IRI has")
    return f"<{value}>"


def escape(text: str) -> str:
    """Return a literal's text as canonical N-Quads writes it between the quotation marks."""
    return text.translate(_ESCAPES) if _ESCAPED.search(text) else text


def literal(value: str, datatype: str = "", language: str = "") -> str:
    """Return a literal in canonical form; ``datatype`` without a value, or ``xsd:string``, is left out."""
    text = escape(value)
    if language:
        return f'"{text}"@{language}'
    if datatype in {"", f"{XSD}string"}:
        return f'"{text}"'
    return f'"{text}"^^{iri(datatype)}'


def line(quad: Quad) -> str:
    """Return one canonical line with its end."""
    subject, predicate, value, graph = quad
    return f"{subject} {predicate} {value} {graph} .\n" if graph else f"{subject} {predicate} {value} .\n"


def document(lines: Iterable[str]) -> bytes:
    """Return lines as one document; raises ValueDropped for text that is no Unicode (half a surrogate pair)."""
    try:
        return "".join(lines).encode()
    except UnicodeEncodeError:
        raise ValueDropped("a text holds half a surrogate pair") from None


def parse(lines: Iterable[str]) -> list[Quad]:
    """Return the quads of lines in canonical form (single spaces, no comments); raises MalformedNQuads."""
    return [_parse(each) for each in lines]


def _parse(text: str) -> Quad:
    found = _LINE.fullmatch(text)
    if found is None:
        raise MalformedNQuads("a line is no N-Quads statement in canonical form")
    return found[1], found[3], found[4], found[6] or ""
