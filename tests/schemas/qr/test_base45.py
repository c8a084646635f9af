"""Base45: the examples of RFC 9285, every byte string back, and what stands for no bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.qr import base45
from schemas.qr.errors import MalformedBase45

EXAMPLES = [
    (b"", ""),
    (b"AB", "BB8"),  # RFC 9285, 4.3
    (b"Hello!!", "%69 VD92EX0"),
    (b"base-45", "UJCLQE7W581"),
    (b"ietf!", "QED8WEX0"),  # RFC 9285, 4.4
    (b"\xff\xff", "FGW"),
    (b"\xff", "U5"),
]


@pytest.mark.parametrize(("data", "text"), EXAMPLES)
def test_the_examples_of_the_rfc_come_out(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=300))
def test_every_byte_string_comes_back_in_the_alphabet_of_a_code(data: bytes) -> None:
    text = base45.encode(data)
    assert set(text) <= set(base45.ALPHABET)
    assert base45.decode(text) == data


def test_every_group_of_two_bytes_stands_for_its_digits() -> None:
    text = base45.encode(b"".join(value.to_bytes(2, "big") for value in range(1 << 16)))
    for value in range(1 << 16):
        low, middle, high = map(base45.ALPHABET.index, text[3 * value : 3 * value + 3])
        assert low + 45 * middle + 2025 * high == value
    assert base45.decode(text)[-2:] == b"\xff\xff"


@given(st.text(alphabet=base45.ALPHABET, max_size=60))
def test_no_two_texts_stand_for_the_same_bytes(text: str) -> None:
    try:
        data = base45.decode(text)
    except MalformedBase45:
        return
    assert base45.encode(data) == text


@pytest.mark.parametrize("text", ["A", "ABCD", "GGW", "::", "V5", "ab0", "中文字"])
def test_a_text_that_stands_for_no_bytes_is_refused(text: str) -> None:
    with pytest.raises(MalformedBase45):
        base45.decode(text)
