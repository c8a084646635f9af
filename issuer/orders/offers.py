"""Credential offers of OpenID4VCI 1.0, 4 for orders: bound to one holder, to these orders, for a limited time, once.

    made = desk.make(OfferWish(("o-1",), grants=frozenset({Flow.PRE_AUTHORIZED}), tx_code=TxWish()), by=officer)
    made.link                                   openid-credential-offer://?credential_offer_uri=…
    made.svg(), made.png()                      for a wallet on another device
    made.tx_code                                shown to the officer now and never again; a digest is kept

A pre-authorized code and an ``issuer_state`` are spent where they are used (``issuer.openid4vci.authorization``). All
that is kept of an offer is one group: what is spent first ends the rest. Without a transaction code whoever
sees a pre-authorized offer may use it, so it lives a day at most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from issuer.openid4vci.configuration import configuration, default_ids
from issuer.openid4vci.errors import UnknownCredentialConfiguration, UnknownOffer
from issuer.openid4vci.grants import GROUP, Grant, Kind, PreAuthorizedGrant
from issuer.openid4vci.ports import ProtocolState
from issuer.openid4vci.tx_codes import seal_tx_code
from issuer.orders.errors import OfferRefused
from issuer.orders.events import about_order
from issuer.orders.ports import Audit, Orders
from issuer.orders.records import OrderState, WaitingOrder
from issuer.ports import Clock, SigningKeys
from keys import strict_json
from keys.encoding import b64url_text
from schemas.audit import AuditAct, Doer
from schemas.order import HolderId
from schemas.qr import drawing

SCHEME = "openid-credential-offer://"
MAX_ORDERS = 20
MIN_LIFE, MAX_LIFE = timedelta(minutes=1), timedelta(days=30)
MAX_LIFE_OPEN = timedelta(days=1)
"""How long an offer lives whose pre-authorized code goes without a transaction code."""
_ALPHABETS = {"numeric": "0123456789", "text": "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"}
_LENGTHS = range(4, 13)
_DESCRIPTION = "请输入发证部门告知的领证码 / Enter the code that the issuing office gave you"


class Flow(StrEnum):
    """The grants of an offer (OpenID4VCI 1.0, 4.1.1)."""

    AUTHORIZATION_CODE = "authorization_code"
    PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


@dataclass(frozen=True, slots=True)
class TxWish:
    """The form of a transaction code: digits or letters, and how many."""

    input_mode: str = "numeric"
    length: int = 6


@dataclass(frozen=True, slots=True)
class OfferWish:
    """Which orders to offer, how, and for how long. ``holder_id`` is needed where the orders have several holders.

    Without ``configuration_ids`` each type is offered in the default format.
    """

    order_ids: tuple[str, ...]
    holder_id: HolderId | None = None
    configuration_ids: tuple[str, ...] = ()
    flows: frozenset[Flow] = frozenset({Flow.AUTHORIZATION_CODE})
    tx_code: TxWish | None = None
    by_reference: bool = True
    good_for: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer as its maker sees it, once. ``page`` is for the device that the holder reads it on."""

    offer_id: str
    document: Mapping[str, Any] = field(repr=False)
    link: str = field(repr=False)
    page: str | None
    expires_at: datetime
    tx_code: str | None = field(default=None, repr=False)

    def png(self) -> bytes:
        """Return a picture of the link's QR code."""
        return drawing.png(self.link)

    def svg(self) -> str:
        """Return a drawing of the link's QR code."""
        return drawing.svg(self.link)


@dataclass(frozen=True, slots=True)
class OfferPorts:
    """What offers are made with."""

    orders: Orders
    state: ProtocolState
    audit: Audit
    keys: SigningKeys
    clock: Clock
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class _Terms:
    offer_id: str
    grant: Grant
    wish: OfferWish
    expires_at: datetime

    @property
    def group(self) -> str:
        return f"offer {self.offer_id}"


class OfferDesk:
    """Makes offers, and gives those by reference to wallets."""

    def __init__(self, ports: OfferPorts) -> None:
        self._ports = ports

    def make(self, wish: OfferWish, *, by: Doer) -> MadeOffer:
        """Make an offer; it is in the audit trail before it exists.

        Raises:
            UnknownOrder: an order is not there.
            OfferRefused: orders of several departments or holders, an order that does not wait and is not issued, a
                format that is not theirs, no grant, or a life that is too short or too long.
        """
        orders = self._orders(wish)
        now = self._ports.clock()
        grant = Grant(
            department=orders[0].department,
            holder_id=_holder(wish, orders),
            configuration_ids=_configurations(wish, orders),
            order_ids=tuple(order.order_id for order in orders),
        )
        _check(wish)
        ends = [order.expires_at for order in orders if order.state is OrderState.WAITING]
        terms = _Terms(self._secret(16), grant, wish, min([now + wish.good_for, *ends]))
        made = (about_order(AuditAct.OFFER_MADE, order, by, at=now, offer=terms.offer_id) for order in orders)
        self._ports.audit.record(*made)
        return self._made(terms)

    def document(self, department: str, offer_id: str) -> Mapping[str, Any]:
        """Return an offer by reference.

        Raises:
            UnknownOffer: there is none, it is another department's, it has expired, or its code was used.
        """
        now = self._ports.clock()
        kept = self._ports.state.get(Kind.OFFER, offer_id, now=now)
        if kept is None or kept["department"] != department or not self._is_open(kept["codes"], now):
            raise UnknownOffer("no offer waits at this address")
        offer: Mapping[str, Any] = kept["offer"]
        return offer

    def link(self, department: str, offer_id: str) -> str:
        """Return the link to an offer by reference, for its page; raises UnknownOffer."""
        self.document(department, offer_id)
        return _link("credential_offer_uri", self._reference(department, offer_id))

    def _is_open(self, codes: Sequence[Sequence[str]], now: datetime) -> bool:
        return all(self._ports.state.get(kind, code, now=now) is not None for kind, code in codes)

    def _orders(self, wish: OfferWish) -> list[WaitingOrder]:
        if not 1 <= len(set(wish.order_ids)) == len(wish.order_ids) <= MAX_ORDERS:
            raise OfferRefused(f"offer names no order, one twice, or more than {MAX_ORDERS}")
        orders = [self._ports.orders.order(order_id) for order_id in wish.order_ids]
        if len({order.department for order in orders}) != 1:
            raise OfferRefused("orders are of several departments")
        for order in orders:
            if order.state not in (OrderState.WAITING, OrderState.ISSUED):
                raise OfferRefused(f"an order is {order.state}, expected waiting or issued")
            if order.state is OrderState.WAITING and order.expires_at <= self._ports.clock():
                raise OfferRefused("an order has waited longer than it may")
        return orders

    def _made(self, terms: _Terms) -> MadeOffer:
        offer_id, grants = terms.offer_id, dict[str, Any]()
        codes: list[tuple[str, str]] = []
        tx_code = None
        if Flow.AUTHORIZATION_CODE in terms.wish.flows:
            codes.append((Kind.ISSUER_STATE.value, self._put(Kind.ISSUER_STATE, terms.grant.document(), terms)))
            grants[Flow.AUTHORIZATION_CODE.value] = {"issuer_state": codes[-1][1]}
        if Flow.PRE_AUTHORIZED in terms.wish.flows:
            tx_code = self._tx_code(terms.wish.tx_code)
            sealed = _sealed(terms.wish.tx_code, tx_code, salt=self._secret(16))
            value = PreAuthorizedGrant(terms.grant, sealed).document()
            codes.append((Kind.PRE_AUTHORIZED_CODE.value, self._put(Kind.PRE_AUTHORIZED_CODE, value, terms)))
            grants[Flow.PRE_AUTHORIZED.value] = {"pre-authorized_code": codes[-1][1]} | _form(terms.wish.tx_code)
        document = {
            "credential_issuer": self._ports.keys.issuer_uri(terms.grant.department),
            "credential_configuration_ids": list(terms.grant.configuration_ids),
            "grants": grants,
        }
        link, page = _link("credential_offer", strict_json.dumps(document).decode()), None
        if terms.wish.by_reference:
            kept = {"department": terms.grant.department, "offer": document, "codes": codes}
            self._ports.state.put(Kind.OFFER, offer_id, kept, expires_at=terms.expires_at, group=terms.group)
            reference = self._reference(terms.grant.department, offer_id)
            link, page = _link("credential_offer_uri", reference), f"{reference}/open"
        return MadeOffer(offer_id, document, link, page, terms.expires_at, tx_code)

    def _put(self, kind: Kind, value: Mapping[str, Any], terms: _Terms) -> str:
        code = self._secret(32)
        self._ports.state.put(kind, code, {**value, GROUP: terms.group}, expires_at=terms.expires_at, group=terms.group)
        return code

    def _reference(self, department: str, offer_id: str) -> str:
        return f"{self._ports.keys.issuer_uri(department)}/offers/{offer_id}"

    def _secret(self, size: int) -> str:
        return b64url_text(self._ports.random(size))

    def _tx_code(self, wish: TxWish | None) -> str | None:
        if wish is None:
            return None
        letters = _ALPHABETS[wish.input_mode]
        even = 256 - 256 % len(letters)  # bytes above it would make some letters likelier than others
        code = ""
        while len(code) < wish.length:
            code += "".join(letters[byte % len(letters)] for byte in self._ports.random(16) if byte < even)
        return code[: wish.length]


def _check(wish: OfferWish) -> None:
    if not wish.flows:
        raise OfferRefused("offer has no grant")
    if wish.tx_code is not None:
        if Flow.PRE_AUTHORIZED not in wish.flows:
            raise OfferRefused("a transaction code goes with a pre-authorized code alone")
        if wish.tx_code.input_mode not in _ALPHABETS or wish.tx_code.length not in _LENGTHS:
            raise OfferRefused(f"transaction code is not numeric or text of {_LENGTHS[0]} to {_LENGTHS[-1]} characters")
    unguarded = Flow.PRE_AUTHORIZED in wish.flows and wish.tx_code is None
    longest = MAX_LIFE_OPEN if unguarded else MAX_LIFE
    if not MIN_LIFE <= wish.good_for <= longest:
        raise OfferRefused(f"offer is to live {wish.good_for}, expected {MIN_LIFE} to {longest}")


def _holder(wish: OfferWish, orders: Sequence[WaitingOrder]) -> HolderId:
    common = set(orders[0].holders).intersection(*(order.holders for order in orders))
    if wish.holder_id is not None and wish.holder_id in common:
        return wish.holder_id
    if wish.holder_id is not None or len(common) != 1:
        raise OfferRefused(f"orders have {len(common)} holders in common: name one of them")
    return common.pop()


def _configurations(wish: OfferWish, orders: Sequence[WaitingOrder]) -> tuple[str, ...]:
    types = [order.type_id for order in orders]
    if not wish.configuration_ids:
        return default_ids(types)
    try:
        wanted = {configuration(orders[0].department, name).type.id for name in wish.configuration_ids}
    except UnknownCredentialConfiguration:
        raise OfferRefused("offer names a credential configuration that is not there") from None
    if wanted != set(types) or len(set(wish.configuration_ids)) != len(wish.configuration_ids):
        raise OfferRefused("credential configurations are not those of the orders' types, each once")
    return wish.configuration_ids


def _sealed(wish: TxWish | None, code: str | None, *, salt: str) -> Any:
    return None if wish is None or code is None else seal_tx_code(code, input_mode=wish.input_mode, salt=salt)


def _form(wish: TxWish | None) -> dict[str, Any]:
    if wish is None:
        return {}
    return {"tx_code": {"input_mode": wish.input_mode, "length": wish.length, "description": _DESCRIPTION}}


def _link(name: str, value: str) -> str:
    return f"{SCHEME}?{name}={quote(value, safe='')}"
