"""Base64url without padding (RFC 7515, 2), strict in reading and quick in both directions."""

import binascii

from keys.errors import MalformedToken

_TO_URL = bytes.maketrans(b"+/", b"-_")
# The standard alphabet's two own characters and padding are mapped to one outside, so that they are refused.
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING = (b"", b"", b"==", b"=")
# The last characters, by length modulo 4, whose unused bits are zero: 6 bits a character, 8 bits a byte.
_LAST = (None, None, frozenset(b"AQgw"), frozenset(b"AEIMQUYcgkosw048"))


def b64url(data: bytes) -> bytes:
    """Return ``data`` in base64url without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL, b"=")


def b64url_text(data: bytes) -> str:
    """Return ``data`` in base64url without padding, as text."""
    return b64url(data).decode("ascii")


def b64url_decode(text: bytes | str) -> bytes:
    """Return the bytes that ``text`` stands for.

    Raises:
        MalformedToken: a character outside the alphabet, padding, or trailing bits that are not zero (two texts for
            the same bytes would make a token malleable).
    """
    try:
        raw = text.encode("ascii") if isinstance(text, str) else text
        rest = len(raw) & 3
        data = binascii.a2b_base64(raw.translate(_FROM_URL) + _PADDING[rest], strict_mode=True)
    except ValueError as exc:
        raise MalformedToken("text is not base64url without padding") from exc
    last = _LAST[rest]
    if last is not None and raw[-1] not in last:
        raise MalformedToken("text is not base64url in its only form")
    return data
