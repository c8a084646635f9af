"""The response to a transaction (OpenID4VP 1.0, 8): opened, verified at once, answered once.

1. the transaction waits and is not over
2. the response can be read: decrypted with the transaction's own key, in the mode asked for, with our ``state``
3. an error of the wallet ends it as declined
4. every presentation is verified: issuer, validity, status, holder; made for this client identifier and nonce (14.2)
5. the transaction data that was asked for is authorised (8.4)
6. all of it together is what was asked for, by DCQL (8.6)
7. the transaction ends, once; only then is anybody told, and then what was disclosed is forgotten here

What cannot be read (2) leaves the transaction as it is: anyone who learns its address can send that. A presentation
that does not hold ends it: what comes next could be a second guess.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from keys import strict_json
from keys.encoding import b64url_text
from keys.errors import EcertError
from schemas.dcql import Candidate, check_response
from schemas.errors import QueryNotSatisfied
from schemas.openid4vp import response as responses
from schemas.openid4vp.errors import InvalidPresentationResponse
from schemas.openid4vp.response import Presentation, Response
from schemas.openid4vp.transaction_data import check_hashes, read_transaction_data, usable_for
from schemas.report import Outcome, Report, Verdict
from verifier.basis import SALT_BYTES, basis_of
from verifier.errors import PresentationRefused, TransactionNotWaiting, UnknownTransaction
from verifier.evidence import Evidence
from verifier.openid4vp.matching import candidate, key_binding_claims
from verifier.openid4vp.ports import EvidenceNow, Told, TransactionState
from verifier.openid4vp.requests import KIND, TEST, Requests, digest
from verifier.openid4vp.transactions import State, Transaction
from verifier.pipeline import verify
from verifier.policy import Policy
from verifier.results import MATCHED, NOT_ASKED, Match, VerificationResult, result_of

MAX_AGE = timedelta(minutes=5)
"""How old a presentation may be: a person reads a consent page in between."""
SKEW = timedelta(seconds=60)
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
        result = self._judged(transaction, response)
        said = result.document() | ({"basis": result.basis.document()} if result.basis else {})
        ended = transaction.ended(State.ANSWERED, result=said)
        if len(strict_json.dumps(ended.document())) > MAX_KEPT:
            raise InvalidPresentationResponse("too_large", f"what was disclosed has more than {MAX_KEPT} bytes")
        answered = self._ended(ended)
        if result.verdict is Verdict.INVALID:
            raise PresentationRefused(_why(result))
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

    def _judged(self, transaction: Transaction, response: Response) -> VerificationResult:
        now = self._parts.clock()
        source = self._parts.evidence_for(transaction.environment)
        evidence = source.evidence()
        reports = _reports(transaction, response, evidence, now)
        if wanted := [uri for found in reports.values() for report in found for uri in report.wanted_lists]:
            evidence = source.evidence(wanted)
            reports = _reports(transaction, response, evidence, now)
        match = _matched(transaction, response, reports)
        texts = [(name, as_text(each)) for name, found in response.presentations.items() for each in found]
        flat = [report for found in reports.values() for report in found]
        basis = basis_of(texts, flat, evidence=evidence, salt=self._parts.random(SALT_BYTES))
        return result_of(reports, match=match, verified_at=_timestamp(now), basis=basis)

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


def as_text(presentation: Presentation) -> str:
    """Return a presentation as the verifier reads it."""
    return presentation if isinstance(presentation, str) else strict_json.dumps(presentation).decode()


def _reports(
    transaction: Transaction, response: Response, evidence: Evidence, now: datetime
) -> dict[str, list[Report]]:
    reports: dict[str, list[Report]] = {}
    queries = transaction.request.query.by_id
    for name, presentations in response.presentations.items():
        bound = queries[name].holder_binding if name in queries else True
        policy = _policy(transaction, bound=bound)
        reports[name] = [verify(as_text(each), policy=policy, evidence=evidence, now=now) for each in presentations]
    return reports


def _matched(transaction: Transaction, response: Response, reports: Mapping[str, list[Report]]) -> Match:
    if any(each.verdict is not Verdict.VALID for found in reports.values() for each in found):
        return NOT_ASKED  # nothing of it may be used, so there is nothing to compare
    presented = {
        name: [candidate(as_text(one), report) for one, report in zip(found, reports[name], strict=True)]
        for name, found in response.presentations.items()
    }
    return _satisfied(transaction, presented) or _authorised(transaction, response) or MATCHED


def _policy(transaction: Transaction, *, bound: bool) -> Policy:
    return Policy(
        accepted_types=None,  # the query says which
        audience=transaction.audience,
        nonce=transaction.request.nonce,
        require_key_binding=bound,
        max_presentation_age=MAX_AGE,
        max_future_skew=SKEW,
        leeway=SKEW,
    )


def _satisfied(transaction: Transaction, presented: Mapping[str, list[Candidate]]) -> Match | None:
    try:
        check_response(transaction.request.query, presented)
    except QueryNotSatisfied as exc:
        return Outcome.FAILED, exc.reason
    return None


def _authorised(transaction: Transaction, response: Response) -> Match | None:
    query = transaction.request.query
    entries = [read_transaction_data(each, asked=usable_for(query)) for each in transaction.request.transaction_data]
    if not entries:
        return None
    shown = (
        (name, key_binding_claims(as_text(each))) for name, found in response.presentations.items() for each in found
    )
    fault = check_hashes(shown, entries)
    return None if fault is None else (Outcome.FAILED, fault)


def _waits(kept: Mapping[str, Any]) -> bool:
    return bool(kept["state"] == State.WAITING.value)


def _why(result: VerificationResult) -> str:
    first = next(each for each in result.checks if each.state is Outcome.FAILED)
    return f"{first.check}: {first.code}"


def _timestamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")
