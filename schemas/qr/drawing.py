"""Drawing QR codes: as modules, PNG or SVG, and the frames of an animated code; quiet zone of 4 modules.

Level L, because on a screen too small modules are the risk, not dirt; on paper M or Q (docs/verification.md, "QR").
zxing-cpp makes the modules: it is in the base install, takes about 2 ms for 800 bytes where segno takes 25 and qrcode
40 (``python -m bench.scan --drawing`` measures all three), and uses the alphanumeric mode wherever the text allows.
qrcode (extra ``server``) makes what is pretty rather than quick: ``styled_png`` and ``styled_svg``, for posters.
"""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from schemas.qr.errors import QrTooLarge, UnknownQrText
from schemas.qr.text import MAX_BYTES

if TYPE_CHECKING:
    from qrcode.main import QRCode

QUIET_ZONE = 4  # modules; ISO/IEC 18004, 5.3.8
_MODULE_PIXELS = 8


class Level(StrEnum):
    """Levels of error correction (ISO/IEC 18004, 6.5.1): 7, 15, 25 and 30 % of the codewords may be lost."""

    L = "L"
    M = "M"
    Q = "Q"
    H = "H"


SCREEN, PAPER = Level.L, Level.Q


@dataclass(frozen=True, slots=True)
class Drawn:
    """A code's modules in rows, the quiet zone included: ``size`` squared bytes, 0 dark and 255 light."""

    size: int
    modules: bytes = field(repr=False)

    @property
    def version(self) -> int:
        """The version, 1 to 40, by its number of modules (ISO/IEC 18004, 5.3.1)."""
        return (self.size - 2 * QUIET_ZONE - 17) // 4

    def rows(self) -> list[list[bool]]:
        """Return the modules, dark is True."""
        return [[value == 0 for value in self.row(y)] for y in range(self.size)]

    def row(self, y: int) -> bytes:
        """Return one row."""
        return self.modules[y * self.size : (y + 1) * self.size]

    def png(self, module_pixels: int = _MODULE_PIXELS) -> bytes:
        """Return a PNG of one bit a pixel, ``module_pixels`` a module."""
        from PIL import Image

        picture = Image.frombytes("L", (self.size, self.size), self.modules).convert("1")
        picture = picture.resize((self.size * module_pixels,) * 2, Image.Resampling.NEAREST)
        out = io.BytesIO()
        picture.save(out, format="PNG")
        return out.getvalue()

    def svg(self) -> str:
        """Return an SVG that scales to its container."""
        size = self.size
        path = "".join(_runs(y, self.row(y)) for y in range(size))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" '
            f'role="img" aria-label="二维码 QR code">'
            f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>\n'
        )


def draw(text: str, *, level: Level = SCREEN, version: int | None = None) -> Drawn:
    """Return the code of ``text`` in the smallest version, or in ``version``.

    Raises:
        QrTooLarge: more than ``MAX_BYTES`` bytes, or more than the level or the version holds.
        UnknownQrText: an empty text.
    """
    import zxingcpp

    size = len(text.encode("utf-8"))
    if not size:
        raise UnknownQrText("text is empty")
    if size > MAX_BYTES:
        raise QrTooLarge(f"text has {size} bytes, a code holds {MAX_BYTES}")
    wanted = {"ec_level": str(level)} | ({} if version is None else {"version": str(version)})
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, **wanted)
    except ValueError as exc:
        raise QrTooLarge(f"text has {size} bytes, more than level {level} or the version wanted holds") from exc
    picture = code.to_image(scale=1, add_quiet_zones=True)
    modules = bytes(memoryview(picture))  # type: ignore[arg-type]  # a buffer; its stub does not say so
    return Drawn(picture.shape[0], modules)


def matrix(text: str, *, level: Level = SCREEN) -> list[list[bool]]:
    """Return the modules of ``text``'s code, dark is True, the quiet zone included; raises as ``draw``."""
    return draw(text, level=level).rows()


def png(text: str, *, module_pixels: int = _MODULE_PIXELS, level: Level = SCREEN) -> bytes:
    """Return a PNG of ``text``'s code, black on white, ``module_pixels`` a module; raises as ``draw``."""
    return draw(text, level=level).png(module_pixels)


def svg(text: str, *, level: Level = SCREEN) -> str:
    """Return an SVG of ``text``'s code that scales to its container; raises as ``draw``."""
    return draw(text, level=level).svg()


def data_uri(drawn: str) -> str:
    """Return an SVG as a ``data:`` URI (RFC 2397), for an ``img``."""
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


def frames(texts: Iterable[str], *, level: Level = SCREEN) -> tuple[Drawn, ...]:
    """Return the codes of an animation, all in one version, so that no module moves; raises as ``draw``."""
    given = tuple(texts)
    drawn = [draw(text, level=level) for text in given]
    version = max((code.version for code in drawn), default=0)
    return tuple(
        code if code.version == version else draw(text, level=level, version=version)
        for text, code in zip(given, drawn, strict=True)
    )


def styled_png(text: str, *, level: Level = PAPER) -> bytes:
    """Return a PNG with round corners for a poster, drawn by qrcode; raises QrTooLarge."""
    from qrcode.image.styledpil import StyledPilImage
    from qrcode.image.styles.moduledrawers.pil import RoundedModuleDrawer

    out = io.BytesIO()
    _styled(text, level).make_image(StyledPilImage, module_drawer=RoundedModuleDrawer()).save(out)
    return out.getvalue()


def styled_svg(text: str, *, level: Level = PAPER) -> str:
    """Return an SVG of round modules for a poster, drawn by qrcode; raises QrTooLarge."""
    from qrcode.image.styles.moduledrawers.svg import SvgPathCircleDrawer
    from qrcode.image.svg import SvgPathFillImage

    made = _styled(text, level).make_image(SvgPathFillImage, module_drawer=SvgPathCircleDrawer())
    return str(made.to_string(encoding="unicode"))


def _styled(text: str, level: Level) -> "QRCode":
    import qrcode
    from qrcode import constants
    from qrcode.exceptions import DataOverflowError

    correction = getattr(constants, f"ERROR_CORRECT_{level}")
    code = qrcode.QRCode(error_correction=correction, border=QUIET_ZONE, box_size=_MODULE_PIXELS)
    code.add_data(text)
    try:
        code.make()
    except (DataOverflowError, ValueError) as exc:
        raise QrTooLarge(f"text has {len(text.encode())} bytes, more than level {level} holds") from exc
    return code


def _runs(y: int, row: bytes) -> str:
    """One subpath for each run of dark modules, so that no hairline shows between two of them."""
    runs: list[str] = []
    end = 0
    while (start := row.find(0, end)) >= 0:
        end = row.find(255, start)
        runs.append(f"M{start} {y}h{end - start}v1H{start}z")
    return "".join(runs)
