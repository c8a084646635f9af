"""The keyed permutation gives every index once, in an order that looks random."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.permutation import permute

KEY = bytes(range(32))
PINNED = [460172, 318226, 841041, 589455]


@given(size=st.integers(min_value=1, max_value=700), key=st.binary(min_size=16, max_size=64))
def test_every_index_comes_exactly_once(size: int, key: bytes) -> None:
    assert sorted(permute(counter, size, key) for counter in range(size)) == list(range(size))


@given(counter=st.integers(min_value=0, max_value=2**20 - 1))
def test_an_index_of_a_full_sized_list_stays_inside(counter: int) -> None:
    assert 0 <= permute(counter, 2**20, KEY) < 2**20


def test_another_key_gives_another_order() -> None:
    first, second = ([permute(n, 1000, key) for n in range(20)] for key in (KEY, bytes(32)))
    assert first != second


def test_the_order_is_the_same_on_every_machine() -> None:
    """Pinned: a ledger that restarts after an update of the program must not give an index twice."""
    assert [permute(n, 2**20, KEY) for n in range(4)] == PINNED


def test_neighbouring_counters_fall_far_apart() -> None:
    size, count = 2**20, 2000
    indexes = [permute(n, size, KEY) for n in range(count)]
    gaps = [abs(a - b) for a, b in itertools.pairwise(indexes)]
    # Two independent random points are a third of the size apart on average.
    assert 0.30 < sum(gaps) / len(gaps) / size < 0.37


def test_a_short_run_fills_all_parts_of_the_list_evenly() -> None:
    size, count, parts = 2**20, 6400, 64
    filled = [0] * parts
    for n in range(count):
        filled[permute(n, size, KEY) * parts // size] += 1
    chi_squared = sum((found - count / parts) ** 2 / (count / parts) for found in filled)
    assert chi_squared < 112  # 63 degrees of freedom: exceeded once in 10,000 keys


@pytest.mark.parametrize("counter", [-1, 10])
def test_a_counter_outside_the_list_is_refused(counter: int) -> None:
    with pytest.raises(ValueError, match="outside the list"):
        permute(counter, 10, KEY)


@pytest.mark.parametrize("length", [0, 15, 65])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="expected 16 to 64"):
        permute(0, 10, bytes(length))
