"""``verifier_info`` of our own format: why a verifier asks (用证事由), by which law, how long it keeps it (5.11).

It stands inside the signed request, so it is the verifier's word, and a wallet shows it as that. Who the verifier is
comes from its certificate, never from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "urn:ecert:verifier-info:purpose:1"
MAX_TEXT = 300
_MAX_DAYS = 36_500
_TEXTS = ("purpose_id", "name_zh", "name_en", "legal_basis_zh", "legal_basis_en", "item_code", "contact")


@dataclass(frozen=True, slots=True)
class StatedPurpose:
    """What a verifier says of its reason. ``item_code`` names a service item, ``contact`` who answers for the data."""

    purpose_id: str
    name_zh: str
    name_en: str
    legal_basis_zh: str
    legal_basis_en: str
    retention_days: int
    item_code: str = ""
    contact: str = ""

    def info(self) -> dict[str, Any]:
        """Return the entry of ``verifier_info``."""
        data: dict[str, Any] = {name: getattr(self, name) for name in _TEXTS if getattr(self, name)}
        return {"format": FORMAT, "data": data | {"retention_days": self.retention_days}}


def read_stated_purpose(infos: Iterable[Mapping[str, Any]]) -> StatedPurpose | None:
    """Return the first purpose that ``infos`` state in our format.

    None when there is none: an entry of another format, or one that is not well formed, says nothing (5.11).
    """
    entries = (info["data"] for info in infos if info.get("format") == FORMAT and isinstance(info.get("data"), dict))
    return next((_purpose(data) for data in entries if _is_purpose(data)), None)


def _is_purpose(data: Mapping[str, Any]) -> bool:
    days = data.get("retention_days")
    needed = all(name in data for name in ("purpose_id", "name_zh", "name_en"))
    texts = all(_is_line(data[name]) for name in _TEXTS if name in data)
    return needed and texts and type(days) is int and 0 <= days <= _MAX_DAYS


def _is_line(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()


def _purpose(data: Mapping[str, Any]) -> StatedPurpose:
    return StatedPurpose(retention_days=data["retention_days"], **{name: data.get(name, "") for name in _TEXTS})
