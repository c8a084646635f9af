"""What fakes of ``issuer.openid4vci.ports.Entitlements`` share."""

from collections.abc import Iterable

from issuer.openid4vci.ports import Among, Entitlement


def within(entitlements: Iterable[Entitlement], among: Among) -> list[Entitlement]:
    """Return those that are asked for."""
    return [
        each
        for each in entitlements
        if (among.type_ids is None or each.type_id in among.type_ids)
        and (not among.order_ids or each.order_id in among.order_ids)
    ]
