"""A request as it reaches a wallet: a link or the text of a QR code, taken apart (OpenID4VP 1.0, 5 and 5.10). Pure.

openid4vp://?client_id=…&request_uri=…&request_uri_method=post     haip-vp://, or any https link
openid4vp://?client_id=…&request=<request object>
openid4vp://?client_id=redirect_uri:…&response_type=vp_token&…     unsigned
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from keys import strict_json
from keys.errors import KeysError
from schemas.openid4vp.errors import InvalidPresentationRequest, InvalidRequestUriMethod
from schemas.qr import reading
from schemas.qr.errors import PictureTooLarge, UnreadablePicture
from wallet_api.openid4vp.errors import LinkInvalid

SCHEMES = frozenset({"openid4vp", "haip-vp", "https"})
MAX_TEXT = 65_536
_MAX_PARAMETERS = 40
_JSON = frozenset({"dcql_query", "client_metadata", "transaction_data", "verifier_info"})
_METHODS = ("get", "post")


@dataclass(frozen=True, slots=True)
class Link:
    """A request by reference (``request_uri``), by value (``request``), or unsigned (``parameters``)."""

    client_id: str
    request_uri: str | None = None
    by_post: bool = False
    request: str | None = field(default=None, repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)


def text_in_picture(data: bytes) -> str:
    """Return the text of the one request among the QR codes of a picture; raises LinkInvalid."""
    try:
        texts = reading.read(data).texts
    except (PictureTooLarge, UnreadablePicture) as exc:
        raise LinkInvalid("picture cannot be read") from exc
    found = [text for text in texts if is_request(text)]
    if len(found) != 1:
        raise LinkInvalid(f"picture holds {len(found)} presentation requests, expected one")
    return found[0]


def is_request(text: str) -> bool:
    """Tell whether ``text`` looks like a request: what a page asks before it opens the consent."""
    try:
        _parameters(text)
    except (LinkInvalid, InvalidPresentationRequest):
        return False
    return True


def read_link(text: str) -> Link:
    """Return the request of a link.

    Raises:
        LinkInvalid: no link of a request.
        InvalidPresentationRequest: a parameter twice, both ways at once, or one that is no JSON.
        InvalidRequestUriMethod: ``request_uri_method`` is neither get nor post (5.10).
    """
    given = _parameters(text)
    client_id = given["client_id"]
    if "request_uri" in given:
        if "request" in given:  # RFC 9101, 5
            raise InvalidPresentationRequest("link has a request and a request_uri")
        method = given.get("request_uri_method", "get")
        if method not in _METHODS:
            raise InvalidRequestUriMethod("request_uri_method is neither get nor post")
        # What stands beside a request object counts for nothing (RFC 9101, 6.3).
        return Link(client_id, given["request_uri"], method == "post")
    if "request_uri_method" in given:
        raise InvalidPresentationRequest("link has a request_uri_method without a request_uri")
    if "request" in given:
        return Link(client_id, request=given["request"])
    return Link(client_id, parameters={name: _value(name, value) for name, value in given.items()})


def _parameters(text: str) -> dict[str, str]:
    text = text.strip()
    if not 0 < len(text) <= MAX_TEXT or not text.isprintable():
        raise LinkInvalid(f"link is no line of 1 to {MAX_TEXT} characters")
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:  # whose text would repeat the link
        raise LinkInvalid("link cannot be read") from None
    given = dict(pairs)
    if parts.scheme not in SCHEMES or "client_id" not in given:
        raise LinkInvalid("text is no link to a presentation request")
    if not {"request_uri", "request", "response_type"} & given.keys():
        raise LinkInvalid("link names no presentation request")
    if len(given) != len(pairs):  # RFC 6749, 3.1
        raise InvalidPresentationRequest("link has a parameter twice")
    return given


def _value(name: str, text: str) -> Any:
    if name not in _JSON:
        return text
    try:
        return strict_json.loads(text.encode())
    except KeysError as exc:
        raise InvalidPresentationRequest(f"{name} is no JSON") from exc
