"""Errors of ``schemas.qr``."""

from schemas.errors import SchemasError


class QrError(SchemasError):
    """Something about a QR code or its picture is wrong."""

    code = "qr_error"


class UnknownQrText(QrError):
    """The text of a code is neither a presentation nor a reference of a form that is known."""

    code = "unknown_qr_text"


class QrTooLarge(QrError):
    """The text does not fit one QR code."""

    code = "qr_too_large"


class UnreadablePicture(QrError):
    """The bytes are not a PNG or JPEG picture that can be decoded."""

    code = "unreadable_picture"


class PictureTooLarge(QrError):
    """The picture has more bytes or pixels than its limit."""

    code = "picture_too_large"


class MalformedBase45(QrError):
    """The text after the prefix is not base45 (RFC 9285)."""

    code = "malformed_base45"


class UnknownDictionary(QrError):
    """The packing names a dictionary that this program does not have: a newer one, or none."""

    code = "unknown_dictionary"


class MalformedPacking(QrError):
    """What follows the dictionary's id is not one whole raw DEFLATE stream."""

    code = "malformed_packing"


class InflatedTooLarge(QrError):
    """The content is larger than its limit once inflated; inflating stopped there."""

    code = "inflated_too_large"


class FrameRefused(QrError):
    """A frame of an animated code has no frame's form, or does not belong to those before it."""

    code = "frame_refused"


class NotPrintable(QrError):
    """What is bound to a holder's key is not printed: a copy on paper could not prove it."""

    code = "not_printable"
