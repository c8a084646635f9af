"""What is to be checked, from a file, a picture, standard input or the argument itself."""

import os
from pathlib import Path
from typing import BinaryIO

from keys.errors import EcertError
from schemas.qr import animation
from schemas.qr import reading as qr_reading
from schemas.qr import text as qr_text
from schemas.qr.errors import PictureTooLarge, UnknownQrText, UnreadablePicture
from schemas.qr.text import Presentation, Reference
from verifier.errors import ReferenceNeedsNetwork, SeveralPresentations, UnreadableInput
from verifier.pdf_reading import PdfCopy, is_pdf, read_pdf

_MAX_INPUT = qr_reading.MAX_PICTURE


def read_file(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a file; raises UnreadableInput when it is absent, unreadable or longer than ``limit``."""
    try:
        with path.open("rb") as file:
            return _limited(file, limit, path.name)
    except OSError as exc:
        raise UnreadableInput(f"file {path.name} cannot be read: {exc.strerror}") from exc


def read_presentation(argument: str, stdin: BinaryIO) -> tuple[str | PdfCopy, tuple[str, ...]]:
    """Return the presentation that ``argument`` names or is, and notices such as ``zbar_missing``.

    What a file or a code holds is returned even if it is no presentation: the report says so. A file may hold the
    frames of an animated code, one a line; of a PDF come its two credentials.

    Raises:
        FrameRefused: one frame of an animated code without the others; or as ``animation.reassemble``.
        UnreadableInput: no such file and no presentation; a picture that is broken or holds no code.
        PdfRefused, PdfToolsMissing: as ``pdf_reading.read_pdf``.
        SeveralPresentations, ReferenceNeedsNetwork: a picture with more than one, or with a reference.
    """
    if argument == "-":
        return _content(_limited(stdin, _MAX_INPUT, "standard input"))
    if os.path.isfile(argument):
        return _content(read_file(Path(argument), limit=_MAX_INPUT))
    if argument.lstrip().startswith("{"):  # JSON: a credential or presentation with its proof, or an envelope
        return argument.strip(), ()
    try:
        return _presentation(argument.strip()), ()
    except UnknownQrText as exc:
        raise UnreadableInput("input is neither a file nor a presentation") from exc


def _limited(file: BinaryIO, limit: int, name: str) -> bytes:
    data = file.read(limit + 1)
    if len(data) > limit:
        raise UnreadableInput(f"{name} has more than {limit} bytes")
    return data


def _content(data: bytes) -> tuple[str | PdfCopy, tuple[str, ...]]:
    if is_pdf(data):
        return read_pdf(data), ()
    if qr_reading.is_picture(data):
        return _from_picture(data)
    text = data.decode("utf-8", "replace").strip()
    if not text:
        raise UnreadableInput("input is empty")
    if len(lines := text.splitlines()) > 1 and all(map(animation.is_frame, lines)):
        return animation.reassemble(lines), ()
    return _or_as_it_is(text), ()


def code_in_picture(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of the code to judge in a picture, and notices; codes of others beside ours are passed over.

    The code may be one frame of an animated code.

    Raises:
        UnreadableInput: a picture that is broken or holds no code.
        SeveralPresentations: more than one of ours.
    """
    try:
        found = qr_reading.read(data)
    except (PictureTooLarge, UnreadablePicture) as exc:
        raise UnreadableInput(str(exc)) from exc
    if not found.texts:
        raise UnreadableInput("picture holds no QR code that can be read" + _hint(found.notices))
    ours = [text for text in found.texts if _is_ours(text)]
    if len(ours) > 1:
        raise SeveralPresentations(f"picture holds {len(ours)} presentations: show one")
    return (ours[0] if ours else found.texts[0]), found.notices


def _from_picture(data: bytes) -> tuple[str, tuple[str, ...]]:
    code, notices = code_in_picture(data)
    return _or_as_it_is(code), notices


_HINTS = {
    qr_reading.NO_ZBAR: " (zbar is not installed, so the last reader was left out)",
    qr_reading.CUT_SHORT: " (the search took too long, so the other readers were left out)",
}


def _hint(notices: tuple[str, ...]) -> str:
    return "".join(_HINTS[notice] for notice in notices)


def _is_ours(text: str) -> bool:
    if animation.is_frame(text):
        return True
    try:
        qr_text.decode(text)
    except EcertError:
        return False
    return True


def _or_as_it_is(text: str) -> str:
    return _presentation(text) if _is_ours(text) else text


def _presentation(text: str) -> str:
    found: Presentation | Reference = qr_text.decode(text)
    if isinstance(found, Reference):
        raise ReferenceNeedsNetwork("code is a reference that waits online, and this verifier is offline")
    return found.token
