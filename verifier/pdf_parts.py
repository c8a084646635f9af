"""What a PDF carries, taken apart by a process of its own (``verifier.pdf_reading`` starts it; extra ``pdf``).

    python -m verifier.pdf_parts < copy.pdf         writes {"attached": …, "code": …} or {"refused": …} as JSON

A PDF from anywhere is hostile: its parsers are large, and what it inflates to knows no limit. So they run under limits
of memory and time, and whatever ends this process early is a refusal. Nothing here believes anything: it finds the
attached credential and the one code of ours that the pages show, and the verifier judges both.
"""

import io
import sys
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

import orjson
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdfium2 import PdfDocument

from keys.encoding import b64url_text
from schemas.formats.sd_cwt.token import MAX_BYTES
from schemas.qr import reading
from schemas.qr.errors import QrError
from schemas.qr.text import Presentation, decode

ATTACHMENT = "ecert-credential.cwt"
MAX_PAGES = 12
MAX_ATTACHMENTS = 8
MAX_SIDE = 1_300  # points: A3 has 842 × 1191
MAX_NODES = 200_000
MEMORY = 1 << 30
SECONDS = 15
_SCALE = 2.5  # 180 dpi: a module of a version 16 code of 5.5 cm has 4 pixels
# ISO 32000-2, 12.6.4: actions that run, leave the file, or send it.
_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound"}
    | {"/RichMediaExecute", "/ResetForm", "/Hide", "/SetOCGState", "/Trans", "/GoTo3DView"}
)
_MEMBERS = frozenset({"/JS", "/XFA", "/RichMediaContent"})


class Refused(Exception):
    """The PDF is not taken; the text is a reason of ``verifier.pdf_reading``."""


def main(stdin: BinaryIO, stdout: TextIO) -> None:
    """Take apart what comes in and write what was found."""
    found: dict[str, str]
    try:
        found = parts(stdin.read())
    except Refused as exc:
        found = {"refused": str(exc)}
    stdout.write(orjson.dumps(found).decode())


def parts(data: bytes) -> dict[str, str]:
    """Return the attached credential (base64url) and the code's token; raises Refused, or whatever a parser raises."""
    return {"attached": attached(data), "code": code(data)}


def attached(data: bytes) -> str:
    """Return the credential that is attached under our name, exactly once, in a file without active content."""
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    if "/Encrypt" in reader.trailer:
        raise Refused("encrypted")
    specs = [each for each in _dictionaries(reader) if _checked(each) and "/EF" in each]
    if len(specs) > MAX_ATTACHMENTS:
        raise Refused("too_many_attachments")
    ours = [each for each in specs if ATTACHMENT in (each.get("/F"), each.get("/UF"))]
    if len(ours) != 1:
        raise Refused("several_credentials" if ours else "no_credential")
    return b64url_text(_inflated(ours[0]["/EF"]["/F"].get_object()))


def _dictionaries(reader: PdfFileReader) -> Iterator[Any]:
    """Give every dictionary that the catalog leads to."""
    waiting: list[Any] = [reader.root]
    seen: set[tuple[int, int]] = set()
    nodes = 0
    while waiting:
        nodes += 1
        if nodes > MAX_NODES:
            raise Refused("too_many_objects")
        node = waiting.pop()
        if isinstance(node, generic.IndirectObject):
            if (node.idnum, node.generation) in seen:
                continue
            seen.add((node.idnum, node.generation))
            node = node.get_object()  # type: ignore[no-untyped-call]
        if isinstance(node, generic.DictionaryObject):
            yield node
            waiting += [node.raw_get(name) for name in node]
        elif isinstance(node, generic.ArrayObject):
            waiting += [node.raw_get(place) for place in range(len(node))]


def _checked(node: Any) -> bool:
    """Return True for a dictionary that does nothing."""
    if node.get("/S") in _ACTIONS or not _MEMBERS.isdisjoint(node):
        raise Refused("active_content")
    return True


def _inflated(stream: Any) -> bytes:
    if not isinstance(stream, generic.StreamObject) or "/DecodeParms" in stream:
        raise Refused("attachment_coded")
    data: bytes = stream.encoded_data
    if stream.get("/Filter") in ("/FlateDecode", ["/FlateDecode"]):
        data = zlib.decompressobj().decompress(data, MAX_BYTES + 1)
    elif "/Filter" in stream:
        raise Refused("attachment_coded")
    if len(data) > MAX_BYTES:
        raise Refused("attachment_too_large")
    return data


def code(data: bytes) -> str:
    """Return the token of the one code of ours that the pages show, as a camera would see them."""
    document = PdfDocument(data)
    if not 1 <= len(document) <= MAX_PAGES:
        raise Refused("too_many_pages")
    found: set[str] = set()
    for number in range(len(document)):
        page = document[number]
        if max(page.get_size()) > MAX_SIDE:
            raise Refused("page_too_large")
        out = io.BytesIO()
        page.render(scale=_SCALE, grayscale=True).to_pil().save(out, "PNG", compress_level=1)
        found |= set(_ours(reading.read(out.getvalue()).texts))
    if len(found) != 1:
        raise Refused("several_codes" if found else "no_code")
    return found.pop()


def _ours(texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        try:
            presented = decode(text)
        except QrError:
            continue  # somebody else's code
        if isinstance(presented, Presentation):
            yield presented.token


def limit() -> None:
    """Bound this process: memory, processor time, no file of its own; where the system has such limits."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit()
    main(sys.stdin.buffer, sys.stdout)
