"""Annotated copies as PDF: drawn with fpdf2, the credential attached, signed with pyHanko (docs/adr/0028).

The libraries (extra ``pdf``) are loaded when the first copy is made: without them everything else is served.
"""

from ecert.pdf.writer import ATTACHMENT, PdfCopyWriter

__all__ = ["ATTACHMENT", "PdfCopyWriter"]
