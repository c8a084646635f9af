"""What a holder may fetch: the first fetch issues, later ones add, and what is not in force is denied."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import StateChanged, StatusListFull
from issuer.lifecycle import Decision
from issuer.openid4vci.configuration import configuration
from issuer.openid4vci.errors import CredentialRequestDenied
from issuer.openid4vci.ports import Among, Entitlement, Wanted
from issuer.orders.entitlements import EntitlementPorts, OrderEntitlements
from issuer.orders.errors import OrderStateChanged
from issuer.orders.records import OrderState, WaitingOrder, row_key_of
from issuer.records import State
from keys import jws
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.audit import Doer
from schemas.formats.sd_jwt import SdJwt
from schemas.order import CredentialFormat, HolderId

OFFICER, DAY = Doer("officer-1", "preparer"), timedelta(days=1)
REPLACE = Decision("变更", officer="A-17", case_number="江市监〔2026〕9号")


@pytest.fixture
def entitlements(office: Any) -> OrderEntitlements:
    ports = EntitlementPorts(office.orders, office.desk.ledger, office.desk.clock)
    return OrderEntitlements(office.desk.issuer, ports)


def a_key() -> PublicKey:
    return SoftwareSigner.generate().public_key


def wanted(order: WaitingOrder, *keys: PublicKey, holder: int = 0, form: str = "dc+sd-jwt", **more: Any) -> Wanted:
    made = Wanted(
        order.order_id,
        order.holders[holder],
        configuration(order.department, f"{order.type_id}.{form}"),
        keys or (a_key(),),
    )
    return replace(made, **more)


def held(entitlements: OrderEntitlements, order: WaitingOrder, *, holder: int = 0) -> list[Entitlement]:
    return list(entitlements.of(order.holders[holder], department=order.department))


def test_an_order_that_waits_may_be_fetched_by_its_holder(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in()
    assert held(entitlements, order) == [Entitlement(order.order_id, "business_licence", ready=True)]
    assert entitlements.of(order.holders[0], department="psb") == []
    assert entitlements.of(HolderId("somebody"), department="amr") == []


def test_the_first_fetch_issues_the_certificate_for_the_keys(office: Any, entitlements: OrderEntitlements) -> None:
    order, keys = office.hand_in(), (a_key(), a_key(), a_key())
    made = entitlements.issue(wanted(order, *keys))
    kept = office.orders.order(order.order_id)
    assert [each.holder_kid for each in made] == [key.kid for key in keys]
    assert {each.identifier for each in made} == {kept.identifier}
    assert (kept.state, office.desk.ledger.certificate(kept.identifier).state) == (OrderState.ISSUED, State.ISSUED)
    assert office.audit.acts == ["order.prepared", "order.claimed"]


def test_every_copy_has_a_status_index_and_salts_of_its_own(office: Any, entitlements: OrderEntitlements) -> None:
    """VCI 15.4.1: copies cannot be linked."""
    made = entitlements.issue(wanted(office.hand_in(), a_key(), a_key()))
    assert len({each.status for each in made}) == 2
    first, second = (set(SdJwt.parse(each.token).disclosures) for each in made)
    assert first.isdisjoint(second)


def test_what_is_fetched_is_pushed_to_no_wallet_and_names_the_chain(
    office: Any, entitlements: OrderEntitlements
) -> None:
    signer = office.desk.keys.signer("amr").with_chain([b"leaf", b"intermediate"])
    office.desk.keys.signer = lambda _: signer
    (made,) = entitlements.issue(wanted(office.hand_in()))
    assert office.desk.delivery.arrived == {}
    assert office.desk.issuer.resume(min_age=timedelta(0)).delivered == 0
    assert jws.peek(made.token.split("~")[0]).header.x5c() == (b"leaf", b"intermediate")


@pytest.mark.parametrize("form", ["dc+sd-jwt", "jwt_vc_json", "ldp_vc"])
def test_a_format_is_as_it_is_wanted(office: Any, entitlements: OrderEntitlements, form: str) -> None:
    (made,) = entitlements.issue(wanted(office.hand_in(), form=form))
    assert made.format is CredentialFormat(form)


def test_later_fetches_add_to_the_certificate(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in()
    (first,) = entitlements.issue(wanted(order))
    later = entitlements.issue(wanted(order, a_key(), a_key(), form="ldp_vc"))
    assert {each.identifier for each in later} == {first.identifier}
    assert len(office.desk.ledger.certificate(first.identifier).credentials) == 3
    assert held(entitlements, order)


def test_each_holder_of_an_order_fetches_it(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in("marriage_certificate")
    made = [entitlements.issue(wanted(order, holder=number))[0] for number in (1, 0)]
    assert {each.identifier for each in made} == {office.orders.order(order.order_id).identifier}
    assert [each.holder_id for each in made] == [order.holders[1], order.holders[0]]


def test_an_order_whose_claims_are_forgotten_is_fetched_still(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in()
    first = entitlements.issue(wanted(order))[0]
    office.desk.clock.move(timedelta(days=2))
    assert office.order_desk.forget(timedelta(days=1)) == 1
    assert office.orders.order(order.order_id).claims == {}
    assert entitlements.issue(wanted(order))[0].identifier == first.identifier


def test_a_replaced_certificate_leads_to_the_one_that_replaced_it(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in()
    entitlements.issue(wanted(order))
    identifiers = [office.orders.order(order.order_id).identifier]
    for number in range(2):
        claims = office.desk.claims(address=f"江门市示例路{number}号")
        again = office.desk.issuer.order_for("business_licence", claims, office.directory)
        done = office.desk.life_cycle.replace(replace(again, replaces=identifiers[-1]), REPLACE)
        identifiers.append(done.issued.identifier)
    assert held(entitlements, order)
    (made,) = entitlements.issue(wanted(order))
    assert made.identifier == identifiers[-1]


@pytest.mark.parametrize(("act", "type_id"), [("revoke", "business_licence"), ("suspend", "driving_licence")])
def test_what_is_not_in_force_is_denied(
    office: Any, entitlements: OrderEntitlements, decision: Decision, act: str, type_id: str
) -> None:
    order = office.hand_in(type_id)
    (made,) = entitlements.issue(wanted(order))
    getattr(office.desk.life_cycle, act)(made.identifier, decision)
    assert held(entitlements, order) == []
    with pytest.raises(CredentialRequestDenied):
        entitlements.issue(wanted(order))


def test_a_certificate_past_its_last_day_is_denied(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in("social_insurance_certificate")
    entitlements.issue(wanted(order))
    office.desk.clock.move(200 * DAY)
    assert held(entitlements, order) == []


def test_an_order_whose_certificate_is_unknown_is_denied(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in()
    lost = replace(order, state=OrderState.ISSUED, identifier=office.desk.issue().identifier.replace(".S", ".X"))
    office.orders.kept[order.order_id] = lost
    assert held(entitlements, order) == []


@pytest.mark.parametrize("ended", ["withdrawn", "expired", "declined", "awaiting_approval"])
def test_an_order_that_does_not_wait_is_denied(office: Any, entitlements: OrderEntitlements, ended: str) -> None:
    order = office.hand_in()
    office.orders.kept[order.order_id] = replace(order, state=OrderState(ended))
    assert held(entitlements, order) == []
    with pytest.raises(CredentialRequestDenied):
        entitlements.issue(wanted(order))
    assert office.desk.ledger.status_lists() == []


def test_an_order_past_its_end_is_denied_before_it_is_swept(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in(days=1)
    office.desk.clock.move(DAY)
    assert held(entitlements, order) == []
    with pytest.raises(CredentialRequestDenied):
        entitlements.issue(wanted(order))


def test_a_fetch_of_what_is_somebody_elses_is_denied(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in()
    flaws: list[dict[str, Any]] = [
        {"order_id": "nothing"},
        {"holder_id": HolderId("somebody")},
        {"configuration": configuration("amr", "food_business_licence.dc+sd-jwt")},
        {"keys": ()},
    ]
    for flaw in flaws:
        with pytest.raises(CredentialRequestDenied):
            entitlements.issue(wanted(order, **flaw))
    assert office.orders.order(order.order_id) == order


def test_before_it_is_ready_nothing_is_signed(office: Any, entitlements: OrderEntitlements) -> None:
    """VCI 9: deferred issuance."""
    order = office.hand_in(ready_at=office.desk.clock() + DAY)
    assert [each.ready for each in held(entitlements, order)] == [False]
    with pytest.raises(CredentialRequestDenied, match="yet"):
        entitlements.issue(wanted(order))
    office.desk.clock.move(DAY)
    assert [each.ready for each in held(entitlements, order)] == [True]
    assert entitlements.issue(wanted(order))


def test_claims_that_break_rules_meanwhile_leave_the_order_as_it_is(
    office: Any, entitlements: OrderEntitlements
) -> None:
    order = office.hand_in("social_insurance_certificate", days=366)
    office.desk.clock.move(200 * DAY)
    with pytest.raises(CredentialRequestDenied):
        entitlements.issue(wanted(order))
    assert office.orders.order(order.order_id) == order


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("method", ["record_intents", "record_issued"])
@pytest.mark.parametrize("after", [False, True])
def test_after_a_crash_the_next_fetch_gives_one_certificate(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch, method: str, after: bool
) -> None:
    order, ledger = office.hand_in(), office.desk.ledger
    work = getattr(ledger, method)

    def end(*args: Any) -> None:
        if after:
            work(*args)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(ledger, method, end)
        with pytest.raises(Crash):
            entitlements.issue(wanted(order))
    claimed = office.orders.order(order.order_id)
    assert (claimed.state, claimed.identifier) == (OrderState.ISSUED, None)
    assert held(entitlements, order)
    key = a_key()
    (made,) = entitlements.issue(wanted(order, key))
    assert made.holder_kid == key.kid
    assert office.orders.order(order.order_id).identifier == made.identifier
    assert len({each.intent.identifier for each in ledger._certificates.values()}) == 1


def test_an_order_withdrawn_at_the_last_moment_is_denied(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, prepare = office.hand_in(), type(office.desk.issuer).prepare

    def withdrawing(*args: Any, **kwargs: Any) -> Any:
        office.orders.kept[order.order_id] = replace(order, state=OrderState.WITHDRAWN)
        return prepare(*args, **kwargs)

    monkeypatch.setattr(type(office.desk.issuer), "prepare", withdrawing)
    with pytest.raises(CredentialRequestDenied, match="ended"):
        entitlements.issue(wanted(order))
    assert office.desk.ledger.status_lists() == []


def test_an_order_claimed_by_another_fetch_meanwhile_is_issued_once(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, change, other = office.hand_in(), office.orders.change, a_key()

    def late(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(office.orders, "change", change)
        entitlements.issue(wanted(order, other))
        change(*args, **kwargs)

    monkeypatch.setattr(office.orders, "change", late)
    key = a_key()
    (made,) = entitlements.issue(wanted(order, key))
    assert made.holder_kid == key.kid
    kids = {each.holder_kid for each in office.desk.ledger.certificate(made.identifier).credentials}
    assert kids == {key.kid, other.kid}


def test_a_certificate_that_changes_meanwhile_is_denied(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = office.hand_in()
    entitlements.issue(wanted(order))

    def quicker(*_: Any) -> None:
        raise StateChanged("revoked")

    monkeypatch.setattr(office.desk.ledger, "add_credentials", quicker)
    with pytest.raises(CredentialRequestDenied):
        entitlements.issue(wanted(order))


def test_a_line_of_replacements_that_does_not_end_is_not_followed(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = office.hand_in()
    (made,) = entitlements.issue(wanted(order))
    record = replace(office.desk.ledger.certificate(made.identifier), state=State.REPLACED)
    monkeypatch.setattr(office.desk.ledger, "standings", lambda names: dict.fromkeys(names, record))
    assert held(entitlements, order) == []


def test_a_format_that_the_departments_key_cannot_sign_is_denied_and_the_order_waits(
    office: Any, entitlements: OrderEntitlements
) -> None:
    """The Ed25519 suite over a P-256 key."""
    rules = office.desk.rules
    office.desk.rules = replace(rules, profile=replace(rules.profile, suite="eddsa-jcs-2022"))
    strict = OrderEntitlements(office.desk.issuer, entitlements._ports)
    order = office.hand_in()
    with pytest.raises(CredentialRequestDenied):
        strict.issue(wanted(order, configuration=configuration("amr", "business_licence.ldp_vc")))
    assert office.orders.order(order.order_id) == order
    assert office.order_desk.withdraw(order.order_id, by=OFFICER, reason="").state is OrderState.WITHDRAWN


def test_a_row_key_that_is_taken_is_denied_and_the_order_stays_claimed(
    office: Any, entitlements: OrderEntitlements
) -> None:
    order = office.hand_in()
    office.desk.issue(row_key=row_key_of(order.order_id), address="广东省江门市蓬江区示例路2号")
    with pytest.raises(CredentialRequestDenied):
        entitlements.issue(wanted(order))
    assert office.orders.order(order.order_id).state is OrderState.ISSUED


def test_an_order_of_which_nothing_could_be_recorded_waits_again(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = office.hand_in()

    def full(*_: Any) -> None:
        raise StatusListFull("no index left")

    with monkeypatch.context() as patch:
        patch.setattr(office.desk.ledger, "record_intents", full)
        with pytest.raises(StatusListFull):
            entitlements.issue(wanted(order))
    assert office.orders.order(order.order_id) == order
    office.desk.clock.move(90 * DAY)
    assert (held(entitlements, order), office.order_desk.expire()) == ([], 1)


def test_an_order_that_was_claimed_and_never_recorded_ends_with_its_time(
    office: Any, entitlements: OrderEntitlements
) -> None:
    """A crash between the claim and the intent."""
    order = office.hand_in()
    office.orders.kept[order.order_id] = replace(order, state=OrderState.ISSUED)
    assert held(entitlements, order)
    office.desk.clock.move(90 * DAY)
    assert held(entitlements, order) == []


def test_a_certificate_that_the_order_never_noted_outlives_the_orders_time(
    office: Any, entitlements: OrderEntitlements
) -> None:
    """A crash between the certificate and its note."""
    order = office.hand_in(days=1)
    entitlements.issue(wanted(order))
    office.orders.kept[order.order_id] = replace(order, state=OrderState.ISSUED)
    office.desk.clock.move(DAY)
    assert held(entitlements, order)
    assert entitlements.issue(wanted(order))


def test_a_line_of_replacements_that_breaks_off_reaches_nobody(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, ledger = office.hand_in(), office.desk.ledger
    (made,) = entitlements.issue(wanted(order))
    record = replace(ledger.certificate(made.identifier), state=State.REPLACED)

    def standings(names: Any) -> Any:
        return {each: record for each in names if each == made.identifier}

    monkeypatch.setattr(ledger, "standings", standings)
    assert held(entitlements, order) == []


def test_a_certificate_that_is_gone_meanwhile_is_denied(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, ledger = office.hand_in(), office.desk.ledger
    entitlements.issue(wanted(order))
    answers = [ledger.standings([office.orders.order(order.order_id).identifier]), {}]
    monkeypatch.setattr(ledger, "standings", lambda _: answers.pop(0))
    with pytest.raises(CredentialRequestDenied):
        entitlements.issue(wanted(order))


def test_newer_orders_hide_no_older_one(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two certificates that were revoked since, where two orders are a page."""
    monkeypatch.setattr("issuer.orders.reaching._MOST", 2)
    first, *newer = (office.hand_in(row_key=str(number)) for number in range(3))
    for order in newer:
        (made,) = entitlements.issue(wanted(order))
        office.desk.life_cycle.revoke(made.identifier, Decision("吊销营业执照", "A-17", "江市监罚〔2026〕7号"))
    assert [each.order_id for each in held(entitlements, first)] == [first.order_id]
    assert entitlements.issue(wanted(first))
    assert [each.order_id for each in held(entitlements, first)] == [first.order_id]


def test_what_is_asked_for_is_looked_at_alone(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (office.hand_in(row_key=str(number)) for number in range(3))
    other = office.hand_in("food_business_licence")
    assert other.holders == first.holders

    def found(**among: Any) -> list[str]:
        held = entitlements.of(first.holders[0], department="amr", among=Among(**among))
        return [each.order_id for each in held]

    assert found(type_ids={"food_business_licence"}) == [other.order_id]
    assert found(order_ids=(first.order_id, third.order_id)) == [third.order_id, first.order_id]
    assert found(type_ids={"food_business_licence"}, order_ids=(first.order_id,)) == []
    monkeypatch.setattr("issuer.orders.reaching._MOST", 2)
    assert found(type_ids={"business_licence"}) == [third.order_id, second.order_id]


def test_a_certificate_with_as_many_credentials_as_it_may_have_is_denied_more(
    office: Any, entitlements: OrderEntitlements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.records.MAX_IN_FORCE", 2)
    order = office.hand_in()
    entitlements.issue(wanted(order, a_key(), a_key()))
    with pytest.raises(CredentialRequestDenied, match="as many"):
        entitlements.issue(wanted(order))
    assert entitlements.issue(wanted(order, form="jwt_vc_json"))


def test_what_was_claimed_cannot_be_withdrawn(office: Any, entitlements: OrderEntitlements) -> None:
    order = office.hand_in()
    entitlements.issue(wanted(order))
    with pytest.raises(OrderStateChanged):
        office.order_desk.withdraw(order.order_id, by=OFFICER, reason="")
