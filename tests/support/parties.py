"""Fictional relying parties and a place in memory where they are kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from schemas.audit import Doer
from verifier.errors import PartyExists, UnknownParty
from verifier.parties.model import Party, PartyStatus
from verifier.purposes.model import RelyingParty, Sector

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OPERATOR = Doer("operator-1", "operator")
WATER = RelyingParty("water", "示例供水公司", "Example Water Company", "91440799MA2X91002X", Sector.WATER)


def water(**changed: object) -> Party:
    """Return the water company as it is registered, or with parts changed."""
    purposes = frozenset({"water.account-opening", "water.transfer"})
    made = Party(WATER, "客户服务部 service@water.example", NOW, purposes, return_uris=("https://water.example/back",))
    return replace(made, **changed)  # type: ignore[arg-type]


class FakeParties:
    """``verifier.parties.ports.Parties`` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Party] = {}

    def find(self, party_id: str) -> Party | None:
        return self.kept.get(party_id)

    def all(self) -> Sequence[Party]:
        return [self.kept[name] for name in sorted(self.kept)]

    def add(self, party: Party, *, by: Doer, now: datetime) -> None:
        del by, now
        if party.party_id in self.kept:
            raise PartyExists("a relying party of this id is registered already")
        self.kept[party.party_id] = party

    def change(self, party: Party, *, by: Doer, now: datetime) -> Party:
        del by, now
        return self._kept(party.with_status(self._found(party.party_id).status))

    def set_status(self, party_id: str, status: PartyStatus, *, by: Doer, now: datetime) -> Party:
        del by, now
        return self._kept(self._found(party_id).with_status(status))

    def _found(self, party_id: str) -> Party:
        if party_id not in self.kept:
            raise UnknownParty("no relying party has this id")
        return self.kept[party_id]

    def _kept(self, party: Party) -> Party:
        self.kept[party.party_id] = party
        return party
