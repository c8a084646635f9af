"""The departments' side joined: orders, offers, proposed acts (``issuer.orders``) over an installation's parts."""

import secrets
from dataclasses import dataclass
from functools import partial

from ecert.wiring import Container
from issuer.orders.bulk import BulkOrders, BulkTerms
from issuer.orders.desk import DeskPorts, OrderDesk
from issuer.orders.offers import OfferDesk, OfferPorts
from issuer.orders.proposals import ActDesk, ActPorts, Work

_new_id = partial(secrets.token_hex, 16)  # no sign at its beginning that a command line takes for an option


@dataclass(frozen=True, slots=True)
class OrderParts:
    """The desks of a container."""

    desk: OrderDesk
    offers: OfferDesk
    acts: ActDesk


def order_parts(container: Container) -> OrderParts:
    """Return the desks; holders that an order names get no key of ours, because their wallets bring one."""
    storage, clock, four_eyes = container.storage, container.clock, container.settings.four_eyes
    desk = DeskPorts(storage.orders, storage.directory, clock, _new_id)
    offers = OfferPorts(storage.orders, storage.protocol, storage.audit, container.trust, clock, secrets.token_bytes)
    acts = ActPorts(storage.proposals, storage.ledger, container.wallet.holders, clock, _new_id)
    return OrderParts(
        OrderDesk(container.issuer, desk, four_eyes=four_eyes),
        OfferDesk(offers),
        ActDesk(Work(container.issuer, container.life), acts, four_eyes=four_eyes),
    )


def bulk_orders(container: Container, terms: BulkTerms) -> BulkOrders:
    """Return what a file of records is handed in with."""
    parts = order_parts(container)
    return BulkOrders(container.issuer, parts.desk, parts.offers, terms)
