"""Errors of OpenID4VP. ``error`` is the word on the wire (OpenID4VP 1.0, 8.5)."""

from typing import ClassVar

from schemas.errors import SchemasError


class PresentationRequestRefused(SchemasError):
    """A wallet cannot take an authorization request."""

    code = "presentation_request_refused"
    error: ClassVar[str] = "invalid_request"


class InvalidPresentationRequest(PresentationRequestRefused):
    """The request breaks a rule."""

    code = "invalid_presentation_request"


class VerifierNotAuthenticated(PresentationRequestRefused):
    """The client identifier's prefix asks for a proof that is missing or does not hold."""

    code = "verifier_not_authenticated"


class VpFormatsNotSupported(PresentationRequestRefused):
    """None of the formats asked for can be presented."""

    code = "vp_formats_not_supported"
    error = "vp_formats_not_supported"


class InvalidRequestUriMethod(PresentationRequestRefused):
    """``request_uri_method`` is neither get nor post."""

    code = "invalid_request_uri_method"
    error = "invalid_request_uri_method"


class InvalidTransactionData(PresentationRequestRefused):
    """An entry of ``transaction_data`` is of a type that is not known, or breaks its rules."""

    code = "invalid_transaction_data"
    error = "invalid_transaction_data"


class PresentationDeclined(PresentationRequestRefused):
    """The holder said no, or holds nothing that was asked for."""

    code = "presentation_declined"
    error = "access_denied"


class InvalidPresentationResponse(SchemasError):
    """A response that a verifier cannot read; ``reason`` is a stable word."""

    code = "invalid_presentation_response"

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
