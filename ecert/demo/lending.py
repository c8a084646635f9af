"""The part of the story in which an enterprise lends its licence to an agent, and recalls it (授权用证)."""

from dataclasses import dataclass
from datetime import timedelta

from ecert import delegating
from ecert.errors import ExpectationFailed
from ecert.wiring import Container
from schemas.catalogue import TypeId
from schemas.formats.delegation import Relation
from schemas.order import HolderId
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.terms import Person, Wish
from wallet_api.delegating.using import Asked
from wallet_api.records import Holder, HolderKind
from wallet_api.selection import Wanted
from wallet_api.showing import ShownQr

_DAYS = 30


@dataclass(frozen=True, slots=True)
class Lent:
    """What was lent to whom."""

    agent: Holder
    delegation: Delegation


class Lending:
    """Both sides of a delegation over one installation."""

    def __init__(self, container: Container, type_id: str, purpose: str) -> None:
        self._container = container
        self._services = delegating.services(container)
        self._type_id = TypeId(type_id)
        self._purpose = purpose

    def lend(self, holder_id: HolderId, fields: tuple[str, ...]) -> Lent:
        """Let the first natural person of the wallets use the certificate, for 30 days."""
        agent = self._agent()
        wish = Wish(
            wanted=Wanted(fields, type_id=self._type_id),
            agent=Person(agent.code_type, agent.code, agent.name),
            relation=Relation.AGENT,
            purposes=(self._purpose,),
            until=self._container.clock() + timedelta(days=_DAYS),
        )
        return Lent(agent, self._services.granting.grant(holder_id, wish))

    def show(self, lent: Lent) -> ShownQr:
        """Return the code that the agent shows at a counter."""
        asked = Asked(lent.delegation.delegation_id)
        return self._services.using.show(lent.agent.holder_id, asked, purpose=self._purpose, challenge=None)

    def recall(self, lent: Lent) -> None:
        """End it, by the holder."""
        self._services.recalling.recall(lent.delegation.holder_id, lent.delegation.delegation_id)

    def _agent(self) -> Holder:
        for holder in self._container.wallet.holders.page(limit=500):
            if holder.kind is HolderKind.NATURAL_PERSON and holder.name:
                return holder
        raise ExpectationFailed("some natural person has a wallet")
