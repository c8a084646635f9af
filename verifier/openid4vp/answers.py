"""The response to a transaction (OpenID4VP 1.0, 8): opened, verified at once, answered once.

1. the transaction waits and is not over
2. the response can be read: decrypted with the transaction's own key, in the mode asked for, with our ``state``
3. an error of the wallet ends it as declined
4. every presentation is verified: issuer, validity, status, holder; made for this client identifier and nonce (14.2).
   What cannot be an answer by its number and form is not verified at all, and the first flaw ends it
5. the transaction data that was asked for is authorised (8.4)
6. all of it together is what was asked for, by DCQL (8.6)
7. the transaction ends, once; only then is anybody told, and then what was disclosed is forgotten here

What cannot be read (2) leaves the transaction as it is: anyone who learns its address can send that. A presentation
that does not hold ends it: what comes next could be a second guess.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from keys import strict_json
from keys.encoding import b64url_text
from keys.errors import EcertError
from schemas.openid4vp import response as responses
from schemas.openid4vp.errors import InvalidPresentationResponse
from schemas.openid4vp.response import Response
from schemas.report import Outcome, Verdict
from verifier.basis import SALT_BYTES
from verifier.errors import PresentationRefused, TransactionNotWaiting, UnknownTransaction
from verifier.openid4vp.judging import judged
from verifier.openid4vp.ports import EvidenceNow, Told, TransactionState
from verifier.openid4vp.requests import KIND, TEST, Requests, digest
from verifier.openid4vp.transactions import State, Transaction

JUDGING = "openid4vp_judging"
"""The kind of a mark in the shared state: a response to this transaction is being judged."""
_JUDGED_FOR = timedelta(seconds=30)  # after which a worker that died hinders nobody
MAX_KEPT = 60_000
"""Bytes of a transaction with its result, as it is kept among the workers: two portraits, and all the rest of text."""


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What answers are judged with; ``testing`` is the evidence of the test environment, where it is another one."""

    state: TransactionState
    evidence: EvidenceNow
    told: Told
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    testing: EvidenceNow | None = None

    def evidence_for(self, environment: str) -> EvidenceNow:
        """Return who says what is known in an environment."""
        return self.testing if self.testing is not None and environment == TEST else self.evidence


@dataclass(frozen=True, slots=True)
class Answered:
    """How it ended, and where the wallet sends the browser: with a fresh secret for who sees the result (8.2)."""

    transaction: Transaction
    redirect_uri: str


class Answers:
    """The response endpoint."""

    def __init__(self, requests: Requests, parts: AnswerParts) -> None:
        self._requests = requests
        self._parts = parts

    def answer(self, transaction_id: str, fields: Mapping[str, Any]) -> Answered:
        """Take the form that a wallet posted (every field a text), or the members of what the DC API returned.

        Raises:
            UnknownTransaction, TransactionNotWaiting: there is nothing to answer.
            InvalidPresentationResponse: it cannot be read; the transaction still waits.
            PresentationRefused: it does not hold; the transaction has ended so, and nothing of it counts as verified.
        """
        transaction = self._requests.transaction(transaction_id)
        if transaction.state is not State.WAITING:
            raise TransactionNotWaiting("transaction is answered or over")
        response = self._read(transaction, fields)
        if response.error is not None:
            return self._ended(transaction.ended(State.DECLINED, error=response.error))
        ended = self._judged(transaction, response)
        answered = self._ended(ended)
        why = _why(ended)
        if why is not None:
            raise PresentationRefused(why)
        return answered

    def _read(self, transaction: Transaction, fields: Mapping[str, Any]) -> Response:
        request = transaction.request
        # 8.3.1: a wallet that cannot encrypt may answer with an error in the clear, and with nothing else.
        if "error" in fields and "response" not in fields:
            read = responses.read_members(fields)
        elif request.response_mode.encrypted:
            token = fields.get("response")
            if not isinstance(token, str):
                raise InvalidPresentationResponse("malformed", "response is not there, or no text")
            read = responses.read_encrypted(token, keys=[self._requests.key(transaction.transaction_id)])
        else:
            read = responses.read_members(fields) if request.response_mode.by_dc_api else responses.read_form(fields)
        if not request.response_mode.by_dc_api and read.state != request.state:
            raise InvalidPresentationResponse("state", "response is to another request")
        return read

    def _judged(self, transaction: Transaction, response: Response) -> Transaction:
        """Judge, one response at a time: the second one of those that come at once could be a second guess."""
        state, place, now = self._parts.state, transaction.transaction_id, self._parts.clock()
        if not state.add_once(JUDGING, place, expires_at=now + _JUDGED_FOR, now=now):
            raise TransactionNotWaiting("transaction is being answered by somebody else")
        ended = None
        try:
            source = self._parts.evidence_for(transaction.environment)
            result = judged(transaction, response, source, now=now, salt=self._parts.random(SALT_BYTES))
            said = result.document() | ({"basis": result.basis.document()} if result.basis else {})
            # What was only asked with makes room for what came: nobody reads it any more.
            request = replace(transaction.request, transaction_data=(), verifier_info=())
            ended = _kept(transaction.ended(State.ANSWERED, result=said, request=request))
            return ended
        finally:
            if ended is None:  # it still waits
                state.change(JUDGING, place, lambda _: None, now=now)

    def _ended(self, transaction: Transaction) -> Answered:
        code = b64url_text(self._parts.random(24))
        ended = transaction.ended(transaction.state, response_code=digest(code))
        now = self._parts.clock()
        before = self._parts.state.change(
            KIND, transaction.transaction_id, lambda kept: ended.document() if _waits(kept) else kept, now=now
        )
        if before is None:
            raise UnknownTransaction("no such transaction")
        if not _waits(before):
            raise TransactionNotWaiting("transaction was answered by somebody else")
        self._parts.told.ended(ended, now=now)
        with suppress(EcertError):  # it is told; what stays here is over within the hour
            forget_claims(self._parts.state, ended, now=now)
        mark = "&" if "?" in ended.return_uri else "?"
        return Answered(ended, f"{ended.return_uri}{mark}response_code={code}")


def forget_claims(state: TransactionState, transaction: Transaction, *, now: datetime) -> None:
    """Keep a transaction that was told without what was disclosed: the records have it, for as long as they may."""

    def without(kept: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**kept, "result": {**kept["result"], "credentials": []}}

    if transaction.result is not None and transaction.result.get("credentials"):
        state.change(KIND, transaction.transaction_id, without, now=now)


def _waits(kept: Mapping[str, Any]) -> bool:
    return bool(kept["state"] == State.WAITING.value)


def _kept(ended: Transaction) -> Transaction:
    if len(strict_json.dumps(ended.document())) > MAX_KEPT:
        raise InvalidPresentationResponse("too_large", f"what was disclosed has more than {MAX_KEPT} bytes")
    return ended


def _why(ended: Transaction) -> str | None:
    """Return what the answer is refused for; None when it is not."""
    result = ended.result or {}
    if result["verdict"] != Verdict.INVALID.value:
        return None
    first = next(each for each in result["checks"] if each["state"] == Outcome.FAILED.value)
    return f"{first['check']}: {first['code']}"
