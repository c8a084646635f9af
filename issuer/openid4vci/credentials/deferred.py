"""The deferred credential endpoint (OpenID4VCI 1.0, 9): what was promised, as soon as it can be issued, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.openid4vci.credentials.issuing import Call, Counter, Result, pending, wanted_of
from issuer.openid4vci.errors import CredentialRequestDenied, InvalidCredentialRequest, InvalidTransactionId
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.ports import Among
from keys.errors import EcertError

_CLAIMED = "claimed_until"
_HANDING_OVER = 60  # seconds


@dataclass(frozen=True, slots=True)
class DeferredEndpoint:
    """The use case of the deferred credential endpoint."""

    counter: Counter

    def answer(self, members: Mapping[str, Any], call: Call) -> Result:
        """Return the credentials of a transaction (200), or that they cannot be issued yet (202).

        The access token is of the same authorization as the one of the first request; it may have been refreshed
        since. A transaction ends with its credentials; where issuing fails, or a crash comes between, it stays.

        Raises:
            InvalidCredentialRequest: there is no ``transaction_id``, or it is no text.
            InvalidTransactionId: it is unknown, delivered, or another authorization's.
            CredentialRequestDenied: the order does not reach the holder any more.
        """
        transaction_id = members.get("transaction_id")
        if type(transaction_id) is not str:
            raise InvalidCredentialRequest("transaction_id is missing or no text")
        state = self.counter.state
        transaction = state.get(Kind.TRANSACTION, transaction_id, now=call.now)
        if transaction is None or transaction["family"] != call.token.family:
            raise InvalidTransactionId("no such transaction")
        if not self._is_ready(transaction):
            return pending(transaction_id)
        if not self._claim(transaction_id, now=call.now):
            return pending(transaction_id)
        try:
            result = self.counter.hand_over(wanted_of(transaction), call)
        except EcertError:
            self._release(transaction_id, now=call.now)
            raise
        state.take(Kind.TRANSACTION, transaction_id, now=call.now)
        return result

    def _claim(self, transaction_id: str, *, now: datetime) -> bool:
        """Of several requests at once let one go on. What a crash leaves claimed can be claimed again soon.

        Raises:
            InvalidTransactionId: it was delivered meanwhile.
        """
        moment = int(now.timestamp())

        def claimed(value: Mapping[str, Any]) -> Mapping[str, Any]:
            return value if value.get(_CLAIMED, 0) > moment else {**value, _CLAIMED: moment + _HANDING_OVER}

        before = self.counter.state.change(Kind.TRANSACTION, transaction_id, claimed, now=now)
        if before is None:
            raise InvalidTransactionId("transaction has been delivered")
        return bool(before.get(_CLAIMED, 0) <= moment)

    def _release(self, transaction_id: str, *, now: datetime) -> None:
        free = {_CLAIMED: 0}
        self.counter.state.change(Kind.TRANSACTION, transaction_id, lambda value: {**value, **free}, now=now)

    def _is_ready(self, transaction: Mapping[str, Any]) -> bool:
        among = Among(order_ids=(transaction["order_id"],))
        department = transaction["department"]
        for each in self.counter.entitlements.of(transaction["holder_id"], department=department, among=among):
            return each.ready
        raise CredentialRequestDenied("the order does not reach the holder any more")
