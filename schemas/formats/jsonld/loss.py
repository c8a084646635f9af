"""Data loss is an error: what JSON-LD would drop in silence would be read by people and signed by nobody.

The processors that are about drop undefined terms, undefined types, relative ids, nulls and empty arrays without a
word. Here each has an error of its own, for credentials and presentations, when issuing and when verifying.
"""

from collections.abc import Mapping
from typing import Any

from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld import shapes
from schemas.formats.jsonld.compiled import Walk
from schemas.formats.jsonld.contexts import Contexts


def check_no_loss(document: Mapping[str, Any], *, contexts: Contexts | None = None) -> None:
    """Return if every member, type, id and value of a document reaches RDF.

    Raises:
        TermUndefined, TermNull, TypeUndefined, IdRelative, IriInvalid, ValueDropped: what would be dropped.
        ContextUnknown, ContextInvalid, ProtectedTermRedefined: of the contexts.
        JsonLdUnsupported, JsonLdTooLarge.
    """
    board = contexts or on_board.for_document(document)
    if not shapes.loses_nothing(document, board):
        Walk(board).document(document)
