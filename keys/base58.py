"""Base58 with Bitcoin's alphabet (base58btc of Multibase), quick in both directions and in its only form."""

from keys.errors import MalformedToken

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}
# Ten digits at a time fit into 64 bits: the long number is divided once for ten digits, not once for each.
_CHUNK = 10
_BASE = 58**_CHUNK
_MAX_CHARACTERS = 4_096


def encode(data: bytes) -> str:
    """Return ``data`` in base58btc; every leading zero byte is a ``1``."""
    number = int.from_bytes(data, "big")
    chunks = []
    while number:
        number, chunk = divmod(number, _BASE)
        chunks.append(_ten_digits(chunk))
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(chunks)).lstrip("1")


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` stands for.

    Raises:
        MalformedToken: a character outside the alphabet, or more than 4,096 of them.
    """
    if len(text) > _MAX_CHARACTERS:
        raise MalformedToken(f"text has more than {_MAX_CHARACTERS} characters of base58btc")
    body = text.lstrip("1")
    padded = body if len(body) % 2 == 0 else "1" + body
    number = 0
    try:
        for at in range(0, len(padded), _CHUNK):
            chunk = padded[at : at + _CHUNK]
            value = 0
            for start in range(0, len(chunk), 2):
                value = value * 3364 + _VALUES[chunk[start : start + 2]]
            number = number * (_BASE if len(chunk) == _CHUNK else 58 ** len(chunk)) + value
    except KeyError:
        raise MalformedToken("text is not base58btc") from None
    return bytes(len(text) - len(body)) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _ten_digits(chunk: int) -> str:
    chunk, fifth = divmod(chunk, 3364)
    chunk, fourth = divmod(chunk, 3364)
    chunk, third = divmod(chunk, 3364)
    first, second = divmod(chunk, 3364)
    return _PAIRS[first] + _PAIRS[second] + _PAIRS[third] + _PAIRS[fourth] + _PAIRS[fifth]
