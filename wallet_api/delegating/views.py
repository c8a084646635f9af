"""A delegation as its two sides see it: without the signed texts."""

from datetime import datetime
from typing import Any

from schemas.report_texts_delegation import RELATIONS
from schemas.types import certificate_type, credential_fields
from wallet_api.delegating.records import Delegation

_STATES = {
    "recalled": ("已收回", "Recalled"),
    "over": ("已到期", "Over"),
    "in_force": ("有效", "In force"),
}


def view(delegation: Delegation, now: datetime) -> dict[str, Any]:
    """Return what a side sees at ``now``."""
    ctype = certificate_type(delegation.type_id)
    state, words = state_of(delegation, now), RELATIONS[delegation.relation]
    labels = {member.name: (member.label_zh, member.label_en) for member in credential_fields(delegation.type_id)}
    return {
        "delegation_id": delegation.delegation_id,
        "state": state,
        "state_zh": _STATES[state][0],
        "state_en": _STATES[state][1],
        "relation": delegation.relation.value,
        "relation_zh": words.zh,
        "relation_en": words.en,
        "holder_name": delegation.holder_name,
        "agent_name": delegation.agent_name,
        "type_id": delegation.type_id,
        "name_zh": ctype.name_zh,
        "name_en": ctype.name_en,
        "fields": [
            {"name": name, "label_zh": labels[name][0], "label_en": labels[name][1]}
            for name in delegation.fields
            if name in labels
        ],
        "purposes": delegation.purposes,
        "since": delegation.since,
        "until": delegation.until,
        "by_manager": delegation.under is not None,
        "recalled_at": delegation.recalled_at,
    }


def state_of(delegation: Delegation, now: datetime) -> str:
    """Return ``in_force``, ``over`` or ``recalled``."""
    if delegation.recalled_at is not None:
        return "recalled"
    return "in_force" if now < delegation.until else "over"
