"""Annotated copies (加注件): a certificate as a file that a person can read, print and hand on, marked with its use.

    copies = Copies(CopyParts(...), writer)
    made = copies.make(identifier, mark, purpose="show")
    made.data, made.media_type

What it is drawn on is behind a port (``CopyWriter``): PDF is the first one, OFD (GB/T 33190) may follow.
"""

from ecert.copies.making import Copies, CopyParts, MadeCopy
from ecert.copies.ports import CopyContent, CopyWriter

__all__ = ["Copies", "CopyContent", "CopyParts", "CopyWriter", "MadeCopy"]
