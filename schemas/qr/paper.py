"""The code of a printed copy: static, so it cannot be fresh, and strong, because paper gets dirty and creased.

Level Q, at most version 16; what does not fit is printed at level M, within version 16 as well: a camera does not read
a larger code from paper. What is printed is an SD-CWT without a holder's key, marked as a printed copy.
"""

from dataclasses import dataclass, field

from keys.encoding import b64url_decode
from schemas.formats.sd_cwt import kbt
from schemas.qr import base45, compact
from schemas.qr.drawing import Level, draw
from schemas.qr.errors import NotPrintable, QrTooLarge

MAX_VERSION = 16
# ISO/IEC 18004, table 7: characters of version 16 in alphanumeric mode.
_CAPACITY = {Level.Q: 470, Level.M: 656}


@dataclass(frozen=True, slots=True)
class PaperCode:
    """What is printed: the text of the code and its level."""

    text: str = field(repr=False)
    level: Level

    def png(self, *, module_pixels: int = 12) -> bytes:
        """Return the code as PNG; 12 pixels a module are 300 dpi for a module of one millimetre."""
        return draw(self.text, level=self.level).png(module_pixels)

    def svg(self) -> str:
        """Return the code as SVG."""
        return draw(self.text, level=self.level).svg()


def paper_code(token: str) -> PaperCode:
    """Return the code of a printed copy's token (base64url).

    Raises:
        NotPrintable: the token is bound to a holder's key, or is a presentation: on paper it proves nothing.
        QrTooLarge: more than version 16 holds at level M.
        MalformedToken, FormatError: no SD-CWT.
    """
    data = b64url_decode(token)
    opened = kbt.peek(data)
    if opened.message is not None or not opened.is_printed_copy:
        raise NotPrintable("what is bound to a holder's key is not printed: it would be a copy that nobody can prove")
    text = compact.PREFIX + base45.encode(compact.deflate(data))
    for level, capacity in _CAPACITY.items():
        if len(text) <= capacity:
            return PaperCode(text, level)
    raise QrTooLarge(f"text has {len(text)} characters, version {MAX_VERSION} holds {_CAPACITY[Level.M]} at level M")
