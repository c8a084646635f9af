"""Pre-authorized codes (OpenID4VCI 1.0, 6.1 and 13.6): one use, and at most ``MAX_TRIES`` wrong transaction codes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from issuer.openid4vci.errors import InvalidGrant, InvalidRequest
from issuer.openid4vci.grants import Kind, PreAuthorizedGrant
from issuer.openid4vci.ports import ProtocolState
from issuer.openid4vci.tx_codes import is_tx_code

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
MAX_TRIES = 5


def find_pre_authorized(state: ProtocolState, code: str, *, now: datetime) -> PreAuthorizedGrant:
    """Return what a pre-authorized code stands for; raises InvalidGrant when it is unknown, used or too old."""
    found = state.get(Kind.PRE_AUTHORIZED_CODE, code, now=now)
    if found is None:
        raise InvalidGrant("pre-authorized code is unknown, was used or has expired")
    return PreAuthorizedGrant.of(found)


def check_tx_code(state: ProtocolState, code: str, tx_code: str | None, *, now: datetime) -> None:
    """Return if the transaction code is the one of a pre-authorized code; a wrong one is counted.

    Raises:
        InvalidRequest: a transaction code is missing, or there is one and none is expected (OpenID4VCI 1.0, 6.3).
        InvalidGrant: the code is unknown, used or too old; or the transaction code is wrong: the fifth time in a row
            the pre-authorized code is dead.
    """

    def tried(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
        kept = PreAuthorizedGrant.of(value)
        if _matches(kept, tx_code):
            return value
        return None if kept.tries + 1 >= MAX_TRIES else replace(kept, tries=kept.tries + 1).document()

    before = state.change(Kind.PRE_AUTHORIZED_CODE, code, tried, now=now)
    if before is None:
        raise InvalidGrant("pre-authorized code is unknown, was used or has expired")
    if not _matches(PreAuthorizedGrant.of(before), tx_code):
        raise InvalidGrant("transaction code is wrong")


def spend_pre_authorized(state: ProtocolState, code: str, *, now: datetime) -> bool:
    """Use a pre-authorized code up, once its tokens are kept, and with it all else of its offer.

    Of several uses at once one gets True.
    """
    spent = state.take(Kind.PRE_AUTHORIZED_CODE, code, now=now)
    if spent is None:
        return False
    state.remove_group(PreAuthorizedGrant.of(spent).group)  # an offer is used once, by whichever of its grants
    return True


def _matches(kept: PreAuthorizedGrant, tx_code: str | None) -> bool:
    if kept.tx_code is None and tx_code is not None:
        raise InvalidRequest("no transaction code is expected")
    if kept.tx_code is not None and tx_code is None:
        raise InvalidRequest("a transaction code is expected")
    return kept.tx_code is None or is_tx_code(kept.tx_code, tx_code or "")
