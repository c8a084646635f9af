"""The authorization response (OpenID4VP 1.0, 8.1 to 8.5): a VP Token or an error, in the clear or encrypted.

``Response`` is the same for every mode. A wallet writes it as a form (``direct_post``), as a JWE (``….jwt``) or as the
data of the DC API; a verifier reads it back.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys import strict_json
from keys.errors import EcertError
from keys.jwe import DecryptionKey, decrypt, encrypt
from schemas.openid4vp.errors import InvalidPresentationResponse
from schemas.openid4vp.metadata import ClientMetadata

MAX_PRESENTATIONS = 50
_ERROR = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}")  # RFC 6749, 4.1.2.1
Presentation = str | Mapping[str, Any]
"""One presentation: a text, or for ``ldp_vc`` a JSON object."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came: for each credential query its presentations; or ``error``, and then no presentation."""

    presentations: Mapping[str, tuple[Presentation, ...]] = field(default_factory=dict, repr=False)
    state: str | None = None
    error: str | None = None
    error_description: str | None = None

    def members(self) -> dict[str, Any]:
        """Return the parameters as JSON values; ``vp_token`` is an object."""
        made: dict[str, Any] = {} if self.state is None else {"state": self.state}
        if self.error is not None:
            described = {} if self.error_description is None else {"error_description": self.error_description}
            return made | {"error": self.error} | described
        return made | {"vp_token": {name: list(values) for name, values in self.presentations.items()}}

    def form(self) -> dict[str, str]:
        """Return the fields of a form for ``direct_post``: objects as JSON texts (5.1)."""
        return {name: _as_text(value) for name, value in self.members().items()}

    def encrypted(self, metadata: ClientMetadata) -> str:
        """Return the JWE for ``direct_post.jwt`` and ``dc_api.jwt`` (8.3).

        Raises:
            InvalidPresentationRequest: the metadata has no key that we encrypt to.
            EncryptionRefused: its key is none.
        """
        key, enc = metadata.encryption()
        return encrypt(strict_json.dumps(self.members()), to=key, enc=enc)


def read_form(fields: Mapping[str, str]) -> Response:
    """Return the response of a ``direct_post`` form; unknown fields are passed over.

    Raises:
        InvalidPresentationResponse: ``vp_token`` is no JSON object of arrays of presentations, and there is no error.
    """
    members: dict[str, Any] = dict(fields)
    if "vp_token" in fields:
        members["vp_token"] = _parsed(fields["vp_token"].encode("utf-8", "surrogatepass"))
    return read_members(members)


def read_encrypted(token: str, *, keys: Sequence[DecryptionKey]) -> Response:
    """Return the response in a JWE; raises InvalidPresentationResponse, by reason."""
    try:
        plaintext = decrypt(token, keys=keys).plaintext
    except EcertError as exc:
        raise InvalidPresentationResponse(exc.code, "response cannot be decrypted") from exc
    return read_members(_parsed(plaintext))


def read_members(members: Mapping[str, Any]) -> Response:
    """Return the response with these parameters (a DC API object, or what a JWE held); raises as ``read_form``."""
    state = members.get("state")
    if state is not None and not isinstance(state, str):
        raise InvalidPresentationResponse("malformed", "state is no text")
    if "error" in members:
        error = members["error"]
        if not isinstance(error, str) or not _ERROR.fullmatch(error) or "vp_token" in members:
            raise InvalidPresentationResponse("malformed", "error is no error code, or stands beside a vp_token")
        return Response(state=state, error=error, error_description=_short(members.get("error_description")))
    return Response(_presentations(members.get("vp_token")), state)


def _presentations(token: object) -> dict[str, tuple[Presentation, ...]]:
    # 8.1: an object, each member an array of presentations. A bare text or array is of an older draft.
    if not isinstance(token, dict) or not token:
        raise InvalidPresentationResponse("malformed", "vp_token is no object with presentations")
    made = {}
    for name, values in token.items():
        if not isinstance(values, list) or not values or not all(isinstance(one, str | dict) for one in values):
            raise InvalidPresentationResponse("malformed", "vp_token holds what is no array of presentations")
        made[name] = tuple(values)
    if sum(map(len, made.values())) > MAX_PRESENTATIONS:
        raise InvalidPresentationResponse("too_many", f"vp_token holds more than {MAX_PRESENTATIONS} presentations")
    return made


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        return strict_json.loads_object(text)
    except EcertError as exc:
        raise InvalidPresentationResponse(exc.code, "response is no JSON object") from exc


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else strict_json.dumps(value).decode()


def _short(text: object) -> str | None:
    return text[:500] if isinstance(text, str) else None
