"""One use by an agent: what is shown, without the signature; its records in both histories; its form in a handle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keys.encoding import b64url_decode, b64url_text
from schemas.formats import delegation as delegations
from schemas.formats.delegation import PreparedShowing
from wallet_api.delegating.records import Delegation
from wallet_api.presenting import Terms
from wallet_api.records import ActingRecord, HolderKey, ShownRecord


@dataclass(frozen=True, slots=True)
class Use:
    """What the agent shows, to whom, when; ``ids`` name it in the agent's history and in the holder's."""

    delegation: Delegation
    key: HolderKey
    terms: Terms
    channel: str
    at: datetime
    ids: tuple[str, str]

    def unsigned(self) -> PreparedShowing:
        """Return what the agent's key signs; the same use always gives the same bytes."""
        given, terms = self.delegation, self.terms
        return delegations.present(
            given.certificate,
            given.granted,
            self.key.key,
            audience=terms.audience,
            nonce=terms.nonce,
            iat=int(self.at.timestamp()),
        )


def recorded(use: Use) -> tuple[ShownRecord, ShownRecord]:
    """Return the entries of the agent's history and of the holder's."""
    given = use.delegation
    sides = (given.agent_id, True, given.holder_name), (given.holder_id, False, given.agent_name)
    mine, theirs = (
        ShownRecord(
            presentation_id=presentation_id,
            holder_id=whose,
            credential_id=given.credential_id,
            type_id=given.type_id,
            fields=given.fields,
            audience=use.terms.audience,
            purpose=use.terms.purpose,
            channel=use.channel,
            at=use.at,
            acting=ActingRecord(given.delegation_id, given.relation.value, as_agent, other),
        )
        for presentation_id, (whose, as_agent, other) in zip(use.ids, sides, strict=True)
    )
    return mine, theirs


def sealed(use: Use) -> dict[str, Any]:
    """A use as a handle keeps it; ``unsealed`` reads it."""
    terms = use.terms
    cnonce = None if terms.cnonce is None else b64url_text(terms.cnonce)
    return {
        "agent": use.delegation.agent_id,
        "delegation": use.delegation.delegation_id,
        "terms": [terms.nonce, terms.audience, terms.purpose, cnonce],
        "channel": use.channel,
        "at": int(use.at.timestamp()),
        "ids": use.ids,
    }


def unsealed(content: Mapping[str, Any], delegation: Delegation, key: HolderKey) -> Use:
    """Return the use that ``sealed`` described."""
    nonce, audience, purpose, cnonce = content["terms"]
    terms = Terms(nonce, audience, purpose, None if cnonce is None else b64url_decode(cnonce))
    at = datetime.fromtimestamp(content["at"], UTC)
    mine, theirs = content["ids"]
    return Use(delegation, key, terms, content["channel"], at, (mine, theirs))
