"""What compiled tables may take up: anybody can send documents, and each of another shape would add to it for ever.

A *family* is what one list of contexts gave: its table, the tables below it, and the shapes of documents met. Sizes are
entries: terms of a table, names of a shape. One takes 120 bytes, and 700 at the most. A family that grows too large is
let go and starts anew; when all together are too large, the one goes that was asked for longest ago.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

MAX_ENTRIES = 200_000  # of all families; the 40 types of one issuer, with every field in use, have 27,000
MAX_FAMILY = 20_000

T = TypeVar("T")


class Family:
    """What one list of contexts gave; without a shelf it lasts as long as its document."""

    __slots__ = ("_shelf", "gone", "size")

    def __init__(self, shelf: "Shelf[Any] | None" = None) -> None:
        self.size = 0
        self.gone = False
        self._shelf = shelf

    def grow(self, entries: int) -> bool:
        """Return whether so many more entries may be kept in it, and count them; no more once it was let go."""
        if self._shelf is not None:
            return self._shelf.grow(self, entries)
        self.gone = self.gone or self.size + entries > MAX_FAMILY
        self.size += 0 if self.gone else entries
        return not self.gone


class Shelf(Generic[T]):
    """The roots of the families that are kept, up to ``MAX_ENTRIES`` of them together."""

    def __init__(self) -> None:
        self.size = 0
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[T, Family]] = OrderedDict()

    def root(self, key: Hashable, make: Callable[[Family], T], entries: Callable[[T], int]) -> T:
        """Return the root kept under ``key``, or the one that ``make`` returns for a new family."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        family = Family(self)
        root = make(family)
        with self._lock:
            if key in self._kept:  # another thread was quicker
                return self._kept[key][0]
            self._kept[key] = root, family
        family.grow(entries(root))
        return root

    def grow(self, family: Family, entries: int) -> bool:
        """As ``Family.grow``: the family goes when it is too large, others when all are."""
        with self._lock:
            if family.gone:
                return False
            family.size += entries
            self.size += entries
            if family.size > MAX_FAMILY:
                self._let_go(next(key for key, (_, each) in self._kept.items() if each is family))
            while self.size > MAX_ENTRIES:
                self._let_go(next(iter(self._kept)))
            return not family.gone

    def clear(self) -> None:
        """Let all go."""
        with self._lock:
            while self._kept:
                self._let_go(next(iter(self._kept)))

    def _let_go(self, key: Hashable) -> None:
        _, family = self._kept.pop(key)
        family.gone = True
        self.size -= family.size
