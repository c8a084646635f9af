"""Base58 with Bitcoin's alphabet (base58btc of Multibase), quick in both directions and in its only form."""

from keys.errors import MalformedToken

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_NO_DIGIT = 255
_VALUES = bytes(_ALPHABET.index(chr(code)) if chr(code) in _ALPHABET else _NO_DIGIT for code in range(256))
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
        chunk, fifth = divmod(chunk, 3364)
        chunk, fourth = divmod(chunk, 3364)
        chunk, third = divmod(chunk, 3364)
        first, second = divmod(chunk, 3364)
        chunks.append(_PAIRS[first] + _PAIRS[second] + _PAIRS[third] + _PAIRS[fourth] + _PAIRS[fifth])
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
    digits = body.rjust(-(-len(body) // _CHUNK) * _CHUNK, "1").encode("utf-8", "replace").translate(_VALUES)
    if _NO_DIGIT in digits:
        raise MalformedToken("text is not base58btc")
    number = 0
    for at in range(0, len(digits), _CHUNK):
        a, b, c, d, e, f, g, h, i, j = digits[at : at + _CHUNK]
        chunk = ((((a * 58 + b) * 58 + c) * 58 + d) * 58 + e) * 58 + f
        number = number * _BASE + (((chunk * 58 + g) * 58 + h) * 58 + i) * 58 + j
    return bytes(len(text) - len(body)) + number.to_bytes((number.bit_length() + 7) // 8, "big")
