"""Errors of the VC-API: what a stranger's request, credential or presentation lacks."""

from ecert.errors import CompositionError


class VcApiError(CompositionError):
    """The VC-API refuses what it was given."""

    code = "vc_api_error"


class VcApiRequestMalformed(VcApiError):
    """The request's body is not the one that the route takes; the message names the member."""

    code = "vc_api_request_malformed"


class NoSuchIssuer(VcApiError):
    """No issuer instance has this name."""

    code = "vc_api_no_such_issuer"


class NoSuchStatusList(VcApiError):
    """No status list of this process has this address."""

    code = "vc_api_no_such_status_list"


class IssuerNotOwn(VcApiError):
    """The credential names another issuer than the one whose route was asked."""

    code = "vc_api_issuer_not_own"


class AlreadySecured(VcApiError):
    """The credential to issue carries a proof, or is an envelope."""

    code = "vc_api_already_secured"


class EnvelopedClaimsInvalid(VcApiError):
    """What an envelope holds is not the credential or presentation that its media type says."""

    code = "vc_api_enveloped_claims_invalid"


class MethodNotResolved(VcApiError):
    """A verification method is no ``did:key`` of a supported kind; nothing else is resolved, and nothing fetched."""

    code = "vc_api_method_not_resolved"


class OutsideValidity(VcApiError):
    """The credential is not yet, or no longer, valid."""

    code = "vc_api_outside_validity"


class StatusNotValid(VcApiError):
    """The status list says that the credential is revoked or suspended."""

    code = "vc_api_status_not_valid"


class StatusUnknown(VcApiError):
    """The credential's status list is not one of this process: unknown is never valid, and nothing is fetched."""

    code = "vc_api_status_unknown"
