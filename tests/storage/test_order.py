"""The kept permutation is the issuer's permutation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.storage.order import KeyedOrder
from issuer.permutation import permute


@given(st.integers(1, 2**23), st.binary(min_size=16, max_size=64), st.data())
def test_an_index_is_the_issuers(size: int, key: bytes, data: st.DataObject) -> None:
    order = KeyedOrder(size, key)
    start = data.draw(st.integers(0, size - 1))
    count = data.draw(st.integers(0, min(5, size - start)))
    assert order.indexes(start, count) == [permute(counter, size, key) for counter in range(start, start + count)]


def test_every_index_of_a_list_is_given_once() -> None:
    order = KeyedOrder(1000, b"k" * 32)
    assert sorted(order.indexes(0, 300) + order.indexes(300, 700)) == list(range(1000))


@pytest.mark.parametrize("counter", [-1, 8])
def test_a_counter_outside_the_list_is_refused(counter: int) -> None:
    with pytest.raises(ValueError, match="outside the list"):
        KeyedOrder(8, b"k" * 32).indexes(counter, 1)
