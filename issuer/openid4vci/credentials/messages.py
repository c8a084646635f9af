"""Requests and answers of the credential endpoints as plain JSON: ``ports.Messages`` where nothing is encrypted.

Encryption (OpenID4VCI 1.0, 10) is another implementation of the port; ``json_members`` and ``plain`` serve it, too.
"""

from collections.abc import Mapping
from typing import Any

from issuer.openid4vci.answers import JSON
from issuer.openid4vci.credentials.ports import Message, ResponseEncryption
from issuer.openid4vci.errors import InvalidCredentialRequest, InvalidEncryptionParameters
from keys import strict_json
from keys.errors import EcertError

JWT = "application/jwt"


class NoEncryption:
    """Neither requests nor answers are encrypted."""

    def metadata(self, department: str) -> Mapping[str, Any]:
        """Return no member of the metadata."""
        del department
        return {}

    def read_request(
        self, content_type: str | None, body: bytes, *, department: str
    ) -> tuple[dict[str, Any], ResponseEncryption | None]:
        """Return the members of a JSON body.

        Raises:
            InvalidEncryptionParameters: the request is encrypted, or wants its answer to be.
            InvalidCredentialRequest: no JSON object, a member twice, another media type.
        """
        del department
        if media_type(content_type) == JWT:
            raise InvalidEncryptionParameters("requests are not encrypted here")
        members = json_members(content_type, body)
        if "credential_response_encryption" in members:
            raise InvalidEncryptionParameters("answers are not encrypted here")
        return members, None

    def write_response(self, members: Mapping[str, Any], encryption: ResponseEncryption | None) -> Message:
        """Return the members as JSON."""
        del encryption
        return plain(members)


def json_members(content_type: str | None, body: bytes) -> dict[str, Any]:
    """Return the members of a JSON body (8.2).

    Raises:
        InvalidCredentialRequest: no JSON object, a member twice, another media type.
    """
    if media_type(content_type) != JSON:
        raise InvalidCredentialRequest(f"content type is not {JSON}")
    try:
        return strict_json.loads_object(body)
    except EcertError as exc:
        raise InvalidCredentialRequest(f"body cannot be read: {exc.code}") from None


def plain(members: Mapping[str, Any]) -> Message:
    """Return an answer as JSON."""
    return Message(JSON, strict_json.dumps(dict(members)))


def media_type(content_type: str | None) -> str:
    """Return the media type of a ``Content-Type`` without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()
