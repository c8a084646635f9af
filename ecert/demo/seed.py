"""A server with something to see: the 40 fictional certificates, codes to show, tokens for a day for every page."""

from dataclasses import dataclass
from datetime import timedelta

from ecert.ahead import fetch_ahead, unused
from ecert.storage.tokens import Role, TokenScope
from ecert.wiring import Container
from issuer.records import State
from schemas.examples import example_claims
from schemas.order import HolderId
from schemas.types import all_types
from schemas.validity import day_of
from wallet_api import HeldCertificate
from wallet_api.holdings import HeldState
from wallet_api.records import HolderKind

_GOOD_FOR = timedelta(days=1)
_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Door:
    """A page or a role, with the token that opens it."""

    name_zh: str
    name_en: str
    path: str
    token: str


def seed(container: Container) -> int:
    """Issue the example of every type, once however often it is called; return how many are new."""
    today = day_of(container.clock())
    new = 0
    for ctype in all_types():
        claims = example_claims(ctype, today=today)
        row_key = container.issuer.row_key(ctype.id, str(claims.get(ctype.number_field, "")))
        order = container.issuer.order_for(ctype.id, claims, container.wallet.holders, row_key=row_key)
        new += not container.issuer.issue(order).repeated
    container.publish_due()
    return new


def prefetch(container: Container) -> int:
    """Fetch purpose certificates, for the first purpose of every certificate held; return how many are new.

    What has some left gets none, so it may be called at every start.
    """
    new = 0
    for holder in container.wallet.holders.page(limit=500):
        for held in container.wallet.holdings.certificates(holder.holder_id):
            left = unused(container, holder.holder_id, held.identifier)
            first = next(iter(left), None)
            if first is not None and not left[first] and held.state is HeldState.IN_DATE and _in_force(container, held):
                fetch_ahead(container, holder.holder_id, held.identifier, first, count=_AHEAD)
                new += _AHEAD
    return new


def _in_force(container: Container, held: HeldCertificate) -> bool:
    return container.state_of(held.identifier) == State.ISSUED


def doors(container: Container) -> list[Door]:
    """Give tokens for a day: a person and an enterprise with something to show, a counter, two officers."""
    person, enterprise = (_holder(container, kind) for kind in HolderKind)
    return [
        _door(container, ("群众卡包", "a citizen's wallet", "/wallet"), Role.HOLDER, TokenScope(holder_id=person)),
        _door(
            container, ("企业卡包", "an enterprise's wallet", "/wallet"), Role.HOLDER, TokenScope(holder_id=enterprise)
        ),
        _door(container, ("窗口核验", "the counter", "/counter"), Role.COUNTER, TokenScope()),
        _door(container, ("经办人 (amr)", "a preparer's token", ""), Role.PREPARER, TokenScope(department="amr")),
        _door(container, ("吊销人 (amr)", "a revoker's token", ""), Role.REVOKER, TokenScope(department="amr")),
    ]


def _holder(container: Container, kind: HolderKind) -> HolderId:
    """The holder of this kind with something to show: the business licence first, then whoever holds most."""
    wallet = container.wallet
    holders = [holder.holder_id for holder in wallet.holders.page(limit=500) if holder.kind is kind]

    def worth(holder_id: HolderId) -> tuple[bool, int]:
        held = [certificate.type_id for certificate in wallet.holdings.certificates(holder_id)]
        return "business_licence" in held, len(held)

    return max(holders, key=worth)


def _door(container: Container, words: tuple[str, str, str], role: Role, scope: TokenScope) -> Door:
    now = container.clock()
    token, _ = container.storage.tokens.issue(role, now=now, expires_at=now + _GOOD_FOR, scope=scope)
    return Door(*words, token)
