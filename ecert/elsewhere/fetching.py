"""One status list from the server of its issuer: https, public addresses, limits of bytes and time, no redirect.

The request says which list and nothing more: no index, no referrer, no cookie, no name of a person or of this city.
"""

import asyncio
from urllib.parse import urlsplit

from ecert.status_source import StatusNotFetched
from wallet_api.openid4vci.errors import AddressRefused, HttpFailed
from wallet_api.openid4vci.ports import HttpPort, HttpRequest

MAX_BYTES = 4_325_376
"""Of an answer: the longest bitstring credential in JSON; a token of a million statuses has less than a tenth."""
MAX_URI = 2_048
SECONDS = 5.0
"""How long one fetch may take, from the name's look-up to the last byte."""
_CWT = "application/statuslist+cwt"
_MEDIA = ("application/statuslist+jwt", _CWT, "application/vc+jwt", "application/vc", "application/vc+ld+json")
_HEADERS = {
    "Accept": ", ".join(f"{media};q={(10 - place) / 10}" if place else media for place, media in enumerate(_MEDIA)),
    "User-Agent": "ecert-verifier",
}


class ListNotFetched(StatusNotFetched):
    """A list of an issuer elsewhere cannot be had; ``reason`` is a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"status list was not fetched: {reason}")
        self.reason = reason


class ListFetcher:
    """Fetches lists by ``http``, which guards addresses and holds the limits (``ecert.protocol_http``)."""

    def __init__(self, http: HttpPort) -> None:
        self._http = http

    def fetch(self, uri: str) -> str | bytes:
        """Return the document, bytes for a CWT; called in a thread that has no event loop.

        Raises:
            ListNotFetched: ``address_refused``, ``unreachable`` (limits of time and size included), ``no_such_list``,
                ``refused`` (any other status, a redirect too) or ``wrong_media_type``.
        """
        if not _is_plain(uri):
            raise ListNotFetched("address_refused")
        try:
            answer = asyncio.run(self._http.send(HttpRequest("GET", uri, _HEADERS)))
        except AddressRefused:
            raise ListNotFetched("address_refused") from None
        except (HttpFailed, ValueError):  # ValueError: a host that is no name, to the system's look-up
            raise ListNotFetched("unreachable") from None
        if answer.status != 200:
            raise ListNotFetched("no_such_list" if answer.status in (404, 410) else "refused")
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in _MEDIA:
            raise ListNotFetched("wrong_media_type")
        return answer.body if media == _CWT else answer.body.decode("utf-8", "replace")


def host_of(uri: str) -> str:
    """Return the server of an address, as far as it has one."""
    return uri.partition("://")[2].partition("/")[0].lower()


def _is_plain(uri: str) -> bool:
    # A user, a password or a fragment has no place in a list's address, and could carry something along.
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    hidden = parts.username is not None or parts.password is not None or "#" in uri
    return len(uri) <= MAX_URI and bool(parts.hostname) and not hidden
