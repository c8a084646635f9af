"""Addresses that a wallet asks, and answers in JSON: strict, and bounded before anything of them is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from keys import strict_json
from keys.errors import KeysError
from wallet_api.openid4vci.errors import AddressRefused
from wallet_api.openid4vci.ports import HttpPort, HttpRequest, HttpResponse

MAX_URL = 2_048
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_JSON = "application/json"
_JWT = "application/jwt"


def check_url(value: Any) -> str:
    """Return ``value`` if it is an address that a wallet may ask: https, or http on this machine (development).

    Whether the host is a public one is the adapter's matter, which resolves it.

    Raises:
        AddressRefused: no text, too long, another scheme, a user, or a fragment.
    """
    if not isinstance(value, str) or len(value) > MAX_URL or not _is_printable(value):
        raise AddressRefused(f"address is no URL of at most {MAX_URL} characters")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:  # whose text would repeat the address
        raise AddressRefused("address is no URL") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise AddressRefused("address is not https")
    if not host or parts.username is not None or parts.fragment or value.endswith("#"):
        raise AddressRefused("address has no host, or a user or a fragment")
    return value


def check_identifier(value: Any) -> str:
    """Return the identifier of a credential issuer or server: ``check_url`` without a query (VCI 12.2.1, RFC 8414, 2);
    raises AddressRefused."""
    found = check_url(value)
    if "?" in found:
        raise AddressRefused("identifier has a query")
    return found


def well_known(identifier: str, name: str) -> str:
    """Return the address of metadata: the well-known segment stands between authority and path (RFC 8414, 3.1)."""
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its JSON object, or its JWT (``application/jwt``); None where the body is none."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    members: Mapping[str, Any] | None = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def error(self) -> Any:
        """The member ``error``."""
        return None if self.members is None else self.members.get("error")


class Web:
    """Requests with JSON answers over a port."""

    __slots__ = ("_http",)

    def __init__(self, http: HttpPort) -> None:
        self._http = http

    async def get(self, url: str) -> Answer:
        """GET a JSON document; raises AddressRefused, HttpFailed."""
        return _answer(await self._http.send(HttpRequest("GET", check_url(url), {"Accept": _JSON})))

    async def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """POST a form; raises AddressRefused, HttpFailed."""
        return await self._post(url, urlencode(form).encode(), "application/x-www-form-urlencoded", headers)

    async def post_json(self, url: str, members: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """POST a JSON object; raises AddressRefused, HttpFailed."""
        return await self._post(url, strict_json.dumps(members), _JSON, headers)

    async def post_jwt(self, url: str, token: str, headers: Mapping[str, str]) -> Answer:
        """POST a JWT, which an encrypted message is; raises AddressRefused, HttpFailed."""
        return await self._post(url, token.encode(), _JWT, {"Accept": f"{_JWT}, {_JSON}", **headers})

    async def post_nothing(self, url: str) -> Answer:
        """POST an empty body; raises AddressRefused, HttpFailed."""
        return _answer(await self._http.send(HttpRequest("POST", check_url(url), {"Accept": _JSON})))

    async def _post(self, url: str, body: bytes, kind: str, headers: Mapping[str, str]) -> Answer:
        sent = {"Accept": _JSON, "Content-Type": kind, **headers}
        return _answer(await self._http.send(HttpRequest("POST", check_url(url), sent, body)))


def _answer(response: HttpResponse) -> Answer:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    members = None
    if kind == _JSON or kind.endswith("+json"):
        try:
            members = strict_json.loads_object(response.body)
        except KeysError:
            members = None
    token = response.body.decode("ascii") if kind == _JWT and response.body.isascii() else None
    return Answer(response.status, response.headers, members, token)


def _is_printable(text: str) -> bool:
    return all("!" <= letter <= "~" for letter in text)
