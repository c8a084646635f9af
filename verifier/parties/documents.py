"""A registered party as JSON, as it is kept."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from keys.public import PublicKey
from verifier.parties.model import Environment, Party, PartyStatus
from verifier.purposes.model import RelyingParty, Sector
from verifier.purposes.reading import document as purpose_document
from verifier.purposes.reading import read_purpose


def document(party: Party) -> dict[str, Any]:
    """Return ``party`` as JSON that ``read_party`` reads back equal."""
    body = party.body
    return {
        "party_id": body.party_id,
        "name_zh": body.name_zh,
        "name_en": body.name_en,
        "credit_code": body.credit_code,
        "sector": body.sector.value,
        "contact": party.contact,
        "registered_at": party.registered_at.isoformat(),
        "purposes": sorted(party.purposes),
        "own": [purpose_document(each) for each in party.own],
        "return_uris": list(party.return_uris),
        "keys": {environment.value: [dict(key.jwk) for key in keys] for environment, keys in party.keys.items()},
        "status": party.status.value,
    }


def read_party(value: Mapping[str, Any]) -> Party:
    """Return the party that ``document`` wrote."""
    keys = {Environment(name): tuple(map(PublicKey.from_jwk, jwks)) for name, jwks in value["keys"].items()}
    return Party(
        body=RelyingParty(
            value["party_id"], value["name_zh"], value["name_en"], value["credit_code"], Sector(value["sector"])
        ),
        contact=value["contact"],
        registered_at=datetime.fromisoformat(value["registered_at"]),
        purposes=frozenset(value["purposes"]),
        own=tuple(map(read_purpose, value["own"])),
        return_uris=tuple(value["return_uris"]),
        keys=MappingProxyType(keys),
        status=PartyStatus(value["status"]),
    )
