"""What stands in a QR code: a packed presentation, or a short reference to one.

    encode(presentation)   # the text of a code, or TooBig
    decode(text)           # Presentation or Reference

A packing is known by the prefix of its text. ``PLAIN`` is the presentation as it is, without a prefix; ``COMPACT``
(``ZK1:``) is a Key Binding Token, deflated with a preset dictionary. One frame of an animated code (``ZKn/k:``) is no
presentation yet: ``schemas.qr.animation`` puts frames together.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.qr import animation, compact
from schemas.qr.errors import FrameRefused, UnknownQrText

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
    """A form of the text: its prefix, and the two directions. ``unpack`` raises a SchemasError or a KeysError.

    ``limit`` is the longest text of one code, prefix included, in bytes.
    """

    prefix: str
    pack: Callable[[str], str]
    unpack: Callable[[str], str]
    limit: int = MAX_BYTES


def _as_it_is(text: str) -> str:
    return text


def _unpack_plain(text: str) -> str:
    if not _PLAIN.fullmatch(text):
        raise UnknownQrText(f"text of {len(text)} characters is no presentation")
    return text


PLAIN = Packing("", _as_it_is, _unpack_plain)
COMPACT = Packing(compact.PREFIX, compact.pack, compact.unpack, len(compact.PREFIX) + -(-compact.MAX_SINGLE * 3 // 2))
PACKINGS: dict[str, Packing] = {packing.prefix: packing for packing in (PLAIN, COMPACT)}
"""Every packing that ``decode`` reads, by prefix."""


def encode(presentation: str, *, packing: Packing = PLAIN) -> str | TooBig:
    """Return the text of one QR code (level L; byte mode, for ``COMPACT`` alphanumeric mode), or how far it is off."""
    text = packing.prefix + packing.pack(presentation)
    size = len(text.encode("utf-8"))
    return TooBig(size, packing.limit) if size > packing.limit else text


def decode(text: str) -> Presentation | Reference:
    """Return what a code's ``text`` stands for, unverified.

    Raises:
        UnknownQrText: a prefix that no packing has, or no presentation after it.
        FrameRefused: one frame of an animated code alone.
        MalformedBase45, UnknownDictionary, MalformedPacking, InflatedTooLarge: as ``compact.unpack``.
    """
    if reference := _REFERENCE.fullmatch(text):
        return Reference(reference[1])
    if animation.is_frame(text):
        raise FrameRefused("text is one frame of an animated code: the others are needed too")
    found = _PREFIX.match(text)
    prefix = found[0] if found else ""
    if prefix not in PACKINGS:
        raise UnknownQrText(f"text of {len(text)} characters has a prefix that is not known")
    return Presentation(PACKINGS[prefix].unpack(text[len(prefix) :]))
