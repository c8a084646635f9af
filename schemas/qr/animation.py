"""Animated codes: what is too big for one code, in two to four frames that a phone shows round robin.

A frame is ``ZKn/k:`` and base45 of the message id (4 bytes) and of the k-th of n parts. Frames may come in any order
and again and again; a new message id (the phone has signed anew) begins anew. ``Assembly`` keeps one message's parts
and no more, and believes nothing: what comes out is checked like the content of a single code.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.qr import base45, compact
from schemas.qr.errors import FrameRefused, QrTooLarge

MAX_FRAMES = 4
MAX_FRAME_TEXT = 1046  # characters; ISO/IEC 18004, table 7: version 18, level L, alphanumeric mode
FRAMES_A_SECOND = 8
_ID_BYTES = 4
_PREFIX = re.compile(r"ZK([2-4])/([1-4]):")
MAX_PART = (MAX_FRAME_TEXT - 6) * 2 // 3 - _ID_BYTES
"""Bytes of the packing in one frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame taken apart: the ``number``-th of ``count`` parts of a message."""

    message_id: bytes
    number: int
    count: int
    part: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """What stands in the code."""
        return f"ZK{self.count}/{self.number}:{base45.encode(self.message_id + self.part)}"


def codes(token: str) -> tuple[str, ...]:
    """Return the text of the code for a token, or of its frames when one code would hardly scan.

    A token is base64url, or parts of it joined by ``.`` and ``~`` (an agent's text).

    Raises:
        QrTooLarge: more than ``MAX_FRAMES`` frames would be needed.
        MalformedToken, MalformedPacking: not base64url, or a part of more than 65,535 bytes.
    """
    packed = compact.deflate(compact.to_bytes(token))
    if len(packed) <= compact.MAX_SINGLE:
        return (compact.PREFIX + base45.encode(packed),)
    return tuple(frame.text for frame in split(packed))


def split(packed: bytes) -> tuple[Frame, ...]:
    """Return the frames of a packing, as equal in size as can be; raises QrTooLarge."""
    count = max(2, -(-len(packed) // MAX_PART))
    if count > MAX_FRAMES:
        raise QrTooLarge(f"packing has {len(packed)} bytes, {MAX_FRAMES} frames hold {MAX_FRAMES * MAX_PART}")
    size = -(-len(packed) // count)
    parts = [packed[start : start + size] for start in range(0, size * count, size)]
    message_id = _id_of(packed)
    return tuple(Frame(message_id, number, count, part) for number, part in enumerate(parts, 1))


def is_frame(text: str) -> bool:
    """Tell whether ``text`` begins as a frame does."""
    return _PREFIX.match(text) is not None


def read(text: str) -> Frame:
    """Return the frame that ``text`` is.

    Raises:
        FrameRefused: no frame's prefix, a number above the count, too long, or without a part.
        MalformedBase45: what follows the prefix.
    """
    found = _PREFIX.match(text)
    if found is None or len(text) > MAX_FRAME_TEXT:
        raise FrameRefused(f"text of {len(text)} characters is no frame")
    count, number = int(found[1]), int(found[2])
    content = base45.decode(text[found.end() :])
    if number > count or len(content) <= _ID_BYTES:
        raise FrameRefused(f"frame {number} of {count} with {len(content)} bytes is none")
    return Frame(content[:_ID_BYTES], number, count, content[_ID_BYTES:])


class Assembly:
    """Frames on their way to a message; holds at most ``MAX_FRAMES`` parts of one message."""

    __slots__ = ("_parts", "_shape")

    def __init__(self) -> None:
        self._shape: tuple[bytes, int] | None = None
        self._parts: dict[int, bytes] = {}

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the frames that are still to come; empty before the first."""
        count = self._shape[1] if self._shape else 0
        return tuple(number for number in range(1, count + 1) if number not in self._parts)

    def add(self, text: str) -> str | None:
        """Take a frame; return the token when it was the last one missing, None before.

        Raises:
            FrameRefused, MalformedBase45: no frame; or it contradicts an earlier one of the same message, whose parts
                are dropped then, because nobody knows which one is true.
            UnknownDictionary, MalformedPacking, InflatedTooLarge: the whole is no packing; it is dropped.
        """
        frame = read(text)
        if self._shape is None or self._shape[0] != frame.message_id:
            self._begin(frame)
        if self._shape != (frame.message_id, frame.count) or self._parts.get(frame.number, frame.part) != frame.part:
            self.clear()
            raise FrameRefused("frame contradicts an earlier one of its message")
        self._parts[frame.number] = frame.part
        return None if self.missing else self._whole(frame)

    def clear(self) -> None:
        """Forget every part."""
        self._shape = None
        self._parts.clear()

    def _begin(self, frame: Frame) -> None:
        self.clear()
        self._shape = (frame.message_id, frame.count)

    def _whole(self, frame: Frame) -> str:
        packed = b"".join(self._parts[number] for number in range(1, frame.count + 1))
        self.clear()
        if _id_of(packed) != frame.message_id:
            raise FrameRefused("parts do not make the message that they name")
        return compact.to_token(compact.inflate(packed))


def reassemble(texts: Iterable[str]) -> str:
    """Return the token of an animated code whose frames are ``texts``, in any order, repeated or not.

    Raises:
        FrameRefused: a frame is missing, or one of another message came in between; or as ``Assembly.add``.
        MalformedBase45, UnknownDictionary, MalformedPacking, InflatedTooLarge: as ``Assembly.add``.
    """
    assembly = Assembly()
    for text in texts:
        if (token := assembly.add(text)) is not None:
            return token
    raise FrameRefused(f"{len(assembly.missing)} frames of the message are missing")


def _id_of(packed: bytes) -> bytes:
    return hashlib.sha256(packed).digest()[:_ID_BYTES]
