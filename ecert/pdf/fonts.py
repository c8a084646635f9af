"""The font of what is printed: one that has Chinese, given by the operator or found where systems keep it.

No font is shipped: one of 20 MB would be the largest part of the program, and every system's packages have one.
"""

from pathlib import Path

from ecert.errors import CopyWriterMissing

PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",  # Debian, Ubuntu: fonts-noto-cjk
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",  # Arch, Alpine
    "/usr/share/fonts/google-noto-sans-cjk-vf-fonts/NotoSansCJK-VF.ttc",  # Fedora
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
_SIMPLIFIED = ("SC", "CN", "GB")


def font_file(chosen: Path | None, *, places: tuple[str, ...] = PLACES) -> Path:
    """Return the font's file.

    Raises:
        CopyWriterMissing: none is chosen (``ECERT_PDF_FONT``) and none stands where systems keep it.
    """
    if chosen is not None:
        return chosen
    for place in map(Path, places):
        if place.is_file():
            return place
    raise CopyWriterMissing(
        "no font with Chinese was found: install fonts-noto-cjk, or name a .ttf, .otf or .ttc by ECERT_PDF_FONT"
    )


def face_number(file: Path) -> int:
    """Return which font of a collection has the mainland's forms, by its name; 0 for a file with one font.

    Raises:
        CopyWriterMissing: the file is no font.
    """
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        with file.open("rb") as stream:
            if stream.read(4) != b"ttcf":
                stream.seek(0)
                TTFont(stream, lazy=True)
                return 0
            stream.seek(0)
            fonts = TTCollection(stream, lazy=True).fonts
            names = [str(font["name"].getDebugName(1)).split()[-1] for font in fonts]
    except (OSError, TTLibError) as exc:
        raise CopyWriterMissing("the font of ECERT_PDF_FONT cannot be read") from exc
    return next((number for number, name in enumerate(names) if name in _SIMPLIFIED), 0)
