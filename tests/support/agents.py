"""An enterprise of the seeded installation that lets an agent use its licence, and the lists of what it recalled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from schemas.formats import status_token
from schemas.formats.delegation import Relation
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_claim import StatusReference
from schemas.formats.status_list import StatusList
from schemas.order import CredentialFormat
from tests.support.delegations import AGENT, Showing
from tests.support.desk import seconds
from tests.support.ecert_world import World

URI = "https://ecert.example/wallet/status/1"
NAME = "陈小文"
OWN = "water.enterprise-account"


@dataclass
class Recalls:
    """``ecert.pack.RecallLists`` in memory: one list, signed by the installation's anchor."""

    world: World
    recalled: dict[int, int] = field(default_factory=dict)
    asked: int = 0

    def tokens(self) -> Mapping[str, str]:
        self.asked += 1
        now = self.world.clock()
        times = status_token.Times(seconds(now), seconds(now + timedelta(days=1)), 3600)
        statuses = StatusList.from_statuses(self.recalled, bits=1, size=1 << 10)
        return {
            URI: status_token.issue(statuses, self.world.container.installation.anchor_signer, uri=URI, times=times)
        }


def showing(world: World, **changes: Any) -> Showing:
    """The licence in the hands of an agent, who shows it at this moment; place 7 of the list is its own."""
    container, holder = world.container, world.enterprise()
    holdings = [one.credential for one in container.storage.wallets.holdings(holder)]
    credential = next(
        one for one in holdings if one.type_id == "business_licence" and one.format is CredentialFormat.SD_JWT_VC
    )
    store_name = container.storage.wallets.key(holder, credential.holder_kid or "").store_name
    assert store_name is not None
    now = world.clock()
    made: dict[str, Any] = {
        "certificate": SdJwt.parse(credential.token),
        "fields": ("address",),
        "holder": container.installation.keys.open(store_name),
        "agent": AGENT,
        "relation": Relation.AGENT,
        "purposes": (OWN,),
        "since": now - timedelta(hours=1),
        "until": now + timedelta(days=30),
        "status": StatusReference(URI, 7),
        "at": now,
        "anchor": container.installation.anchor_signer,
    }
    return Showing(**made | changes)
