"""The part of the story that goes by protocol: every department hands in an order and offers it, and the holder's
wallet receives it over OpenID4VCI: metadata, token with a transaction code, nonce, key proof, credential, notification.
The requests are those that cross a network between two installations; here they stay in memory.
"""

import asyncio
from dataclasses import dataclass

from ecert.http.app import create_app
from ecert.orders import OrderParts, order_parts
from ecert.receiving import WalletReceiving
from ecert.wiring import Container
from issuer.orders.desk import Wish
from issuer.orders.offers import Flow, MadeOffer, OfferWish, TxWish
from schemas.audit import SYSTEM
from schemas.catalogue import CertificateType
from schemas.examples import example_claims
from schemas.order import HolderId
from schemas.types import all_types
from schemas.validity import day_of
from wallet_api.openid4vci.progress import Acceptance, Stage


@dataclass(frozen=True, slots=True)
class Received:
    """What one department offered and a wallet got."""

    kind: CertificateType
    trusted: bool
    stage: Stage
    kept: int


class Counterparts:
    """Both sides of the protocol over one installation."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._desks: OrderParts = order_parts(container)
        self._receiving = WalletReceiving(container)
        self._receiving.http.serve(create_app(container, watch=False))

    def hand_over(self, kind: CertificateType) -> Received:
        """Hand in the example of a type, offer it with a transaction code, and let the holder's wallet accept it."""
        claims = example_claims(kind, today=day_of(self._container.clock()))
        order = self._desks.desk.hand_in(Wish(kind.id, claims), by=SYSTEM).order
        holder = order.holders[0]
        wish = OfferWish((order.order_id,), holder_id=holder, flows=frozenset({Flow.PRE_AUTHORIZED}), tx_code=TxWish())
        return asyncio.run(self._accept(kind, holder, self._desks.offers.make(wish, by=SYSTEM)))

    async def _accept(self, kind: CertificateType, holder: HolderId, offer: MadeOffer) -> Received:
        receiver = self._receiving.receiver
        shown = await receiver.preview(holder, offer.link)
        done = await receiver.accept(holder, shown.offer_id, Acceptance(tx_code=offer.tx_code))
        kept = sum(result.credential_id is not None for result in done.results)
        return Received(kind, shown.trusted, done.stage, kept)


def last_types() -> list[CertificateType]:
    """Return one type of each issuing department: its last one."""
    return list({kind.department: kind for kind in all_types()}.values())
