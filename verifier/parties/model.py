"""A registered relying party, and the access that an API key or an access token gives in its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from keys.fields import is_text
from keys.public import PublicKey
from verifier.errors import InvalidParty
from verifier.parties.return_uris import check_pattern
from verifier.purposes.model import Purpose, RelyingParty

MAX_PURPOSES = 500
MAX_OWN = 50
MAX_RETURN_URIS = 20
MAX_KEYS = 5
MAX_CONTACT = 200


class Environment(StrEnum):
    """Where a party works: with magic certificates and no effect, or for real."""

    TEST = "test"
    LIVE = "live"


class PartyStatus(StrEnum):
    """Whether a party may ask at all."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Party:
    """A relying party as an operator registered it.

    ``contact`` is an office of it, no person. ``purposes`` are the ids that it may ask for: shipped ones, and ``own``
    ones that it registered, each with its law and its query. ``return_uris`` are patterns (``return_uris``). ``keys``
    are those of its assertions (RFC 7523) by environment.

    Raises:
        InvalidParty: a part is out of form or over its limit, or a purpose of its own is not among ``purposes``.
    """

    body: RelyingParty
    contact: str
    registered_at: datetime
    purposes: frozenset[str] = frozenset()
    own: tuple[Purpose, ...] = ()
    return_uris: tuple[str, ...] = ()
    keys: Mapping[Environment, tuple[PublicKey, ...]] = field(default_factory=lambda: MappingProxyType({}))
    status: PartyStatus = PartyStatus.ACTIVE

    def __post_init__(self) -> None:
        if not is_text(self.contact, MAX_CONTACT):
            raise InvalidParty(f"relying party's contact is not a text of 1 to {MAX_CONTACT} characters")
        counts = (len(self.purposes), len(self.own), len(self.return_uris), *map(len, self.keys.values()))
        most = (MAX_PURPOSES, MAX_OWN, MAX_RETURN_URIS, *(MAX_KEYS for _ in self.keys))
        if any(count > limit for count, limit in zip(counts, most, strict=True)):
            raise InvalidParty("relying party has too many purposes, return URIs or keys")
        named = [each.purpose_id for each in self.own]
        if len(set(named)) != len(named) or not self.purposes.issuperset(named):
            raise InvalidParty("relying party's own purposes are not each, once, among those that it may ask for")
        for pattern in self.return_uris:
            check_pattern(pattern)

    @property
    def party_id(self) -> str:
        """The id of the party."""
        return self.body.party_id

    @property
    def is_active(self) -> bool:
        """Whether it may ask."""
        return self.status is PartyStatus.ACTIVE

    def with_status(self, status: PartyStatus) -> "Party":
        """Return it with another status."""
        return replace(self, status=status)

    def client_id(self, environment: Environment) -> str:
        """Return its name as an OAuth client, ``test_<party>`` or ``live_<party>``, like the prefix of its API keys."""
        return f"{environment}_{self.party_id}"

    def webhook_secret(self, environment: Environment) -> str:
        """Return the name under which the key store keeps the secret that signs its webhooks."""
        return f"webhook/{self.party_id}/{environment}"


@dataclass(frozen=True, slots=True)
class Access:
    """What an API key or an access token lets its bearer do. ``purposes`` None: every purpose of the party."""

    party_id: str
    environment: Environment
    purposes: frozenset[str] | None = None

    def reaches(self, purpose_id: str) -> bool:
        """Tell whether it is for this purpose; whether the party has the purpose is another question."""
        return self.purposes is None or purpose_id in self.purposes
