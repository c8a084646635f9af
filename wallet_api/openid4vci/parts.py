"""What the use cases of receiving share: the ports, and what is built on them."""

from collections.abc import Callable
from dataclasses import dataclass

from wallet_api.openid4vci.attestation import WalletProvider
from wallet_api.openid4vci.client import Client
from wallet_api.openid4vci.discovery import Discovery
from wallet_api.openid4vci.ports import CertificateStates, HttpPort, InThread, Sessions, Sources, TrustView
from wallet_api.openid4vci.web import Web
from wallet_api.parts import Clock, Randomness
from wallet_api.ports import CustodyKeys, Wallets
from wallet_api.receiving import Receiving

CALLBACK = "/wallet/callback"
"""Where the browser comes back to, below the public URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The world as a receiver sees it. ``run`` runs what waits for storage or keys in a thread.

    ``provider`` is asked for once: it opens a key. ``public_url`` is this wallet's, without a slash at the end.
    """

    wallets: Wallets
    custody: CustodyKeys
    receiving: Receiving
    http: HttpPort
    sessions: Sessions
    sources: Sources
    trust: TrustView
    states: CertificateStates
    provider: Callable[[], WalletProvider]
    clock: Clock
    randomness: Randomness
    run: InThread
    public_url: str


class ReceiverParts:
    """The ports, and a client and a discovery over them."""

    __slots__ = ("client", "clock", "discovery", "given", "redirect_uri", "run", "web")

    def __init__(self, given: Given) -> None:
        self.given = given
        self.run = given.run
        self.clock = given.clock
        self.web = Web(given.http)
        self.client = Client(self.web, given.provider(), clock=given.clock, randomness=given.randomness)
        self.discovery = Discovery(self.web, clock=given.clock)
        self.redirect_uri = given.public_url + CALLBACK
