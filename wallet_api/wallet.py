"""One object for everything that a holder does: the use cases of this package over one set of ports.

wallet = Wallet(wallets=..., custody=..., check=..., clock=..., randomness=..., secret=..., audience=...)
holder = wallet.holders.resolve("111", number, name)          # also the issuer's HolderDirectory
wallet.receiving.deliver(credentials)                         # also the issuer's Delivery
wallet.holdings.certificates(holder.holder_id)
wallet.presenting.present(holder.holder_id, Wanted(("name",), type_id=...), nonce=..., audience=..., purpose=...)
wallet.showing.show_qr(holder.holder_id, Wanted(("age_over_18",), type_id=...), purpose="酒店入住 Hotel check-in")
wallet.history.page(holder.holder_id)
"""

from wallet_api.history import History
from wallet_api.holders import Holders
from wallet_api.holdings import Holdings
from wallet_api.parts import Clock, Parts, Randomness
from wallet_api.ports import CredentialCheck, CustodyKeys, Wallets
from wallet_api.presenting import Presenting
from wallet_api.receiving import Receiving
from wallet_api.sealing import Sealer
from wallet_api.showing import Showing


class Wallet:
    """The holder's side, for all holders; it keeps nothing itself and may be shared by threads."""

    __slots__ = ("history", "holders", "holdings", "parts", "presenting", "receiving", "showing")

    def __init__(  # noqa: PLR0913  # the composition names every port once, by keyword
        self,
        *,
        wallets: Wallets,
        custody: CustodyKeys,
        check: CredentialCheck,
        clock: Clock,
        randomness: Randomness,
        secret: bytes,
        audience: str,
    ) -> None:
        """Join the use cases to their ports.

        ``secret`` (32 bytes or more, the same in every worker) seals challenges and handles; ``audience`` is this
        wallet's public URL, for which devices prove their keys.

        Raises:
            ValueError: ``secret`` is too short.
        """
        self.parts = parts = Parts(wallets, custody, check, clock, randomness, Sealer(secret), audience)
        self.holders = Holders(parts)
        self.receiving = Receiving(parts)
        self.holdings = Holdings(parts)
        self.presenting = Presenting(parts)
        self.showing = Showing(parts, self.presenting)
        self.history = History(parts)
