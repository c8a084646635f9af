"""Base64url: one text for each bytes, and no other text is read."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.encoding import b64url, b64url_decode, b64url_text
from keys.errors import MalformedToken

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.binary(max_size=200))
def test_what_is_written_is_read_again(data: bytes) -> None:
    assert b64url_decode(b64url(data)) == b64url_decode(b64url_text(data)) == data


@given(st.binary(max_size=200))
def test_the_standard_library_writes_the_same(data: bytes) -> None:
    assert b64url(data) == base64.urlsafe_b64encode(data).rstrip(b"=")


@given(st.text(ALPHABET, max_size=50))
def test_what_is_read_is_written_the_same_again(text: str) -> None:
    try:
        data = b64url_decode(text)
    except MalformedToken:
        return
    assert b64url_text(data) == text


@given(
    st.text(ALPHABET, max_size=20),
    st.text(st.characters(exclude_characters=ALPHABET), min_size=1, max_size=3),
    st.text(ALPHABET, max_size=20),
)
def test_a_foreign_character_anywhere_is_refused(before: str, foreign: str, after: str) -> None:
    with pytest.raises(MalformedToken):
        b64url_decode(before + foreign + after)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(MalformedToken):
        assert b64url(b64url_decode(raw)) == raw


@pytest.mark.parametrize(
    "text", ["A", "AAAAA", "AB", "AAB", "AA==", "AAA=", "A A", "AA\n", "A+", "A/", "=", "====", "é", "🎫"]
)
def test_a_text_that_is_not_the_only_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedToken):
        b64url_decode(text)


def test_nothing_stands_for_nothing() -> None:
    assert (b64url(b""), b64url_decode("")) == (b"", b"")
