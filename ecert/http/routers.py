"""The routers of the application, in the order in which an address is looked for."""

from dataclasses import dataclass

from fastapi import APIRouter

import issuer.orders.routes
import issuer.routes
import verifier.api.routes
import verifier.openid4vp.routes
import verifier.routes
import wallet_api.delegating.routes
import wallet_api.openid4vci.routes
import wallet_api.openid4vp.routes
import wallet_api.routes
from ecert import delegating
from ecert.bulk import Bulk
from ecert.http import (
    documents,
    health,
    openid4vci,
    parties,
    party_oauth,
    public,
    purposes,
    recalls,
    share,
    snapshots,
    statuses,
    testmode,
    tokens,
)
from ecert.http.adapters import issuer_services, order_services, verifier_services, wallet_services
from ecert.http.edge import Edge
from ecert.presenting import WalletPresenting
from ecert.receiving import WalletReceiving
from ecert.testmode.parts import SampleTown
from ecert.verify_api import verify_api
from ecert.wiring import Container


@dataclass(frozen=True, slots=True)
class Joined:
    """What was put together over the container before there are routes."""

    container: Container
    receiving: WalletReceiving
    presenting: WalletPresenting
    town: SampleTown
    bulk: Bulk


def routers(joined: Joined, edge: Edge) -> list[APIRouter]:
    """Return every router but the pages' and the VC-API's."""
    return [*_roles(joined, edge), *_operating(joined, edge)]


def _roles(joined: Joined, edge: Edge) -> list[APIRouter]:
    container, receiving, presenting = joined.container, joined.receiving, joined.presenting
    testing = joined.town.evidence
    verifying = verify_api(container, testing=testing)
    checking = verifier_services(container, edge, verifying.in_hand, testing=testing)
    return [
        verifier.routes.router(checking, edge),
        statuses.router(container, edge),
        recalls.router(container, edge),
        public.router(container),
        wallet_api.routes.router(wallet_services(container), edge),
        wallet_api.delegating.routes.router(delegating.services(container), edge),
        wallet_api.openid4vci.routes.router(receiving.services(edge.pictures), edge),
        wallet_api.openid4vp.routes.router(presenting.services(edge.pictures), edge),
        issuer.routes.router(issuer_services(container), edge),
        issuer.orders.routes.router(order_services(container), edge),
        *openid4vci.routers(container, edge),
        *joined.bulk.routers(edge),
        verifier.openid4vp.routes.router(verifying.openid4vp.routes, edge),
        verifier.api.routes.router(verifying.services, edge),
    ]


def _operating(joined: Joined, edge: Edge) -> list[APIRouter]:
    container = joined.container
    return [
        testmode.router(container, joined.town, edge),
        purposes.router(container, edge),
        snapshots.router(container, edge),
        tokens.router(container, edge),
        parties.router(container, edge),
        party_oauth.router(container, edge),
        share.router(container, edge),
        documents.router(container),
        health.router(container, edge),
    ]
