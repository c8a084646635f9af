"""Base58 both ways: published examples, leading zeros, and what is no base58."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import base58
from keys.errors import MalformedToken

# draft-msporny-base58-03, section 5.
PUBLISHED = [
    (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
    (b"The quick brown fox jumps over the lazy dog.", "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"),
    (bytes.fromhex("0000287fb4cd"), "11233QC4"),
]


@pytest.mark.parametrize(("data", "text"), PUBLISHED)
def test_a_published_example_is_written(data: bytes, text: str) -> None:
    assert base58.encode(data) == text


@pytest.mark.parametrize(("data", "text"), PUBLISHED)
def test_a_published_example_is_read(data: bytes, text: str) -> None:
    assert base58.decode(text) == data


@given(st.binary(max_size=120))
def test_any_bytes_go_both_ways(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@given(st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=120))
def test_any_text_of_the_alphabet_is_the_only_text_of_its_bytes(text: str) -> None:
    assert base58.encode(base58.decode(text)) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "2NEpo7TZRRrLZSi2 ", "陈", "+", "\udc80"])
def test_a_character_outside_the_alphabet_is_refused(text: str) -> None:
    with pytest.raises(MalformedToken, match="base58btc"):
        base58.decode(text)


def test_a_text_that_would_take_long_is_refused() -> None:
    with pytest.raises(MalformedToken, match="4096"):
        base58.decode("2" * 4_097)
