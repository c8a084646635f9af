"""Codes as PNG and SVG."""

import io
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from schemas.qr import drawing, reading
from schemas.qr.errors import QrTooLarge

SHOWN = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln~ZGlzY2xvc3VyZQ~"


def test_a_png_is_read_back() -> None:
    assert reading.read(drawing.png(SHOWN)).texts == (SHOWN,)


def test_the_quiet_zone_has_four_modules() -> None:
    picture = Image.open(io.BytesIO(drawing.png(SHOWN, module_pixels=3))).convert("L")
    dark = picture.point(lambda value: 255 - value).getbbox()
    assert dark is not None
    assert dark[:2] == (12, 12)
    assert (picture.width - dark[2], picture.height - dark[3]) == (12, 12)


def test_the_largest_text_fits_version_40_at_level_l() -> None:
    assert len(drawing.matrix("a" * 2953)) == 177 + 2 * 4


def test_one_byte_more_is_refused() -> None:
    with pytest.raises(QrTooLarge, match="2954 bytes, a code holds 2953"):
        drawing.png("a" * 2954)


def test_the_svg_draws_the_same_modules() -> None:
    rows = drawing.matrix(SHOWN)
    root = ET.fromstring(drawing.svg(SHOWN))  # noqa: S314  our own output
    paths = root.findall("{http://www.w3.org/2000/svg}path")
    dark = sum(_area(part) for part in paths[1].attrib["d"].split("M")[1:])
    assert root.attrib["viewBox"] == f"0 0 {len(rows)} {len(rows)}"
    assert dark == sum(map(sum, rows))


def _area(subpath: str) -> int:
    return int(subpath.split("h")[1].split("v")[0])
