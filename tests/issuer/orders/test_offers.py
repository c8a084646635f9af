"""Credential offers (OpenID4VCI 1.0, 4): bound to holder and orders, expiring, single use, by value and reference."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from issuer.openid4vci.authorization.front.pushed import PushedRequests
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest
from issuer.openid4vci.authorization.pre_authorized import check_tx_code, spend_pre_authorized
from issuer.openid4vci.errors import AccessDenied, InvalidGrant, UnknownOffer
from issuer.openid4vci.grants import Grant, Kind, PreAuthorizedGrant
from issuer.openid4vci.tx_codes import is_tx_code
from issuer.orders.errors import OfferRefused, UnknownOrder
from issuer.orders.offers import MAX_ORDERS, Flow, MadeOffer, OfferDesk, OfferPorts, OfferWish, TxWish
from schemas.audit import Doer
from schemas.order import HolderId
from schemas.qr.reading import read
from tests.support.protocol_state import MemoryState

OFFICER = Doer("officer-1", "preparer")
BOTH = frozenset(Flow)
PRE = frozenset({Flow.PRE_AUTHORIZED})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def state() -> MemoryState:
    return MemoryState()


@pytest.fixture
def desk(office: Any, state: MemoryState) -> OfferDesk:
    numbers = count(1)

    def random(size: int) -> bytes:
        return bytes((next(numbers) * 37 + place * 101) % 256 for place in range(size))

    return OfferDesk(OfferPorts(office.orders, state, office.audit, office.desk.keys, office.desk.clock, random))


@pytest.fixture
def make(office: Any, desk: OfferDesk) -> Callable[..., MadeOffer]:
    """Offer the only order there is, or a new licence's."""

    def making(*order_ids: str, **wish: Any) -> MadeOffer:
        if not order_ids:
            order_ids = (office.hand_in().order_id,)
        return desk.make(OfferWish(order_ids, **wish), by=OFFICER)

    return making


def parameter(link: str) -> tuple[str, str]:
    ((name, (value,)),) = parse_qs(urlsplit(link).query, strict_parsing=True).items()
    return name, value


def test_an_offer_names_issuer_configurations_and_grants(make: Callable[..., MadeOffer]) -> None:
    """4.4.2: credential_issuer, credential_configuration_ids, grants."""
    document = make(flows=BOTH, tx_code=TxWish()).document
    assert document["credential_issuer"] == "https://ecert.example/issuers/amr"
    assert document["credential_configuration_ids"] == ["business_licence.dc+sd-jwt"]
    assert document["grants"].keys() == {"authorization_code", "urn:ietf:params:oauth:grant-type:pre-authorized_code"}
    form = document["grants"][Flow.PRE_AUTHORIZED]["tx_code"]
    assert (form["input_mode"], form["length"], len(form["description"]) <= 300) == ("numeric", 6, True)


def test_a_link_by_value_holds_the_offer(make: Callable[..., MadeOffer], state: MemoryState) -> None:
    made = make(by_reference=False)
    assert made.link.startswith("openid-credential-offer://?")
    name, value = parameter(made.link)
    assert (name, json.loads(value), made.page) == ("credential_offer", made.document, None)
    assert not any(kind == Kind.OFFER for kind, _ in state.kept)


def test_a_link_by_reference_holds_its_address(make: Callable[..., MadeOffer], desk: OfferDesk) -> None:
    made = make()
    reference = f"https://ecert.example/issuers/amr/offers/{made.offer_id}"
    assert parameter(made.link) == ("credential_offer_uri", reference)
    assert made.page == f"{reference}/open"
    assert desk.document("amr", made.offer_id) == made.document
    assert desk.link("amr", made.offer_id) == made.link


def test_a_picture_holds_the_link(make: Callable[..., MadeOffer]) -> None:
    made = make(flows=BOTH, tx_code=TxWish(), by_reference=False)
    assert read(made.png()).texts == (made.link,)
    assert made.svg().startswith("<svg")


def test_what_is_kept_is_bound_to_holder_and_orders(
    office: Any, make: Callable[..., MadeOffer], state: MemoryState
) -> None:
    order = office.hand_in()
    made = make(order.order_id, flows=BOTH)
    codes = made.document["grants"]
    kept = state.get(Kind.ISSUER_STATE, codes[Flow.AUTHORIZATION_CODE]["issuer_state"], now=office.desk.clock())
    pre = state.get(
        Kind.PRE_AUTHORIZED_CODE, codes[Flow.PRE_AUTHORIZED]["pre-authorized_code"], now=office.desk.clock()
    )
    assert kept is not None
    assert pre is not None
    grant = Grant("amr", order.holders[0], ("business_licence.dc+sd-jwt",), (order.order_id,))
    assert (Grant.of(kept), PreAuthorizedGrant.of(pre)) == (
        grant,
        PreAuthorizedGrant(grant, group=f"offer {made.offer_id}"),
    )


@pytest.mark.parametrize(("mode", "letters"), [("numeric", "0123456789"), ("text", "23456789ABCDEFGHJKLMNPQRSTUVWXYZ")])
def test_a_transaction_code_is_shown_once_and_its_digest_kept(
    office: Any, make: Callable[..., MadeOffer], state: MemoryState, mode: str, letters: str
) -> None:
    made = make(flows=PRE, tx_code=TxWish(mode, 12))
    assert made.tx_code is not None
    assert len(made.tx_code) == 12
    assert set(made.tx_code) <= set(letters)
    code = made.document["grants"][Flow.PRE_AUTHORIZED]["pre-authorized_code"]
    kept = PreAuthorizedGrant.of(state.get(Kind.PRE_AUTHORIZED_CODE, code, now=office.desk.clock()) or {})
    assert kept.tx_code is not None
    assert is_tx_code(kept.tx_code, made.tx_code)
    assert made.tx_code not in repr((made, state.kept))


def test_secrets_are_long_and_never_the_same(make: Callable[..., MadeOffer]) -> None:
    """VCI 13.6: codes cannot be guessed."""
    codes = [make(flows=BOTH).document["grants"] for _ in range(3)]
    secrets = [grants[Flow.AUTHORIZATION_CODE]["issuer_state"] for grants in codes]
    secrets += [grants[Flow.PRE_AUTHORIZED]["pre-authorized_code"] for grants in codes]
    assert len(set(secrets)) == 6
    assert {len(each) for each in secrets} == {43}


@pytest.mark.parametrize(
    ("flow", "kind"), [("authorization_code", Kind.ISSUER_STATE), (None, Kind.PRE_AUTHORIZED_CODE)]
)
def test_an_offer_by_reference_ends_when_its_code_is_used(
    office: Any, desk: OfferDesk, make: Callable[..., MadeOffer], state: MemoryState, flow: str | None, kind: Kind
) -> None:
    made = make(flows=frozenset({Flow(flow) if flow else Flow.PRE_AUTHORIZED}))
    ((_, code),) = [place for place in state.kept if place[0] == kind]
    state.take(kind, code, now=office.desk.clock())
    with pytest.raises(UnknownOffer):
        desk.document("amr", made.offer_id)
    with pytest.raises(UnknownOffer):
        desk.link("amr", made.offer_id)


def spend(flow: Flow, made: MadeOffer, state: MemoryState, now: datetime) -> object:
    grant = made.document["grants"][flow]
    if flow is Flow.PRE_AUTHORIZED:
        check_tx_code(state, grant["pre-authorized_code"], made.tx_code, now=now)
        return spend_pre_authorized(state, grant["pre-authorized_code"], now=now) or None
    asked = AuthorizationRequest(
        "amr", "client", "https://w.example", "x", (), False, issuer_state=grant["issuer_state"]
    )
    return PushedRequests(state, randomness=bytes).use_offer(asked, now=now)


@pytest.mark.parametrize(("first", "second"), [tuple(Flow), tuple(reversed(Flow))])
@pytest.mark.parametrize("by_reference", [True, False])
def test_an_offer_with_two_grants_is_used_by_one_of_them(
    office: Any, make: Callable[..., MadeOffer], state: MemoryState, first: Flow, second: Flow, by_reference: bool
) -> None:
    """VCI 4.1.1 leaves the choice to the wallet; what it did not choose ends too. Other offers stay."""
    made, other = (
        make(office.hand_in(row_key=key).order_id, flows=BOTH, tx_code=TxWish(), by_reference=by_reference)
        for key in "ab"
    )
    now = office.desk.clock()
    before = len(state.kept)
    assert spend(first, made, state, now) is not None
    assert len(state.kept) == before // 2
    with pytest.raises((AccessDenied, InvalidGrant), match="used"):
        spend(second, made, state, now)
    assert spend(second, other, state, now) is not None
    assert not state.kept


def test_a_wrong_transaction_code_ends_nothing_else(
    office: Any, make: Callable[..., MadeOffer], state: MemoryState
) -> None:
    made, now = make(flows=BOTH, tx_code=TxWish()), office.desk.clock()
    with pytest.raises(InvalidGrant, match="wrong"):
        check_tx_code(state, made.document["grants"][Flow.PRE_AUTHORIZED]["pre-authorized_code"], "x", now=now)
    assert spend(Flow.PRE_AUTHORIZED, made, state, now) is not None
    assert not state.kept


def test_an_offer_expires(office: Any, desk: OfferDesk, make: Callable[..., MadeOffer]) -> None:
    made = make(good_for=HOUR)
    assert made.expires_at == office.desk.clock() + HOUR
    office.desk.clock.move(HOUR)
    with pytest.raises(UnknownOffer):
        desk.document("amr", made.offer_id)


def test_an_offer_does_not_outlive_its_order(office: Any, make: Callable[..., MadeOffer]) -> None:
    order = office.hand_in(days=1)
    assert make(order.order_id, good_for=2 * DAY).expires_at == order.expires_at


def test_an_offer_is_of_one_department(desk: OfferDesk, make: Callable[..., MadeOffer]) -> None:
    made = make()
    with pytest.raises(UnknownOffer):
        desk.document("psb", made.offer_id)
    with pytest.raises(UnknownOffer):
        desk.document("amr", "another")


def test_several_orders_of_one_holder_are_one_offer(office: Any, make: Callable[..., MadeOffer]) -> None:
    orders = [office.hand_in(name) for name in ("business_licence", "food_business_licence")]
    made = make(*(order.order_id for order in orders))
    assert made.document["credential_configuration_ids"] == [
        "business_licence.dc+sd-jwt",
        "food_business_licence.dc+sd-jwt",
    ]
    assert [event.details["offer"] for event in office.audit.events if event.act == "offer_made"] == [made.offer_id] * 2


def test_one_of_several_holders_is_named(office: Any, make: Callable[..., MadeOffer]) -> None:
    order = office.hand_in("marriage_certificate")
    assert make(order.order_id, holder_id=order.holders[1])
    for wrong in (None, HolderId("somebody")):
        with pytest.raises(OfferRefused, match="holders in common"):
            make(order.order_id, holder_id=wrong)


def test_a_format_may_be_chosen(make: Callable[..., MadeOffer]) -> None:
    chosen = ("business_licence.ldp_vc", "business_licence.dc+sd-jwt")
    assert make(configuration_ids=chosen).document["credential_configuration_ids"] == list(chosen)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no grant": ({"flows": frozenset()}, "no grant"),
    "code without pre-authorized": ({"tx_code": TxWish()}, "alone"),
    "mode": ({"flows": PRE, "tx_code": TxWish("words", 6)}, "numeric or text"),
    "short code": ({"flows": PRE, "tx_code": TxWish("numeric", 3)}, "4 to 12"),
    "long code": ({"flows": PRE, "tx_code": TxWish("numeric", 13)}, "4 to 12"),
    "short life": ({"good_for": timedelta(seconds=59)}, "to live"),
    "long life": ({"good_for": 31 * DAY}, "to live"),
    "long life of a bare code": ({"flows": PRE, "good_for": 2 * DAY}, "to live"),
    "unknown configuration": ({"configuration_ids": ("business_licence.pdf",)}, "not there"),
    "another type": ({"configuration_ids": ("food_business_licence.ldp_vc",)}, "not those"),
    "twice": ({"configuration_ids": ("business_licence.ldp_vc",) * 2}, "each once"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_offer_with_one_flaw_is_not_made(
    office: Any, make: Callable[..., MadeOffer], state: MemoryState, name: str
) -> None:
    wish, reason = REFUSED[name]
    with pytest.raises(OfferRefused, match=reason):
        make(**wish)
    assert state.kept == {}
    assert "order.offer_made" not in office.audit.acts


def test_a_code_with_a_transaction_code_may_live_long(make: Callable[..., MadeOffer]) -> None:
    assert make(flows=PRE, tx_code=TxWish(), good_for=30 * DAY)


def test_orders_that_do_not_wait_are_not_offered(office: Any, strict: Any, make: Callable[..., MadeOffer]) -> None:
    order = office.hand_in()
    office.order_desk.withdraw(order.order_id, by=OFFICER, reason="")
    with pytest.raises(OfferRefused, match="withdrawn"):
        make(order.order_id)
    late = office.hand_in(days=1)
    office.desk.clock.move(DAY)
    with pytest.raises(OfferRefused, match="longer"):
        make(late.order_id)


def test_four_eyes_before_approval_no_offer_exists(strict: Any, state: MemoryState) -> None:
    order = strict.hand_in()
    ports = OfferPorts(strict.orders, state, strict.audit, strict.desk.keys, strict.desk.clock, bytes)
    with pytest.raises(OfferRefused, match="awaiting_approval"):
        OfferDesk(ports).make(OfferWish((order.order_id,)), by=OFFICER)
    assert state.kept == {}


def test_orders_are_of_one_department_each_once_and_known(office: Any, make: Callable[..., MadeOffer]) -> None:
    one, other = office.hand_in(), office.hand_in("resident_id_card")
    with pytest.raises(OfferRefused, match="departments"):
        make(one.order_id, other.order_id)
    with pytest.raises(OfferRefused, match="twice"):
        make(one.order_id, one.order_id)
    with pytest.raises(OfferRefused, match="more than"):
        make(*map(str, range(MAX_ORDERS + 1)))
    with pytest.raises(UnknownOrder):
        make("nothing")
