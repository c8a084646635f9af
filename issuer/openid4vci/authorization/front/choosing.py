"""Which of the certificates that a wallet asks for its holder can have: an order waits, and the person is known surely
enough for the type (invariant 11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from issuer.openid4vci.authorization.front.requests import AuthorizationRequest
from issuer.openid4vci.configuration import Configuration, configuration
from issuer.openid4vci.grants import Grant
from issuer.openid4vci.ports import AssuranceLevel, Entitlement
from schemas.order import HolderId


@dataclass(frozen=True, slots=True)
class Choice:
    """What the consent page says: what the wallet may have; what the person would have to be known more surely for;
    for what no order waits. ``foreign``: the offer is for somebody else; ``gone``: it was used or is too old; then the
    three are empty."""

    granted: tuple[Configuration, ...] = ()
    too_low: tuple[Configuration, ...] = ()
    absent: tuple[Configuration, ...] = ()
    foreign: bool = False
    gone: bool = False

    def within(self, offered: Collection[str]) -> "Choice":
        """Return the choice with nothing granted that was not offered: an order may have come since."""
        late = tuple(each for each in self.granted if each.id not in offered)
        return replace(
            self, granted=tuple(each for each in self.granted if each.id in offered), absent=late + self.absent
        )


def needed(request: AuthorizationRequest) -> AssuranceLevel:
    """Return the level under which everything that a request asks for may be had."""
    wanted = (configuration(request.department, each) for each in request.configuration_ids)
    return max(each.type.assurance for each in wanted)


def choose(
    request: AuthorizationRequest,
    *,
    holder_id: HolderId,
    level: AssuranceLevel,
    entitlements: Sequence[Entitlement],
    offer: Grant | None,
) -> Choice:
    """Return what a holder can have; from an ``offer``, only its holder and only what it reaches."""
    if offer is not None and offer.holder_id != holder_id:
        return Choice(foreign=True)
    waiting = {each.type_id for each in entitlements if _reaches(offer, each.order_id)}
    granted, too_low, absent = [], [], []
    for name in request.configuration_ids:
        wanted = configuration(request.department, name)
        if wanted.type.id not in waiting or (offer is not None and name not in offer.configuration_ids):
            absent.append(wanted)
        elif wanted.type.assurance > level:
            too_low.append(wanted)
        else:
            granted.append(wanted)
    return Choice(tuple(granted), tuple(too_low), tuple(absent))


def _reaches(offer: Grant | None, order_id: str) -> bool:
    return offer is None or not offer.order_ids or order_id in offer.order_ids


def grant_of(request: AuthorizationRequest, choice: Choice, *, holder_id: HolderId, offer: Grant | None) -> Grant:
    """Return what a code will stand for."""
    return Grant(
        department=request.department,
        holder_id=holder_id,
        configuration_ids=tuple(each.id for each in choice.granted),
        order_ids=() if offer is None else offer.order_ids,
        identified=request.identified,
    )
