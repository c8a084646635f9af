"""The protocol state in memory (``issuer.openid4vci.ports.ProtocolState``), and rate limits that count and allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.openid4vci.errors import TooManyRequests
from issuer.openid4vci.ports import Change


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Mapping[str, Any]
    expires_at: datetime
    group: str


class MemoryState:
    """Values by kind and key; nothing is sealed and nobody else writes."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], _Kept] = {}

    def put(self, kind: str, key: str, value: Mapping[str, Any], *, expires_at: datetime, group: str = "") -> None:
        self.kept[kind, key] = _Kept(dict(value), expires_at, group)

    def get(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        found = self.kept.get((kind, key))
        return None if found is None or found.expires_at <= now else found.value

    def take(self, kind: str, key: str, *, now: datetime) -> Mapping[str, Any] | None:
        found = self.get(kind, key, now=now)
        if found is not None:
            del self.kept[kind, key]
        return found

    def change(self, kind: str, key: str, change: Change, *, now: datetime) -> Mapping[str, Any] | None:
        found = self.get(kind, key, now=now)
        if found is None:
            return None
        changed = change(found)
        old = self.kept.pop((kind, key))
        if changed is not None:
            self.kept[kind, key] = _Kept(dict(changed), old.expires_at, old.group)
        return found

    def prolong(self, kind: str, key: str, *, expires_at: datetime, now: datetime) -> bool:
        found = self.get(kind, key, now=now)
        if found is None:
            return False
        self.put(kind, key, found, expires_at=expires_at, group=self.kept[kind, key].group)
        return True

    def add_once(self, kind: str, key: str, *, expires_at: datetime, now: datetime) -> bool:
        if self.get(kind, key, now=now) is not None:
            return False
        self.put(kind, key, {}, expires_at=expires_at)
        return True

    def remove_group(self, group: str) -> int:
        gone = [place for place, kept in self.kept.items() if group and kept.group == group]
        for place in gone:
            del self.kept[place]
        return len(gone)

    def sweep(self, *, now: datetime) -> int:
        gone = [place for place, kept in self.kept.items() if kept.expires_at <= now]
        for place in gone:
            del self.kept[place]
        return len(gone)


class CountingLimits:
    """Rate limits that count every hit, and refuse the rules in ``refused``."""

    def __init__(self) -> None:
        self.hits: list[tuple[str, str]] = []
        self.refused: set[str] = set()

    def hit(self, rule: str, subject: str, *, now: datetime) -> None:
        del now
        self.hits.append((rule, subject))
        if rule in self.refused:
            raise TooManyRequests("too many requests", retry_after=30)
