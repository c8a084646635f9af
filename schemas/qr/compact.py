"""The packing ``ZK1:``: base45 of the dictionary's id and of raw DEFLATE with that preset dictionary.

What is packed is a Key Binding Token, or the SD-CWT of a printed copy; as text outside a code it is base64url of the
same bytes. An agent's text is packed in the form of ``schemas.qr.joined``. Inflating stops at ``MAX_INFLATED``,
whatever the code says.
"""

import zlib
from dataclasses import dataclass

from keys.encoding import b64url_decode, b64url_text
from schemas.qr import base45, joined
from schemas.qr.dictionary import NEWEST, dictionary
from schemas.qr.errors import InflatedTooLarge, MalformedPacking

PREFIX = "ZK1:"
MAX_INFLATED = 65_536
MAX_SINGLE = 970
"""Packed bytes of one code: version 22 at level L. A larger one hardly scans; it is animated (``animation``)."""
_RAW = -15  # RFC 1951 without a wrapper, window of 32 kB


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to deflate; which is the shortest differs from content to content."""

    level: int
    memory: int
    strategy: int


_WAYS = tuple(
    _Way(level, memory, strategy)
    for level in (9, 6)
    for memory in (9, 1)
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED)
)


def deflate(data: bytes, *, number: int = NEWEST) -> bytes:
    """Return ``data`` packed: the dictionary's id in one byte, then the shortest raw DEFLATE stream found."""
    preset = dictionary(number)
    return bytes((number,)) + min((_deflated(data, preset, way) for way in _WAYS), key=len)


def inflate(packed: bytes) -> bytes:
    """Return what ``packed`` stands for.

    Raises:
        UnknownDictionary: the id is not known.
        InflatedTooLarge: more than ``MAX_INFLATED`` bytes; no more than that was made.
        MalformedPacking: not one whole stream, or bytes follow after it.
    """
    if not packed:
        raise MalformedPacking("packing is empty")
    stream = zlib.decompressobj(_RAW, zdict=dictionary(packed[0]))
    try:
        data = stream.decompress(packed[1:], MAX_INFLATED + 1)
    except zlib.error:
        raise MalformedPacking("packing is no DEFLATE stream") from None
    if len(data) > MAX_INFLATED:
        raise InflatedTooLarge(f"content has more than {MAX_INFLATED} bytes")
    if not stream.eof or stream.unused_data:
        raise MalformedPacking("packing is not one whole DEFLATE stream")
    return data


def pack(token: str) -> str:
    """Return what stands in a code after the prefix for a token; raises as ``to_bytes``."""
    return base45.encode(deflate(to_bytes(token)))


def unpack(text: str) -> str:
    """Return the token that ``text`` (without prefix) stands for.

    Raises:
        MalformedBase45, UnknownDictionary, MalformedPacking, InflatedTooLarge: by the step that fails.
    """
    return to_token(inflate(base45.decode(text)))


def to_bytes(token: str) -> bytes:
    """Return what is packed of a token; raises MalformedToken, MalformedPacking."""
    return joined.to_bytes(token) if joined.is_joined(token) else b64url_decode(token)


def to_token(data: bytes) -> str:
    """Return the token that was packed; raises MalformedPacking."""
    return joined.to_text(data) if data[:1] == bytes((joined.MARK,)) else b64url_text(data)


def _deflated(data: bytes, preset: bytes, way: _Way) -> bytes:
    stream = zlib.compressobj(way.level, zlib.DEFLATED, _RAW, way.memory, way.strategy, preset)
    return stream.compress(data) + stream.flush()
