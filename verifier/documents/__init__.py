"""Presentations taken apart (step 1) and believed (steps 3, 4 and 8): one module a format, one shape for the rules."""

from keys.errors import TooLarge
from verifier.documents import sd_jwt_vc, vc_jwt
from verifier.documents.common import Credential, Document, Selector

__all__ = ["Credential", "Document", "Selector", "open_document"]


def open_document(text: str, *, max_bytes: int) -> Document:
    """Take a presentation apart; its form tells its format: an SD-JWT VC holds ``~``, the rest is a vc+jwt.

    Raises:
        TooLarge: longer than ``max_bytes``.
        FormatError, MalformedToken, ForbiddenHeader, AlgorithmNotAllowed: by the rule that is broken.
    """
    if len(text) > max_bytes:
        raise TooLarge(f"presentation has {len(text)} characters, limit {max_bytes}")
    return sd_jwt_vc.open_document(text) if "~" in text else vc_jwt.open_document(text)
