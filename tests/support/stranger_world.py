"""An application that knows a stranger's wallet provider, and a stranger's wallet with a licence in it."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from issuer.orders.offers import Flow
from tests.support.ecert_world import StillClock, World, world_in
from tests.support.office import KIND, Office
from tests.support.stranger import Provider, Stranger, new_key
from tests.support.stranger_vp import Presenter


@contextmanager
def stranger_world(home: Path, folder: Path, provider: Provider, **settings: str) -> Iterator[World]:
    """Open a copy of ``home`` whose issuers trust ``provider`` to attest wallets."""
    attesters = folder / "attesters.json"
    attesters.write_text(json.dumps(provider.attesters_file()))
    copy = shutil.copytree(home, folder / "home")
    with world_in(copy, StillClock(), WALLET_ATTESTERS=str(attesters), **settings) as made:
        yield made


def licensed(world: World, provider: Provider) -> Presenter:
    """Return a wallet that has fetched a business licence over OpenID4VCI and presents over OpenID4VP."""
    stranger = Stranger(world.client, provider, now=lambda: world.clock().timestamp())
    offer = stranger.offer(Office(world).offer(Flow.PRE_AUTHORIZED).link)
    issuer, server = stranger.discover(offer["credential_issuer"])
    token = stranger.redeem(server, offer).json()["access_token"]
    key = new_key()
    fetched = stranger.fetch(issuer, token, {"credential_configuration_id": f"{KIND}.dc+sd-jwt"}, [key])
    world.container.publish_due()
    root = world.container.installation.blobs.read(".state/root.der")
    assert root is not None
    return Presenter(world.client, fetched.json()["credentials"][0]["credential"], key, root, stranger.now)
