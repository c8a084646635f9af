"""The acts: each with its reasons, each reaching every credential, each published."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from issuer import Decision
from issuer.errors import ActIncomplete, ActNotAllowed, IssuerError, OrderRefused, StateChanged, UnknownCertificate
from issuer.records import Act, ActKind, State
from keys.errors import KeysError
from schemas.formats import status_token
from schemas.national import parse_identifier
from schemas.order import Identifier, Order

LICENCE = "drug_business_licence"  # knows every state


def statuses(desk: Any, credentials: Any, department: str = "amr") -> set[int]:
    """Return what the published lists say about credentials."""
    said = set()
    for each in credentials:
        published = desk.ledger.published(each.status.uri)
        token = status_token.parse(published.token).verified_by(desk.key(department))
        said.add(token.statuses[each.status.index])
    return said


@pytest.mark.parametrize(
    ("name", "state", "value"),
    [("suspend", State.SUSPENDED, 2), ("revoke", State.REVOKED, 1), ("cancel", State.CANCELLED, 1)],
)
def test_an_act_is_recorded_and_published(desk: Any, decision: Decision, name: str, state: State, value: int) -> None:
    issued = desk.issue(LICENCE)
    done = getattr(desk.life_cycle, name)(issued.identifier, decision)
    assert (done.record.state, done.pending) == (state, ())
    assert statuses(desk, issued.credentials) == {value}


def test_a_reinstated_certificate_is_valid_again(desk: Any, decision: Decision) -> None:
    issued = desk.issue(LICENCE)
    desk.life_cycle.suspend(issued.identifier, decision)
    assert desk.life_cycle.reinstate(issued.identifier, decision).record.state is State.ISSUED
    assert statuses(desk, issued.credentials) == {0}


def test_an_act_reaches_the_credentials_of_every_holder_and_refresh(desk: Any) -> None:
    issued = desk.issue("marriage_certificate")
    further = desk.issuer.refresh(issued.identifier)
    desk.life_cycle.revoke(issued.identifier, Decision("撤销婚姻登记", "A-17", "民撤〔2026〕1号"))
    assert statuses(desk, issued.credentials + further.credentials, "mca") == {1}


def test_an_act_is_kept_with_who_when_why_and_where(desk: Any, decision: Decision) -> None:
    issued = desk.issue(LICENCE)
    done = desk.life_cycle.revoke(issued.identifier, replace(decision, note=" 已公告 "))
    assert done.record.acts == (
        Act(
            ActKind.REVOKE,
            issued.identifier,
            "吊销营业执照",
            "A-17",
            "江市监罚〔2026〕7号",
            datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC),
            "已公告",
        ),
    )


def test_what_the_state_does_not_allow_changes_nothing(desk: Any, decision: Decision) -> None:
    issued = desk.issue(LICENCE)
    with pytest.raises(ActNotAllowed, match="reinstate is not allowed: the certificate is issued"):
        desk.life_cycle.reinstate(issued.identifier, decision)
    assert desk.ledger.certificate(issued.identifier).acts == ()


def test_what_the_type_does_not_allow_changes_nothing(desk: Any, decision: Decision) -> None:
    issued = desk.issue("business_licence")
    with pytest.raises(ActNotAllowed, match="suspend is not allowed: type business_licence"):
        desk.life_cycle.suspend(issued.identifier, decision)
    assert desk.ledger.certificate(issued.identifier).acts == ()


def test_a_revoked_certificate_is_revoked_for_ever(desk: Any, decision: Decision) -> None:
    issued = desk.issue(LICENCE)
    desk.life_cycle.revoke(issued.identifier, decision)
    for kind in ActKind:
        with pytest.raises(ActNotAllowed):
            desk.life_cycle.act(kind, issued.identifier, decision)


def test_an_unknown_certificate_is_refused(desk: Any, decision: Decision) -> None:
    with pytest.raises(UnknownCertificate):
        desk.life_cycle.revoke(Identifier("1.2.3"), decision)


def test_a_dry_run_does_nothing(desk: Any, decision: Decision) -> None:
    issued = desk.issue(LICENCE)
    planned = desk.life_cycle.check(ActKind.REVOKE, issued.identifier, decision)
    assert (planned.new, planned.national_code) == (State.REVOKED, "07")
    assert desk.ledger.certificate(issued.identifier).state is State.ISSUED


@pytest.mark.parametrize("part", ["legal_reason", "officer", "case_number"])
@pytest.mark.parametrize("text", ["", "  "])
def test_a_decision_without_a_compulsory_part_is_refused(decision: Decision, part: str, text: str) -> None:
    with pytest.raises(ActIncomplete, match=f"lacks {part}"):
        replace(decision, **{part: text})


@pytest.mark.parametrize(("part", "text"), [("officer", "A" * 101), ("note", "a\nb"), ("case_number", "\x00x")])
def test_a_decision_that_is_no_short_line_is_refused(decision: Decision, part: str, text: str) -> None:
    with pytest.raises(ActIncomplete, match=f"no short line of text in {part}"):
        replace(decision, **{part: text})


def test_a_list_that_cannot_be_published_leaves_the_decision_standing(desk: Any, decision: Decision) -> None:
    issued = desk.issue(LICENCE)
    signer = desk.keys.signer
    desk.keys.signer = lambda department: (_ for _ in ()).throw(KeysError("the HSM is away"))
    done = desk.life_cycle.revoke(issued.identifier, decision)
    assert done.record.state is State.REVOKED
    assert done.pending == (issued.credentials[0].status.uri,)
    desk.keys.signer = signer
    desk.publisher.publish_due(desk.clock())
    assert statuses(desk, issued.credentials) == {1}


def test_two_acts_at_once_are_one_act(desk: Any, decision: Decision) -> None:
    issued = desk.issue(LICENCE)
    work = desk.ledger.apply

    def raced(act: Act, **states: Any) -> Any:
        desk.ledger.apply = work
        desk.life_cycle.cancel(issued.identifier, decision)
        return work(act, **states)

    desk.ledger.apply = raced
    with pytest.raises(StateChanged):
        desk.life_cycle.revoke(issued.identifier, decision)
    assert desk.ledger.certificate(issued.identifier).state is State.CANCELLED


@pytest.mark.parametrize(("days", "state"), [(0, State.ISSUED), (4, State.EXPIRED)])
def test_past_its_last_day_a_certificate_is_expired(desk: Any, days: int, state: State) -> None:
    issued = desk.issue(term_to="2026-03-05")
    desk.clock.move(timedelta(days=days))
    assert desk.life_cycle.state(desk.ledger.certificate(issued.identifier)) is state


CHANGE = Decision("变更", officer="A-17", case_number="江市监变〔2026〕9号")


def successor(desk: Any, old: Identifier, **changes: Any) -> Order:
    return replace(desk.order(**{"name": "江门市示例新名有限公司"} | changes), replaces=old)


def test_a_replacement_keeps_the_serial_and_raises_the_version(desk: Any) -> None:
    old = desk.issue()
    new = desk.life_cycle.replace(successor(desk, old.identifier), CHANGE).issued
    before, after = parse_identifier(old.identifier), parse_identifier(new.identifier)
    assert (after.serial, after.version) == (before.serial, 2)
    assert desk.ledger.certificate(new.identifier).intent.claims["certificate_version"] == "002"


def test_a_replaced_certificate_is_replaced_in_every_credential(desk: Any) -> None:
    old = desk.issue()
    done = desk.life_cycle.replace(successor(desk, old.identifier), CHANGE)
    assert desk.ledger.certificate(old.identifier).state is State.REPLACED
    assert done.pending == ()
    assert statuses(desk, old.credentials) == {3}
    assert statuses(desk, done.issued.credentials) == {0}


def test_the_decision_to_replace_stands_with_the_old_certificate(desk: Any) -> None:
    old = desk.issue()
    desk.life_cycle.replace(successor(desk, old.identifier), CHANGE)
    (act,) = desk.ledger.certificate(old.identifier).acts
    assert (act.kind, act.legal_reason, act.case_number) == (ActKind.REPLACE, "变更", "江市监变〔2026〕9号")


def test_a_replacement_can_be_replaced(desk: Any) -> None:
    identifier = desk.issue().identifier
    for name in ("甲", "乙"):
        identifier = desk.life_cycle.replace(successor(desk, identifier, name=f"示例{name}"), CHANGE).issued.identifier
    assert parse_identifier(identifier).version == 3


def test_bad_claims_replace_nothing(desk: Any) -> None:
    old = desk.issue()
    order = replace(successor(desk, old.identifier), claims={})
    with pytest.raises(OrderRefused):
        desk.life_cycle.replace(order, CHANGE)
    assert desk.ledger.certificate(old.identifier).state is State.ISSUED


def test_an_order_that_replaces_nothing_is_no_replacement(desk: Any) -> None:
    with pytest.raises(ActNotAllowed, match="names no certificate"):
        desk.life_cycle.replace(desk.order(), CHANGE)


def test_a_certificate_is_not_replaced_by_one_of_another_type(desk: Any) -> None:
    old = desk.issue()
    order = replace(desk.order("food_business_licence"), replaces=old.identifier)
    with pytest.raises(ActNotAllowed, match="different types"):
        desk.life_cycle.replace(order, CHANGE)


def test_a_suspended_certificate_is_not_replaced(desk: Any, decision: Decision) -> None:
    old = desk.issue(LICENCE)
    desk.life_cycle.suspend(old.identifier, decision)
    with pytest.raises(ActNotAllowed, match="replace is not allowed: the certificate is suspended"):
        desk.life_cycle.replace(replace(desk.order(LICENCE), replaces=old.identifier), CHANGE)


def test_a_replacement_is_not_an_act_without_an_order(desk: Any) -> None:
    with pytest.raises(ActNotAllowed, match="without the order"):
        desk.life_cycle.act(ActKind.REPLACE, desk.issue().identifier, CHANGE)


def test_the_last_version_is_not_replaced(desk: Any) -> None:
    order = successor(desk, desk.issue().identifier)
    last = order.replaces.replace(".001.", ".999.")  # type: ignore[union-attr]
    parts = last.rsplit(".", 1)[0]
    order = replace(order, replaces=Identifier(f"{parts}.{check_character(parts)}"))
    act = Act(ActKind.REPLACE, order.replaces, "变更", "A-17", "9", desk.clock())  # type: ignore[arg-type]
    with pytest.raises(ActNotAllowed, match="version 999 is the last one"):
        desk.issuer.prepare(order, decision=act)


def check_character(parts: str) -> str:
    from stdnum.iso7064 import mod_37_36

    digit: str = mod_37_36.calc_check_digit(parts.removeprefix("1.2.156.3005.2.").replace(".", ""))
    return digit


def test_a_crash_after_the_intent_leaves_the_old_certificate_valid_until_it_is_resumed(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = desk.issue()
    monkeypatch.setattr(desk.ledger, "record_issued", lambda _: (_ for _ in ()).throw(IssuerError("gone")))
    with pytest.raises(IssuerError):
        desk.life_cycle.replace(successor(desk, old.identifier), CHANGE)
    assert desk.ledger.certificate(old.identifier).state is State.ISSUED
    monkeypatch.undo()
    desk.clock.move(timedelta(minutes=1))
    assert desk.issuer.resume().signed == 1
    assert desk.ledger.certificate(old.identifier).state is State.REPLACED


def test_a_certificate_revoked_in_between_is_not_replaced_on_resuming(
    desk: Any, monkeypatch: pytest.MonkeyPatch, decision: Decision
) -> None:
    old = desk.issue()
    monkeypatch.setattr(desk.ledger, "record_issued", lambda _: (_ for _ in ()).throw(IssuerError("gone")))
    with pytest.raises(IssuerError):
        desk.life_cycle.replace(successor(desk, old.identifier), CHANGE)
    monkeypatch.undo()
    desk.life_cycle.revoke(old.identifier, decision)
    desk.clock.move(timedelta(minutes=1))
    assert desk.issuer.resume().signed == 0
    assert desk.ledger.certificate(old.identifier).state is State.REVOKED
