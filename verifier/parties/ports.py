"""What the registry of relying parties needs from outside."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from schemas.audit import Doer
from verifier.parties.model import Party


class Parties(Protocol):
    """Where parties are kept; every change stands in the audit trail."""

    def find(self, party_id: str) -> Party | None:
        """Return the party of this id, None when there is none."""

    def all(self) -> Sequence[Party]:
        """Return every party, by id."""

    def add(self, party: Party, *, by: Doer, now: datetime) -> None:
        """Keep a new party; raises PartyExists."""

    def change(self, party_id: str, change: Callable[[Party], Party], *, by: Doer, now: datetime) -> Party:
        """Keep what ``change`` makes of a party, with nobody in between, and return it; raises UnknownParty.

        ``change`` asks nobody; what it raises leaves the party as it is.
        """
