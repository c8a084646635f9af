"""Bitstring Status List (W3C, 1.0): statuses of one purpose as a GZIP-compressed bitstring in a credential.

bits = Bitstring.from_statuses({17: 1}, length=1 << 20)
text = bits.encoded()                           # the member ``encodedList``
Bitstring.from_encoded(text)[17]                # 1

A bitstring is read from the left: index 0 is the highest bit of the first byte, the other way round than in a Token
Status List.
"""

import zlib
from collections.abc import Iterator, Mapping

from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken
from schemas.formats.errors import (
    BitstringTooShort,
    StatusBitsInvalid,
    StatusIndexOutOfBounds,
    StatusListMalformed,
    StatusListTooLarge,
    StatusValueInvalid,
)

MIN_ENTRIES = 131_072
"""The fewest entries of a list (2.2 and 3.2): 16 KB of one bit each, so that one credential hides among many."""
MAX_BYTES = 8 << 20
MAX_TEXT = 4 << 20
"""The most characters of ``encodedList``: a list of 2^20 random entries of 16 bits stays under it."""
MAX_SIZE = 16
"""The most bits of an entry that are read; with more of them nobody would find the message."""
_MULTIBASE = "u"  # base64url without padding
_GZIP = 31  # zlib's wbits for a GZIP stream (RFC 1952)
_LEVEL = 9


class Bitstring:
    """The statuses of the indexes 0 to ``len() - 1``, ``size`` bits each; immutable."""

    __slots__ = ("packed", "size")

    def __init__(self, packed: bytes, *, size: int = 1) -> None:
        """Take the bytes as they are; raises StatusBitsInvalid for a size outside 1 to ``MAX_SIZE``."""
        if type(size) is not int or not 1 <= size <= MAX_SIZE:
            raise StatusBitsInvalid(f"size is not a whole number from 1 to {MAX_SIZE}")
        self.packed = packed
        self.size = size

    @classmethod
    def from_statuses(cls, statuses: Mapping[int, int], *, length: int, size: int = 1) -> "Bitstring":
        """Return the list of ``length`` entries, or of ``MIN_ENTRIES`` if that is more; 0 but for ``statuses``.

        Raises:
            StatusBitsInvalid, StatusIndexOutOfBounds, StatusValueInvalid.
        """
        cls(b"", size=size)
        if statuses and (min(statuses) < 0 or max(statuses) >= length):
            raise StatusIndexOutOfBounds(f"an index lies outside 0 to {length - 1}")
        if not set(statuses.values()) <= set(range(1 << size)):
            raise StatusValueInvalid(f"a status does not fit into {size} bits")
        packed = bytearray((max(length, MIN_ENTRIES) * size + 7) >> 3)
        if 8 % size == 0:
            _fill(packed, statuses, size)
        else:  # an entry may stand in two or three bytes
            for position in _set_bits(statuses, size):
                packed[position >> 3] |= 128 >> (position & 7)
        return cls(bytes(packed), size=size)

    @classmethod
    def from_encoded(cls, text: str, *, size: int = 1, max_bytes: int = MAX_BYTES) -> "Bitstring":
        """Return the bitstring of ``encodedList`` (3.4).

        Raises:
            StatusListMalformed: not multibase base64url (``u``) of one whole GZIP stream.
            StatusListTooLarge: longer than ``MAX_TEXT``, or expands to more than ``max_bytes``; no more than that is
                ever expanded.
            BitstringTooShort: fewer than ``MIN_ENTRIES`` entries.
            StatusBitsInvalid: as the constructor.
        """
        if len(text) > MAX_TEXT:
            raise StatusListTooLarge(f"encodedList has more than {MAX_TEXT} characters")
        if not text.startswith(_MULTIBASE):
            raise StatusListMalformed("encodedList is not multibase in base64url")
        try:
            compressed = b64url_decode(text[1:])
        except MalformedToken as exc:
            raise StatusListMalformed("encodedList is not base64url") from exc
        read = cls(_expand(compressed, max_bytes), size=size)
        if len(read) < MIN_ENTRIES:
            raise BitstringTooShort(f"list has {len(read)} entries, expected {MIN_ENTRIES} at least")
        return read

    def encoded(self, *, quick: bool = False) -> str:
        """Return ``encodedList`` (3.3): ``u`` and base64url of the GZIP stream, the same for the same statuses.

        ``quick`` looks for runs alone, 100 times quicker: as for ``StatusList.compressed``.
        """
        strategy = zlib.Z_RLE if quick else zlib.Z_DEFAULT_STRATEGY
        stream = zlib.compressobj(_LEVEL, wbits=_GZIP, strategy=strategy)
        return _MULTIBASE + b64url_text(stream.compress(self.packed) + stream.flush())

    def with_size(self, size: int) -> "Bitstring":
        """Return the same bytes read as entries of ``size`` bits; raises StatusBitsInvalid, BitstringTooShort."""
        other = Bitstring(self.packed, size=size)
        if len(other) < MIN_ENTRIES:
            raise BitstringTooShort(f"list has {len(other)} entries of {size} bits, expected {MIN_ENTRIES} at least")
        return other

    def __len__(self) -> int:
        return (len(self.packed) << 3) // self.size

    def __getitem__(self, index: int) -> int:
        """Return the status at ``index``; raises StatusIndexOutOfBounds (RANGE_ERROR), also for a negative one."""
        if not 0 <= index < len(self):
            raise StatusIndexOutOfBounds(f"index lies outside a list of {len(self)} entries")
        start = index * self.size
        end = start + self.size
        last = (end + 7) >> 3
        window = int.from_bytes(self.packed[start >> 3 : last], "big")
        return window >> ((last << 3) - end) & ((1 << self.size) - 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bitstring) and (self.size, self.packed) == (other.size, other.packed)

    def __hash__(self) -> int:
        return hash((self.size, self.packed))

    def __repr__(self) -> str:
        return f"Bitstring({len(self)} entries of {self.size} bits)"


def _fill(packed: bytearray, statuses: Mapping[int, int], size: int) -> None:
    top = 8 - size
    for index, value in statuses.items():
        position = index * size
        packed[position >> 3] |= value << (top - (position & 7))


def _set_bits(statuses: Mapping[int, int], size: int) -> Iterator[int]:
    top = size - 1
    for index, value in statuses.items():
        yield from (index * size + bit for bit in range(size) if value >> (top - bit) & 1)


def _expand(compressed: bytes, max_bytes: int) -> bytes:
    stream = zlib.decompressobj(wbits=_GZIP)
    try:
        data = stream.decompress(compressed, max_bytes + 1)
    except zlib.error as exc:
        raise StatusListMalformed("encodedList is no GZIP stream") from exc
    if len(data) > max_bytes:
        raise StatusListTooLarge(f"encodedList expands to more than {max_bytes} bytes")
    if not stream.eof or stream.unused_data:
        raise StatusListMalformed("encodedList is not one whole GZIP stream")
    return data
