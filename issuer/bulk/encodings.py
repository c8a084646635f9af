"""Which encoding a file has: UTF-8 with or without BOM, or GB18030; decided over the whole file, not its beginning."""

import codecs
from pathlib import Path

from issuer.errors import FileRefused

_CHUNK = 1024 * 1024


def encoding_of(path: Path) -> str:
    """Return ``utf-8-sig``, ``utf-8`` or ``gb18030``.

    UTF-8 comes first: a text in GB18030 with a few Chinese characters is not UTF-8 by chance.

    Raises:
        FileRefused: UTF-16, NUL bytes (a spreadsheet file, not a table), or none of the three.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileRefused("file is UTF-16: save it as CSV UTF-8")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileRefused("file is a workbook: save it as CSV UTF-8")
    candidates = ("utf-8-sig",) if start.startswith(codecs.BOM_UTF8) else ("utf-8", "gb18030")
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise FileRefused(f"file is neither {' nor '.join(candidates)}")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if b"\0" in chunk:
                    raise FileRefused("file holds NUL bytes, so it is no text")
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
