"""One use by an agent: what is shown, without the signature; its records in both histories; its form in a handle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from keys.encoding import b64url_decode, b64url_text
from schemas.formats import delegation as delegations
from schemas.formats.delegation import PreparedShowing
from schemas.formats.sd_jwt import SdJwt
from wallet_api.delegating.records import Delegation
from wallet_api.presenting import Terms
from wallet_api.records import ActingRecord, HolderKey, ShownRecord


@dataclass(frozen=True, slots=True)
class Use:
    """What the agent shows, to whom, when; ``ids`` name it in the agent's history and in the holder's.

    ``disclosed`` are the fields of choice that it shows, None for all that were handed over.
    """

    delegation: Delegation
    key: HolderKey
    terms: Terms
    channel: str
    at: datetime
    ids: tuple[str, str]
    disclosed: tuple[str, ...] | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that the other side sees."""
        given = self.delegation
        if self.disclosed is None:
            return given.fields
        return tuple(name for name in given.fields if name in self.disclosed or name not in handed_over(given))

    def unsigned(self) -> PreparedShowing:
        """Return what the agent's key signs; the same use always gives the same bytes."""
        given, terms = self.delegation, self.terms
        certificate = given.certificate
        if self.disclosed is not None:
            certificate = SdJwt.parse_issued(certificate).present([(name,) for name in self.disclosed]).text()
        return delegations.present(
            certificate,
            given.granted,
            self.key.key,
            audience=terms.audience,
            nonce=terms.nonce,
            iat=int(self.at.timestamp()),
        )


def handed_over(given: Delegation) -> frozenset[str]:
    """Return the names of the fields of choice that the agent has."""
    certificate = SdJwt.parse_issued(given.certificate)
    return frozenset(certificate.peek_claims().keys() - certificate.issuer_jws.peek_claims().keys())


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
            fields=use.fields,
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
        "disclosed": use.disclosed,
    }


def unsealed(content: Mapping[str, Any], delegation: Delegation, key: HolderKey) -> Use:
    """Return the use that ``sealed`` described."""
    nonce, audience, purpose, cnonce = content["terms"]
    terms = Terms(nonce, audience, purpose, None if cnonce is None else b64url_decode(cnonce))
    at = datetime.fromtimestamp(content["at"], UTC)
    mine, theirs = content["ids"]
    chosen = content["disclosed"]
    disclosed = None if chosen is None else tuple(chosen)
    return Use(delegation, key, terms, content["channel"], at, (mine, theirs), disclosed)
