"""Who acts for a holder, in words and as JSON; a name is personal, so that it goes where claims go."""

from datetime import UTC, datetime
from typing import Any

from schemas.formats.delegation import Delegation
from schemas.report_texts import Text
from schemas.report_texts_delegation import RELATIONS
from schemas.validity import SHANGHAI
from verifier.purposes.shipped import shipped


def sentence(said: Delegation) -> Text:
    """Return "X for the holder, until …: purposes"; purposes that are shipped go by their names."""
    relation, until = RELATIONS[said.relation], said.until.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    names = [_name(purpose) for purpose in said.purposes]
    zh, en = "、".join(name.zh for name in names), "; ".join(name.en for name in names)
    return Text(
        f"{said.agent_name}（{relation.zh}）代 持证人 用证，至 {until}：{zh}",
        f"{said.agent_name} ({relation.en}) for the holder, until {until}: {en}",
    )


def member(said: Delegation | None) -> dict[str, Any]:
    """Return the member ``delegation`` of an answer; nothing when the holder shows it, or not all is valid."""
    if said is None:
        return {}
    relation, words = RELATIONS[said.relation], sentence(said)
    return {
        "delegation": {
            "agent_name": said.agent_name,
            "relation": said.relation.value,
            "relation_zh": relation.zh,
            "relation_en": relation.en,
            "purposes": list(said.purposes),
            "since": _timestamp(said.since),
            "until": _timestamp(said.until),
            "sentence_zh": words.zh,
            "sentence_en": words.en,
        }
    }


def _name(purpose: str) -> Text:
    known = shipped().get(purpose)
    return Text(purpose, purpose) if known is None else Text(known.name_zh, known.name_en)


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
