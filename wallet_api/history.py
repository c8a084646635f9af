"""The history (用证记录): every presentation with when, to whom, which fields and why; names of fields, no values."""

from dataclasses import dataclass

from schemas.order import HolderId
from wallet_api.parts import Parts
from wallet_api.records import ShownRecord

PAGE = 20
MAX_PAGE = 100
# The store is asked for the newest ones only, so a page further back reads all before it; nobody turns that many.
MAX_OFFSET = 10_000


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some records, newest first, and where the next page begins; None on the last one."""

    records: tuple[ShownRecord, ...]
    next_offset: int | None


class History:
    """Reading what a holder has shown; writing it is a part of presenting."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def page(self, holder_id: HolderId, *, size: int = PAGE, offset: int = 0) -> HistoryPage:
        """Return ``size`` records (1 to ``MAX_PAGE``) after the newest ``offset``; raises UnknownHolder."""
        self._parts.wallets.holder(holder_id)
        size = min(max(size, 1), MAX_PAGE)
        begin = min(max(offset, 0), MAX_OFFSET)
        records = self._parts.wallets.shown(holder_id, limit=begin + size + 1)
        more = len(records) > begin + size
        return HistoryPage(tuple(records[begin : begin + size]), begin + size if more else None)
