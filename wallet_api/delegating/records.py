"""What is kept of a delegation."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.catalogue import TypeId
from schemas.formats.delegation import Grant, Relation
from schemas.formats.status_claim import StatusReference
from schemas.order import CredentialId, HolderId, Identifier
from wallet_api.records import HolderKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """One delegation: who gave what to whom, with the two signed texts that its agent needs.

    ``certificate`` is the holder's credential with the disclosures that were handed over, ``granted`` the delegation
    that the holder's key signed. ``under`` is the manager's own delegation, where a manager made this one.
    """

    delegation_id: str
    holder_id: HolderId
    agent_id: HolderId
    agent_kid: str
    relation: Relation
    credential_id: CredentialId
    identifier: Identifier = field(repr=False)
    type_id: TypeId
    fields: tuple[str, ...]
    purposes: tuple[str, ...] = field(repr=False)
    since: datetime
    until: datetime
    place: StatusReference
    holder_name: str = field(repr=False)
    agent_name: str = field(repr=False)
    certificate: str = field(repr=False)
    granted: str = field(default="", repr=False)
    under: str | None = None
    recalled_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Tell whether its agent may use it at ``now``."""
        return self.recalled_at is None and self.since <= now < self.until

    def grant(self, agent_key: HolderKey, *, registration: str | None = None) -> Grant:
        """Return it as the format's input; the same record gives the same bytes to sign."""
        return Grant(
            certificate=self.certificate,
            agent_key=agent_key.key,
            agent_name=self.agent_name,
            relation=self.relation,
            purposes=self.purposes,
            since=self.since,
            until=self.until,
            status=self.place,
            registration=registration,
        )
