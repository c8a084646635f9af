"""A wallet that receives, over the town of ``wallet_fakes`` and one issuer in memory."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from keys import strict_json
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from schemas.order import HolderId, HolderRef, Identifier
from tests.support.protocol_state import MemoryState
from tests.support.vci_issuer import ISSUER, FakeIssuer
from tests.support.wallet_fakes import Town
from wallet_api.openid4vci.attestation import WalletProvider
from wallet_api.openid4vci.fetching import Fetching
from wallet_api.openid4vci.parts import Given, ReceiverParts
from wallet_api.openid4vci.ports import TrustedIssuer
from wallet_api.openid4vci.progress import Acceptance, Progress
from wallet_api.openid4vci.receiving import Receiver
from wallet_api.openid4vci.refreshing import Refreshing
from wallet_api.openid4vci.sources import Source, SourceState
from wallet_api.records import Holding

T = TypeVar("T")
WALLET = "https://wallet.example"


class FakeSources:
    """``Sources`` in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Source] = {}

    def put(self, source: Source) -> None:
        self.kept[source.source_id] = source

    def source(self, holder_id: HolderId, source_id: str) -> Source | None:
        found = self.kept.get(source_id)
        return found if found is not None and found.asked.holder_id == holder_id else None

    def of_holder(self, holder_id: HolderId) -> Sequence[Source]:
        mine = [source for source in self.kept.values() if source.asked.holder_id == holder_id]
        return sorted(mine, key=lambda source: source.changed_at, reverse=True)

    def claim(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Source]:
        due = [each for each in self.kept.values() if each.due_at <= now and each.state is not SourceState.OVER]
        due = sorted(due, key=lambda each: each.due_at)[:limit]
        for each in due:
            self.kept[each.source_id] = replace(each, due_at=until)
        return due

    def claim_one(self, source_id: str, *, now: datetime, until: datetime) -> Source | None:
        found = self.kept.get(source_id)
        if found is None or found.due_at > now or found.state is SourceState.OVER:
            return None
        self.kept[source_id] = replace(found, due_at=until)
        return found

    def hasten(self, source_id: str, *, now: datetime) -> None:
        found = self.kept.get(source_id)
        if found is not None and found.state is SourceState.KEPT and found.due_at > now:
            self.kept[source_id] = replace(found, due_at=now)


class FakeTrust:
    """``TrustView`` with the one issuer on it."""

    def __init__(self) -> None:
        self.listed = {ISSUER: TrustedIssuer("示例市公安局（信任名录）", "Public Security Bureau (listed)")}

    def issuer(self, identifier: str) -> TrustedIssuer | None:
        return self.listed.get(identifier)


class FakeStates:
    """``CertificateStates`` that says one thing."""

    def __init__(self) -> None:
        self.state: str | None = None

    def state_of(self, identifier: Identifier) -> str | None:
        del identifier
        return self.state


async def in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call at once."""
    return function(*args, **kwargs)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do one piece of asynchronous work."""
    return asyncio.run(work)


@dataclass
class ReceivingWallet:
    """The receiver, its issuer, and all that is behind them."""

    town: Town = field(default_factory=Town)
    sessions: MemoryState = field(default_factory=MemoryState)
    sources: FakeSources = field(default_factory=FakeSources)
    trust: FakeTrust = field(default_factory=FakeTrust)
    states: FakeStates = field(default_factory=FakeStates)

    def __post_init__(self) -> None:
        self.issuer = FakeIssuer(self.town)
        self.provider = SoftwareSigner.generate(Algorithm.ES256)
        self.issuer.provider = self.provider.public_key
        given = Given(
            wallets=self.town.wallets,
            custody=self.town.custody,
            receiving=self.town.wallet.receiving,
            http=self.issuer,
            sessions=self.sessions,
            sources=self.sources,
            trust=self.trust,
            states=self.states,
            provider=lambda: WalletProvider(self.provider, WALLET, f"{WALLET}/client"),
            clock=lambda: self.town.now,
            randomness=secrets.token_bytes,
            run=in_thread,
            public_url=WALLET,
        )
        self.parts = ReceiverParts(given)
        self.fetching = Fetching(self.parts)
        self.receiver = Receiver(self.parts, self.fetching)
        self.refreshing = Refreshing(self.parts, self.fetching)
        self.holder: HolderRef = self.town.citizen()

    @property
    def holder_id(self) -> HolderId:
        """The citizen."""
        return self.holder.holder_id

    def link(self, offer: dict[str, Any] | None = None) -> str:
        """Return an offer by value."""
        given = self.issuer.offer() if offer is None else offer
        return f"openid-credential-offer://?credential_offer={quote(strict_json.dumps(given).decode())}"

    def preview(self, offer: dict[str, Any] | None = None) -> Any:
        """Read an offer."""
        return run(self.receiver.preview(self.holder_id, self.link(offer)))

    def accept(self, offer: dict[str, Any] | None = None, **choice: Any) -> Progress:
        """Read an offer and accept it."""
        return run(self.receiver.accept(self.holder_id, self.preview(offer).offer_id, Acceptance(**choice)))

    def holdings(self) -> list[Holding]:
        """What is in the wallet."""
        return self.town.wallets.holdings(self.holder_id)

    def only_source(self) -> Source:
        """Return the one source."""
        (source,) = self.sources.kept.values()
        return source

    def round(self) -> int:
        """Do one round of refreshing."""
        return run(self.refreshing.round())

    def with_device(self) -> SoftwareSigner:
        """Give the holder a device with a key of its own."""
        device = SoftwareSigner.generate(Algorithm.ES256)
        self.holder = self.town.registered_device(self.holder, device)
        return device
