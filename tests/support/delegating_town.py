"""A town in which people and enterprises lend their certificates: the fakes of the wallet, and delegating over them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.formats import delegation as delegations
from schemas.formats import delegation_registration as registrations
from schemas.formats.delegation import Delegation as Said
from schemas.formats.delegation import Relation
from schemas.order import HolderRef, Identifier
from tests.support.delegations_fake import FakeDelegations
from tests.support.wallet_fakes import Town, example_claims
from wallet_api.delegating.granting import Granting
from wallet_api.delegating.parts import DelegatingParts
from wallet_api.delegating.recalling import Recalling
from wallet_api.delegating.terms import Person, Wish
from wallet_api.delegating.using import Using
from wallet_api.selection import Wanted

LICENCE = TypeId("business_licence")
CARD = TypeId("resident_id_card")
BIRTH = TypeId("birth_medical_certificate")
HOUSEHOLD = TypeId("household_register")
ENTERPRISE = Person("001", "91440799MA5X00014T", "江门市示例侨味食品有限公司")
LEGAL = Person("111", "440799199003070112", "陈大文")
MOTHER = Person("111", "440799199208150247", "李小明")
CHILD = Person("111", "440799201906180136", "陈小乐")
AGENT = Person("111", "440799199505050015", "陈小文")
PURPOSE = "办理食品经营许可"


@dataclass
class States:
    """What the register says; ``changed`` by identifier."""

    changed: dict[str, str | None] = field(default_factory=dict)

    def state_of(self, identifier: Identifier) -> str | None:
        return self.changed.get(identifier, "issued")


@dataclass
class Hits:
    """The limits' port, which counts alone."""

    seen: list[tuple[str, str]] = field(default_factory=list)

    def hit(self, rule: str, subject: str, *, now: datetime) -> None:
        del now
        self.seen.append((rule, subject))


@dataclass
class Registered:
    """The registrar's port, by a key of the test."""

    signer: SoftwareSigner

    def register(self, claims: Mapping[str, Any]) -> str:
        return registrations.register(claims, self.signer)


class DelegatingTown(Town):
    """The town with delegating."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.delegations, self.states, self.hits = FakeDelegations(), States(), Hits()
        wallet = self.wallet
        self.anchor = SoftwareSigner.generate()
        registrar = Registered(self.anchor)
        parts = DelegatingParts(wallet.parts, wallet.presenting, self.delegations, self.states, registrar, self.hits)
        self.granting, self.recalling = Granting(parts), Recalling(parts)
        self.using = Using(parts, wallet.showing)

    def person(self, person: Person) -> HolderRef:
        """Return somebody, with a custody key."""
        return self.wallet.holders.resolve(person.code_type, person.code, person.name)

    def enterprise(self) -> HolderRef:
        """Return the enterprise with its licence, which names its legal representative."""
        holder = self.person(ENTERPRISE)
        self.holding(holder, LICENCE)
        return holder

    def family(self) -> tuple[HolderRef, HolderRef]:
        """Return the mother with the birth certificate, and the child with a register page as its certificate."""
        mother, child = self.person(MOTHER), self.person(CHILD)
        self.holding(mother, BIRTH)
        self.holding(child, HOUSEHOLD)
        return mother, child

    def page(self, holder: HolderRef, **changes: Any) -> None:
        """Give somebody a page of the household register; without changes it is the child's."""
        self.holding(holder, HOUSEHOLD, claims=example_claims(HOUSEHOLD, **changes))

    def wish(self, **changes: Any) -> Wish:
        """Return the wish to lend the licence to the agent for 30 days."""
        made: dict[str, Any] = {
            "wanted": Wanted(("business_scope",), type_id=LICENCE),
            "agent": AGENT,
            "relation": Relation.AGENT,
            "purposes": (PURPOSE,),
            "until": self.now + timedelta(days=30),
        }
        return Wish(**made | changes)

    def said(self, shown: str, holder: HolderRef) -> Said:
        """Return what a shown text says, verified by the holder's key."""
        assert holder.key is not None
        return delegations.parse(shown).verified_by(holder.key)


def disclosed(certificate: str) -> set[str]:
    """Return the names that a certificate's disclosures hold."""
    from schemas.formats.sd_jwt import SdJwt

    parsed = SdJwt.parse_issued(certificate)
    return set(parsed.peek_claims()) - set(parsed.issuer_jws.peek_claims())
