"""Errors of receiving over OpenID4VCI. No message repeats what an issuer sent, but for error words of the standards.

ReceiveError
├── OfferInvalid, OfferGone                    the offer: its form; used, declined, or too old
├── CopyNotHeld                                a certificate's copy or a code that was shown, where an offer is expected
├── AddressRefused, HttpFailed                 an address that is not asked; one that did not answer as it must
├── IssuerMetadataInvalid, ServerMetadataInvalid
├── IssuerNotTrusted                           not on the trust list: nothing is fetched, no code is sent
├── ConfigurationNotSupported                  nothing of the offer that was chosen can be held here
├── TxCodeInvalid                              the transaction code is missing, not asked for, or of another form
├── AuthorizationResponseInvalid               the way back from the browser: state, iss, code
├── TokenRefused, TokenResponseInvalid
├── CredentialRequestRefused, CredentialResponseInvalid
├── CredentialNotKept                          it came, and did not pass the checks of the wallet
├── HolderKeyNotSupported                      the issuer takes no key of this kind
├── ReceivingGone                              done, or too old
└── DeviceSignatureInvalid                     the device's signatures do not fit what was to be signed
"""

from typing import Any

from wallet_api.errors import WalletError

# RFC 6749, 5.2 and 4.1.2.1; RFC 9126; RFC 9449; RFC 9396; attestation-based client authentication, 6.2; OpenID4VCI 1.0.
_WORDS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "unsupported_response_type",
        "access_denied",
        "server_error",
        "temporarily_unavailable",
        "invalid_request_uri",
        "invalid_authorization_details",
        "invalid_dpop_proof",
        "use_dpop_nonce",
        "invalid_client_attestation",
        "use_attestation_challenge",
        "use_fresh_attestation",
        "invalid_token",
        "insufficient_scope",
        "slow_down",
        "authorization_pending",
        "expired_token",
        "invalid_credential_request",
        "unknown_credential_configuration",
        "unknown_credential_identifier",
        "invalid_proof",
        "invalid_nonce",
        "invalid_encryption_parameters",
        "credential_request_denied",
        "invalid_transaction_id",
        "issuance_pending",
        "invalid_notification_id",
        "invalid_notification_request",
    }
)


def error_word(value: Any) -> str:
    """Return an ``error`` of a standard as it is, anything else as ``unknown_error``: it may be shown and logged."""
    return value if isinstance(value, str) and value in _WORDS else "unknown_error"


class ReceiveError(WalletError):
    """A certificate cannot be received. ``word`` says more where a standard or a report has a word for it."""

    code = "receive_error"
    word: str = ""

    @property
    def reason(self) -> str:
        """The code, and the word where there is one."""
        return f"{self.code}:{self.word}" if self.word else self.code


class OfferInvalid(ReceiveError):
    """The text or picture holds no credential offer, or one that breaks OpenID4VCI 1.0, 4.1."""

    code = "credential_offer_invalid"


class CopyNotHeld(ReceiveError):
    """A copy (PDF or paper) or a code that somebody showed: bound to nobody's key or to that showing, so that no wallet
    can hold it. A certificate comes from its issuer, bound to a key of this holder (docs/adr/0028)."""

    code = "copy_not_held"


class OfferGone(ReceiveError):
    """The offer was accepted, declined, or lies too long; it has to be read again."""

    code = "credential_offer_gone"


class AddressRefused(ReceiveError):
    """An address that this wallet does not ask: no https, or not a public one."""

    code = "protocol_address_refused"


class HttpFailed(ReceiveError):
    """An issuer's server did not answer, or not within the limits of time and size."""

    code = "protocol_http_failed"


class IssuerMetadataInvalid(ReceiveError):
    """The credential issuer has no metadata, or metadata that breaks OpenID4VCI 1.0, 12.2 or requires an
    encryption that this wallet does not have."""

    code = "issuer_metadata_invalid"


class ServerMetadataInvalid(ReceiveError):
    """The authorization server has no metadata, or metadata that breaks RFC 8414 or does not serve this grant."""

    code = "server_metadata_invalid"


class IssuerNotTrusted(ReceiveError):
    """The credential issuer is not on the trust list."""

    code = "credential_issuer_not_trusted"


class ConfigurationNotSupported(ReceiveError):
    """A credential configuration that was not offered, or that this wallet cannot hold."""

    code = "configuration_not_supported"


class TxCodeInvalid(ReceiveError):
    """The transaction code is missing, was not asked for, or has not the form that the offer names."""

    code = "tx_code_invalid"


class AuthorizationResponseInvalid(ReceiveError):
    """The answer of the authorization endpoint belongs to no request of this holder, or to another server."""

    code = "authorization_response_invalid"


class TokenRefused(ReceiveError):
    """The authorization server refused; ``word`` is its ``error``."""

    code = "token_refused"

    def __init__(self, text: str, *, word: str) -> None:
        super().__init__(f"{text}: {word}")
        self.word = word


class TokenResponseInvalid(ReceiveError):
    """The token response breaks RFC 6749, 5.1, RFC 9449, 5 or OpenID4VCI 1.0, 6.2."""

    code = "token_response_invalid"


class CredentialRequestRefused(ReceiveError):
    """The credential issuer refused; ``word`` is its ``error``."""

    code = "credential_request_refused"

    def __init__(self, text: str, *, word: str) -> None:
        super().__init__(f"{text}: {word}")
        self.word = word


class CredentialResponseInvalid(ReceiveError):
    """The credential response breaks OpenID4VCI 1.0, 8.3 or 9.2."""

    code = "credential_response_invalid"


class CredentialNotKept(ReceiveError):
    """The credential did not pass a check of the wallet; ``word`` is the check and its reason."""

    code = "credential_not_kept"

    def __init__(self, *, check: str, reason: str) -> None:
        self.word = f"{check}:{reason}"
        super().__init__(f"credential was not kept: {check}: {reason}")


class HolderKeyNotSupported(ReceiveError):
    """The issuer takes no key of this algorithm for this configuration."""

    code = "holder_key_not_supported"


class ReceivingGone(ReceiveError):
    """There is no such receiving of this holder, or it is over."""

    code = "receiving_gone"


class DeviceSignatureInvalid(ReceiveError):
    """The device's signatures are not one for each text, by the holder's key."""

    code = "device_signature_invalid"
