"""Whose webhook is sent next: one of each relying party before anybody's second, a few of each, the longest due first.

So that a server that does not answer, and what waits for it, keeps the others waiting for moments and not for days.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from ecert.storage.moments import micros
from ecert.storage.tables import PARTIES, WEBHOOK_DELIVERIES, WEBHOOKS
from verifier.api.webhooks import PER_PARTY, DeliveryState
from verifier.parties.model import PartyStatus

WAITS = WEBHOOK_DELIVERIES.c.state == DeliveryState.WAITING.value
_TABLE = WEBHOOK_DELIVERIES.c
# What a suspended party would hear waits until it may ask again, or is forgotten.
_SUSPENDED = select(PARTIES.c.party_id).where(PARTIES.c.status == PartyStatus.SUSPENDED.value)
_IS_FOR = WEBHOOKS.c.endpoint_id == _TABLE.endpoint_id


def any_due(now: datetime) -> Select[Any]:
    """Return what finds one delivery that is due, if there is any."""
    return select(_TABLE.id).join(WEBHOOKS, _IS_FOR).where(*_due(now)).limit(1)


def by_turns(now: datetime, *, limit: int) -> Select[Any]:
    """Return what finds the deliveries to send, with their endpoints' ``url``, ``sealed`` and ``party_id``."""
    turn = func.row_number().over(partition_by=WEBHOOKS.c.party_id, order_by=(_TABLE.due_at, _TABLE.id))
    ranked = select(_TABLE.id, turn.label("turn")).join(WEBHOOKS, _IS_FOR).where(*_due(now)).subquery()
    chosen = select(WEBHOOK_DELIVERIES, WEBHOOKS.c.url, WEBHOOKS.c.sealed, WEBHOOKS.c.party_id)
    chosen = chosen.join(WEBHOOKS, _IS_FOR).join(ranked, ranked.c.id == _TABLE.id)
    # Asked once more of the row itself: another worker may have claimed it since it was ranked.
    chosen = chosen.where(ranked.c.turn <= PER_PARTY, *_due(now))
    return chosen.order_by(ranked.c.turn, _TABLE.due_at, _TABLE.id).limit(limit)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return WAITS, _TABLE.due_at <= micros(now), WEBHOOKS.c.party_id.not_in(_SUSPENDED)
