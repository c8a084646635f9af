"""``CopyWriter`` as PDF: loads the libraries when it is asked for the first file."""

from importlib.util import find_spec
from pathlib import Path

from ecert.copies.ports import CopyContent
from ecert.errors import CopyWriterMissing
from ecert.pdf.fonts import font_file
from keys.signer import Signer

ATTACHMENT = "ecert-credential.cwt"
"""The name of the attached credential; verifiers look for it (``verifier.pdf_reading``)."""
_LIBRARIES = ("fpdf", "pyhanko")


class PdfCopyWriter:
    """Annotated copies as signed PDF (PDF/A-3, PAdES baseline B-B)."""

    media_type = "application/pdf"
    suffix = ".pdf"

    def __init__(self, font: Path | None = None) -> None:
        """``font`` is a file with Chinese; None looks where systems keep one."""
        self._font = font

    def write(self, content: CopyContent, signer: Signer) -> bytes:
        """Return the signed file; raises CopyWriterMissing."""
        if missing := [each for each in _LIBRARIES if find_spec(each) is None]:
            raise CopyWriterMissing(f"PDF needs the extra pdf (pip install 'ecert[pdf]'): {', '.join(missing)} missing")
        font = font_file(self._font)
        from ecert.pdf import drawing, signing

        return signing.signed(drawing.drawn(content, font=font, attachment=ATTACHMENT), signer, content)
