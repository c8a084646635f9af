"""What the authorization server needs to know from outside about its clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from keys.public import PublicKey


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client that signs its own assertions (``private_key_jwt``): its keys, and where it may be sent back to."""

    client_id: str
    keys: tuple[PublicKey, ...]
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttestedClient:
    """A client of an attester: its id, and where its instances may be sent back to (None: anywhere)."""

    client_id: str
    redirect_uris: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Attester:
    """Who attests client instances, under the name ``iss``: by a chain to one of ``anchors`` (DER), or by one of
    ``keys``. ``clients`` are those that it may attest, None being any."""

    iss: str
    anchors: tuple[bytes, ...] = ()
    keys: tuple[PublicKey, ...] = ()
    clients: Sequence[AttestedClient] | None = None


class Clients(Protocol):
    """The registered clients."""

    def find(self, client_id: str) -> RegisteredClient | None:
        """Return the client of this id, None when there is none."""


class Attesters(Protocol):
    """The attesters that are trusted."""

    def find(self, iss: str) -> Attester | None:
        """Return the attester of this name, None when it is not trusted."""
