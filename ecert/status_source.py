"""Status lists as a verifier gets them: over HTTP from their public addresses, whatever stands between."""

from collections.abc import Mapping

import httpx

from ecert.errors import CompositionError
from issuer.status_forms import CWT, JWT
from schemas.formats.status_answer import purpose_uri

_MEDIA: Mapping[str, str] = {
    JWT: "application/statuslist+jwt",
    CWT: "application/statuslist+cwt",
    "json": "application/vc",
}
_SECONDS = 10.0
_LARGEST = 8 << 20


class StatusNotFetched(CompositionError):
    """A status list cannot be had from its address; nothing is said of its content."""

    code = "status_not_fetched"


class Fetcher:
    """Gets one form of a list after the other; ``transport`` replaces the network in tests."""

    def __init__(self, *, transport: httpx.BaseTransport | None = None) -> None:
        self._transport = transport

    def document(self, uri: str, form: str) -> bytes | None:
        """Return what stands at the list's address in this form; None when the server has no such form.

        Raises:
            StatusNotFetched: no answer, another answer than the document, or too much of it.
        """
        purpose, _, kind = form.rpartition(".")
        url = purpose_uri(uri, purpose) if purpose else uri
        media = "application/vc+jwt" if purpose and kind == JWT else _MEDIA[kind]
        try:
            with httpx.Client(timeout=_SECONDS, transport=self._transport) as client:
                # Not what a cache kept: what is served now.
                answer = client.get(url, headers={"accept": media, "cache-control": "no-cache"})
        except httpx.HTTPError as exc:
            raise StatusNotFetched(f"{url}: {type(exc).__name__}") from None
        if answer.status_code in (404, 406):
            return None
        if answer.status_code != 200 or len(answer.content) > _LARGEST:
            raise StatusNotFetched(f"{url}: status {answer.status_code}, {len(answer.content)} bytes")
        return answer.content
