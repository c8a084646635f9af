"""What the formats of a wallet's credentials have in common: the names of fields, and one to be signed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The fields of a credential: those that the holder chooses, and those that come along (in the issuer's order)."""

    selective: frozenset[str]
    always: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A presentation that lacks the holder's signature over ``signing_input``.

    ``completed`` takes the signature (r ‖ s for ECDSA) and returns the presentation; raises InvalidSignature when it is
    not the holder's. ``input_text`` is the signing input as ``encoding`` says: text as it is, or base64url of bytes.
    """

    signing_input: bytes = field(repr=False)
    input_text: str = field(repr=False)
    encoding: str
    completed: Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the holder's proof says: for whom and when; ``nonce`` for an SD-JWT, ``cnonce`` only for a challenge."""

    audience: str
    nonce: str
    at: datetime
    cnonce: bytes | None = None
