"""The order of one status list's indexes: ``issuer.permutation.permute`` for many counters of one key.

A list of 2^20 entries has halves of 10 bits, so each of the ten round functions takes 1,024 values only. They are kept
once computed, and an index then costs ten look-ups in place of ten hashes. The results are those of ``permute``, bit
for bit (a test compares them): which index a counter stands for is fixed for ever.
"""

import hashlib

from issuer.permutation import permute

_ROUNDS = 10
_MOST_BITS = 11  # of a half: 20,480 small integers a list; longer lists are not kept


class _Round(dict[int, int]):
    """One round function: half → what the other half is mixed with; computed when first asked for."""

    __slots__ = ("_half", "_key", "_number")

    def __init__(self, number: int, half: int, key: bytes) -> None:
        super().__init__()
        self._number = number
        self._half = half
        self._key = key

    def __missing__(self, right: int) -> int:
        message = bytes((self._number, self._half)) + right.to_bytes(8, "big")
        digest = hashlib.blake2b(message, digest_size=8, key=self._key, person=b"ecert.status").digest()
        mixed = self[right] = int.from_bytes(digest, "big") & (1 << self._half) - 1
        return mixed


class KeyedOrder:
    """The permutation of 0 … ``size - 1`` that ``key`` chooses."""

    __slots__ = ("_half", "_key", "_pairs", "_size")

    def __init__(self, size: int, key: bytes) -> None:
        self._size = size
        self._key = key
        self._half = half = max(1, ((size - 1).bit_length() + 1) // 2)
        # Two by two, so that the halves need not change places.
        self._pairs = tuple((_Round(each, half, key), _Round(each + 1, half, key)) for each in range(0, _ROUNDS, 2))

    def indexes(self, start: int, count: int) -> list[int]:
        """Return what ``permute`` gives for ``count`` counters from ``start`` on; raises ValueError as ``permute``."""
        if self._half > _MOST_BITS or start < 0 or start + count > self._size:
            return [permute(counter, self._size, self._key) for counter in range(start, start + count)]
        half, mask, size, pairs = self._half, (1 << self._half) - 1, self._size, self._pairs
        found: list[int] = []
        for counter in range(start, start + count):
            index = counter
            while True:
                left, right = index >> half, index & mask
                for even, odd in pairs:
                    left ^= even[right]
                    right ^= odd[left]
                index = left << half | right
                if index < size:
                    break
            found.append(index)
        return found
