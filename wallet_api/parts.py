"""What the use cases of a wallet share: its ports, the clock, randomness, and the seal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wallet_api.ports import CredentialCheck, CustodyKeys, Wallets
from wallet_api.sealing import Sealer

Clock = Callable[[], datetime]
"""Returns the present moment, UTC, with its time zone."""
Randomness = Callable[[int], bytes]
"""Returns that many random bytes, fit for secrets (``secrets.token_bytes``)."""


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """The world as a wallet sees it. ``audience`` is this wallet's public URL: what a key proof is made for."""

    wallets: Wallets
    custody: CustodyKeys
    check: CredentialCheck
    clock: Clock
    randomness: Randomness
    sealer: Sealer
    audience: str
