"""What stands in a QR code: a packed presentation, or a short reference to one.

    encode(presentation)   # the text of a code, or TooBig
    decode(text)           # Presentation or Reference

A packing is known by the prefix of its text. There is one packing so far, ``PLAIN``: the presentation as it is, without
a prefix. A compact one (``ZK1:``) is added to ``PACKINGS`` and nothing else changes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.qr.errors import UnknownQrText

MAX_BYTES = 2953  # ISO/IEC 18004, table 7: version 40, level L, byte mode
REFERENCE_PREFIX = "ecert:r/"
_REFERENCE = re.compile(r"ecert:r/([A-Za-z0-9_-]{21}[AQgw])")  # 128 bits: the last character holds two of them
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}:")
# RFC 9901, 4: an issuer-signed JWT, then ~ with disclosures and a key binding JWT; or a JWT alone.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:~[A-Za-z0-9_.~-]*)?")


@dataclass(frozen=True, slots=True)
class Presentation:
    """A presentation as the verifier takes it; it carries personal data, so it is not shown in ``repr``."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """A presentation that waits online under a random name of 128 bits (22 characters of base64url), for one fetch."""

    token: str = field(repr=False)

    @property
    def text(self) -> str:
        """What stands in the code: ``ecert:r/<token>``."""
        return REFERENCE_PREFIX + self.token


@dataclass(frozen=True, slots=True)
class TooBig:
    """The packed presentation does not fit one code: show a reference instead. Sizes in bytes."""

    size: int
    limit: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Packing:
    """A form of the text: its prefix, and the two directions. ``unpack`` raises a SchemasError or a KeysError."""

    prefix: str
    pack: Callable[[str], str]
    unpack: Callable[[str], str]


def _as_it_is(text: str) -> str:
    return text


def _unpack_plain(text: str) -> str:
    if not _PLAIN.fullmatch(text):
        raise UnknownQrText(f"text of {len(text)} characters is no presentation")
    return text


PLAIN = Packing("", _as_it_is, _unpack_plain)
PACKINGS: dict[str, Packing] = {PLAIN.prefix: PLAIN}
"""Every packing that ``decode`` reads, by prefix."""


def encode(presentation: str, *, packing: Packing = PLAIN) -> str | TooBig:
    """Return the text of one QR code (byte mode, level L), or how far it is from fitting."""
    text = packing.prefix + packing.pack(presentation)
    size = len(text.encode("utf-8"))
    return TooBig(size) if size > MAX_BYTES else text


def decode(text: str) -> Presentation | Reference:
    """Return what a code's ``text`` stands for, unverified.

    Raises:
        UnknownQrText: a prefix that no packing has, or no presentation after it.
    """
    if reference := _REFERENCE.fullmatch(text):
        return Reference(reference[1])
    found = _PREFIX.match(text)
    prefix = found[0] if found else ""
    if prefix not in PACKINGS:
        raise UnknownQrText(f"text of {len(text)} characters has a prefix that is not known")
    return Presentation(PACKINGS[prefix].unpack(text[len(prefix) :]))
