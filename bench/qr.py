"""The rows of QR codes: a packing of 800 bytes drawn and read, by us and by every library here, against zxing-cpp.

Reading is of a clean picture, eight pixels a module; what a camera makes of a code is measured by ``bench.scan``.
"""

import io
from collections.abc import Callable

import zxingcpp
from PIL import Image

from bench.scan import writers
from bench.timing import Operation, Row, Unavailable
from schemas.qr import drawing, reading

ROUNDS = 9


def rows() -> list[Row | Unavailable]:
    """Return encoding and decoding."""
    return [*_encoding(), *_decoding()]


def _encoding() -> list[Row]:
    ways = writers.all_writers(writers.text())
    base = Operation(ways["zxing-cpp"], 1)
    own = [
        _row("QR encode 800 bytes, modules", base, ways["ours, modules"]),
        _row("QR encode 800 bytes, SVG", base, ways["ours, SVG"]),
        _row("QR encode 800 bytes, PNG", base, ways["ours, PNG"]),
    ]
    others = [_row("QR encode 800 bytes, modules", base, ways[name], by=name) for name in ("segno", "qrcode")]
    return own + others


def _decoding() -> list[Row | Unavailable]:
    text = writers.text()
    data = drawing.png(text)
    picture = Image.open(io.BytesIO(data)).convert("L")

    def by_zxing() -> object:
        return zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))

    assert reading.read(data).texts == (text,)
    base = Operation(by_zxing, 1)
    return [_row("QR decode 800 bytes, PNG", base, lambda: reading.read(data)), _by_zbar(base, picture)]


def _by_zbar(base: Operation, picture: Image.Image) -> Row | Unavailable:
    name = "QR decode 800 bytes, PNG"
    try:
        from pyzbar import pyzbar
    except ImportError:
        return Unavailable(name, "the system's libzbar is not here (Debian package libzbar0)", "pyzbar")
    return _row(name, base, lambda: pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE]), by="pyzbar")


def _row(name: str, base: Operation, work: Callable[[], object], *, by: str = "ecert") -> Row:
    return Row(name, "zxing-cpp", base, Operation(work, 1), None, by, ROUNDS)
