"""Multibase (CID 1.0, 2.4), as far as proofs use it: ``z`` base58btc and ``u`` base64url without padding."""

from enum import StrEnum

from keys import base58
from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken
from schemas.formats.data_integrity.errors import ProofValuePrefixWrong, ProofValueUndecodable


class Base(StrEnum):
    """The character that stands before the text."""

    BASE58BTC = "z"
    BASE64URL = "u"


def encode(data: bytes, base: Base) -> str:
    """Return ``data`` with its prefix."""
    return base + (base58.encode(data) if base is Base.BASE58BTC else b64url_text(data))


def decode(text: str, base: Base) -> bytes:
    """Return the bytes of a text in exactly this base.

    Raises:
        ProofValuePrefixWrong: the first character is not this base's.
        ProofValueUndecodable: a character outside the alphabet, or bits too many.
    """
    if not text.startswith(base):
        raise ProofValuePrefixWrong(f"proofValue does not start with {base}")
    try:
        return base58.decode(text[1:]) if base is Base.BASE58BTC else b64url_decode(text[1:])
    except MalformedToken:
        raise ProofValueUndecodable(f"proofValue is not in base {base}") from None
