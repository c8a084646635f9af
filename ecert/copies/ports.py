"""What makes a file of an annotated copy."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from keys.signer import Signer
from schemas.generate.face import Face
from schemas.qr.paper import PaperCode


@dataclass(frozen=True, slots=True)
class CopyContent:
    """What stands in a copy: the face drawn from signed claims, the mark, the code, and the credential itself.

    ``credential`` are the bytes of an SD-CWT (``application/sd-cwt``), which the file carries as it is. ``elements``
    are the copy's elements by their initials (GB/T 36905), for whoever looks for them in a file.
    """

    face: Face
    maker: str
    cause: str
    made_at: datetime
    expires_at: datetime
    code: PaperCode = field(repr=False)
    credential: bytes = field(repr=False)
    elements: dict[str, str] = field(default_factory=dict, repr=False)


class CopyWriter(Protocol):
    """One kind of file."""

    @property
    def media_type(self) -> str:
        """The media type of what it writes."""

    @property
    def suffix(self) -> str:
        """The usual end of a file's name, with its dot."""

    def write(self, content: CopyContent, signer: Signer) -> bytes:
        """Return the file, signed by the department's key and chain.

        Raises:
            CopyWriterMissing: a library or a font that it needs is not installed.
        """
