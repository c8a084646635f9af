"""Who stands behind a bearer token of a relying party, and the parts that say so."""

import re
import secrets

from ecert.access import Actor, party_actor
from ecert.parties.oauth import PREFIX, OAuthParts, PartyTokens
from ecert.wiring import Container
from verifier.errors import PartySuspended, PurposeNotAllowed, UnknownParty
from verifier.parties.model import Access, Environment
from verifier.parties.registry import Registry
from verifier.purposes.model import Purpose, RelyingParty
from verifier.purposes.shipped import shipped

_FORM = re.compile(r"(at_)?(test|live)_[A-Za-z0-9_-]{43}")


def party_registry(container: Container) -> Registry:
    """Return the registry of relying parties over ``container``."""
    return Registry(container.storage.parties, shipped())


def party_tokens(container: Container) -> PartyTokens:
    """Return the token endpoint of relying parties over ``container``."""
    installation, storage = container.installation, container.storage
    return PartyTokens(
        OAuthParts(
            parties=storage.parties,
            state=storage.protocol,
            limits=storage.rate_limits,
            clock=container.clock,
            random=secrets.token_bytes,
            public_url=installation.public_url,
            secret=installation.keys.secret("party-tokens"),
        )
    )


class PartyBearers:
    """From a bearer token to a relying party: API keys and access tokens, told apart by how they begin."""

    def __init__(self, container: Container) -> None:
        self._keys = container.storage.party_keys
        self._tokens = party_tokens(container)
        self._clock = container.clock

    def is_one(self, token: str) -> bool:
        """Tell whether a token is a relying party's by its form: longer than an API token, which may begin like it."""
        return _FORM.fullmatch(token) is not None

    def find(self, token: str) -> Actor | None:
        """Return the actor; None when the token is unknown, over, revoked, or its party is suspended."""
        if token.startswith(PREFIX):
            return self._tokens.find(token)
        found = self._keys.find(token, now=self._clock())
        return None if found is None else party_actor(found.key_id, found.access)


class AskingParties:
    """The parties that may ask (``verifier.openid4vp.ports.Parties``): those that are active, and their purposes."""

    def __init__(self, container: Container) -> None:
        self._registry = party_registry(container)

    def find(self, party_id: str) -> RelyingParty | None:
        """Return a party, None when nobody has this id, or it is suspended."""
        try:
            return self._registry.active(party_id).body
        except (UnknownParty, PartySuspended):
            return None

    def purpose(self, party_id: str, purpose_id: str) -> Purpose | None:
        """Return a purpose that the party may ask for, None when it has none of this id, or is suspended."""
        try:
            return self._registry.purpose(Access(party_id, Environment.LIVE), purpose_id)
        except (UnknownParty, PartySuspended, PurposeNotAllowed):
            return None
