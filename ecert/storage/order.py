"""The order of one status list's indexes: ``issuer.permutation.permute`` for many counters of one key.

A list of 2^20 entries has halves of 10 bits, so each of the ten round functions takes 1,024 values only. They are kept
once computed, and an index then costs ten look-ups in place of ten hashes. The results are those of ``permute``, bit
for bit (a test compares them): which index a counter stands for is fixed for ever.
"""

import hashlib

from issuer.permutation import permute

_ROUNDS = 10
_MOST_BITS = 11  # of a half: 20,480 small integers a list; longer lists are not kept


class KeyedOrder:
    """The permutation of 0 … ``size - 1`` that ``key`` chooses."""

    __slots__ = ("_half", "_key", "_known", "_mask", "_size")

    def __init__(self, size: int, key: bytes) -> None:
        self._size = size
        self._key = key
        self._half = max(1, ((size - 1).bit_length() + 1) // 2)
        self._mask = (1 << self._half) - 1
        self._known: tuple[dict[int, int], ...] = tuple({} for _ in range(_ROUNDS))

    def index(self, counter: int) -> int:
        """Return ``permute(counter, size, key)``; raises ValueError for a counter outside the list."""
        if self._half > _MOST_BITS or not 0 <= counter < self._size:
            return permute(counter, self._size, self._key)
        index = self._once(counter)
        while index >= self._size:
            index = self._once(index)
        return index

    def _once(self, value: int) -> int:
        left, right = value >> self._half, value & self._mask
        for number, known in enumerate(self._known):
            mixed = known.get(right)
            if mixed is None:
                mixed = known[right] = self._mixed(number, right)
            left, right = right, left ^ mixed
        return left << self._half | right

    def _mixed(self, number: int, right: int) -> int:
        message = bytes((number, self._half)) + right.to_bytes(8, "big")
        digest = hashlib.blake2b(message, digest_size=8, key=self._key, person=b"ecert.status").digest()
        return int.from_bytes(digest, "big") & self._mask
