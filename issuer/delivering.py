"""Delivering to the wallets what the ledger has, and noting what arrived (step 5 of ``issuer.issuing``)."""

from collections.abc import Sequence
from dataclasses import dataclass

from issuer.destinations import is_printed
from issuer.ports import Delivery, Ledger
from keys.errors import EcertError
from schemas.order import IssuedCredential


@dataclass(frozen=True, slots=True)
class Courier:
    """The way from the ledger to the wallets."""

    ledger: Ledger
    delivery: Delivery

    def deliver(self, credentials: Sequence[IssuedCredential]) -> bool:
        """Deliver credentials and note it; tell whether the wallets have them. Printed ones have nowhere to go."""
        if not credentials:
            return True
        to_wallets = [each for each in credentials if not is_printed(each)]
        try:
            if to_wallets:
                self.delivery.deliver(to_wallets)
        except EcertError:
            # They are in the ledger, so nothing is lost: ``Issuer.resume`` delivers them.
            return False
        self.ledger.mark_delivered(credentials)
        return True

    def deliver_most(self, credentials: Sequence[IssuedCredential]) -> int:
        """Deliver together, or else one by one, so that one that a wallet refuses is in nobody's way; count them."""
        if self.deliver(credentials):
            return len(credentials)
        return sum(self.deliver([each]) for each in credentials)
