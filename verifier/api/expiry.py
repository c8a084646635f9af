"""The end of verifications whose time is over.

A transaction ends in the shared state first, and then in the records. What a crash left between the two is taken up
here: an answer that came is an answer, however late it is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from verifier.api.model import Status
from verifier.api.ports import Records
from verifier.openid4vp.answers import forget_claims
from verifier.openid4vp.ports import Told, TransactionState
from verifier.openid4vp.requests import KIND
from verifier.openid4vp.transactions import State, Transaction


@dataclass(frozen=True, slots=True)
class Expiry:
    """Ends what waits no longer."""

    records: Records
    state: TransactionState
    told: Told
    clock: Callable[[], datetime]

    def run(self) -> int:
        """End those whose time is over, with the answer that came or with none; return how many there were."""
        now = self.clock()
        found = self.records.overdue(now=now)
        for verification_id in found:
            self._end(verification_id, now)
        return len(found)

    def _end(self, verification_id: str, now: datetime) -> None:
        kept = self.state.get(KIND, verification_id, now=now)
        transaction = None if kept is None else Transaction.of(kept)
        if transaction is None or transaction.state is State.WAITING:
            self.records.end(verification_id, {"status": Status.EXPIRED}, now=now)
        else:
            self.told.ended(transaction, now=now)
            forget_claims(self.state, transaction, now=now)
