"""Related resources (VCDM 2.0, 5.3): each a URL, once, with a digest; that of a resource on board must be right."""

import base64
import binascii
import re
from typing import Any

from keys import base58
from keys.encoding import b64url_decode
from keys.errors import KeysError
from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.rules.errors import RelatedResourceInvalid, RelatedResourceMismatch
from schemas.formats.jsonld.rules.parts import Document, is_url, objects

# Subresource Integrity, 3.5: one or more hashes; the strongest algorithm named counts.
_SRI = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?[\x21-\x7e]*)?")
_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}
# Multihash: code and size before the digest; 32 bytes without them are read as SHA-256, as published examples have it.
_MULTIHASHES = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}


def related_resources(document: Document, contexts: Contexts) -> None:
    """Check every related resource.

    Raises:
        RelatedResourceInvalid: no URL, the same one twice, no digest, or one that cannot be read.
        RelatedResourceMismatch: the digest is not that of any published text of a resource on board.
    """
    seen: set[str] = set()
    for each in objects(document, "relatedResource", RelatedResourceInvalid):
        url = each.get("id")
        if type(url) is not str or not is_url(url) or url in seen:
            raise RelatedResourceInvalid("a related resource has no URL of its own")
        seen.add(url)
        claimed = [*_sri(each), *_multibase(each)]
        if not claimed:
            raise RelatedResourceInvalid("a related resource has no digest")
        for algorithm, digests in claimed:
            true = on_board.digests(url, algorithm, bases=contexts.bases)
            if true is not None and not true & digests:
                raise RelatedResourceMismatch("the digest of a related resource is not that of the resource on board")


def _sri(resource: dict[str, Any]) -> list[tuple[str, set[bytes]]]:
    if "digestSRI" not in resource:
        return []
    value = resource["digestSRI"]
    found: dict[str, set[bytes]] = {}
    for text in value.split() if type(value) is str else [""]:
        match = _SRI.fullmatch(text)
        if match is None:
            raise RelatedResourceInvalid("digestSRI is no integrity metadata")
        found.setdefault(match[1], set()).add(_base64(match[2], _SIZES[match[1]]))
    if not found:
        raise RelatedResourceInvalid("digestSRI is empty")
    strongest = max(found)
    return [(strongest, found[strongest])]


def _base64(text: str, size: int) -> bytes:
    stripped = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        digest = base64.b64decode(stripped + "=" * (-len(stripped) % 4), validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != size:
        raise RelatedResourceInvalid("digestSRI is no digest of its algorithm")
    return digest


def _multibase(resource: dict[str, Any]) -> list[tuple[str, set[bytes]]]:
    if "digestMultibase" not in resource:
        return []
    value = resource["digestMultibase"]
    try:
        data = _decoded(value) if type(value) is str else b""
    except KeysError:
        data = b""
    algorithm = _MULTIHASHES.get(data[:2])
    if algorithm is not None and len(data) == 2 + _SIZES[algorithm]:
        return [(algorithm, {data[2:]})]
    if len(data) == _SIZES["sha256"]:
        return [("sha256", {data})]
    raise RelatedResourceInvalid("digestMultibase is no multihash in base64url or base58btc")


def _decoded(text: str) -> bytes:
    if text.startswith("u"):
        return b64url_decode(text[1:])
    return base58.decode(text[1:]) if text.startswith("z") else b""
