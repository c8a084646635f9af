"""CBOR that is refused rather than guessed at: deterministic encoding alone (RFC 8949, 4.2.1), within limits.

The bytes are walked once before ``cbor2`` makes values of them, in time linear in their number: no argument that they
name is believed before the bytes are there. So every value has one encoding, and every map one reading.
"""

import struct
from collections.abc import Callable
from typing import Any

import cbor2

from schemas.formats.cose.errors import (
    CborDuplicateKey,
    CborIndefiniteLength,
    CborKeyOrder,
    CborKeyRefused,
    CborNotShortest,
    CborNotWritable,
    CborTooDeep,
    CborTooLarge,
    CborTooManyItems,
    CborTrailingBytes,
    MalformedCbor,
)

MAX_BYTES = 262_144  # a certificate with a portrait of 20 kB stays under a tenth of it
MAX_DEPTH = 16  # a certificate's claims nest 6 deep, tags included
MAX_ITEMS = 16_384
_BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(2, 7)
_STRINGS = (_BYTES, _TEXT)
# Additional information 24 to 27 (RFC 8949, 3): what has to be reached so that a shorter argument would not do.
_LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_NAN = b"\xf9\x7e\x00"
_PLAIN = frozenset({str, bytes, bool, type(None), cbor2.CBORSimpleValue, type(cbor2.undefined)})
_KEYS = frozenset({int, str, bytes, cbor2.CBORSimpleValue})


def loads_strict(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_items: int = MAX_ITEMS,
    any_order: bool = False,
) -> Any:
    """Return the value of ``data``: Python's own kinds, CBORTag, CBORSimpleValue and ``cbor2.undefined``.

    Every tag comes as a CBORTag, dates and big integers too. A map's keys are integers, texts, bytes or unassigned
    simple values, so that no two of them are equal in Python. ``any_order`` takes them in any order, for tokens of
    strangers whose format asks for less than RFC 8949, 4.2.1; all else stays as strict.

    Raises:
        CborTooLarge, CborTooDeep, CborTooManyItems: over a limit; a tag counts as a level and as an item.
        CborIndefiniteLength, CborNotShortest, CborKeyOrder, CborDuplicateKey: not the deterministic encoding.
        CborKeyRefused: another kind of key.
        CborTrailingBytes, MalformedCbor: not one whole item.
    """
    if len(data) > max_bytes:
        raise CborTooLarge(f"item has {len(data)} bytes, limit {max_bytes}")
    end = _Walk(data, max_items, any_order).item(0, max_depth)
    if end != len(data):
        raise CborTrailingBytes(f"{len(data) - end} bytes follow after the item")
    try:
        return cbor2.loads(data, semantic_decoders=_TAGS_AS_THEY_ARE, max_depth=max_depth + 1)
    except cbor2.CBORDecodeError:  # whose text would repeat what stands there
        raise MalformedCbor("text is not UTF-8") from None


def dumps(value: Any) -> bytes:
    """Return ``value`` in deterministic encoding (RFC 8949, 4.2.1); ``loads_strict`` gives it back.

    Raises:
        CborNotWritable: another kind of value or key than ``loads_strict`` gives, or an integer of more than 64 bits.
        CborTooDeep: nested deeper than ``MAX_DEPTH``.
    """
    try:
        return cbor2.dumps(_ordered(value, MAX_DEPTH), encoders=_ENCODERS)
    except UnicodeEncodeError:
        raise CborNotWritable("text holds half of a surrogate pair") from None


class _Walk:
    """One pass over the bytes; ``item`` returns where the item that starts at ``at`` ends."""

    __slots__ = ("any_order", "data", "items")

    def __init__(self, data: bytes, items: int, any_order: bool) -> None:
        self.data = data
        self.items = items
        self.any_order = any_order

    def item(self, at: int, depth: int) -> int:
        self.items -= 1
        if self.items < 0:
            raise CborTooManyItems("item holds more data items than the limit")
        if at >= len(self.data):
            raise MalformedCbor("bytes end early")
        first = self.data[at]
        major, argument = first >> 5, first & 31
        at += 1
        if argument > 23:
            argument, at = self.argument(major, argument, at)
        if major in _STRINGS:
            if argument > len(self.data) - at:
                raise MalformedCbor("bytes end early")
            return at + argument
        return self.container(major, argument, at, depth) if _ARRAY <= major <= _TAG else at

    def argument(self, major: int, info: int, at: int) -> tuple[int, int]:
        if info == 31 and _BYTES <= major <= _MAP:
            raise CborIndefiniteLength("a length is indefinite")
        if info > 27:
            raise MalformedCbor("an initial byte has no meaning")
        raw = self.data[at : at + (1 << info - 24)]
        if len(raw) != 1 << info - 24:
            raise MalformedCbor("bytes end early")
        value = int.from_bytes(raw, "big")
        if major == 7:
            _check_special(info, raw)
        elif value < _LEAST[info]:
            raise CborNotShortest("an integer or a length is not in its shortest form")
        return value, at + len(raw)

    def container(self, major: int, count: int, at: int, depth: int) -> int:
        if depth == 0:
            raise CborTooDeep("item nests deeper than the limit")
        if major == _TAG:
            return self.item(at, depth - 1)
        if major == _MAP:
            return self.map(count, at, depth - 1)
        for _ in range(count):
            at = self.item(at, depth - 1)
        return at

    def map(self, count: int, at: int, depth: int) -> int:
        keys: set[bytes] = set()
        last = b""
        for _ in range(count):
            end = self.item(at, depth)
            key = self.data[at:end]
            # Encodings are the shortest already, so equal keys are equal bytes.
            if key in keys:
                raise CborDuplicateKey("a map holds a key twice")
            if key < last and not self.any_order:
                raise CborKeyOrder("a map's keys are not in bytewise order")
            if key[0] >> 5 > _TEXT:
                _check_simple_key(key, keys)
            elif self.any_order and key[0] >> 5 == 0:
                _check_number_key(key, keys)
            keys.add(key)
            last = key
            at = self.item(end, depth)
        return at


def _check_simple_key(key: bytes, before: set[bytes]) -> None:
    first = key[0]
    if not (0xE0 <= first < 0xF4 or first == 0xF8):
        raise CborKeyRefused("a key is neither integer, text, bytes nor an unassigned simple value")
    # cbor2 takes simple(59) and 59 for equal: one would overwrite the other.
    if (bytes((first & 31,)) if first < 0xF8 else b"\x18" + key[1:]) in before:
        raise CborKeyRefused("a key is a simple value whose number is a key as well")


def _check_number_key(key: bytes, before: set[bytes]) -> None:
    # The other way round: out of order, the simple value may come first.
    if (bytes((0xE0 | key[0],)) if len(key) == 1 else b"\xf8" + key[1:]) in before:
        raise CborKeyRefused("a key is a number that is the number of a simple value before it")


def _check_special(info: int, raw: bytes) -> None:
    if info == 24:
        if raw[0] < 32:  # 3.3: such a simple value has a shorter form, and the longer one is not well formed
            raise MalformedCbor("a simple value is not in its only form")
    elif _float(*struct.unpack(_FLOATS[info], raw))[1:] != raw:
        raise CborNotShortest("a float is not in its shortest form")


def _float(value: float) -> bytes:
    # 4.2.1 and 4.2.2: the shortest of the three forms that keeps the value, and one NaN.
    if value != value:
        return _NAN
    for first, form in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            raw = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, raw)[0] == value:
            return first + raw
    return b"\xfb" + struct.pack(">d", value)


def _ordered(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind in _PLAIN or kind is float:
        return value
    if kind is int:
        if not -(2**64) <= value < 2**64:
            raise CborNotWritable("an integer has more than 64 bits")
        return value
    if depth == 0:
        raise CborTooDeep("value nests deeper than the limit")
    if kind is list or kind is tuple:
        return [_ordered(item, depth - 1) for item in value]
    if kind is dict:
        return {key: _ordered(value[key], depth - 1) for key in sorted(value, key=_key_bytes)}
    if kind is cbor2.CBORTag:
        return cbor2.CBORTag(value.tag, _ordered(value.value, depth - 1))
    raise CborNotWritable("a value is of a kind that is not written")


def _key_bytes(key: Any) -> bytes:
    if type(key) not in _KEYS:
        raise CborNotWritable("a key is neither integer, text, bytes nor simple value")
    return cbor2.dumps(_ordered(key, 0))


_ENCODERS: dict[type, Callable[[cbor2.CBOREncoder, Any], Any]] = {
    float: lambda encoder, value: encoder.write(_float(value))
}


class _TagsAsTheyAre(dict[int, Callable[[Any, bool], Any]]):
    """A decoder for every tag there is: cbor2 makes dates, numbers, references and sets of those that it knows."""

    def __missing__(self, number: int) -> Callable[[Any, bool], Any]:
        return lambda content, _immutable: cbor2.CBORTag(number, content)


_TAGS_AS_THEY_ARE = _TagsAsTheyAre()
