"""Errors of the share interface."""

from keys.errors import EcertError


class ShareError(EcertError):
    """The share interface does not answer."""

    code = "share_error"


class ShareNotPermitted(ShareError):
    """The caller has no permission for this operation on this type (head status 100)."""

    code = "share_not_permitted"


class ShareLinkGone(ShareError):
    """The link was used, is older than ten minutes, or never was."""

    code = "share_link_gone"
