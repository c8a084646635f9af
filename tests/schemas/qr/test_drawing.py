"""Codes as modules, PNG and SVG, and as frames of one size."""

import base64
import io
import random
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from schemas.qr import base45, drawing, reading
from schemas.qr.drawing import Level
from schemas.qr.errors import QrTooLarge, UnknownQrText

SHOWN = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln~ZGlzY2xvc3VyZQ~"
ALPHANUMERIC = {13: 619, 18: 1046, 22: 1460, 40: 4296}
"""Characters of version 13 ... at level L in alphanumeric mode (ISO/IEC 18004, table 7)."""


def packed(size: int) -> str:
    return "ZK1:" + base45.encode(random.Random(size).randbytes(size))  # noqa: S311  (noise, not secrets)


def test_a_png_is_read_back() -> None:
    assert reading.read(drawing.png(SHOWN)).texts == (SHOWN,)


@pytest.mark.parametrize("level", list(Level))
def test_a_code_is_read_back_at_every_level(level: Level) -> None:
    assert reading.read(drawing.png(packed(400), level=level)).texts == (packed(400),)


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


def test_what_a_higher_level_does_not_hold_is_refused() -> None:
    with pytest.raises(QrTooLarge, match="1664 bytes, more than level Q"):
        drawing.png("a" * 1664, level=Level.Q)


def test_an_empty_text_is_no_code() -> None:
    with pytest.raises(UnknownQrText, match="empty"):
        drawing.draw("")


@pytest.mark.parametrize("version", [13, 18, 22])
def test_base45_is_drawn_in_alphanumeric_mode(version: int) -> None:
    full = ("ZK1:" + base45.ALPHABET * 40)[: ALPHANUMERIC[version]]
    assert drawing.draw(full).version == version
    assert drawing.draw(full + "A").version == version + 1


@pytest.mark.parametrize(("level", "version"), [(Level.L, 20), (Level.M, 23), (Level.Q, 28)])
def test_paper_costs_versions(level: Level, version: int) -> None:
    assert drawing.draw(packed(800), level=level).version == version


def test_the_modules_do_not_show_themselves_in_a_log() -> None:
    assert "modules" not in repr(drawing.draw(SHOWN))


def test_the_svg_draws_the_same_modules() -> None:
    rows = drawing.matrix(SHOWN)
    root = ET.fromstring(drawing.svg(SHOWN))  # noqa: S314  our own output
    paths = root.findall("{http://www.w3.org/2000/svg}path")
    dark = sum(_area(part) for part in paths[1].attrib["d"].split("M")[1:])
    assert root.attrib["viewBox"] == f"0 0 {len(rows)} {len(rows)}"
    assert dark == sum(map(sum, rows))


def test_the_frames_of_an_animation_have_one_size() -> None:
    texts = [("ZK2/1:" + base45.ALPHABET * 40)[:1046], "ZK2/2:A"]
    drawn = drawing.frames(texts)
    assert [code.version for code in drawn] == [18, 18]
    assert [reading.read(code.png()).texts for code in drawn] == [(text,) for text in texts]


def test_an_animation_may_have_no_frames() -> None:
    assert drawing.frames(()) == ()


def test_a_styled_png_is_read_back() -> None:
    assert reading.read(drawing.styled_png(SHOWN)).texts == (SHOWN,)


def test_a_styled_svg_is_one_path_on_white() -> None:
    root = ET.fromstring(drawing.styled_svg(SHOWN))  # noqa: S314  our own output
    assert [child.tag.rpartition("}")[2] for child in root] == ["rect", "path"]


@pytest.mark.parametrize("size", [1664, 5000])
def test_a_styled_code_that_does_not_fit_is_refused(size: int) -> None:
    with pytest.raises(QrTooLarge, match="more than level Q holds"):
        drawing.styled_png("a" * size)


def _area(subpath: str) -> int:
    return int(subpath.split("h")[1].split("v")[0])


def test_a_data_uri_carries_the_drawing() -> None:
    drawn = drawing.svg("https://ecert.example/")
    head, _, body = drawing.data_uri(drawn).partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(body, validate=True).decode() == drawn
