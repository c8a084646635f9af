"""By what right somebody gives, sees or recalls a holder's delegations.

    holder itself            own
    enterprise's licence     the legal representative whom the business licence in its wallet names by number
    parents.py               the guardian of a child under 14
    a delegation received    a manager (证照管理员), within what it has itself

Certificates count while they are in force by their dates and issued by the register.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.catalogue import TypeId
from schemas.formats.delegation import Relation
from schemas.order import CredentialFormat, HolderId, IssuedCredential
from wallet_api import tokens
from wallet_api.delegating import parents
from wallet_api.delegating.errors import GrantNotPermitted, TermsInvalid
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.records import Delegation
from wallet_api.records import Holder, HolderKind

LICENCE = "business_licence"
BY_RIGHT = frozenset({Relation.LEGAL_REPRESENTATIVE, Relation.GUARDIAN})
"""Relations in which the agent acts by a right of its own, which may end."""
_ISSUED = "issued"


class Right(StrEnum):
    """By what somebody acts for a holder."""

    OWN = "own"
    LEGAL_REPRESENTATIVE = "legal_representative"
    GUARDIAN = "guardian"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Power:
    """A right over ``holder``, until when it can reach, and for a manager the delegation that it rests on."""

    holder: Holder
    right: Right
    until: datetime | None = None
    under: Delegation | None = None


_MAY_GIVE: Mapping[tuple[HolderKind, Right], Mapping[Relation, bool]] = {
    # relation → whether it is given to oneself
    (HolderKind.NATURAL_PERSON, Right.OWN): {Relation.AGENT: False},
    (HolderKind.NATURAL_PERSON, Right.GUARDIAN): {Relation.GUARDIAN: True},
    (HolderKind.LEGAL_ENTITY, Right.OWN): {Relation.MANAGER: False, Relation.AGENT: False},
    (HolderKind.LEGAL_ENTITY, Right.LEGAL_REPRESENTATIVE): {
        Relation.LEGAL_REPRESENTATIVE: True,
        Relation.MANAGER: False,
        Relation.AGENT: False,
    },
    (HolderKind.LEGAL_ENTITY, Right.MANAGER): {Relation.AGENT: False},
}


def relations_of(holder: Holder) -> tuple[Relation, ...]:
    """Return what a holder may make others by its own right."""
    return tuple(_MAY_GIVE[holder.kind, Right.OWN])


class Powers:
    """Finding the right by which ``actor`` acts."""

    __slots__ = ("_parts",)

    def __init__(self, parts: DelegatingParts) -> None:
        self._parts = parts

    def over(self, holder: Holder, actor_id: HolderId) -> Power:
        """Return the right over all of the holder's delegations; raises GrantNotPermitted."""
        power = self._over(holder, actor_id)
        if power is None:
            raise GrantNotPermitted("who asks is not shown to be the holder's legal representative or guardian")
        return power

    def still_rests(self, delegation: Delegation) -> bool:
        """Tell whether a legal representative or a guardian has the right still; every other delegation is a gift."""
        if delegation.relation not in BY_RIGHT:
            return True
        holder = self._parts.wallet.wallets.holder(delegation.holder_id)
        return self._over(holder, delegation.agent_id) is not None

    def to_give(self, holder: Holder, actor_id: HolderId) -> tuple[Power, ...]:
        """Return the rights by one of which ``actor`` may give something; raises GrantNotPermitted."""
        power = self._over(holder, actor_id)
        found = tuple(self._as_manager(holder, actor_id)) if power is None else (power,)
        if not found:
            raise GrantNotPermitted("who asks is not shown to have a right over the holder's certificates")
        return found

    def _over(self, holder: Holder, actor_id: HolderId) -> Power | None:
        if holder.holder_id == actor_id:
            return Power(holder, Right.OWN)
        actor = self._parts.wallet.wallets.holder(actor_id)
        return self._of_enterprise(holder, actor) or self._of_child(holder, actor)

    def _as_manager(self, holder: Holder, actor_id: HolderId) -> Iterator[Power]:
        now = self._parts.wallet.clock()
        for own in self._parts.delegations.managed_by(actor_id, holder.holder_id, now=now):
            yield Power(holder, Right.MANAGER, own.until, own)

    def _of_enterprise(self, holder: Holder, actor: Holder) -> Power | None:
        if holder.kind is not HolderKind.LEGAL_ENTITY:
            return None
        for claims in self._claims(holder, TypeId(LICENCE)):
            named = claims.get("legal_representative_id_type"), claims.get("legal_representative_id_number")
            if claims.get("unified_social_credit_code") == holder.code and named == (actor.code_type, actor.code):
                return Power(holder, Right.LEGAL_REPRESENTATIVE)
        return None

    def _of_child(self, holder: Holder, actor: Holder) -> Power | None:
        if HolderKind.LEGAL_ENTITY in (holder.kind, actor.kind):
            return None
        born = next(self._births(holder, actor), None)
        if born is None:
            return None
        until = parents.decides_itself_from(born)
        return Power(holder, Right.GUARDIAN, until) if self._parts.wallet.clock() < until else None

    def _births(self, child: Holder, parent: Holder) -> Iterator[Any]:
        for claims in self._claims(parent, TypeId(parents.BIRTH_CERTIFICATE)):
            if born := parents.born_by_birth_certificate(claims, child=child, parent=parent):
                yield born
        pages = list(self._claims(child, TypeId(parents.HOUSEHOLD_REGISTER)))
        for page in self._claims(parent, TypeId(parents.HOUSEHOLD_REGISTER)):
            for child_page in pages:
                if born := parents.born_by_household(page, child_page, child=child, parent=parent):
                    yield born

    def _claims(self, holder: Holder, type_id: TypeId) -> Iterator[Mapping[str, Any]]:
        """The claims of the holder's certificates of a type that are in force; they were checked when received."""
        for holding in self._parts.wallet.wallets.holdings(holder.holder_id):
            credential = holding.credential
            if credential.type_id == type_id and self._counts(credential):
                yield tokens.claims_of(credential)

    def _counts(self, credential: IssuedCredential) -> bool:
        standard = credential.format is CredentialFormat.SD_JWT_VC and not credential.short_lived
        in_date = tokens.good_from(credential) <= self._parts.wallet.clock() < credential.expires_at
        return standard and in_date and self._parts.states.state_of(credential.identifier) == _ISSUED


def resting(asked: Delegation, powers: Iterable[Power], actor_id: HolderId) -> Delegation:
    """Return what is asked for as it rests on the first right that reaches as far.

    Raises:
        TermsInvalid: nobody is made this by such a right, or the agent is not whom it may be given to.
        GrantNotPermitted: no right reaches as far, in certificate, fields, purposes or time.
    """
    for power in powers:
        _check_relation(asked, power, actor_id)
        if power.under is not None and not _covers(power.under, asked):
            continue
        if power.until is not None and asked.until > power.until:
            continue
        return replace(asked, under=None if power.under is None else power.under.delegation_id)
    raise GrantNotPermitted("no right of who asks reaches as far, in certificate, fields, purposes or time")


def _check_relation(asked: Delegation, power: Power, actor_id: HolderId) -> None:
    oneself = _MAY_GIVE.get((power.holder.kind, power.right), {}).get(asked.relation)
    if oneself is None:
        raise TermsInvalid(f"nobody is made {asked.relation.value} by {power.right.value} right")
    if oneself != (asked.agent_id == actor_id) or asked.agent_id == asked.holder_id:
        raise TermsInvalid(f"{asked.relation.value} is given to {'oneself' if oneself else 'another person'} alone")


def _covers(own: Delegation, asked: Delegation) -> bool:
    same = own.identifier == asked.identifier
    return same and {*own.fields} >= {*asked.fields} and {*own.purposes} >= {*asked.purposes}
