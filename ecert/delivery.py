"""The way from the issuer to the wallets of the same process (``issuer.ports.Delivery``)."""

from collections.abc import Sequence
from dataclasses import replace

from keys import jws
from keys.public import PublicKey
from schemas.order import IssuedCredential
from wallet_api.receiving import Receiving


class InProcessDelivery:
    """Hands credentials to the wallets, each under the holder's key that it is bound to (``cnf``)."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving

    def deliver(self, credentials: Sequence[IssuedCredential]) -> None:
        """Deliver; raises CredentialRefused when some are not kept, and repeating a call changes nothing."""
        self._receiving.deliver([replace(one, key_kid=bound_kid(one.token)) for one in credentials])


def bound_kid(token: str) -> str | None:
    """Return the thumbprint of the key in a credential's ``cnf``, unverified; None when it is bound to no key."""
    confirmation = jws.peek(token.partition("~")[0]).peek_claims().get("cnf")
    return None if confirmation is None else PublicKey.from_jwk(confirmation["jwk"]).kid
