"""Redirection endpoints (RFC 6749, 3.1.2; RFC 8252; FAPI 2.0 Security Profile, 5.3.2.2): which addresses are taken."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import quote, urlencode, urlsplit

from issuer.openid4vci.errors import InvalidRequest

MAX_LENGTH = 2048
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")  # RFC 3986, 2, without the fragment's "#"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
# Schemes that a browser follows by itself: none of them is an application's own.
_NOT_PRIVATE = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "ws", "wss", "ftp"})


def check(uri: str, *, registered: Collection[str] | None) -> None:
    """Return if a client may be answered at ``uri``.

    A client that is registered names one of its addresses, character for character. Any other (``registered`` None)
    names an https address, one of the loopback interface, or a scheme of its own with a dot in it (RFC 8252, 7, 8.4).

    Raises:
        InvalidRequest: it is not.
    """
    if registered is not None and uri not in registered:
        raise InvalidRequest("redirect_uri is not registered for this client")
    if len(uri) > MAX_LENGTH or not _CHARACTERS.fullmatch(uri):
        raise InvalidRequest("redirect_uri is too long or holds characters that no address without a fragment has")
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidRequest("redirect_uri is malformed") from None
    if "@" in parts.netloc or not _taken(parts.scheme, host, registered is not None):
        raise InvalidRequest("redirect_uri is neither https, nor loopback, nor of a private-use scheme")


def _taken(scheme: str, host: str | None, registered: bool) -> bool:
    if scheme == "https":
        return host is not None and (_HOST.fullmatch(host) is not None or host == "::1")
    if scheme == "http":
        return host in _LOOPBACK
    private = _SCHEME.fullmatch(scheme) is not None and scheme not in _NOT_PRIVATE
    return private and (registered or "." in scheme)


def answered(uri: str, parameters: Mapping[str, str]) -> str:
    """Return ``uri`` with ``parameters`` behind its own query, which stays as it is (RFC 6749, 4.1.2)."""
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode(parameters, quote_via=quote)}"


def form_source(uri: str) -> str:
    """Return the CSP source expression under which a form may lead to ``uri`` (CSP 3, 2.3.1)."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https") or parts.hostname == "::1":  # an IPv6 address is no host-source
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.hostname}" + ("" if parts.port is None else f":{parts.port}")
