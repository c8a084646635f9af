"""The status store in memory: editions, documents and the outbox of ``UnsafeMemoryLedger``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from issuer.errors import UnknownStatusList
from issuer.outbox import OutboxEntry, PublishedDocument, Snapshot, Waiting
from issuer.records import PublishedList
from issuer.status_history import EditionFacts, forgettable
from schemas.order import Identifier


@dataclass(slots=True)
class _Edition:
    content: PublishedList
    shown: bool = False


@dataclass
class MemoryStatusStore:
    """What ``issuer.ports.StatusStore`` asks for, but for the lists and their values."""

    editions: dict[str, list[_Edition]] = field(default_factory=dict)
    outbox: list[OutboxEntry] = field(default_factory=list)

    def known_uris(self) -> Iterable[str]:
        """Return the lists that there are."""
        raise NotImplementedError

    def status_values(self, uri: str) -> Mapping[int, int]:
        """Return the values that are not 0."""
        raise NotImplementedError

    def snapshot(self, uri: str) -> Snapshot:
        """Return what a publisher signs."""
        if uri not in self.known_uris():
            raise UnknownStatusList("no status list has this uri")
        waiting = tuple(entry.number for entry in self.outbox if entry.uri == uri and entry.pending)
        return Snapshot(self.status_values(uri), self._last(uri), waiting)

    def record_signed(self, edition: PublishedList) -> bool:
        """Keep an edition that nobody is shown."""
        if self._last(edition.uri) >= edition.sequence:
            return False
        self.editions.setdefault(edition.uri, []).append(_Edition(edition))
        self._mark(edition.covers, signed_at=edition.issued_at, sequence=edition.sequence)
        return True

    def record_published(self, published: PublishedList, *, at: datetime | None = None) -> None:
        """Show a newer edition."""
        newest = self.published(published.uri)
        if newest is not None and newest.sequence >= published.sequence:
            return
        mine = self.editions.setdefault(published.uri, [])
        found = next((each for each in mine if each.content.sequence == published.sequence), None)
        if found is None:
            found = _Edition(published)
            mine.append(found)
        elif found.content.token != published.token:
            return
        found.shown = True
        when = at or published.issued_at
        changes = {"signed_at": published.issued_at, "published_at": when, "sequence": published.sequence}
        self._mark(published.covers, **changes)

    def published(self, uri: str) -> PublishedList | None:
        """Return the newest token."""
        shown = [each.content for each in self.editions.get(uri, []) if each.shown]
        return max(shown, key=lambda content: content.sequence, default=None)

    def document(self, uri: str, name: str, *, at: datetime | None = None) -> PublishedDocument | None:
        """Return a form of an edition."""
        shown = [each.content for each in self.editions.get(uri, []) if each.shown]
        held = [each for each in shown if at is None or each.issued_at <= at < each.expires_at]
        found = max(held, key=lambda content: content.sequence, default=None)
        body = None if found is None else found.token.encode() if name == "jwt" else found.documents.get(name)
        if found is None or body is None:
            return None
        return PublishedDocument(uri, name, body, found.issued_at, found.expires_at, found.sequence)

    def forget_editions(self, *, before: datetime) -> int:
        """Drop what need not be kept."""
        forgotten = 0
        for uri, editions in self.editions.items():
            facts = [
                EditionFacts(c.sequence, c.issued_at, c.expires_at, each.shown, c.content)
                for each in editions
                for c in [each.content]
            ]
            gone = forgettable(facts, before=before)
            self.editions[uri] = [each for each in editions if each.content.sequence not in gone]
            forgotten += len(gone)
        return forgotten

    def waiting(self) -> Waiting:
        """Return what is not published."""
        found = [entry for entry in self.outbox if entry.pending]
        return Waiting(len(found), len({entry.uri for entry in found}), min((e.asked_at for e in found), default=None))

    def outbox_of(self, identifier: Identifier) -> list[OutboxEntry]:
        """Return a certificate's entries."""
        return [entry for entry in self.outbox if entry.identifier == identifier]

    def mark_seen(self, uri: str, sequence: int, *, at: datetime) -> int:
        """Note who can know."""
        seen = {
            entry.number
            for entry in self.outbox
            if entry.uri == uri and entry.seen_at is None and not entry.pending and (entry.sequence or 0) <= sequence
        }
        self.outbox = [replace(entry, seen_at=at) if entry.number in seen else entry for entry in self.outbox]
        return len(seen)

    def ask(self, identifier: Identifier, uris: Iterable[str], *, value: int, at: datetime) -> None:
        """Write entries for a decision."""
        for uri in sorted(set(uris)):
            self.outbox.append(OutboxEntry(len(self.outbox) + 1, identifier, uri, value, at))

    def _last(self, uri: str) -> int:
        return max((each.content.sequence for each in self.editions.get(uri, [])), default=0)

    def _mark(self, numbers: Iterable[int], **changes: object) -> None:
        wanted = set(numbers)
        self.outbox = [
            replace(entry, **changes) if entry.number in wanted and entry.pending else entry  # type: ignore[arg-type]
            for entry in self.outbox
        ]
