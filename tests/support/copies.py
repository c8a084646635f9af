"""Certificates of the seeded world by their type."""

from ecert.wiring import Container
from schemas.order import Identifier
from tests.support.ecert_world import World


def identifier_of(place: World | Container, type_id: str) -> Identifier:
    """Return the identifier of a certificate of a type that somebody holds."""
    container = place.container if isinstance(place, World) else place
    for holder in container.wallet.holders.page(limit=500):
        for held in container.wallet.holdings.certificates(holder.holder_id):
            if held.type_id == type_id:
                return held.identifier
    raise AssertionError(f"nobody holds a {type_id}")
