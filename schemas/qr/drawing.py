"""Drawing a QR code as PNG or SVG: level L, byte mode, quiet zone of 4 modules (docs/verification.md, "QR").

Level L, because on a screen too small modules are the risk, not dirt. Needs the extra ``server`` (qrcode).
"""

import io

from schemas.qr.errors import QrTooLarge
from schemas.qr.text import MAX_BYTES

QUIET_ZONE = 4  # modules; ISO/IEC 18004, 5.3.8
_MODULE_PIXELS = 8


def matrix(text: str) -> list[list[bool]]:
    """Return the modules of ``text``'s code, dark is True, the quiet zone included.

    Raises:
        QrTooLarge: more than ``MAX_BYTES`` bytes.
    """
    import qrcode
    from qrcode.constants import ERROR_CORRECT_L
    from qrcode.util import MODE_8BIT_BYTE, QRData

    data = text.encode("utf-8")
    if len(data) > MAX_BYTES:
        raise QrTooLarge(f"text has {len(data)} bytes, a code holds {MAX_BYTES}")
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=QUIET_ZONE)
    code.add_data(QRData(data, mode=MODE_8BIT_BYTE))
    code.make()
    return [[bool(module) for module in row] for row in code.get_matrix()]


def png(text: str, *, module_pixels: int = _MODULE_PIXELS) -> bytes:
    """Return a PNG of ``text``'s code, black on white, ``module_pixels`` a module; raises as ``matrix``."""
    from PIL import Image

    rows = matrix(text)
    size = len(rows)
    picture = Image.frombytes("L", (size, size), bytes(0 if dark else 255 for row in rows for dark in row))
    picture = picture.resize((size * module_pixels, size * module_pixels), Image.Resampling.NEAREST)
    out = io.BytesIO()
    picture.convert("1").save(out, format="PNG", optimize=True)
    return out.getvalue()


def svg(text: str) -> str:
    """Return an SVG of ``text``'s code that scales to its container; raises as ``matrix``."""
    rows = matrix(text)
    size = len(rows)
    path = "".join(_row(y, row) for y, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" '
        f'role="img" aria-label="二维码 QR code">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>\n'
    )


def _row(y: int, row: list[bool]) -> str:
    """One subpath for each run of dark modules, so that no hairline shows between two of them."""
    runs: list[str] = []
    start: int | None = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            runs.append(f"M{start} {y}h{x - start}v1H{start}z")
            start = None
    return "".join(runs)
