"""The use cases of batches, and one slice of their work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from verifier.api.model import Owner
from verifier.api.service import cursor_of, position_of
from verifier.batches.judging import Judging, not_judged
from verifier.batches.model import SLICE, Batch, Item, Outcome, UnknownBatch
from verifier.batches.ports import BatchRecords, PurposesOf
from verifier.parties.model import Access


@dataclass(frozen=True, slots=True)
class Parts:
    """What the use cases work with."""

    purposes: PurposesOf
    records: BatchRecords
    judging: Judging
    clock: Callable[[], datetime]
    new_id: Callable[[], str]


class Batches:
    """Batches of relying parties; another party's, and the other environment's, are not there."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def create(
        self,
        access: Access,
        items: Sequence[Item],
        *,
        purpose_id: str | None = None,
        reference: str | None = None,
        stays_open: bool = False,
    ) -> Batch:
        """Begin a batch; it runs at once unless it ``stays_open``.

        Raises:
            PurposeNotAllowed, PartySuspended, UnknownParty: not this purpose, or not now.
            BatchTooLarge: too many items, or too many batches have not ended.
        """
        parts = self._parts
        if purpose_id is not None:
            parts.purposes.purpose(access, purpose_id)
        made = Batch(parts.new_id(), _owner(access), parts.clock(), purpose_id, reference)
        return parts.records.add(made, _within(access, items), close=not stays_open)

    def append(
        self, access: Access, batch_id: str, items: Sequence[Item], *, offset: int, stays_open: bool = False
    ) -> Batch:
        """Add items after the first ``offset`` ones.

        Raises:
            UnknownBatch, BatchNotOpen, BatchTooLarge, BatchItemsOutOfOrder.
        """
        self.get(access, batch_id)
        owner = _owner(access)
        taken = _within(access, items)
        return self._parts.records.append(owner, batch_id, taken, offset=offset, close=not stays_open)

    def get(self, access: Access, batch_id: str) -> Batch:
        """Return a batch as it stands; raises UnknownBatch."""
        found = self._parts.records.find(_owner(access), batch_id)
        if found is None or (found.purpose_id is not None and not access.reaches(found.purpose_id)):
            raise UnknownBatch("relying party has no batch of this id")
        return found

    def list(self, access: Access, *, cursor: str | None, limit: int) -> tuple[Sequence[Batch], str | None]:
        """Return a page, the newest first, and the next one's cursor; raises InvalidCursor."""
        after = None if cursor is None else position_of(cursor)
        found, following = self._parts.records.list(_owner(access), after=after, limit=limit)
        shown = [each for each in found if each.purpose_id is None or access.reaches(each.purpose_id)]
        return shown, None if following is None else cursor_of(following)

    def outcomes(
        self, access: Access, batch_id: str, *, cursor: str | None, limit: int
    ) -> tuple[Sequence[Outcome], str | None]:
        """Return outcomes in the order of the items; raises UnknownBatch, InvalidCursor."""
        found = self.get(access, batch_id)
        after = -1 if cursor is None else position_of(cursor)
        outcomes, following = self._parts.records.outcomes(found.batch_id, after=after, limit=limit)
        return outcomes, None if following is None else cursor_of(following)

    def cancel(self, access: Access, batch_id: str) -> Batch:
        """Stop a batch: what is done stays, what waits is forgotten; raises UnknownBatch."""
        self.get(access, batch_id)
        return self._parts.records.cancel(_owner(access), batch_id, now=self._parts.clock())

    def run(self, key: str) -> None:
        """Do one slice (``<batch>/<number>``). Done twice it is done once: what has an outcome is left alone."""
        self._judge(*_slice(key))

    def parts(self, key: str) -> Sequence[Callable[[], None]]:
        """Return what is left of a slice item by item: one that cannot be judged keeps no other from it."""
        batch_id, numbers = _slice(key)
        left = self._parts.records.left(batch_id, numbers)
        return [partial(self._judge, batch_id, range(number, number + 1)) for number, _ in left]

    def give_up(self, key: str) -> None:
        """Say of what is left of a slice that it could not be judged, so that the batch ends."""
        batch_id, numbers = _slice(key)
        left = self._parts.records.left(batch_id, numbers)
        outcomes = [(number, not_judged(item_id)) for number, item_id in left]
        self._parts.records.record(batch_id, outcomes, now=self._parts.clock())

    def _judge(self, batch_id: str, numbers: range) -> None:
        found = self._parts.records.waiting(batch_id, numbers)
        if found is None:
            return
        batch, waiting = found
        now = self._parts.clock()
        outcomes = self._parts.judging.judge(batch, [item for _, item in waiting], now=now)
        numbered = [(place, outcome) for (place, _), outcome in zip(waiting, outcomes, strict=True)]
        self._parts.records.record(batch_id, numbered, now=now)


def _within(access: Access, items: Sequence[Item]) -> Sequence[Item]:
    """Return items as they are judged later, when it is not known any more who handed them in."""
    if access.purposes is None:
        return items
    purposes = tuple(sorted(access.purposes))
    return [each if each.verification_id is None else replace(each, within=purposes) for each in items]


def _slice(key: str) -> tuple[str, range]:
    batch_id, _, number = key.rpartition("/")
    first = int(number) * SLICE
    return batch_id, range(first, first + SLICE)


def _owner(access: Access) -> Owner:
    return Owner(access.party_id, access.environment)
