"""A delegation before it is signed: from what is wished, and from the handle of one that a device signs."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from schemas.formats import delegation as delegations
from schemas.formats.delegation import PreparedDelegation, Relation
from schemas.formats.status_claim import StatusReference
from schemas.order import CredentialFormat, CredentialId, HolderId
from wallet_api import tokens
from wallet_api.delegating.errors import GrantNotPermitted, UnknownAgent
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.powers import Powers, resting
from wallet_api.delegating.records import Delegation
from wallet_api.delegating.terms import Person, Wish, check_type, checked_end, checked_purposes, is_name
from wallet_api.errors import NoCredentialForFields
from wallet_api.holders import normal_number
from wallet_api.records import Holder, HolderKey, HolderKind
from wallet_api.selection import Wanted

RULE = "delegation"
_NOWHERE = StatusReference("", 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """A delegation that lacks the holder's signature, and the two keys that it names."""

    delegation: Delegation
    key: HolderKey
    agent_key: HolderKey
    disclosed: tuple[str, ...] = field(repr=False)
    registration: str = field(repr=False)

    def prepared(self) -> PreparedDelegation:
        """Return what the holder's key signs; the same draft always gives the same bytes."""
        return delegations.prepare(self.delegation.grant(self.agent_key, registration=self.registration), self.key.key)


class Drafting:
    """Making drafts: who may give what is checked here, what is left is the signature."""

    __slots__ = ("_parts", "_powers", "_wallet")

    def __init__(self, parts: DelegatingParts) -> None:
        self._parts = parts
        self._wallet = parts.wallet
        self._powers = Powers(parts)

    def draft(self, actor_id: HolderId, wish: Wish) -> Draft:
        """Return what ``actor`` wishes for, all but the signature; raises as ``Granting.grant``."""
        self._parts.limits.hit(RULE, actor_id, now=self._wallet.clock())
        holder = self._holder(actor_id, wish.holder)
        powers = self._powers.to_give(holder, actor_id)  # before anything is said of what the holder has
        agent = self._agent(actor_id, wish.agent)
        agent_key = self._wallet.wallets.present_key(agent.holder_id)
        if agent_key is None:
            raise UnknownAgent("the agent's wallet has no key yet")
        holding, selection = self._parts.presenting.chosen(holder.holder_id, self._certificate(holder, wish.wanted))
        credential, since = holding.credential, self._wallet.clock().replace(microsecond=0)
        check_type(credential.type_id, wish.relation)
        if credential.short_lived:
            raise NoCredentialForFields("a chosen field stands in a short-lived credential alone, which is not lent")
        asked = Delegation(
            delegation_id=self._wallet.randomness(16).hex(),
            holder_id=holder.holder_id,
            agent_id=agent.holder_id,
            agent_kid=agent_key.key.kid,
            relation=wish.relation,
            credential_id=credential.credential_id,
            identifier=credential.identifier,
            type_id=credential.type_id,
            fields=selection.shown,
            purposes=checked_purposes(wish.purposes),
            since=since,
            until=checked_end(wish.until, since=since, certificate_ends=credential.expires_at),
            place=_NOWHERE,
            holder_name=holder.name,
            agent_name=agent.name,
            certificate=tokens.handed_over(credential, selection.disclosed),
        )
        given = replace(resting(asked, powers, actor_id), place=self._parts.delegations.take_place())
        key = self._parts.presenting.bound_key(holder.holder_id, holding)
        registration = self._parts.registrar.register(given.grant(agent_key).claims(key.key))
        return Draft(given, key, agent_key, selection.disclosed, registration)

    def _holder(self, actor_id: HolderId, person: Person | None) -> Holder:
        if person is None:
            return self._wallet.wallets.holder(actor_id)
        found = self._wallet.wallets.find_holder(person.code_type, normal_number(person.code))
        if found is None:
            raise GrantNotPermitted("who asks is not shown to have a right over the holder's certificates")
        return found

    def _agent(self, actor_id: HolderId, person: Person | None) -> Holder:
        if person is None:
            return self._wallet.wallets.holder(actor_id)
        found = self._wallet.wallets.find_holder(person.code_type, normal_number(person.code))
        name = unicodedata.normalize("NFC", person.name).strip()
        if found is None or found.kind is not HolderKind.NATURAL_PERSON or found.name != name or not is_name(name):
            raise UnknownAgent("no person of this number and name has a wallet here")
        return found

    def _certificate(self, holder: Holder, wanted: Wanted) -> Wanted:
        """What is wanted of the certificate that is meant, in the one format that can be lent."""
        if wanted.credential_id is None:
            return replace(wanted, format=CredentialFormat.SD_JWT_VC)
        held = self._wallet.wallets.holding(holder.holder_id, wanted.credential_id).credential
        return Wanted(wanted.fields, identifier=held.identifier, format=CredentialFormat.SD_JWT_VC)

    def unsealed(self, content: Mapping[str, Any]) -> Draft:
        """Return the draft that ``sealed`` described; raises UnknownCredential when its credential left the wallet."""
        wallets = self._wallet.wallets
        holder, agent = wallets.holder(content["holder"]), wallets.holder(content["agent"])
        holding = wallets.holding(holder.holder_id, CredentialId(content["credential"]))
        credential = holding.credential
        given = Delegation(
            delegation_id=content["id"],
            holder_id=holder.holder_id,
            agent_id=agent.holder_id,
            agent_kid=content["agent_kid"],
            relation=Relation(content["relation"]),
            credential_id=credential.credential_id,
            identifier=credential.identifier,
            type_id=credential.type_id,
            fields=tuple(content["fields"]),
            purposes=tuple(content["purposes"]),
            since=datetime.fromtimestamp(content["since"], UTC),
            until=datetime.fromtimestamp(content["until"], UTC),
            place=StatusReference(*content["place"]),
            holder_name=holder.name,
            agent_name=agent.name,
            certificate=tokens.handed_over(credential, content["disclosed"]),
        )
        agent_key = wallets.key(agent.holder_id, given.agent_kid)
        key = self._parts.presenting.bound_key(holder.holder_id, holding)
        return Draft(given, key, agent_key, tuple(content["disclosed"]), content["registration"])


def sealed(draft: Draft) -> dict[str, Any]:
    """A draft as a handle keeps it; ``Drafting.unsealed`` reads it."""
    given = draft.delegation
    return {
        "id": given.delegation_id,
        "holder": given.holder_id,
        "agent": given.agent_id,
        "agent_kid": given.agent_kid,
        "relation": given.relation.value,
        "credential": given.credential_id,
        "fields": given.fields,
        "disclosed": draft.disclosed,
        "registration": draft.registration,
        "purposes": given.purposes,
        "since": int(given.since.timestamp()),
        "until": int(given.until.timestamp()),
        "place": [given.place.uri, given.place.index],
    }
