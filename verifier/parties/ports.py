"""What the registry of relying parties needs from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from schemas.audit import Doer
from verifier.parties.model import Party, PartyStatus


class Parties(Protocol):
    """Where parties are kept; every change stands in the audit trail."""

    def find(self, party_id: str) -> Party | None:
        """Return the party of this id, None when there is none."""

    def all(self) -> Sequence[Party]:
        """Return every party, by id."""

    def add(self, party: Party, *, by: Doer, now: datetime) -> None:
        """Keep a new party; raises PartyExists."""

    def change(self, party: Party, *, by: Doer, now: datetime) -> Party:
        """Keep a party in place of the one with its id and return it: its status stays. Raises UnknownParty."""

    def set_status(self, party_id: str, status: PartyStatus, *, by: Doer, now: datetime) -> Party:
        """Keep a party's status, nothing else of it, and return the party; raises UnknownParty."""
