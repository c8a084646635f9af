"""What a registered party may do: ask for a purpose that it has, for no more than that purpose, and be returned to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from schemas.audit import Doer
from schemas.dcql import Query
from verifier.errors import InvalidParty, PartySuspended, PurposeNotAllowed, UnknownParty
from verifier.parties.model import Access, Environment, Party, PartyStatus
from verifier.parties.ports import Parties
from verifier.parties.return_uris import check_return_uri
from verifier.purposes.model import Purpose
from verifier.purposes.narrowing import check_within


class Registry:
    """The parties, over where they are kept and the purposes that are shipped."""

    def __init__(self, parties: Parties, shipped: Mapping[str, Purpose]) -> None:
        self._parties = parties
        self._shipped = shipped

    def party(self, party_id: str) -> Party:
        """Return a party in any status; raises UnknownParty."""
        found = self._parties.find(party_id)
        if found is None:
            raise UnknownParty("no relying party has this id")
        return found

    def active(self, party_id: str) -> Party:
        """Return a party that may ask; raises UnknownParty, PartySuspended."""
        found = self.party(party_id)
        if not found.is_active:
            raise PartySuspended("relying party is suspended")
        return found

    def all(self) -> list[Party]:
        """Return every party, by id."""
        return list(self._parties.all())

    def purposes(self, access: Access) -> tuple[Purpose, ...]:
        """Return every purpose that ``access`` reaches, by id; raises UnknownParty, PartySuspended."""
        found = self._all_of(self.active(access.party_id))
        return tuple(each for each in found if access.reaches(each.purpose_id))

    def purposes_of(self, party_id: str) -> tuple[Purpose, ...]:
        """Return every purpose of a party in any status, by id; raises UnknownParty."""
        return self._all_of(self.party(party_id))

    def purpose(self, access: Access, purpose_id: str) -> Purpose:
        """Return a purpose that ``access`` reaches.

        Raises:
            UnknownParty, PartySuspended: as ``active``.
            PurposeNotAllowed: the party does not have it, the key or token is not for it, or it is shipped no more.
        """
        party = self.active(access.party_id)
        found = self._of(party, purpose_id)
        if found is None or purpose_id not in party.purposes or not access.reaches(purpose_id):
            raise PurposeNotAllowed("relying party or its key does not have this purpose")
        return found

    def query(self, access: Access, purpose_id: str, asked: Query | None = None) -> Query:
        """Return what is asked: the whole purpose, or ``asked`` within it; raises OverAsking, and as ``purpose``."""
        allowed = self.purpose(access, purpose_id).query
        if asked is None:
            return allowed
        check_within(asked, allowed)
        return asked

    def check_return_uri(self, access: Access, uri: str) -> None:
        """Return when a browser may be sent there for the party; raises ReturnUriNotAllowed, and as ``active``."""
        check_return_uri(uri, self.active(access.party_id).return_uris, live=access.environment is Environment.LIVE)

    def register(self, party: Party, *, by: Doer, now: datetime) -> None:
        """Keep a new party; raises PartyExists, and InvalidParty as ``allow``."""
        self._check(party)
        self._parties.add(party, by=by, now=now)

    def allow(self, party_id: str, purposes: frozenset[str], *, by: Doer, now: datetime) -> Party:
        """Let a party ask for exactly these purposes, its own ones among them.

        Raises:
            UnknownParty: there is none of this id.
            InvalidParty: a purpose is neither shipped for the party's sector nor the party's own.
        """

        def allowed(party: Party) -> Party:
            kept = tuple(each for each in party.own if each.purpose_id in purposes)
            return replace(party, purposes=purposes, own=kept)

        return self.change(party_id, allowed, by=by, now=now)

    def set_status(self, party_id: str, status: PartyStatus, *, by: Doer, now: datetime) -> Party:
        """Suspend a party, or let it ask again, whatever its purposes are by now; raises UnknownParty."""
        return self._parties.change(party_id, lambda party: party.with_status(status), by=by, now=now)

    def change(self, party_id: str, change: Callable[[Party], Party], *, by: Doer, now: datetime) -> Party:
        """Keep what ``change`` makes of a party as it is then; raises UnknownParty, and InvalidParty as ``allow``."""

        def checked(party: Party) -> Party:
            changed = change(party)
            self._check(changed)
            return changed

        return self._parties.change(party_id, checked, by=by, now=now)

    def _check(self, party: Party) -> None:
        own = {each.purpose_id: each for each in party.own}
        if not own.keys().isdisjoint(self._shipped):
            raise InvalidParty("relying party's own purpose has the id of a shipped one")
        for purpose_id in party.purposes:
            found = own.get(purpose_id) or self._shipped.get(purpose_id)
            if found is None or found.sector is not party.body.sector:
                raise InvalidParty("purpose is neither shipped for the relying party's sector nor its own")

    def _all_of(self, party: Party) -> tuple[Purpose, ...]:
        found = (self._of(party, each) for each in sorted(party.purposes))
        return tuple(each for each in found if each is not None)

    def _of(self, party: Party, purpose_id: str) -> Purpose | None:
        """Return a purpose; None: it is shipped no more, and the party has it from a time when it was."""
        own = {each.purpose_id: each for each in party.own}
        return own.get(purpose_id) or self._shipped.get(purpose_id)
