"""Documents generated from the types: JSON Schema, SD-JWT VC type metadata, SVG cards, JSON-LD contexts.

Every function is pure and its result depends on the type (and the public URL) alone, so that two servers publish the
same bytes. ``document_bytes`` is the one way to write them.
"""

from typing import Any

import orjson

from schemas.generate.json_schema import claims_schema, credential_schema
from schemas.generate.jsonld_terms import jsonld_context
from schemas.generate.svg_card import LOCALES, svg_card
from schemas.generate.type_metadata import card_uri, type_metadata

__all__ = [
    "LOCALES",
    "card_uri",
    "claims_schema",
    "credential_schema",
    "document_bytes",
    "jsonld_context",
    "svg_card",
    "type_metadata",
]


def document_bytes(document: dict[str, Any]) -> bytes:
    """Return a generated JSON document as the bytes that are published: UTF-8, two spaces, one newline at the end."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
