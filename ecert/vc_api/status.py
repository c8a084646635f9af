"""Status lists of the test mode: bitstrings in memory, one index for each credential, in random order, never twice."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ecert.vc_api.errors import NoSuchStatusList
from schemas.formats import bitstring_credential
from schemas.formats.bitstring import MIN_ENTRIES, Bitstring
from schemas.formats.bitstring_credential import REVOCATION, BitstringEntry, BitstringList, ListTimes

PATH = "/credentials/status"


@dataclass
class _List:
    taken: set[int] = field(default_factory=set)
    revoked: set[int] = field(default_factory=set)


class StatusBook:
    """The lists below one public URL, all of one issuer; safe to use from several threads."""

    def __init__(
        self,
        public_url: str,
        issuer: str,
        *,
        size: int = MIN_ENTRIES,
        below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._prefix = f"{public_url}{PATH}/"
        self._issuer = issuer
        self._size = size
        self._below = below
        self._lock = threading.Lock()
        self._lists: dict[str, _List] = {}
        self._open = ""

    def take(self) -> BitstringEntry:
        """Return a place that nobody has; another list is opened when half of this one is taken."""
        with self._lock:
            current = self._lists.get(self._open)
            # Half full, a free place is found in two tries in the mean.
            if current is None or len(current.taken) * 2 >= self._size:
                self._open = self._prefix + secrets.token_urlsafe(16)
                current = self._lists[self._open] = _List()
            index = self._below(self._size)
            while index in current.taken:
                index = self._below(self._size)
            current.taken.add(index)
            return BitstringEntry(REVOCATION, index, self._open)

    def places(self) -> frozenset[tuple[str, int]]:
        """Return every place that was given out."""
        with self._lock:
            return frozenset((url, index) for url, found in self._lists.items() for index in found.taken)

    def revoke(self, entry: BitstringEntry) -> None:
        """Say that the credential of ``entry`` is revoked; raises NoSuchStatusList."""
        with self._lock:
            self._found(entry.list_credential).revoked.add(entry.index)

    def read(self, url: str) -> BitstringList | None:
        """Return a list of ours by its URL, or None: it is a stranger's."""
        with self._lock:
            found = self._lists.get(url)
            bits = None if found is None else self._bits(found)
        if bits is None:
            return None
        return BitstringList(url, self._issuer, (REVOCATION,), None, None, None, bits)

    def credential(self, list_id: str, times: ListTimes) -> dict[str, Any]:
        """Return a list's unsigned credential by the last part of its URL; raises NoSuchStatusList."""
        url = self._prefix + list_id
        with self._lock:
            bits = self._bits(self._found(url))
        return bitstring_credential.credential(bits, purpose=REVOCATION, uri=url, issuer=self._issuer, times=times)

    def _bits(self, found: _List) -> Bitstring:
        return Bitstring.from_statuses(dict.fromkeys(found.revoked, 1), length=self._size)

    def _found(self, url: str) -> _List:
        found = self._lists.get(url)
        if found is None:
            raise NoSuchStatusList("no status list of this process has this address")
        return found
