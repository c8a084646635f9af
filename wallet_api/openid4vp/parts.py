"""What the use cases of presenting share."""

from dataclasses import dataclass

from wallet_api.openid4vci.ports import CertificateStates, HttpPort, InThread, Sessions
from wallet_api.openid4vp.ports import Operator, RequestAnchors
from wallet_api.parts import Clock, Randomness
from wallet_api.ports import CustodyKeys, Wallets


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The world as a presenter sees it. ``run`` runs what waits for storage or keys in a thread."""

    wallets: Wallets
    custody: CustodyKeys
    http: HttpPort
    sessions: Sessions
    states: CertificateStates
    anchors: RequestAnchors
    operator: Operator
    clock: Clock
    randomness: Randomness
    run: InThread
