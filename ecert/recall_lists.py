"""The recall lists of delegations, signed by the trust anchor (``ecert.pack.RecallLists``).

The database is asked at most every two seconds; a list is signed anew when it says something else, and before half of
its ``ttl`` is over. A recall in this process is seen at once (``invalidate``).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from ecert.storage.delegations import RecallListRow, SqlDelegations
from keys.signer import Signer
from schemas.formats import status_token
from schemas.formats.status_list import StatusList
from schemas.formats.status_token import Times

TTL = timedelta(hours=1)
LIFETIME = timedelta(hours=24)
_LOOK_AGAIN = 2.0


@dataclass(frozen=True, slots=True)
class SignedList:
    """A recall list as it is published."""

    row: RecallListRow = field(repr=False)
    token: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found, until when it is good, and after how many acts of this process the looking began.

    One value, so that who began before an act and ends after it cannot pass for having seen it.
    """

    lists: Mapping[str, SignedList]
    until: float
    acts: int


class SignedRecalls:
    """Signing recall lists; one for each process."""

    def __init__(
        self,
        delegations: SqlDelegations,
        signer: Signer,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._delegations = delegations
        self._signer = signer
        self._clock = clock
        self._monotonic = monotonic
        self._acts, self._counting = 0, Lock()
        self._looked = _Looked({}, float("-inf"), 0)

    def lists(self) -> Mapping[str, SignedList]:
        """Return every list by its URI, as it stands now."""
        looked, began, acts = self._looked, self._monotonic(), self._acts
        if began < looked.until and looked.acts == acts:
            return looked.lists
        rows, now = self._delegations.recall_lists(), self._clock().replace(microsecond=0)
        lists = {row.uri: self._fresh(row, now) for row in rows}
        self._looked = _Looked(lists, began + _LOOK_AGAIN, acts)
        return lists

    def tokens(self) -> Mapping[str, str]:
        """Return the newest token of every list by its URI."""
        return {uri: signed.token for uri, signed in self.lists().items()}

    def invalidate(self) -> None:
        """Look again before the next answer: something was recalled, or the first list was begun."""
        with self._counting:
            self._acts += 1

    def _fresh(self, row: RecallListRow, now: datetime) -> SignedList:
        known = self._looked.lists.get(row.uri)
        if known is not None and known.row == row and now - known.issued_at < TTL / 2:
            return known
        statuses = StatusList.from_statuses(dict.fromkeys(row.recalled, 1), bits=1, size=row.size)
        times = Times(int(now.timestamp()), int((now + LIFETIME).timestamp()), TTL.total_seconds())
        token = status_token.issue(statuses, self._signer, uri=row.uri, times=times)
        return SignedList(row, token, now, now + LIFETIME)
