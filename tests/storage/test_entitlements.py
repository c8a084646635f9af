"""Several wallets fetch one order at once, over real databases: one certificate, and everybody gets credentials."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecert.storage import Storage
from issuer import Issuer, LifeCycle, Ports, Profile, ProfileConfig, Randomness, Rules, StatusPublisher
from issuer.openid4vci.configuration import configuration
from issuer.openid4vci.errors import CredentialRequestDenied
from issuer.openid4vci.ports import Wanted
from issuer.orders.desk import DeskPorts, OrderDesk, Wish
from issuer.orders.entitlements import EntitlementPorts, OrderEntitlements
from issuer.orders.four_eyes import FourEyes
from issuer.orders.records import OrderState, WaitingOrder
from issuer.records import State
from keys.signer import SoftwareSigner
from schemas.audit import Doer
from schemas.examples import example_claims
from schemas.order import IssuedCredential
from schemas.types import certificate_type
from schemas.validity import day_of
from tests.support.issuer_fakes import FakeDelivery, FakeKeys

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
OFFICER = Doer("officer-1", "preparer")


def clock() -> datetime:
    return NOW


class Town:
    """An issuer and its orders over a database."""

    def __init__(self, storage: Storage) -> None:
        self.storage, self.delivery, keys = storage, FakeDelivery(), FakeKeys()
        ports = Ports(storage.ledger, keys, self.delivery, clock)
        rules = Rules(Profile.of(ProfileConfig()))
        self.issuer = Issuer(ports, rules=rules, randomness=Randomness.of_system(bytes(32)))
        self.life = LifeCycle(ports, issuer=self.issuer, publisher=StatusPublisher(storage.ledger, keys))
        desk_ports = DeskPorts(storage.orders, storage.directory, clock, lambda: "order-1")
        self.desk = OrderDesk(self.issuer, desk_ports, four_eyes=FourEyes())
        self.entitlements = OrderEntitlements(self.issuer, EntitlementPorts(storage.orders, storage.ledger, clock))

    def hand_in(self, type_id: str = "business_licence") -> WaitingOrder:
        claims = example_claims(certificate_type(type_id), today=day_of(NOW))
        return self.desk.hand_in(Wish(type_id, claims), by=OFFICER).order

    def fetch(self, order: WaitingOrder, *, copies: int = 1) -> tuple[IssuedCredential, ...]:
        keys = tuple(SoftwareSigner.generate().public_key for _ in range(copies))
        name = f"{order.type_id}.dc+sd-jwt"
        return self.entitlements.issue(
            Wanted(order.order_id, order.holders[0], configuration(order.department, name), keys)
        )


@pytest.fixture
def town(storage: Storage) -> Town:
    return Town(storage)


def at_once(count: int, work: Any) -> list[Any]:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_wallets_at_once_get_credentials_of_one_certificate(town: Town) -> None:
    order = town.hand_in()
    answers = at_once(4, lambda: town.fetch(order, copies=2))
    made = [each for answer in answers for each in answer]
    kept = town.storage.orders.order(order.order_id)
    assert (len(made), {each.identifier for each in made}) == (8, {kept.identifier})
    assert len({each.status for each in made}) == len({each.holder_kid for each in made}) == 8
    assert kept.identifier is not None
    record = town.storage.ledger.certificate(kept.identifier)
    assert (record.state, len(record.credentials)) == (State.ISSUED, 8)
    assert town.storage.ledger.undelivered(limit=10) == []
    assert town.delivery.arrived == {}


def test_every_credential_that_left_is_the_ledgers(town: Town) -> None:
    """A second wallet fetches, and signs, what the first one's process has recorded and not signed yet."""
    order = town.hand_in()
    ledger, others = town.storage.ledger, list[IssuedCredential]()
    record = ledger.record_intents

    def overtaken(intents: Any) -> Any:
        recorded = record(intents)
        del ledger.record_intents
        others.extend(town.fetch(order))
        return recorded

    ledger.record_intents = overtaken  # type: ignore[method-assign]
    left = [*town.fetch(order), *others]
    kept = {each.credential_id: each.token for each in ledger.certificate(left[0].identifier).credentials}
    assert {each.credential_id: each.token for each in left} == kept


def test_an_order_is_fetched_or_withdrawn(town: Town) -> None:
    order = town.hand_in()

    def fetch() -> str:
        try:
            return str(town.fetch(order)[0].identifier)
        except CredentialRequestDenied as denied:
            return denied.code

    thread = threading.Thread(target=lambda: answers.append(fetch()))
    answers: list[str] = []
    thread.start()
    try:
        town.desk.withdraw(order.order_id, by=OFFICER, reason="")
    except Exception as error:  # noqa: BLE001 - either of the two is right
        answers.append(type(error).__name__)
    thread.join()
    kept = town.storage.orders.order(order.order_id)
    if kept.state is OrderState.WITHDRAWN:
        assert answers == ["credential_request_denied"]
        assert town.storage.ledger.status_lists() == []
    else:
        assert set(answers) == {"OrderStateChanged", kept.identifier}


def test_what_a_crash_left_unsigned_is_signed_and_not_pushed(town: Town) -> None:
    order = town.hand_in("resident_id_card")

    def dead(_: Any) -> None:
        raise KeyboardInterrupt

    town.storage.ledger.record_issued = dead  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        town.fetch(order)
    del town.storage.ledger.record_issued
    resumed = town.issuer.resume(min_age=timedelta(0))
    assert (resumed.signed, resumed.delivered) == (1, 0)
    (made,) = town.fetch(order)
    assert town.storage.orders.order(order.order_id).identifier == made.identifier
    assert len(town.storage.ledger.certificate(made.identifier).credentials) == 2
