"""The test environment over a world: an application with the OpenID4VP endpoints alone, and the wallet that asks it."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from ecert.http.edge import Edge
from ecert.http.metrics import Metrics
from ecert.openid4vp import openid4vp_services
from ecert.presenting import WalletPresenting
from ecert.receiving import WalletReceiving
from ecert.testmode.parts import sample_town
from ecert.testmode.wallet import SampleAnswer
from schemas.dcql import Query, read_query
from tests.support.ecert_world import World
from tests.support.vp_verifier import Heard
from verifier.openid4vp import routes
from verifier.openid4vp.requests import Asked
from verifier.openid4vp.transactions import Flow, Transaction
from verifier.purposes.model import Purpose, RelyingParty, Sector

WATER = RelyingParty("water", "示例供水公司", "Example Water Company", "91440799MA2X91002X", Sector.WATER)
LICENCE = "urn:ecert:business_licence:1"


def asked(*fields: str, vct: str = LICENCE, form: str = "dc+sd-jwt", **more: Any) -> Query:
    """A query for fields of a type."""
    claims = {"claims": [{"path": [name]} for name in fields]} if fields else {}
    meta = {"vct_values": [vct]}
    return read_query({"credentials": [{"id": "one", "format": form, "meta": meta} | claims | more]})


class Water:
    """The one relying party."""

    def find(self, party_id: str) -> RelyingParty | None:
        return WATER if party_id == "water" else None

    def purpose(self, party_id: str, purpose_id: str) -> Purpose | None:
        if party_id != "water":
            return None
        texts = ("开户", "Account", "个人同意", "Consent")
        return Purpose(purpose_id, Sector.WATER, *texts, 30, asked("legal_representative"))


class SampleWorld:
    """The test environment, and who asks in it."""

    def __init__(self, world: World, *, testing: bool = True) -> None:
        self.world, container = world, world.container
        receiving = WalletReceiving(container)
        self.town = sample_town(container, WalletPresenting(container, receiving.http))
        self.heard = Heard()
        self.vp = openid4vp_services(
            container, parties=Water(), told=self.heard, testing=self.town.evidence if testing else None
        )
        app = FastAPI()
        app.include_router(routes.router(self.vp.routes, Edge(Metrics())))
        receiving.http.serve(app)

    def begin(self, query: Query | None = None, **more: Any) -> Any:
        """Ask, with a test key unless ``environment`` says otherwise."""
        wanted: dict[str, Any] = {
            "query": query or asked("legal_representative"),
            "environment": "test",
            "flow": Flow.CROSS_DEVICE,
        }
        return self.vp.requests.begin(Asked("water", "water.account-opening", **wanted | more))

    def answer(self, link: str, outcome: str) -> SampleAnswer:
        """Let the test wallet answer."""
        answer: Callable[..., Any] = self.town.wallet.answer
        return asyncio.run(answer(link, outcome))  # type: ignore[no-any-return]

    def ended(self, begun: Any) -> Transaction:
        """How it ended."""
        return self.vp.requests.transaction(begun.transaction.transaction_id)
