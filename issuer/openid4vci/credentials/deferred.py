"""The deferred credential endpoint (OpenID4VCI 1.0, 9): what was promised, as soon as it can be issued, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from issuer.openid4vci.credentials.issuing import Call, Counter, Result, pending, wanted_of
from issuer.openid4vci.errors import CredentialRequestDenied, InvalidCredentialRequest, InvalidTransactionId
from issuer.openid4vci.grants import Kind
from issuer.openid4vci.ports import Among
from keys.errors import EcertError


@dataclass(frozen=True, slots=True)
class DeferredEndpoint:
    """The use case of the deferred credential endpoint."""

    counter: Counter

    def answer(self, members: Mapping[str, Any], call: Call) -> Result:
        """Return the credentials of a transaction (200), or that they cannot be issued yet (202).

        The access token is of the same authorization as the one of the first request; it may have been refreshed
        since. A transaction ends with its credentials; where issuing fails it stays.

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
        # Of several requests at once one gets the credentials.
        if state.take(Kind.TRANSACTION, transaction_id, now=call.now) is None:
            raise InvalidTransactionId("transaction has been delivered")
        try:
            return self.counter.hand_over(wanted_of(transaction), call)
        except EcertError:
            self.counter.keep(Kind.TRANSACTION, transaction_id, transaction, call)
            raise

    def _is_ready(self, transaction: Mapping[str, Any]) -> bool:
        among = Among(order_ids=(transaction["order_id"],))
        department = transaction["department"]
        for each in self.counter.entitlements.of(transaction["holder_id"], department=department, among=among):
            return each.ready
        raise CredentialRequestDenied("the order does not reach the holder any more")
