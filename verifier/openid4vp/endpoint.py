"""The two endpoints of a transaction as requests and answers of HTTP, without a web framework.

request_uri    the request object by GET, and by POST for a wallet's nonce (OpenID4VP 1.0, 5.10)
response_uri   a form in, JSON out: 200 with where the browser goes on, 400 for whatever does not hold (8.2, 8.5)

No answer repeats anything of a presentation. Refusals are in the words of RFC 6749, 5.2.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from keys import strict_json
from keys.errors import EcertError
from schemas.openid4vp.errors import InvalidPresentationRequest, InvalidPresentationResponse, InvalidTransactionData
from schemas.openid4vp.request_object import MEDIA_TYPE
from verifier.errors import PresentationRefused, TransactionNotWaiting, UnknownTransaction
from verifier.openid4vp.answers import Answers
from verifier.openid4vp.ports import RateLimits
from verifier.openid4vp.requests import Requests
from verifier.openid4vp.transactions import Flow

RULE = "openid4vp"
"""The name of the rate limit; its subject is the caller's address."""
MAX_FORM = 1 << 20
"""Bytes of a response's form; the application's own limit may be lower."""
MAX_REQUEST_FORM = 65_536
MAX_PARAMETERS = 32
_FORM = "application/x-www-form-urlencoded"
_NOT_ALLOWED = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")  # RFC 6749, 5.2, error_description
_REFUSALS = (
    UnknownTransaction,
    TransactionNotWaiting,
    PresentationRefused,
    InvalidPresentationRequest,
    InvalidPresentationResponse,
    InvalidTransactionData,
)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What goes back over HTTP."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Posted:
    """A body with its content type."""

    body: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Both endpoints over the use cases."""

    requests: Requests
    answers: Answers
    limits: RateLimits
    clock: Callable[[], datetime]

    def request(self, transaction_id: str, *, address: str, posted: Posted | None = None) -> HttpAnswer:
        """Return the request object; ``posted`` may carry a wallet's nonce and metadata, or nothing at all."""
        self.limits.hit(RULE, address, now=self.clock())
        try:
            fields = _fields(posted, MAX_REQUEST_FORM) if posted is not None and posted.body else {}
            # 5.10: a nonce that was sent stands in the object; metadata of the wallet change nothing that we ask.
            token = self.requests.request_object(transaction_id, wallet_nonce=fields.get("wallet_nonce"))
        except _REFUSALS as exc:
            return refusal(exc)
        return HttpAnswer(200, MEDIA_TYPE, token.encode())

    def response(self, transaction_id: str, posted: Posted, *, address: str) -> HttpAnswer:
        """Take a wallet's response, and verify it before anything is said."""
        self.limits.hit(RULE, address, now=self.clock())
        try:
            fields = _fields(posted, MAX_FORM)
            if self.requests.transaction(transaction_id).flow is Flow.DC_API:
                raise UnknownTransaction("transaction has no response_uri")  # the relying party brings the answer
            answered = self.answers.answer(transaction_id, fields)
        except _REFUSALS as exc:
            return refusal(exc)
        return _json({"redirect_uri": answered.redirect_uri}, 200)


def refusal(error: EcertError) -> HttpAnswer:
    """Return the refusal of a request or a response."""
    status = 404 if isinstance(error, UnknownTransaction) else 400
    described = _NOT_ALLOWED.sub("'", str(error))
    return _json({"error": "invalid_request", "error_description": described}, status)


def _json(value: Mapping[str, Any], status: int) -> HttpAnswer:
    return HttpAnswer(status, "application/json", strict_json.dumps(dict(value)))


def _fields(posted: Posted, most: int) -> dict[str, str]:
    if (posted.content_type or "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidPresentationResponse("malformed", f"content type is not {_FORM}")
    if len(posted.body) > most:
        raise InvalidPresentationResponse("too_large", f"form has more than {most} bytes")
    try:
        pairs = parse_qsl(
            posted.body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except ValueError:  # UnicodeError is one
        raise InvalidPresentationResponse(
            "malformed", "form is not url-encoded UTF-8, or has too many fields"
        ) from None
    if any("\0" in part for pair in pairs for part in pair):
        raise InvalidPresentationResponse("malformed", "a field holds U+0000")
    if len({name for name, _ in pairs}) != len(pairs):
        raise InvalidPresentationResponse("malformed", "a field stands twice")
    return {name: value for name, value in pairs if value}
