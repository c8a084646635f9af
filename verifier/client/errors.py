"""Errors of the client.

ClientError
├── ApiProblem       the API refused; ``problem`` is the code of the problem document
├── NotReached       no answer, or none that the API gives
├── StillWaiting     nobody answered in the time that was given
└── WebhookRefused   what came to a webhook is not from the API, or too old
"""

from collections.abc import Mapping, Sequence
from typing import Any

from verifier.errors import VerifierError


class ClientError(VerifierError):
    """The verify API could not be used."""

    code = "client_error"


class ApiProblem(ClientError):
    """The API refused a request (RFC 9457): ``problem`` is its stable code, such as ``over_asking``; ``errors`` name
    the fields that are wrong; ``retry_after`` says after how many seconds to come again, where the API does."""

    code = "api_problem"

    def __init__(self, status: int, document: Mapping[str, Any], *, headers: Mapping[str, str]) -> None:
        self.status = status
        self.problem = str(document.get("code", "unknown"))
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail", ""))
        self.errors: Sequence[Mapping[str, Any]] = tuple(document.get("errors", ()))
        self.request_id = headers.get("x-request-id")
        after = headers.get("retry-after", "")
        self.retry_after = int(after) if after.isascii() and after.isdigit() else None
        super().__init__(f"{status} {self.problem}: {self.detail or self.title}")


class NotReached(ClientError):
    """There was no answer, or one that is not the API's."""

    code = "api_not_reached"


class StillWaiting(ClientError):
    """The verification or batch had not ended when the time was over."""

    code = "still_waiting"


class WebhookRefused(ClientError):
    """The body was not signed with the secret, or not now."""

    code = "webhook_refused"
