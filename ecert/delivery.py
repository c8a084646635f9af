"""The way from the issuer to the wallets of the same process (``issuer.ports.Delivery``)."""

from collections.abc import Sequence

from schemas.order import IssuedCredential
from wallet_api.receiving import Receiving


class InProcessDelivery:
    """Hands credentials to the wallets."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving

    def deliver(self, credentials: Sequence[IssuedCredential]) -> None:
        """Deliver; raises CredentialRefused when some are not kept, and repeating a call changes nothing."""
        self._receiving.deliver(credentials)
