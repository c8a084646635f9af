"""What drawing a code costs: our drawing, and the writers that it could use, on the same text in the same run."""

import statistics
import time
from collections.abc import Callable
from random import Random

import qrcode
import segno
import zxingcpp
from qrcode.constants import ERROR_CORRECT_L

from schemas.qr import base45, compact, drawing

AIM_MS = 10.0
_BYTES = 800


def text(size: int = _BYTES) -> str:
    """Return a packing of ``size`` bytes as the text of a code."""
    return compact.PREFIX + base45.encode(Random(size).randbytes(size))  # noqa: S311  (noise)


def all_writers(given: str) -> dict[str, Callable[[], object]]:
    """Return what draws ``given`` at level L, by name: the three writers up to the modules, then our pictures."""

    def by_qrcode() -> object:
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=drawing.QUIET_ZONE)
        code.add_data(given)
        code.make()
        return code.get_matrix()

    return {
        "zxing-cpp": lambda: zxingcpp.create_barcode(given, zxingcpp.BarcodeFormat.QRCode, ec_level="L").to_image(),
        "segno": lambda: segno.make(given, error="l", micro=False, boost_error=False),
        "qrcode": by_qrcode,
        "ours, modules": lambda: drawing.draw(given),
        "ours, SVG": lambda: drawing.svg(given),
        "ours, PNG": lambda: drawing.png(given),
    }


def measure(*, rounds: int) -> dict[str, float]:
    """Return the median CPU milliseconds of each writer over interleaved rounds; the first warms up."""
    writers = all_writers(text())
    times: dict[str, list[float]] = {name: [] for name in writers}
    for number in range(rounds + 1):
        for name, write in writers.items():
            start = time.process_time()
            write()
            if number:
                times[name].append((time.process_time() - start) * 1000)
    return {name: statistics.median(seen) for name, seen in times.items()}
