"""Token Status List (draft-ietf-oauth-status-list), 4: many statuses of 1, 2, 4 or 8 bits, compressed.

statuses = StatusList.from_statuses({17: 1, 4711: 2}, bits=2, size=1 << 20)
text = statuses.encoded()                       # the member ``lst``
StatusList.from_encoded(text, bits=2)[4711]     # 2
"""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken
from schemas.formats.errors import (
    StatusBitsInvalid,
    StatusIndexOutOfBounds,
    StatusListMalformed,
    StatusListTooLarge,
    StatusValueInvalid,
)

MAX_BYTES = 8 << 20
"""The most bytes that a list may inflate to: 2^25 statuses of 2 bits."""
_LEVEL = 9  # 4.1, step 4: the highest level
# bits -> (how far to shift an index for its byte, mask of the position within the byte, log2 of bits)
_SHAPES = {1: (3, 7, 0), 2: (2, 3, 1), 4: (1, 1, 2), 8: (0, 0, 3)}


class StatusList:
    """The statuses of the indexes 0 to ``len() - 1``; immutable."""

    __slots__ = ("_position", "_to_bit", "_to_byte", "_top", "bits", "packed")

    def __init__(self, packed: bytes, *, bits: int) -> None:
        """Take the byte array as it is (4.1, step 3); raises StatusBitsInvalid."""
        self._to_byte, self._position, self._to_bit = _shape(bits)
        self.bits = bits
        self.packed = packed
        self._top = (1 << bits) - 1

    @classmethod
    def from_statuses(cls, statuses: Mapping[int, int], *, bits: int, size: int) -> "StatusList":
        """Return the list of ``size`` entries that are 0 but for ``statuses`` (index → value).

        Raises:
            StatusBitsInvalid, StatusIndexOutOfBounds, StatusValueInvalid.
        """
        to_byte, position, to_bit = _shape(bits)
        if statuses and (min(statuses) < 0 or max(statuses) >= size):
            raise StatusIndexOutOfBounds(f"an index lies outside 0 to {size - 1}")
        if not set(statuses.values()) <= set(range(1 << bits)):
            raise StatusValueInvalid(f"a status does not fit into {bits} bits")
        packed = bytearray((size * bits + 7) >> 3)
        for index, value in statuses.items():
            packed[index >> to_byte] |= value << ((index & position) << to_bit)
        return cls(bytes(packed), bits=bits)

    @classmethod
    def from_encoded(cls, text: str, *, bits: int, max_bytes: int = MAX_BYTES) -> "StatusList":
        """Return the list of a member ``lst``.

        Raises:
            StatusBitsInvalid: ``bits`` is not 1, 2, 4 or 8.
            StatusListMalformed: not base64url of one whole ZLIB stream.
            StatusListTooLarge: it inflates to more than ``max_bytes``; no more than that is ever inflated.
        """
        _shape(bits)
        try:
            compressed = b64url_decode(text)
        except MalformedToken as exc:
            raise StatusListMalformed("lst is not base64url") from exc
        return cls.from_compressed(compressed, bits=bits, max_bytes=max_bytes)

    @classmethod
    def from_compressed(cls, compressed: bytes, *, bits: int, max_bytes: int = MAX_BYTES) -> "StatusList":
        """Return the list of a CBOR member ``lst``: the ZLIB stream itself; raises as ``from_encoded``."""
        _shape(bits)
        return cls(inflate(compressed, max_bytes=max_bytes), bits=bits)

    def encoded(self, *, quick: bool = False) -> str:
        """Return the member ``lst`` of JSON: base64url of the ZLIB stream (``compressed``)."""
        return b64url_text(self.compressed(quick=quick))

    def compressed(self, *, quick: bool = False) -> bytes:
        """Return the member ``lst`` of CBOR: the ZLIB stream.

        ``quick`` looks for runs alone. For a million statuses of 2 bits with 1 % set that is 100 times quicker (0.5 ms
        for 57), 8 % larger, and inflates in 0.4 ms for 0.2; from 5 % on it is smaller too. Any inflater reads both.
        """
        strategy = zlib.Z_RLE if quick else zlib.Z_DEFAULT_STRATEGY
        stream = zlib.compressobj(_LEVEL, strategy=strategy)
        return stream.compress(self.packed) + stream.flush()

    def __len__(self) -> int:
        return (len(self.packed) << 3) // self.bits

    def __getitem__(self, index: int) -> int:
        """Return the status at ``index``; raises StatusIndexOutOfBounds (8.3), also for a negative one."""
        if index < 0:
            raise StatusIndexOutOfBounds("index is negative")
        try:
            return self.packed[index >> self._to_byte] >> ((index & self._position) << self._to_bit) & self._top
        except IndexError:
            raise StatusIndexOutOfBounds(f"index lies outside a list of {len(self)} entries") from None

    def at(self, indexes: Iterable[int]) -> list[int]:
        """Return the statuses at ``indexes``, quicker than one by one; raises StatusIndexOutOfBounds."""
        wanted = indexes if isinstance(indexes, list | tuple) else list(indexes)
        if wanted and not 0 <= min(wanted) <= max(wanted) < len(self):
            raise StatusIndexOutOfBounds(f"an index lies outside a list of {len(self)} entries")
        packed, to_byte, position, to_bit, top = self.packed, self._to_byte, self._position, self._to_bit, self._top
        return [packed[index >> to_byte] >> ((index & position) << to_bit) & top for index in wanted]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StatusList) and (self.bits, self.packed) == (other.bits, other.packed)

    def __hash__(self) -> int:
        return hash((self.bits, self.packed))

    def __repr__(self) -> str:
        return f"StatusList({len(self)} entries of {self.bits} bits)"


def inflate(compressed: bytes, *, max_bytes: int) -> bytes:
    """Return what the ZLIB stream holds, never more than ``max_bytes``.

    Raises:
        StatusListMalformed: no ZLIB stream, cut short, or followed by other bytes.
        StatusListTooLarge: more than ``max_bytes``.
    """
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(compressed, max_bytes + 1)
    except zlib.error as exc:
        raise StatusListMalformed("list is no ZLIB stream") from exc
    if len(data) > max_bytes:
        raise StatusListTooLarge(f"list inflates to more than {max_bytes} bytes")
    if not stream.eof or stream.unused_data:
        raise StatusListMalformed("list is not one whole ZLIB stream")
    return data


def _shape(bits: Any) -> tuple[int, int, int]:
    if type(bits) is not int or bits not in _SHAPES:
        raise StatusBitsInvalid("bits is not 1, 2, 4 or 8")
    return _SHAPES[bits]
