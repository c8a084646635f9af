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
