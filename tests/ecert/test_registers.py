"""Registers: none answers nothing, and the development stand-in warns and answers by the types' rules."""

from datetime import UTC, datetime

import pytest

from ecert.registers import NoRegisters, UnsafeRegister, UnsafeRegisterWarning
from issuer.orders.snapshots import snapshot_types
from schemas.catalogue import CertificateType, TypeId
from schemas.holders import HolderClaim, holders_of
from schemas.validation import normalise, validate_claims
from schemas.validity import day_of

NOW = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)
HOLDER = HolderClaim("111", "440799199003070112", "示例姓名")


@pytest.mark.parametrize("kind", snapshot_types(), ids=lambda kind: str(kind.id))
def test_the_stand_in_answers_about_the_holder_by_the_types_rules(kind: CertificateType) -> None:
    with pytest.warns(UnsafeRegisterWarning):
        register = UnsafeRegister(lambda: NOW)
    claims = register.snapshot(kind.id, HOLDER)
    assert claims is not None
    claims = normalise(kind, claims)
    assert validate_claims(kind, claims, today=day_of(NOW)) == ()
    assert holders_of(kind, claims) == (HOLDER,)
    assert register.snapshot(kind.id, HOLDER) != claims
    assert register.snapshot(kind.id, HolderClaim("001", "91440799MA5X00014X", "示例公司")) is None


def test_no_register_has_nothing() -> None:
    assert NoRegisters().snapshot(TypeId("social_insurance_certificate"), HOLDER) is None
