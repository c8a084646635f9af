"""OpenID4VP over the Digital Credentials API (OpenID4VP 1.0, appendix A): the protocol names, and the request's data.

The audience of what comes back is the origin, never the client identifier (A.4).
"""

from enum import StrEnum
from typing import Any

from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.request import AuthorizationRequest


class Protocol(StrEnum):
    """The exchange protocols of version 1 (A.1)."""

    UNSIGNED = "openid4vp-v1-unsigned"
    SIGNED = "openid4vp-v1-signed"
    MULTISIGNED = "openid4vp-v1-multisigned"


def audience(origin: str) -> str:
    """Return the audience of presentations to ``origin``."""
    return f"origin:{origin}"


def unsigned_data(request: AuthorizationRequest) -> dict[str, Any]:
    """Return the ``data`` of an unsigned request (A.3.1): every parameter but client_id, which nobody reads."""
    return {name: value for name, value in request.claims().items() if name not in ("client_id", "expected_origins")}


def check_origin(request: AuthorizationRequest, origin: str) -> None:
    """Return when a signed request may come from ``origin`` (A.2: compared as text, and required).

    Raises:
        InvalidPresentationRequest: the origin is not expected.
    """
    if origin not in request.expected_origins:
        raise InvalidPresentationRequest("request came from an origin that it does not expect")
