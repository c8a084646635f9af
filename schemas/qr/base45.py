"""Base45 (RFC 9285): bytes in the alphanumeric mode of a QR code, two in three characters."""

from schemas.qr.errors import MalformedBase45

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_PAIRS = tuple(low + high for high in ALPHABET for low in ALPHABET)  # the last one stands for 2024


def encode(data: bytes) -> str:
    """Return ``data`` in base45."""
    parts = []
    for start in range(0, len(data) - 1, 2):
        high, low = divmod(data[start] << 8 | data[start + 1], 2025)
        parts.append(_PAIRS[low] + ALPHABET[high])
    if len(data) % 2:
        parts.append(_PAIRS[data[-1]])
    return "".join(parts)


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` stands for; each has one text.

    Raises:
        MalformedBase45: a length that no bytes have, a character outside the alphabet, or a group above its range.
    """
    if len(text) % 3 == 1:
        raise MalformedBase45(f"base45 text has {len(text)} characters, which no bytes have")
    try:
        values = [_VALUES[character] for character in text]
    except KeyError:
        raise MalformedBase45("base45 text holds a character outside the alphabet") from None
    out = bytearray()
    for start in range(0, len(values) - 2, 3):
        pair = values[start] + 45 * values[start + 1] + 2025 * values[start + 2]
        if pair > 0xFFFF:
            raise MalformedBase45("base45 group is above two bytes")
        out += pair.to_bytes(2, "big")
    if len(values) % 3:
        last = values[-2] + 45 * values[-1]
        if last > 0xFF:
            raise MalformedBase45("base45 group is above one byte")
        out.append(last)
    return bytes(out)
