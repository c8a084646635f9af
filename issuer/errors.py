"""Errors of ``issuer``."""

from keys.errors import EcertError


class IssuerError(EcertError):
    """An order, an act or a publication cannot be carried out."""

    code = "issuer_error"


class UnknownCertificate(IssuerError):
    """No certificate has this identifier."""

    code = "unknown_certificate"


class ActNotAllowed(IssuerError):
    """The type or the present state does not allow this act (DESIGN.md 6)."""

    code = "act_not_allowed"


class StateChanged(IssuerError):
    """Another act changed the certificate in between; nothing was done."""

    code = "state_changed"


class StatusListFull(IssuerError):
    """A status list has no index left."""

    code = "status_list_full"
