"""Who may do what: roles, and the actor behind a token (invariant 10)."""

from dataclasses import dataclass

from ecert.errors import NotPermitted
from ecert.storage.tokens import ApiToken, Role
from schemas.audit import Doer
from verifier.parties.model import Access

__all__ = ["Actor", "Role", "actor_for", "party_actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The one behind a request. ``department`` None reaches all departments; a holder reaches only ``holder_id``.

    ``also`` are further roles (an officer's token may name several), ``office`` is where an officer works. ``access``
    is what a relying party's own key or access token gives (its party, environment and purposes); a counter's token has
    none.
    """

    token_id: str
    role: Role
    department: str | None = None
    holder_id: str | None = None
    office: str | None = None
    also: frozenset[Role] = frozenset()
    access: Access | None = None

    @property
    def doer(self) -> Doer:
        """The actor in the words of the audit trail."""
        return Doer(self.token_id, self.role.value)

    def must_reach(self, department: str) -> None:
        """Return if the actor may act for ``department``; raises NotPermitted."""
        if self.department not in (None, department):
            raise NotPermitted("token is of another department")


def actor_for(token: ApiToken) -> Actor:
    """Return the actor that a token in force stands for."""
    return Actor(token.token_id, token.role, token.scope.department, token.scope.holder_id)


def party_actor(key_id: str, access: Access) -> Actor:
    """Return the actor behind a relying party's key or access token; ``key_id`` is safe to log."""
    return Actor(key_id, Role.RELYING_PARTY, access=access)
