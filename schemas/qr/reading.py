"""Reading QR codes from a picture (PNG or JPEG): zxing-cpp first, pyzbar last.

The chain is ``STEPS``: the picture as it is; after a Gaussian of sigma 1.6 (against moire); upscaled twice (small
modules); then pyzbar. The first step that finds a code ends it, and so does what makes the search slow: the next step
would be as slow again. zbar is a system library and often absent: then the reading carries a notice, and goes on
without it.
"""

import io
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemas.qr.errors import PictureTooLarge, UnreadablePicture

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PICTURE = 16_777_216  # bytes; a phone's photograph has 3 to 8 million
MAX_PIXELS = 50_000_000  # a 48-megapixel camera
MAX_SIDE = 65_535  # pixels in one direction; zxing-cpp takes no more
MAX_SCANS = 64  # of a progressive JPEG, each of which costs as much as the first; writers make ten
# The search costs time by the pixel, and by the square of what looks like a finder pattern: a small PNG full of corner
# marks took minutes at 12 million pixels. A code that fills a tenth of a photograph is still 470 pixels wide here.
MAX_SEARCHED = 2_250_000  # pixels
_MAX_UPSCALED = 2_073_600  # pixels before upscaling: a 1080p frame and no more; above it modules are not small
MAX_SEARCH = 0.5  # seconds of CPU after which no other step begins; one takes 0.04 on pictures that nobody made to hurt
_SIGMA = 1.6
NO_ZBAR = "zbar_missing"
CUT_SHORT = "search_cut_short"
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
STEPS = ("as_is", "blurred", "upscaled", "zbar")


@dataclass(frozen=True, slots=True)
class Reading:
    """The texts of all codes found, each once, in the order found; ``notices`` say which readers were left out.

    ``step`` is the one of ``STEPS`` that found them; None when nothing was found.
    """

    texts: tuple[str, ...] = field(repr=False)
    notices: tuple[str, ...] = ()
    step: str | None = field(default=None, compare=False)


def is_picture(data: bytes) -> bool:
    """Tell whether ``data`` starts as a PNG or a JPEG does."""
    return data.startswith((_PNG, _JPEG))


def read(data: bytes, *, spent: Callable[[], float] = time.thread_time) -> Reading:
    """Return the texts of the QR codes in a picture; none found is an empty reading, not an error.

    Args:
        spent: the seconds of CPU that this thread has spent so far.

    Raises:
        PictureTooLarge: more than ``MAX_PICTURE`` bytes, ``MAX_PIXELS`` pixels, ``MAX_SIDE`` pixels in one direction or
            ``MAX_SCANS`` scans; nothing was decompressed.
        UnreadablePicture: not a PNG or JPEG, or broken.
    """
    picture = _opened(data)
    until = spent() + MAX_SEARCH
    for step, variant in zip(STEPS, _variants(picture), strict=False):  # a large picture has no upscaled variant
        if texts := _by_zxing(variant):
            return Reading(texts, step=step)
        if spent() > until:
            return Reading((), (CUT_SHORT,))
    by_zbar = _zbar()
    if by_zbar is None:
        return Reading((), (NO_ZBAR,))
    texts = by_zbar(picture)
    return Reading(texts, step=STEPS[-1] if texts else None)


def _opened(data: bytes) -> "Picture":
    from PIL import Image

    if len(data) > MAX_PICTURE:
        raise PictureTooLarge(f"picture has {len(data)} bytes, limit {MAX_PICTURE}")
    # A marker, for what is coded never holds it (ISO/IEC 10918-1, B.1.1.5).
    if data.startswith(_JPEG) and (scans := data.count(b"\xff\xda")) > MAX_SCANS:
        raise PictureTooLarge(f"picture has {scans} scans, limit {MAX_SCANS}")
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        width, height = picture.size
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
            raise PictureTooLarge(f"picture has {width} x {height} pixels, limit {MAX_PIXELS} and {MAX_SIDE} a side")
        return _searchable(_on_white(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise PictureTooLarge(f"picture has more pixels than the limit {MAX_PIXELS}") from exc
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, zlib.error) as exc:
        raise UnreadablePicture("picture is not a PNG or JPEG that can be decoded") from exc


def _on_white(picture: "Picture") -> "Picture":
    """Decode to grey; what is transparent becomes white, as a page would show it."""
    from PIL import Image

    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("L")
    # One byte a pixel wherever that is enough: four would be 200 MB more a copy at the limit.
    colours = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    return Image.composite(colours.convert("L"), Image.new("L", colours.size, 255), colours.getchannel("A"))


def _searchable(picture: "Picture") -> "Picture":
    from PIL import Image

    pixels = picture.width * picture.height
    if pixels <= MAX_SEARCHED:
        return picture
    scale = (MAX_SEARCHED / pixels) ** 0.5
    size = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    return picture.resize(size, Image.Resampling.BOX)


def _variants(picture: "Picture") -> "Iterator[Picture]":
    from PIL import Image, ImageFilter

    yield picture
    yield picture.filter(ImageFilter.GaussianBlur(_SIGMA))
    if picture.width * picture.height <= _MAX_UPSCALED and 2 * max(picture.size) <= MAX_SIDE:
        yield picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC)


def _by_zxing(picture: "Picture") -> tuple[str, ...]:
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(picture, formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return tuple(dict.fromkeys(code.text for code in found if code.text))


def _zbar() -> "Callable[[Picture], tuple[str, ...]] | None":
    try:
        from pyzbar import pyzbar
    except ImportError:  # the wheel is there, the system's libzbar is not
        return None

    def read_with_zbar(picture: "Picture") -> tuple[str, ...]:
        found = pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])
        return tuple(dict.fromkeys(code.data.decode("utf-8", "replace") for code in found))

    return read_with_zbar
