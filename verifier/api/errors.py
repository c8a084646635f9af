"""Errors of the verify API.

VerifierError
└── VerifyApiError: UnknownVerification, InvalidCursor, NoReceipt, ReceiptRefused, UnknownWebhook, InvalidWebhook,
    TooManyWebhooks
"""

from verifier.errors import VerifierError


class VerifyApiError(VerifierError):
    """A request of a relying party cannot be done."""

    code = "verify_api_error"


class UnknownVerification(VerifyApiError):
    """The relying party has no verification of this id in this environment, or it is forgotten."""

    code = "unknown_verification"


class InvalidCursor(VerifyApiError):
    """The cursor is none that a page of this list ended with."""

    code = "invalid_cursor"


class NoReceipt(VerifyApiError):
    """Nothing was verified (yet), so there is nothing to state."""

    code = "no_receipt"


class ReceiptRefused(VerifyApiError):
    """What is said to be a receipt is none, or of another presentation."""

    code = "receipt_refused"


class UnknownWebhook(VerifyApiError):
    """The relying party has no webhook or delivery of this id in this environment."""

    code = "unknown_webhook"


class InvalidWebhook(VerifyApiError):
    """The address or the events of a webhook are not well formed."""

    code = "invalid_webhook"


class TooManyWebhooks(VerifyApiError):
    """The relying party has as many webhooks as it may."""

    code = "too_many_webhooks"
