"""The authorization request as a value (OpenID4VP 1.0, 5): what a verifier asks, in which mode, for which moment.

AuthorizationRequest(...).claims()       what goes into the request object, or into an unsigned request
AuthorizationRequest(...).parameters()   the same as texts, for an address
read_request(claims)                     the same back, every rule of section 5 checked
read_parameters(parameters)              the same from an address's parameters
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from keys.errors import EcertError
from keys.strict_json import dumps, loads
from schemas.dcql import Query, read_query
from schemas.errors import InvalidDcqlQuery
from schemas.openid4vp.client_id import ClientId, Prefix, read_client_id
from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.metadata import ClientMetadata, read_metadata

SELF_ISSUED = "https://self-issued.me/v2"
"""The audience of a request object for a wallet without dynamic discovery (5.8)."""
MAX_URI = 2_000
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,512}")
_URI = re.compile(r"[!$-;=?-\[\]_a-z~]+")  # RFC 3986, without the fragment's sign
_AS_JSON = frozenset({"dcql_query", "client_metadata", "transaction_data", "verifier_info", "expected_origins"})
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MAX_ENTRIES = 20
_MAX_TEXT = 10_000


class ResponseMode(StrEnum):
    """How the response comes back (8.2, 8.3.1, A.2)."""

    DIRECT_POST = "direct_post"
    DIRECT_POST_JWT = "direct_post.jwt"
    DC_API = "dc_api"
    DC_API_JWT = "dc_api.jwt"

    @property
    def encrypted(self) -> bool:
        """Whether the response is a JWE."""
        return self.value.endswith(".jwt")

    @property
    def by_dc_api(self) -> bool:
        """Whether the browser carries it."""
        return self.value.startswith("dc_api")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """One request. ``client_id`` None is an unsigned one over the DC API, where the origin says who asks."""

    response_mode: ResponseMode
    nonce: str
    query: Query
    client_id: ClientId | None
    response_uri: str | None = None
    state: str | None = None
    metadata: ClientMetadata | None = None
    transaction_data: tuple[str, ...] = ()
    verifier_info: tuple[Mapping[str, Any], ...] = ()
    expected_origins: tuple[str, ...] = ()
    wallet_nonce: str | None = None

    def claims(self) -> dict[str, Any]:
        """Return the parameters as JSON values; ``aud``, ``iat`` and ``exp`` are the request object's."""
        made: dict[str, Any] = {
            "response_type": "vp_token",
            "response_mode": self.response_mode.value,
            "nonce": self.nonce,
            "dcql_query": self.query.document(),
        }
        optional = {
            "client_id": None if self.client_id is None else str(self.client_id),
            "response_uri": self.response_uri,
            "state": self.state,
            "client_metadata": None if self.metadata is None else self.metadata.document(),
            "transaction_data": list(self.transaction_data),
            "verifier_info": [dict(each) for each in self.verifier_info],
            "expected_origins": list(self.expected_origins),
            "wallet_nonce": self.wallet_nonce,
        }
        return made | {name: value for name, value in optional.items() if value}

    def parameters(self) -> dict[str, str]:
        """Return the parameters of an unsigned request by value: objects and arrays as JSON texts (5.1)."""
        claims = self.claims()
        return {name: each if isinstance(each, str) else dumps(each).decode() for name, each in claims.items()}


def read_request(claims: Mapping[str, Any]) -> AuthorizationRequest:
    """Return the request that ``claims`` hold; parameters that we do not know are passed over (5).

    Raises:
        InvalidPresentationRequest: a parameter is missing, of another form, or may not stand there.
    """
    if claims.get("response_type") != "vp_token":
        raise InvalidPresentationRequest("response_type is not vp_token")
    mode = _mode(claims)
    # 5.1: a wallet with no scope values takes a query, and never both.
    if "scope" in claims or "dcql_query" not in claims:
        raise InvalidPresentationRequest("request needs a dcql_query, and no scope")
    client_id = _client_id(claims, mode)
    metadata = read_metadata(claims["client_metadata"]) if "client_metadata" in claims else None
    request = AuthorizationRequest(
        response_mode=mode,
        nonce=_url_safe(claims, "nonce"),
        query=_query(claims["dcql_query"]),
        client_id=client_id,
        response_uri=_response_uri(claims, mode, client_id),
        state=_url_safe(claims, "state") if "state" in claims and not mode.by_dc_api else None,
        metadata=metadata,
        transaction_data=_texts(claims, "transaction_data"),
        verifier_info=_infos(claims),
        expected_origins=_texts(claims, "expected_origins"),
        wallet_nonce=_text(claims, "wallet_nonce") if "wallet_nonce" in claims else None,
    )
    _check_state(request)
    if mode.encrypted:
        (metadata or ClientMetadata()).encryption()
    return request


def read_parameters(parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Return the request that an address holds by value, unsigned: the other way of ``parameters()``.

    Raises:
        InvalidPresentationRequest: as ``read_request``; or its client identifier asks for a signature.
    """
    claims: dict[str, Any] = dict(parameters)
    for name in _AS_JSON & claims.keys():
        claims[name] = _parsed(name, claims[name])
    request = read_request(claims)
    if request.client_id is None or request.client_id.prefix.signed:
        raise InvalidPresentationRequest("a request with this client_id must be signed")
    return request


def _parsed(name: str, text: str) -> Any:
    try:
        return loads(text.encode("utf-8", "surrogatepass"))
    except EcertError as exc:
        raise InvalidPresentationRequest(f"{name} is no JSON") from exc


def _mode(claims: Mapping[str, Any]) -> ResponseMode:
    try:
        return ResponseMode(claims.get("response_mode", ""))
    except ValueError:
        raise InvalidPresentationRequest("response_mode is not supported") from None


def _query(document: object) -> Query:
    try:
        return read_query(document)
    except InvalidDcqlQuery as exc:
        raise InvalidPresentationRequest(f"dcql_query is not valid: {exc}") from exc


def _client_id(claims: Mapping[str, Any], mode: ResponseMode) -> ClientId | None:
    if mode.by_dc_api and "client_id" not in claims:
        return None
    return read_client_id(claims.get("client_id"))


def _response_uri(claims: Mapping[str, Any], mode: ResponseMode, client_id: ClientId | None) -> str | None:
    if mode.by_dc_api:
        return None
    # 8.2: redirect_uri must not stand beside response_uri; by direct_post there is no other use for it.
    if "redirect_uri" in claims:
        raise InvalidPresentationRequest("request has a redirect_uri, which direct_post does not take")
    prefix, name = (None, None) if client_id is None else (client_id.prefix, client_id.name)
    # 5.9.3: by redirect_uri the name is the response URI, which may be left out then.
    uri = claims.get("response_uri", name if prefix is Prefix.REDIRECT_URI else None)
    if not is_endpoint(uri):
        raise InvalidPresentationRequest("response_uri is no https address")
    if prefix is Prefix.REDIRECT_URI and uri != name:
        raise InvalidPresentationRequest("response_uri is not the one that client_id names")
    if prefix is Prefix.X509_SAN_DNS and urlsplit(uri).hostname != name:
        # 5.9.3, for a client that is not otherwise trusted.
        raise InvalidPresentationRequest("response_uri is not at the host that client_id names")
    return str(uri)


def is_endpoint(uri: object) -> bool:
    """Tell whether ``uri`` is an https address (http on this machine alone) without fragment or user."""
    if not isinstance(uri, str) or len(uri) > MAX_URI or not _URI.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return safe and bool(host) and parts.username is None


def _check_state(request: AuthorizationRequest) -> None:
    # 5.3: without a proof by the holder only state joins response and request.
    unbound = any(not each.holder_binding for each in request.query.credentials)
    if unbound and request.state is None and not request.response_mode.by_dc_api:
        raise InvalidPresentationRequest("request without holder binding has no state")


def _url_safe(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _URL_SAFE.fullmatch(value):
        raise InvalidPresentationRequest(f"{name} is no text of 1 to 512 URL-safe characters")
    return value


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_URI:
        raise InvalidPresentationRequest(f"{name} is no text of 1 to {MAX_URI} characters")
    return value


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    if name not in claims:
        return ()
    values = claims[name]
    if not isinstance(values, list) or not 0 < len(values) <= _MAX_ENTRIES or not all(_is_text(one) for one in values):
        raise InvalidPresentationRequest(f"{name} is no array of 1 to {_MAX_ENTRIES} texts")
    return tuple(values)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT


def _infos(claims: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if "verifier_info" not in claims:
        return ()
    infos = claims["verifier_info"]
    if not isinstance(infos, list) or not 0 < len(infos) <= _MAX_ENTRIES or not all(_is_info(one) for one in infos):
        raise InvalidPresentationRequest("verifier_info is no array of objects with format and data")
    return tuple(infos)


def _is_info(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("format"), str):
        return False
    ids = value.get("credential_ids", [""])
    named = isinstance(ids, list) and bool(ids) and all(isinstance(each, str) for each in ids)
    return named and isinstance(value.get("data"), str | dict)
