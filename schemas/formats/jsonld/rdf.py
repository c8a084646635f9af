"""The general way from a JSON-LD document to canonical N-Quads: expansion and RDF by PyLD, RDFC-1.0 by ``rdfc10``.

    data = rdf.canonical(document)                       # bytes: sorted canonical N-Quads
    quads = rdf.to_quads(document)                       # RDF, blank nodes labelled b0, b1, ...

PyLD comes with the extra ``jsonld`` and is loaded at the first use. It never fetches: contexts come from
``contexts.Contexts`` alone. What it would drop in silence is refused beforehand by ``canonical``, and by nobody in the
other functions, which ecdsa-sd-2023 calls with documents that were checked.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld import rdfc10
from schemas.formats.jsonld.compiled import Walk
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.errors import ContextInvalid, JsonLdError, JsonLdProcessorMissing, ValueDropped
from schemas.formats.jsonld.quads import RDF, Quad, iri, literal

# How a text's direction is written (JSON-LD 1.1 API, 7.3): left out, it would be lost.
_OPTIONS = {"base": "", "rdfDirection": "i18n-datatype"}
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError)
"""What PyLD raises beside its own errors on input that is no JSON-LD."""


def canonical(document: Mapping[str, Any], *, contexts: Contexts | None = None, algorithm: str = "sha256") -> bytes:
    """Return the canonical N-Quads of a document.

    Args:
        contexts: what may be referred to; by default W3C's contexts, and ours under the issuer's public URL.
        algorithm: the hash of RDFC-1.0, ``sha256`` or ``sha384``.

    Raises:
        ContextError, DataLoss, JsonLdUnsupported, JsonLdTooLarge, PoisonGraph, JsonLdProcessorMissing.
    """
    board = contexts or on_board.for_document(document)
    walk = Walk(board)
    walk.document(document)
    found = rdfc10.canonicalize(to_quads(document, contexts=board), algorithm=algorithm)
    # PyLD takes two values for one that differ by their direction alone, and drops the second; nothing may go that way.
    if len(found.lines) != len(set(walk.quads)):
        raise ValueDropped(f"document says {len(set(walk.quads))} things, of which {len(found.lines)} were kept")
    return found.data


def to_quads(document: Any, *, contexts: Contexts | None = None) -> list[Quad]:
    """Return a document, compact or expanded, as quads.

    What JSON-LD drops is dropped: ask ``loss.check_no_loss`` first.

    Raises:
        ContextUnknown, ContextInvalid, IriInvalid, JsonLdProcessorMissing.
    """
    dataset = _run("to_rdf", document, contexts)
    return [
        (_node(triple["subject"]), _node(triple["predicate"]), _object(triple["object"]), _graph(name))
        for name, triples in dataset.items()
        for triple in triples
    ]


def expand(document: Mapping[str, Any], *, contexts: Contexts | None = None) -> list[Any]:
    """Return the expanded document (JSON-LD 1.1 API, 5.1); raises as ``to_quads``."""
    expanded: list[Any] = _run("expand", document, contexts)
    return expanded


def compact(expanded: list[Any], context: Any, *, contexts: Contexts | None = None) -> dict[str, Any]:
    """Return an expanded document in the terms of ``context`` (JSON-LD 1.1 API, 6.1); raises as ``to_quads``."""
    compacted: dict[str, Any] = _run("compact", expanded, contexts, context)
    return compacted


def _run(name: str, document: Any, contexts: Contexts | None, *arguments: Any) -> Any:
    jsonld = _pyld()
    board = contexts or (on_board.for_document(document) if isinstance(document, Mapping) else Contexts())

    def load(url: str, _: Any) -> dict[str, Any]:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": board.document(url),
        }

    options: dict[str, Any] = {"documentLoader": load, **_OPTIONS}
    try:
        if not _only_urls(document):
            options["contextResolver"] = _resolver({}, load)
        return getattr(jsonld, name)(document, *arguments, options)
    except jsonld.JsonLdError as error:
        raise _ours(error) from None
    except _BROKEN:
        raise ContextInvalid("the document is no JSON-LD") from None


def _only_urls(value: Any) -> bool:
    """Tell whether a document brings no context of its own, so that PyLD may keep for ever what its contexts mean.

    What it keeps it counts, and does not weigh: a hundred contexts of a stranger, each as it is after ten others.
    """
    if type(value) is list:
        return all(map(_only_urls, value))
    if type(value) is not dict:
        return True
    context = value.get("@context", [])
    each = context if type(context) is list else [context]
    return all(type(url) is str for url in each) and all(map(_only_urls, value.values()))


def _resolver(kept: dict[str, Any], load: Any) -> Any:
    from pyld.context_resolver import ContextResolver

    return ContextResolver(kept, load)


def _ours(error: Any) -> JsonLdError:
    cause = error
    while cause is not None and not isinstance(cause, JsonLdError):
        cause = cause.__cause__
    return cause or ContextInvalid(f"not JSON-LD: {error.code}")


@cache
def _pyld() -> Any:
    try:
        from pyld import jsonld
    except ImportError:
        raise JsonLdProcessorMissing("this document needs the extra jsonld (PyLD)") from None
    return jsonld


def _node(term: Mapping[str, str]) -> str:
    return term["value"] if term["type"] == "blank node" else iri(term["value"])


def _graph(name: str) -> str:
    if name == "@default":
        return ""
    return name if name.startswith("_:") else iri(name)


def _object(term: Mapping[str, str]) -> str:
    if term["type"] != "literal":
        return _node(term)
    datatype = term["datatype"]
    language = term.get("language", "") if datatype == f"{RDF}langString" else ""
    return literal(term["value"], datatype, language)
