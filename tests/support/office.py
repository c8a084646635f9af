"""A department over the whole application: it hands in an order for a business licence and makes offers of it."""

import secrets
from typing import Any

from issuer.orders.desk import DeskPorts, OrderDesk, Wish
from issuer.orders.four_eyes import FourEyes
from issuer.orders.offers import Flow, OfferDesk, OfferPorts, OfferWish
from schemas.audit import Doer
from tests.support.ecert_world import World

OFFICER = Doer("T-1", "preparer")
KIND = "business_licence"


class Office:
    """The department that hands in an order and makes offers."""

    def __init__(self, world: World) -> None:
        container = world.container
        storage, clock = container.storage, container.clock
        desk = DeskPorts(storage.orders, storage.directory, clock, secrets.token_urlsafe)
        self.desk = OrderDesk(container.issuer, desk, four_eyes=FourEyes())
        self.offers = OfferDesk(
            OfferPorts(storage.orders, storage.protocol, storage.audit, container.trust, clock, secrets.token_bytes)
        )
        self.claims = world.claims(KIND)

    def order(self) -> str:
        return self.desk.hand_in(Wish(KIND, self.claims), by=OFFICER).order.order_id

    def offer(self, *flows: Flow, **more: Any) -> Any:
        wish = OfferWish((self.order(),), flows=frozenset(flows), by_reference=False, **more)
        return self.offers.make(wish, by=OFFICER)
