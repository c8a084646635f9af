"""Base45 (RFC 9285): bytes in the alphanumeric mode of a QR code, two in three characters.

All groups are worked on at once: each has a lane of 32 bits in one long integer, and no lane overflows into the next.
"""

from schemas.qr.errors import MalformedBase45

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_NO_VALUE = 0xFF
_VALUES = bytes(ALPHABET.find(chr(code)) & _NO_VALUE for code in range(256))  # not found is -1
_CHARACTERS = ALPHABET.encode().ljust(256)
_LANE = 4
_RECIPROCAL, _SHIFT = 46_604, 21  # n * 46604 >> 21 is n // 45 for every n below 2^16


def encode(data: bytes) -> str:
    """Return ``data`` in base45."""
    whole = len(data) // 2
    values = _lanes(data[: whole * 2 : 2]) << 8 | _lanes(data[1 : whole * 2 : 2])
    rest = _quotient(values, whole)
    high = _quotient(rest, whole)
    out = bytearray(whole * 3)
    for place, digits in enumerate((values - 45 * rest, rest - 45 * high, high)):
        out[place::3] = digits.to_bytes(whole * _LANE, "big")[_LANE - 1 :: _LANE]
    if len(data) % 2:
        out += bytes((data[-1] % 45, data[-1] // 45))
    return out.translate(_CHARACTERS).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` stands for; each has one text.

    Raises:
        MalformedBase45: a length that no bytes have, a character outside the alphabet, or a group above its range.
    """
    if len(text) % 3 == 1:
        raise MalformedBase45(f"base45 text has {len(text)} characters, which no bytes have")
    try:
        values = text.encode("latin-1").translate(_VALUES)
    except UnicodeEncodeError:
        values = bytes([_NO_VALUE])
    if _NO_VALUE in values:
        raise MalformedBase45("base45 text holds a character outside the alphabet")
    whole = len(values) // 3 * 3
    return _pairs(values[:whole]) + _last(values[whole:])


def _pairs(values: bytes) -> bytes:
    low, middle, high = (_lanes(values[place::3]) for place in range(3))
    lanes = (low + 45 * middle + 2025 * high).to_bytes(len(values) // 3 * _LANE, "big")
    if any(lanes[1::_LANE]):
        raise MalformedBase45("base45 group is above two bytes")
    out = bytearray(len(values) // 3 * 2)
    out[::2], out[1::2] = lanes[2::_LANE], lanes[3::_LANE]
    return bytes(out)


def _last(values: bytes) -> bytes:
    if not values:
        return b""
    last = values[0] + 45 * values[1]
    if last > 0xFF:
        raise MalformedBase45("base45 group is above one byte")
    return bytes([last])


def _lanes(values: bytes) -> int:
    lanes = bytearray(len(values) * _LANE)
    lanes[_LANE - 1 :: _LANE] = values
    return int.from_bytes(lanes, "big")


def _quotient(lanes: int, count: int) -> int:
    """Divide each lane by 45."""
    kept = (1 << 8 * _LANE - _SHIFT) - 1  # what the shift brings in from the next lane is none of the quotient's
    return lanes * _RECIPROCAL >> _SHIFT & int.from_bytes(kept.to_bytes(_LANE, "big") * count, "big")
