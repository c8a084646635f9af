"""A keyed permutation of 0 … size-1: status indexes in an order that looks random and never repeats.

A counter goes in, an index comes out; two counters never give the same index, so nothing but the counter has to be
remembered to give each index once, and an index does not tell who was issued next to whom.

A balanced Feistel network over the smallest even number of bits that holds ``size`` (Luby and Rackoff: any round
function makes a bijection; ten rounds because the halves are small), with cycle walking: what falls outside is permuted
again.
"""

import hashlib

_ROUNDS = 10


def permute(counter: int, size: int, key: bytes) -> int:
    """Return the index that ``counter`` stands for: a bijection of 0 … ``size - 1`` chosen by ``key``.

    ``key`` has 16 to 64 secret bytes, one for each list. The answer depends on nothing else, on any machine.

    Raises:
        ValueError: ``counter`` is not in 0 … ``size - 1``, or ``key`` has another length.
    """
    if not 0 <= counter < size:
        raise ValueError(f"counter is outside the list (got {counter}, size {size})")
    if not 16 <= len(key) <= hashlib.blake2b.MAX_KEY_SIZE:
        raise ValueError(f"key has {len(key)} bytes, expected 16 to {hashlib.blake2b.MAX_KEY_SIZE}")
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    index = _feistel(counter, half, key)
    while index >= size:
        index = _feistel(index, half, key)
    return index


def _feistel(value: int, half: int, key: bytes) -> int:
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for number in range(_ROUNDS):
        message = number.to_bytes(1, "big") + half.to_bytes(1, "big") + right.to_bytes(8, "big")
        digest = hashlib.blake2b(message, digest_size=8, key=key, person=b"ecert.status").digest()
        left, right = right, left ^ (int.from_bytes(digest, "big") & mask)
    return left << half | right
