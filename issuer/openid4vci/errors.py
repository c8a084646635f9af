"""The errors of the protocol. ``error`` is the word on the wire, ``status`` the HTTP status, ``headers`` go with it.

ProtocolError
├── OAuthError                      RFC 6749, 5.2; the token, PAR and authorization endpoints
│   ├── InvalidRequest, InvalidClient, InvalidGrant, UnauthorizedClient, UnsupportedGrantType, InvalidScope
│   ├── InvalidAuthorizationDetails                                            RFC 9396, 5
│   ├── UnsupportedResponseType, AccessDenied, InvalidRequestUri               RFC 6749, 4.1.2.1; RFC 9101, 7.2
│   ├── InvalidClientAttestation, UseAttestationChallenge, UseFreshAttestation
│   │                                                                Attestation-Based Client Authentication, 6.2
│   └── InvalidDpopProof, UseDpopNonce                                         RFC 9449, 5 and 8
├── AccessError                     RFC 6750, 3.1 and RFC 9449, 7.1; with a WWW-Authenticate header
│   └── InvalidToken, InsufficientScope, InvalidTokenProof, UseTokenNonce
├── CredentialError                 OpenID4VCI 1.0, 8.3.1.2; always 400
│   ├── InvalidCredentialRequest, UnknownCredentialConfiguration, UnknownCredentialIdentifier
│   ├── InvalidProof, InvalidNonce, InvalidEncryptionParameters, CredentialRequestDenied
│   ├── InvalidTransactionId                                                   9.3
│   └── InvalidNotificationId, InvalidNotificationRequest                      11.3
├── LoginError                      the login at the authorization endpoint; shown on a page, never on the wire
│   └── NoLogin, IdentityRefused, IdentityUnavailable, LoginCancelled
├── UnknownOffer                    an offer by reference that is not there, was used, or is too old
└── TooManyRequests                 a rate limit; ``retry_after`` seconds

The text is for ``error_description``: ASCII without quotes and backslashes (RFC 6749, 5.2), and no personal data.
"""

from collections.abc import Mapping
from typing import ClassVar

from issuer.errors import IssuerError


class ProtocolError(IssuerError):
    """A request of the protocol is refused."""

    code = "openid4vci_error"
    error: ClassVar[str] = "invalid_request"
    status: ClassVar[int] = 400

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields of the answer."""
        return {}


class OAuthError(ProtocolError):
    """A refusal of the authorization server."""

    code = "oauth_error"


class InvalidRequest(OAuthError):
    """A parameter is missing, twice, or wrong."""

    code = "oauth_invalid_request"


class InvalidClient(OAuthError):
    """Client authentication failed."""

    code = "oauth_invalid_client"
    error = "invalid_client"
    status = 401


class InvalidGrant(OAuthError):
    """A code, a refresh token or a transaction code is wrong, used, too old, or another client's."""

    code = "oauth_invalid_grant"
    error = "invalid_grant"


class UnauthorizedClient(OAuthError):
    """The client may not use this grant."""

    code = "oauth_unauthorized_client"
    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """There is no such grant here."""

    code = "oauth_unsupported_grant_type"
    error = "unsupported_grant_type"


class InvalidScope(OAuthError):
    """A scope that this issuer does not know."""

    code = "oauth_invalid_scope"
    error = "invalid_scope"


class InvalidAuthorizationDetails(OAuthError):
    """Authorization details that this issuer does not know (RFC 9396, 5)."""

    code = "oauth_invalid_authorization_details"
    error = "invalid_authorization_details"


class UnsupportedResponseType(OAuthError):
    """Another response type than ``code``."""

    code = "oauth_unsupported_response_type"
    error = "unsupported_response_type"


class AccessDenied(OAuthError):
    """The holder said no, or nothing waits for them."""

    code = "oauth_access_denied"
    error = "access_denied"


class InvalidRequestUri(OAuthError):
    """A ``request_uri`` that is unknown, used, too old, or another client's."""

    code = "oauth_invalid_request_uri"
    error = "invalid_request_uri"


class InvalidClientAttestation(OAuthError):
    """The client attestation or its proof of possession does not hold."""

    code = "oauth_invalid_client_attestation"
    error = "invalid_client_attestation"
    status = 401


class UseAttestationChallenge(OAuthError):
    """The proof of possession must carry a challenge of ours; ``challenge`` is a fresh one."""

    code = "oauth_use_attestation_challenge"
    error = "use_attestation_challenge"

    def __init__(self, text: str, *, challenge: str) -> None:
        super().__init__(text)
        self.challenge = challenge

    @property
    def headers(self) -> Mapping[str, str]:
        """The fresh challenge."""
        return {"OAuth-Client-Attestation-Challenge": self.challenge}


class UseFreshAttestation(OAuthError):
    """The client attestation was right once and has expired: the client asks its attester for a new one."""

    code = "oauth_use_fresh_attestation"
    error = "use_fresh_attestation"
    status = 401


class InvalidDpopProof(OAuthError):
    """The DPoP proof is missing or does not hold."""

    code = "oauth_invalid_dpop_proof"
    error = "invalid_dpop_proof"


class UseDpopNonce(OAuthError):
    """The DPoP proof must carry a nonce of ours; ``nonce`` is a fresh one."""

    code = "oauth_use_dpop_nonce"
    error = "use_dpop_nonce"

    def __init__(self, text: str, *, nonce: str) -> None:
        super().__init__(text)
        self.nonce = nonce

    @property
    def headers(self) -> Mapping[str, str]:
        """The fresh nonce."""
        return {"DPoP-Nonce": self.nonce}


class AccessError(ProtocolError):
    """A protected endpoint does not take the access token."""

    code = "access_error"
    error = "invalid_token"
    status = 401

    @property
    def headers(self) -> Mapping[str, str]:
        """The challenge of RFC 6750, 3 and RFC 9449, 7.1."""
        return {"WWW-Authenticate": f'DPoP error="{self.error}", algs="ES256 ES384 EdDSA"'}


class InvalidToken(AccessError):
    """The access token is missing, unknown, too old, or was ended."""

    code = "access_invalid_token"


class InsufficientScope(AccessError):
    """The access token does not reach this."""

    code = "access_insufficient_scope"
    error = "insufficient_scope"
    status = 403


class InvalidTokenProof(AccessError):
    """The DPoP proof at a protected endpoint is missing or does not hold."""

    code = "access_invalid_dpop_proof"
    error = "invalid_dpop_proof"


class UseTokenNonce(AccessError):
    """The DPoP proof at a protected endpoint must carry a nonce of ours; ``nonce`` is a fresh one."""

    code = "access_use_dpop_nonce"
    error = "use_dpop_nonce"

    def __init__(self, text: str, *, nonce: str) -> None:
        super().__init__(text)
        self.nonce = nonce

    @property
    def headers(self) -> Mapping[str, str]:
        """The challenge and the fresh nonce."""
        return {**AccessError.headers.fget(self), "DPoP-Nonce": self.nonce}  # type: ignore[attr-defined]


class CredentialError(ProtocolError):
    """A credential, deferred credential or notification request is refused."""

    code = "credential_error"
    error = "invalid_credential_request"


class InvalidCredentialRequest(CredentialError):
    """The request is malformed, or names both forms of an id, or none."""

    code = "invalid_credential_request"


class UnknownCredentialConfiguration(CredentialError):
    """There is no such configuration."""

    code = "unknown_credential_configuration"
    error = "unknown_credential_configuration"


class UnknownCredentialIdentifier(CredentialError):
    """There is no such credential identifier."""

    code = "unknown_credential_identifier"
    error = "unknown_credential_identifier"


class InvalidProof(CredentialError):
    """The key proofs or the key attestation are missing or do not hold."""

    code = "invalid_key_proof"
    error = "invalid_proof"


class InvalidNonce(CredentialError):
    """A proof carries a nonce that is not ours, used, or too old."""

    code = "invalid_nonce"
    error = "invalid_nonce"


class InvalidEncryptionParameters(CredentialError):
    """The response cannot be encrypted as asked, or the request could not be decrypted."""

    code = "invalid_encryption_parameters"
    error = "invalid_encryption_parameters"


class CredentialRequestDenied(CredentialError):
    """There is, finally, no credential to give."""

    code = "credential_request_denied"
    error = "credential_request_denied"


class InvalidTransactionId(CredentialError):
    """A deferred transaction that is unknown, delivered, or another token's."""

    code = "invalid_transaction_id"
    error = "invalid_transaction_id"


class InvalidNotificationId(CredentialError):
    """A notification id that this token was not given."""

    code = "invalid_notification_id"
    error = "invalid_notification_id"


class InvalidNotificationRequest(CredentialError):
    """A notification that is malformed or names no event of OpenID4VCI 1.0, 11.1."""

    code = "invalid_notification_request"
    error = "invalid_notification_request"


class LoginError(ProtocolError):
    """The login at the authorization endpoint does not go on. It is shown on a page, never sent to a client."""

    code = "login_error"
    error = "access_denied"


class NoLogin(LoginError):
    """The browser has no login under way, or it is too old, or at another step, or the form is not its own."""

    code = "no_login"


class IdentityRefused(LoginError):
    """Who it is could not be established: what was given, or what the provider says, does not hold."""

    code = "identity_refused"
    status = 403


class IdentityUnavailable(LoginError):
    """The identity provider does not answer, or not in its protocol."""

    code = "identity_unavailable"
    error = "temporarily_unavailable"
    status = 503


class LoginCancelled(LoginError):
    """The person went back at the identity provider."""

    code = "login_cancelled"
    status = 403


class UnknownOffer(ProtocolError):
    """No credential offer waits at this address."""

    code = "unknown_offer"
    status = 404


class TooManyRequests(ProtocolError):
    """A client or an address asks too often; ``retry_after`` is in seconds."""

    code = "too_many_requests"
    error = "slow_down"
    status = 429

    def __init__(self, text: str, *, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after

    @property
    def headers(self) -> Mapping[str, str]:
        """When to come again."""
        return {"Retry-After": str(self.retry_after)}
