"""What an operator hands in about relying parties, by route or by command, and what is shown of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from ecert.errors import FieldFault, MalformedRequest
from ecert.parties.access import party_registry
from ecert.storage.party_keys import PartyKey
from ecert.wiring import Container
from issuer.openid4vci.protocol_tokens import key_of
from keys.errors import KeysError, MalformedDocument
from keys.fields import Fields
from keys.public import PublicKey
from schemas.audit import Doer
from verifier.errors import InvalidParty
from verifier.parties.documents import document
from verifier.parties.model import MAX_KEYS, Access, Environment, Party, PartyStatus
from verifier.purposes.model import RelyingParty, Sector
from verifier.purposes.reading import read_purpose

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration as it is handed in. ``own`` are purposes as JSON, ``keys`` JWK Sets by environment."""

    party_id: str
    name_zh: str
    name_en: str
    credit_code: str
    sector: str
    contact: str
    purposes: Sequence[str] = ()
    own: Sequence[dict[str, Any]] = ()
    return_uris: Sequence[str] = ()
    keys: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def party(self, now: datetime) -> Party:
        """Return the party, active since ``now``; ``own`` purposes are among those that it may ask for.

        Raises:
            MalformedRequest: the sector or an environment is none that there is.
            InvalidParty, InvalidPurpose, InvalidDcqlQuery: a part of it is out of form.
        """
        own = tuple(map(read_purpose, self.own))
        sector = _one_of(Sector, self.sector, "sector")
        return Party(
            body=RelyingParty(self.party_id, self.name_zh, self.name_en, self.credit_code, sector),
            contact=self.contact,
            registered_at=now,
            purposes=frozenset(self.purposes) | {each.purpose_id for each in own},
            own=own,
            return_uris=tuple(self.return_uris),
            keys={_one_of(Environment, name, "keys"): _keys(jwks) for name, jwks in self.keys.items()},
        )


@dataclass(frozen=True, slots=True)
class KeyWish:
    """The API key that somebody wants; ``purposes`` None is every purpose of the party."""

    party_id: str
    environment: str
    purposes: frozenset[str] | None
    good_for: timedelta


def new_key(container: Container, wish: KeyWish, *, by: Doer) -> tuple[str, PartyKey]:
    """Return a new key and what is kept of it.

    Raises:
        UnknownParty, PartySuspended: there is no such party, or it may not ask.
        MalformedRequest: there is no such environment.
        InvalidParty: a purpose that the party does not have, or none at all.
    """
    party = party_registry(container).active(wish.party_id)
    environment = _one_of(Environment, wish.environment, "environment")
    if wish.purposes is not None and (not wish.purposes or not wish.purposes <= party.purposes):
        raise InvalidParty("API key is for a purpose that its relying party does not have, or for none")
    now = container.clock()
    access = Access(party.party_id, environment, wish.purposes)
    return container.storage.party_keys.issue(access, now=now, expires_at=now + wish.good_for, by=by)


def read_status(text: str) -> PartyStatus:
    """Return the status of this name; raises MalformedRequest."""
    return _one_of(PartyStatus, text, "status")


def described_party(party: Party) -> dict[str, Any]:
    """Return what an operator sees of a party."""
    clients = [party.client_id(environment) for environment in sorted(party.keys)]
    return document(party) | {"client_ids": clients}


def described_key(key: PartyKey) -> dict[str, Any]:
    """Return what an operator sees of an API key."""
    purposes = key.access.purposes
    return {
        "key_id": key.key_id,
        "party_id": key.access.party_id,
        "environment": key.access.environment.value,
        "purposes": None if purposes is None else sorted(purposes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_on": key.last_used_on,
    }


def _keys(jwks: dict[str, Any]) -> tuple[PublicKey, ...]:
    try:
        return tuple(key_of(each.value) for each in Fields(jwks, "", MalformedDocument).objects("keys", limit=MAX_KEYS))
    except KeysError as exc:
        raise InvalidParty(f"relying party's keys: {exc}") from None


def _one_of(kind: type[_Word], text: str, place: str) -> _Word:
    try:
        return kind(text)
    except ValueError:
        raise MalformedRequest([FieldFault(place, "enum", f"expected one of {', '.join(kind)}")]) from None
