"""Errors of presenting over OpenID4VP. What is wrong with a request is ``schemas.openid4vp.errors``.

PresentingError
├── LinkInvalid            no link, text or picture of a request
├── RequestGone            shared or declined before, or too old
├── RequestNotServed       request_uri did not give a request object
├── ChoiceInvalid          what was chosen does not answer the request
├── VerifierUnverified     nobody vouches for who asks, and the holder did not accept that
├── PresentationNotTaken   the verifier refused it, or was not reached
├── SignatureInvalid       the device's signatures do not fit what was to be signed
└── NotAnExchange          an entry of the history that answers no request
"""

from wallet_api.errors import WalletError


class PresentingError(WalletError):
    """A request cannot be answered."""

    code = "presenting_error"


class LinkInvalid(PresentingError):
    """Not a link to a presentation request, or a picture without exactly one."""

    code = "presentation_link_invalid"


class RequestGone(PresentingError):
    """There is no such request: answered, declined, or too old."""

    code = "presentation_request_gone"


class RequestNotServed(PresentingError):
    """The address of the request did not give a request object."""

    code = "presentation_request_not_served"


class ChoiceInvalid(PresentingError):
    """The certificates that were chosen do not answer the request."""

    code = "presentation_choice_invalid"


class VerifierUnverified(PresentingError):
    """Nobody vouches for who asks; the holder has to accept that in so many words."""

    code = "verifier_unverified"


class PresentationNotTaken(PresentingError):
    """The verifier did not take the presentation, or was not reached; the history says so."""

    code = "presentation_not_taken"


class SignatureInvalid(PresentingError):
    """A signature is missing, too many, or not the holder's key's over what was to be signed."""

    code = "presentation_signature_invalid"


class NotAnExchange(PresentingError):
    """The entry of the history is of a code or an API call: there is no verifier to write to or to report."""

    code = "history_record_has_no_verifier"
