"""The container's parts in the shape that each router declares."""

from collections.abc import Sequence

from ecert import pages
from ecert.evidence import EvidenceSource
from ecert.http.edge import Edge
from ecert.http.replays import Replays
from ecert.orders import order_parts
from ecert.pack import BuiltPack
from ecert.storage.errors import StorageError
from ecert.wiring import Container
from issuer.errors import UnknownCertificate
from issuer.orders.routes import Services as OrderServices
from issuer.routes import Services as IssuerServices
from schemas.order import Identifier
from verifier.api.in_hand import InHand
from verifier.evidence import Evidence
from verifier.openid4vp.ports import EvidenceNow
from verifier.routes import Services as VerifierServices
from wallet_api.routes import Services as WalletServices

_PACK_SECONDS = 60.0


def issuer_services(container: Container) -> IssuerServices:
    """Return what the issuer's routes need."""

    def changed(act: str) -> None:
        container.evidence.invalidate()
        container.metrics.acted(act)

    return IssuerServices(
        issuer=container.issuer,
        life=container.life,
        ledger=container.storage.ledger,
        holders=container.wallet.holders,
        issued=container.metrics.issued,
        changed=changed,
        acts=order_parts(container).acts,
    )


def order_services(container: Container) -> OrderServices:
    """Return what the orders' routes need."""

    def changed(act: str) -> None:
        container.evidence.invalidate()
        container.metrics.acted(act)

    parts = order_parts(container)
    limits = container.storage.rate_limits
    return OrderServices(parts.desk, parts.offers, parts.acts, limits, container.clock, changed, pages.render)


def wallet_services(container: Container) -> WalletServices:
    """Return what the wallet's routes need."""
    wallet = container.wallet

    def state_of(identifier: Identifier) -> str | None:
        try:
            return container.state_of(identifier)
        except UnknownCertificate:
            return None

    return WalletServices(wallet.holders, wallet.holdings, wallet.presenting, wallet.showing, wallet.history, state_of)


def verifier_services(
    container: Container, edge: Edge, in_hand: InHand | None = None, *, testing: EvidenceNow | None = None
) -> VerifierServices:
    """Return what the verifier's routes need; ``in_hand`` keeps what relying parties' own keys verify, ``testing`` is
    what the test environment knows."""
    return VerifierServices(Sources(container, edge, testing), container.clock, edge.pictures, in_hand)


class Sources:
    """Evidence, packs and references for the verifier's routes (``verifier.routes.Sources``)."""

    def __init__(self, container: Container, edge: Edge, testing: EvidenceNow | None = None) -> None:
        self._container = container
        self._edge = edge
        self._testing = testing
        self._evidence: EvidenceSource = container.evidence
        shared = container.settings.shared_replays
        state = container.storage.protocol
        self._replays = Replays(state, clock=container.clock, run=edge.run) if shared else None
        self._pack: BuiltPack | None = None

    async def evidence(self, *, testing: bool = False, wanted: Sequence[str] = ()) -> Evidence:
        """Return the evidence of now; waits in a thread only when it has to be gathered."""
        if wanted:
            await self._evidence.fetch(wanted)
        if testing and self._testing is not None:
            return await self._edge.run(self._testing.evidence)
        fresh = self._evidence.fresh()
        return await self._edge.run(self._evidence.gather) if fresh is None else fresh

    async def remember(self, digest: str) -> bool:
        """Remember what was shown: here at once, and where every worker sees it; False when one of them has seen it."""
        self._evidence.remember(digest)
        if self._replays is None:
            return True  # this process is the only one, and it judged with what it remembers
        try:
            return await self._replays.first(digest)
        except StorageError:
            self._evidence.forget(digest)  # it was not accepted: the answer is an error, and the holder tries again
            raise

    def take_reference(self, reference: str) -> str:
        """Return what a reference stands for, once."""
        return self._container.wallet.showing.take_reference(reference)

    def pack(self) -> tuple[bytes, int]:
        """Return the pack, built at most once a minute, and the age of its oldest status list."""
        now = self._container.clock()
        built = self._pack
        if built is None or (now - built.issued_at).total_seconds() >= _PACK_SECONDS:
            built = self._pack = self._container.packs.build()
        oldest = built.oldest_status or built.issued_at
        return built.text.encode(), max(0, int((now - oldest).total_seconds()))

    def anchor(self) -> bytes:
        """Return the anchor as JSON."""
        return self._container.installation.anchor.to_json()

    def judged(self, verdict: str) -> None:
        """Count a verdict."""
        self._container.metrics.verified(verdict)
