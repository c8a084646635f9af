"""An issuing desk in memory: fixed clock and chance, ports that remember."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from issuer import (
    Decision,
    Issued,
    Issuer,
    LifeCycle,
    Ports,
    Profile,
    ProfileConfig,
    Randomness,
    Rules,
    StatusPublisher,
)
from keys.public import PublicKey
from schemas import types
from schemas.examples import example_claims
from schemas.order import Order
from schemas.validity import day_of
from tests.support.issuer_fakes import (
    FakeDelivery,
    FakeDirectory,
    FakeKeys,
    FixedClock,
    UnsafeLedgerWarning,
    UnsafeMemoryLedger,
)

DECISION = Decision("吊销营业执照", officer="A-17", case_number="江市监罚〔2026〕7号")


def counted() -> Randomness:
    """Return chance that counts: every salt, serial and id is the next one."""
    salts, serials, ids = itertools.count(), itertools.count(1), itertools.count(1)
    return Randomness(
        salt=lambda: next(salts).to_bytes(16, "big"),
        serial=lambda: f"S{next(serials):019}",
        credential_id=lambda: f"credential-{next(ids)}",
        digest_key=bytes(32),
    )


@dataclass
class Desk:
    """Everything that a test of the issuer touches."""

    ledger: UnsafeMemoryLedger
    keys: FakeKeys = field(default_factory=FakeKeys)
    delivery: FakeDelivery = field(default_factory=FakeDelivery)
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)))
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    randomness: Randomness = field(default_factory=counted)
    rules: Rules = field(default_factory=lambda: Rules(Profile.of(ProfileConfig())))

    @property
    def ports(self) -> Ports:
        return Ports(self.ledger, self.keys, self.delivery, self.clock)

    @property
    def issuer(self) -> Issuer:
        return Issuer(self.ports, rules=self.rules, randomness=self.randomness)

    @property
    def publisher(self) -> StatusPublisher:
        return StatusPublisher(self.ledger, self.keys)

    @property
    def life_cycle(self) -> LifeCycle:
        return LifeCycle(self.ports, issuer=self.issuer, publisher=self.publisher)

    def claims(self, type_id: str = "business_licence", **changes: Any) -> dict[str, Any]:
        """Return the type's example in force today, with ``changes``; None takes a claim out."""
        claims = example_claims(types.certificate_type(type_id), today=day_of(self.clock())) | changes
        return {name: value for name, value in claims.items() if value is not None}

    def order(self, type_id: str = "business_licence", *, row_key: str | None = None, **changes: Any) -> Order:
        return self.issuer.order_for(type_id, self.claims(type_id, **changes), self.directory, row_key=row_key)

    def issue(self, type_id: str = "business_licence", *, row_key: str | None = None, **changes: Any) -> Issued:
        return self.issuer.issue(self.order(type_id, row_key=row_key, **changes))

    @staticmethod
    def citizen(born: str) -> dict[str, str]:
        """Return the claims of a fictional man born on a day, with a citizen number that checks."""
        digits = f"440799{born.replace('-', '')}011"
        check = "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(digits)) % 11]
        return {"birth_date": born, "id_number": digits + check, "gender": "1"}

    def key(self, department: str = "amr") -> PublicKey:
        return self.keys.signer(department).public_key


@pytest.fixture
def make_desk() -> Callable[..., Desk]:
    """Return a maker of desks; its arguments replace parts."""

    def make(**parts: Any) -> Desk:
        with pytest.warns(UnsafeLedgerWarning):
            ledger = UnsafeMemoryLedger()
        return Desk(**({"ledger": ledger} | parts))

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """Return a desk where everything is right."""
    return make_desk()


@pytest.fixture
def decision() -> Decision:
    """Return a decision that says all that is compulsory, and revokes when asked to."""
    return DECISION
