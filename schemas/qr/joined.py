"""A text of base64url parts, joined by ``.`` and ``~``, as bytes: what a code packs when it shows no CBOR.

An agent's text (``schemas.formats.delegation``) holds two SD-JWTs: as text it would double in a code, and base64url
hardly deflates. Here every part is its bytes::

    0x01, then for each part: what follows it (0 nothing, 1 ".", 2 "~"), its length (2 bytes), its bytes

No COSE message begins with 0x01, so the two are told apart by their first byte.
"""

import re

from keys.encoding import b64url_decode, b64url_text
from schemas.qr.errors import MalformedPacking

MARK = 0x01
_ENDS = {"": 0, ".": 1, "~": 2}
_SIGNS = {code: sign for sign, code in _ENDS.items()}
_PART = re.compile(r"([^.~]*)([.~]?)")
_LENGTH_BYTES = 2


def is_joined(text: str) -> bool:
    """Tell whether ``text`` is joined of parts, and not one part alone."""
    return "." in text or "~" in text


def to_bytes(text: str) -> bytes:
    """Return the bytes of a joined text.

    Raises:
        MalformedToken: a part is not base64url, or its last bits are not zero.
        MalformedPacking: a part has more than 65,535 bytes.
    """
    packed = bytearray((MARK,))
    for part, sign in _parts(text):
        data = b64url_decode(part)
        if len(data) >> 8 * _LENGTH_BYTES:
            raise MalformedPacking(f"a part has {len(data)} bytes, which no length of two bytes tells")
        packed.append(_ENDS[sign])
        packed += len(data).to_bytes(_LENGTH_BYTES, "big") + data
    return bytes(packed)


def to_text(packed: bytes) -> str:
    """Return the text that ``to_bytes`` packed; raises MalformedPacking for what it never made."""
    if packed[:1] != bytes((MARK,)):
        raise MalformedPacking("packing is no joined text")
    text, at, sign = [], 1, "."
    while sign:
        begins = at + 1 + _LENGTH_BYTES
        length = int.from_bytes(packed[at + 1 : begins], "big")
        part = packed[begins : begins + length]
        if len(packed) < begins or len(part) < length or packed[at] not in _SIGNS:
            raise MalformedPacking("packing ends within a part, or names no sign after it")
        sign = _SIGNS[packed[at]]
        text.append(b64url_text(part) + sign)
        at = begins + length
    if at != len(packed):
        raise MalformedPacking("bytes follow after the last part")
    return "".join(text)


def _parts(text: str) -> list[tuple[str, str]]:
    found = _PART.findall(text)
    # A text that ends with a sign has an empty part after it, which findall gives as well.
    return found[: 1 + next(index for index, (_, sign) in enumerate(found) if not sign)]
