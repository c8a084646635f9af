"""A certificate whose credentials are planned one by one and fetched: recorded, signed once, never pushed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import OrderRefused, ProfileRefused
from issuer.issuing import Plan
from issuer.records import CredentialIntent, Intent, State
from keys.algorithms import Algorithm
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.order import CredentialFormat, CredentialId, HolderRef
from tests.support.issuer_fakes import FakeKeys


def one_for_each(*keys: PublicKey, form: CredentialFormat = CredentialFormat.SD_JWT_VC) -> Plan:
    """Plan a fetched credential for each key."""

    def plan(intent: Intent, new_id: Callable[[], str]) -> tuple[CredentialIntent, ...]:
        holder_id = intent.holders[0].holder_id
        return tuple(
            CredentialIntent(CredentialId(new_id()), form, HolderRef(holder_id, key), False, fetched=True)
            for key in keys
        )

    return plan


def a_key() -> PublicKey:
    return SoftwareSigner.generate().public_key


def test_the_credentials_are_those_of_the_plan(desk: Any) -> None:
    keys = a_key(), a_key()
    issued = desk.issuer.issue_planned(desk.order(), one_for_each(*keys))
    assert [each.holder_kid for each in issued.credentials] == [key.kid for key in keys]
    assert desk.ledger.certificate(issued.identifier).state is State.ISSUED


def test_what_is_fetched_is_pushed_to_nobody(desk: Any) -> None:
    issued = desk.issuer.issue_planned(desk.order(), one_for_each(a_key()))
    more = desk.issuer.further(issued.identifier, one_for_each(a_key()))
    assert (issued.delivered, more.delivered, desk.delivery.arrived) == (True, True, {})
    assert desk.ledger.undelivered(limit=10) == []


def test_what_is_fetched_is_pushed_to_nobody_after_a_crash(desk: Any) -> None:
    prepared = desk.issuer.prepare(desk.order())
    intent = replace(prepared.intent, credentials=one_for_each(a_key())(prepared.intent, lambda: "planned"))
    desk.ledger.record_intents([intent])
    resumed = desk.issuer.resume(min_age=timedelta(0))
    assert (resumed.signed, resumed.delivered, desk.delivery.arrived) == (1, 0, {})


def test_a_plan_may_mix_what_is_fetched_and_what_is_pushed(desk: Any) -> None:
    def plan(intent: Intent, new_id: Callable[[], str]) -> tuple[CredentialIntent, ...]:
        return (*one_for_each(a_key())(intent, new_id), intent.credentials[0])

    issued = desk.issuer.issue_planned(desk.order(), plan)
    assert list(desk.delivery.arrived.values()) == [issued.credentials[1]]


def test_a_known_row_key_gives_the_certificate_of_the_first_time(desk: Any) -> None:
    first = desk.issuer.issue_planned(desk.order(row_key="r"), one_for_each(a_key()))
    again = desk.issuer.issue_planned(desk.order(row_key="r"), one_for_each(a_key()))
    assert (again.repeated, again.identifier, again.credentials) == (True, first.identifier, first.credentials)


def test_a_serial_that_is_taken_is_drawn_again_before_the_plan_is_made(desk: Any) -> None:
    taken = desk.issue().identifier.split(".")[-3]
    serials = iter([taken, "FREE"])
    desk.randomness = replace(desk.randomness, serial=lambda: next(serials))
    key = a_key()
    issued = desk.issuer.issue_planned(desk.order(), one_for_each(key))
    assert issued.identifier.split(".")[-3] == "FREE"
    assert [each.holder_kid for each in issued.credentials] == [key.kid]


def test_a_draft_of_the_plan_that_the_lints_refuse_is_not_recorded(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OrderRefused([])

    monkeypatch.setattr("issuer.issuing.check_drafts", refuse)
    with pytest.raises(OrderRefused):
        desk.issuer.issue_planned(desk.order(), one_for_each(a_key()))
    assert desk.ledger.unfinished(limit=10) == []


def test_what_the_departments_key_cannot_sign_is_refused_before_it_is_recorded(make_desk: Any) -> None:
    desk = make_desk(keys=FakeKeys(lambda: SoftwareSigner.generate(Algorithm.ES512)))
    plan = one_for_each(a_key(), form=CredentialFormat.LDP_VC)
    with pytest.raises(ProfileRefused):
        desk.issuer.issue_planned(desk.order(), plan)
    issued = desk.issue()
    with pytest.raises(ProfileRefused):
        desk.issuer.further(issued.identifier, plan)
    assert desk.ledger.unfinished(limit=10) == []
