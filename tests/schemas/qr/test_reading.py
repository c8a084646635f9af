"""Codes from pictures: good ones, bad ones, and ones made to hurt."""

import io
import struct
import sys
import types
import zlib

import pytest
from PIL import Image, ImageDraw, ImageFilter

from schemas.qr import drawing, reading
from schemas.qr.errors import PictureTooLarge, UnreadablePicture

SHOWN = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln~ZGlzY2xvc3VyZQ~"


def _picture(text: str = SHOWN, pixels: int = 6) -> Image.Image:
    return Image.open(io.BytesIO(drawing.png(text, module_pixels=pixels))).convert("L")


def _bytes(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, format=kind)
    return out.getvalue()


def _png(width: int, height: int, then: bytes = b"") -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return start + then + struct.pack(">I", 1_000) + b"IDAT" + bytes(40)


def _zbar(monkeypatch: pytest.MonkeyPatch, module: types.ModuleType | None) -> None:
    package = types.ModuleType("pyzbar")
    monkeypatch.setitem(sys.modules, "pyzbar", package)
    monkeypatch.delitem(sys.modules, "pyzbar.pyzbar", raising=False)
    if module is not None:
        package.pyzbar = module  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_code_is_read_from_either_kind_of_picture(kind: str) -> None:
    data = _bytes(_picture(), kind)
    assert reading.is_picture(data)
    assert reading.read(data) == reading.Reading((SHOWN,))


def test_a_turned_photograph_is_read() -> None:
    turned = _picture().rotate(17, expand=True, fillcolor=255)
    assert reading.read(_bytes(turned, "JPEG")).texts == (SHOWN,)


def test_a_code_on_a_transparent_ground_is_read() -> None:
    code = _picture()
    clear = Image.new("RGBA", code.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=code.point(lambda value: 255 - value))
    assert reading.read(_bytes(clear)).texts == (SHOWN,)


def test_several_codes_in_one_picture_are_all_found() -> None:
    one, two = _picture("first.e30.c2ln"), _picture("second.e30.c2ln")
    page = Image.new("L", (one.width + two.width, max(one.height, two.height)), 255)
    page.paste(one, (0, 0))
    page.paste(two, (one.width, 0))
    assert sorted(reading.read(_bytes(page)).texts) == ["first.e30.c2ln", "second.e30.c2ln"]


def test_the_steps_are_as_it_is_then_blurred_then_upscaled(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []

    def see_nothing(picture: Image.Image) -> tuple[str, ...]:
        sizes.append(picture.size)
        return ()

    monkeypatch.setattr(reading, "_by_zxing", see_nothing)
    _zbar(monkeypatch, None)
    reading.read(_bytes(Image.new("L", (30, 20), 255)))
    assert sizes == [(30, 20), (30, 20), (60, 40)]


def test_a_reading_names_the_step_that_found_the_code() -> None:
    assert reading.read(_bytes(_picture())).step == "as_is"
    assert reading.read(_bytes(Image.new("L", (30, 20), 255))).step is None


def test_a_large_picture_is_not_upscaled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MAX_UPSCALED", 10)
    _zbar(monkeypatch, None)
    assert reading.read(_bytes(Image.new("L", (30, 20), 255))).texts == ()


def test_moire_is_read_after_blurring() -> None:
    code = _picture(pixels=8)
    stripes = ImageDraw.Draw(code)
    for x in range(0, code.width, 3):
        stripes.line([(x, 0), (x, code.height)], fill=128)
    assert reading.read(_bytes(code.filter(ImageFilter.GaussianBlur(0.3)))).texts == (SHOWN,)


def test_without_zbar_the_reading_carries_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    _zbar(monkeypatch, None)
    assert reading.read(_bytes(Image.new("L", (30, 20), 255))) == reading.Reading((), ("zbar_missing",))


def test_zbar_is_asked_last(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("pyzbar.pyzbar")
    module.ZBarSymbol = types.SimpleNamespace(QRCODE=64)  # type: ignore[attr-defined]
    module.decode = lambda picture, symbols: [types.SimpleNamespace(data=SHOWN.encode())] * 2  # type: ignore[attr-defined]
    _zbar(monkeypatch, module)
    found = reading.read(_bytes(Image.new("L", (30, 20), 255)))
    assert (found, found.step) == (reading.Reading((SHOWN,)), "zbar")


def test_a_truncated_code_gives_no_text() -> None:
    code = _picture("a" * 300)
    half = code.crop((0, 0, code.width, code.height // 2))
    assert reading.read(_bytes(half)).texts == ()


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0 not really", _bytes(_picture())[:-60]],
    ids=["empty", "gif", "png-magic", "jpeg-magic", "cut"],
)
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadablePicture, match="not a PNG or JPEG"):
        reading.read(data)


def test_a_picture_of_too_many_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_PICTURE", 100)
    with pytest.raises(PictureTooLarge, match="bytes, limit 100"):
        reading.read(b"\x89PNG" * 100)


def test_a_picture_of_the_most_bytes_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _bytes(_picture())
    monkeypatch.setattr(reading, "MAX_PICTURE", len(data))
    assert reading.read(data).texts == (SHOWN,)


def test_a_picture_of_the_most_pixels_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    code = _picture()
    monkeypatch.setattr(reading, "MAX_PIXELS", code.width * code.height)
    assert reading.read(_bytes(code)).texts == (SHOWN,)
    monkeypatch.setattr(reading, "MAX_PIXELS", code.width * code.height - 1)
    with pytest.raises(PictureTooLarge, match="pixels"):
        reading.read(_bytes(code))


@pytest.mark.parametrize(("width", "height"), [(10_000, 6_000), (12_000, 12_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(PictureTooLarge, match="pixels"):
        reading.read(_png(width, height))


def test_a_bomb_in_a_text_chunk_is_refused() -> None:
    packed = zlib.compress(b"\0" * 80_000_000)
    body = b"zTXtComment\0\0" + packed
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with pytest.raises(UnreadablePicture):
        reading.read(_png(10, 10, chunk))


def test_a_reading_does_not_show_itself_in_a_log() -> None:
    assert SHOWN not in repr(reading.Reading((SHOWN,)))


@pytest.mark.parametrize("size", [(65_536, 2), (2, 70_000)])
def test_a_picture_that_is_too_long_for_the_reader_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooLarge, match="65535 a side"):
        reading.read(_bytes(Image.new("L", size, 255)))


def test_a_picture_that_would_be_too_long_is_not_upscaled(monkeypatch: pytest.MonkeyPatch) -> None:
    _zbar(monkeypatch, None)
    assert reading.read(_bytes(Image.new("L", (32_768, 2), 255))).texts == ()


def test_a_code_whose_ground_is_a_transparent_colour_is_read() -> None:
    out = io.BytesIO()
    _picture().convert("P").save(out, format="PNG", transparency=255)
    assert reading.read(out.getvalue()).texts == (SHOWN,)


def test_a_large_photograph_is_searched_at_a_size_that_bounds_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []

    def see_nothing(picture: Image.Image) -> tuple[str, ...]:
        searched.append(picture.width * picture.height)
        return ()

    monkeypatch.setattr(reading, "_by_zxing", see_nothing)
    _zbar(monkeypatch, None)
    reading.read(_bytes(Image.new("L", (4_000, 3_000), 255)))
    assert max(searched) <= reading.MAX_SEARCHED
    assert len(searched) == 2, "and it is not upscaled again"


def test_a_code_in_a_large_photograph_is_read() -> None:
    photograph = Image.new("L", (4_000, 3_000), 255)
    code = _picture(pixels=12)
    photograph.paste(code, (300, 200))
    assert reading.read(_bytes(photograph)).texts == (SHOWN,)


def _scanned(scans: int) -> bytes:
    """A progressive JPEG of 8 by 8 pixels in grey, with so many scans."""
    start = b"\xff\xd8\xff\xdb\x00\x43\x00" + bytes([1] * 64)
    start += b"\xff\xc2" + struct.pack(">HBHHBBBB", 11, 8, 8, 8, 1, 1, 0x11, 0)
    tables = b"".join(
        b"\xff\xc4\x00\x14" + bytes([kind, 1, *[0] * 15, symbol]) for kind, symbol in ((0x00, 0), (0x10, 0xE0))
    )
    steps = [b"\xff\xda\x00\x08\x01\x01\x00" + bytes([0, 0, 0]) + b"\x7f"]
    steps += [
        b"\xff\xda\x00\x08\x01\x01\x00" + bytes([1 + index % 63] * 2) + b"\x00\x00\x01" for index in range(scans - 1)
    ]
    return start + tables + b"".join(steps) + b"\xff\xd9"


def test_a_jpeg_of_many_scans_is_refused_before_it_is_decoded() -> None:
    assert reading.read(_scanned(reading.MAX_SCANS)).texts == ()
    with pytest.raises(PictureTooLarge, match="65 scans, limit 64"):
        reading.read(_scanned(reading.MAX_SCANS + 1))


@pytest.mark.parametrize("slow", [0, 1, 2])
def test_no_step_begins_after_one_that_was_slow(monkeypatch: pytest.MonkeyPatch, slow: int) -> None:
    searched: list[int] = []
    clock = [100.0]

    def see_nothing(picture: Image.Image) -> tuple[str, ...]:
        del picture
        clock[0] += reading.MAX_SEARCH + 0.1 if len(searched) == slow else 0
        searched.append(slow)
        return ()

    monkeypatch.setattr(reading, "_by_zxing", see_nothing)
    found = reading.read(_bytes(Image.new("L", (30, 20), 255)), spent=lambda: clock[0])
    assert (found, len(searched)) == (reading.Reading((), ("search_cut_short",)), slow + 1)


def test_a_code_that_is_found_slowly_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 99.0])
    assert reading.read(_bytes(_picture()), spent=lambda: next(clock)).texts == (SHOWN,)
    monkeypatch.setattr(reading, "MAX_SEARCH", 0.0)
    assert reading.read(_bytes(_picture())).texts == (SHOWN,)
