"""OpenID4VP over the Digital Credentials API (OpenID4VP 1.0, appendix A): the protocol names, and the request's data.

The audience of what comes back is the origin, never the client identifier (A.4).

unsigned_data(request), read_unsigned(data)       the parameters themselves; the origin says who asks
signed_data(token), signed_text(data)             one request object, whose signature says so too
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.request import AuthorizationRequest, read_request


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


def read_unsigned(data: Mapping[str, Any]) -> AuthorizationRequest:
    """Return the request of an unsigned ``data``; a client_id in it says nothing and is passed over (A.2).

    Raises:
        InvalidPresentationRequest: as ``read_request``; or its response does not go by the browser.
    """
    claims = {name: value for name, value in data.items() if name not in ("client_id", "expected_origins")}
    return read_request(claims)  # which asks for a client_id in every mode but those of the DC API


def signed_data(request_object: str) -> dict[str, Any]:
    """Return the ``data`` of a signed request (A.3.2.1)."""
    return {"request": request_object}


def signed_text(data: Mapping[str, Any]) -> str:
    """Return the request object of a signed request's ``data``; raises InvalidPresentationRequest."""
    text = data.get("request")
    if not isinstance(text, str):
        raise InvalidPresentationRequest("request is no request object")
    return text


def check_origin(request: AuthorizationRequest, origin: str) -> None:
    """Return when a signed request may come from ``origin`` (A.2: compared as text, and required).

    Raises:
        InvalidPresentationRequest: the origin is not expected.
    """
    if origin not in request.expected_origins:
        raise InvalidPresentationRequest("request came from an origin that it does not expect")
