"""The packing ZK1: back as it was, within its limits, and frozen in what it refers to."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.encoding import b64url_text
from schemas.qr import base45, compact, dictionary, text
from schemas.qr.errors import InflatedTooLarge, MalformedPacking, UnknownDictionary

# Of every dictionary that was released: what was packed with it must be read with it for ever.
RELEASED = {
    1: "8a9be54309f4c140ac811950ad8312549d06ca83ab34125aebdd0f712cc34c5e",
}


@given(st.binary(min_size=1, max_size=2000))
def test_whatever_is_packed_comes_back(data: bytes) -> None:
    assert compact.inflate(compact.deflate(data)) == data


def test_a_token_comes_back_from_the_text_of_a_code() -> None:
    token = b64url_text(b"\xd2\x84" + bytes(range(200)))
    packed = text.encode(token, packing=text.COMPACT)
    assert isinstance(packed, str)
    assert packed.startswith("ZK1:")
    assert text.decode(packed) == text.Presentation(token)


def test_what_needs_a_larger_code_than_version_22_says_by_how_much() -> None:
    import hashlib

    noise = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(31))
    assert text.encode(b64url_text(noise), packing=text.COMPACT) == text.TooBig(text_length(noise), 1459)


def text_length(data: bytes) -> int:
    return len("ZK1:" + base45.encode(compact.deflate(data)))


@pytest.mark.parametrize("number", sorted(RELEASED))
def test_a_released_dictionary_never_changes(number: int) -> None:
    assert dictionary.digest(number) == RELEASED[number]
    assert len(dictionary.dictionary(number)) <= dictionary.MAX_BYTES


def test_every_dictionary_that_can_be_read_is_frozen() -> None:
    assert set(RELEASED) == set(range(1, dictionary.NEWEST + 1))


@pytest.mark.parametrize("number", [0, 2, 255])
def test_a_dictionary_that_was_never_released_is_refused(number: int) -> None:
    with pytest.raises(UnknownDictionary):
        compact.inflate(bytes((number, 3, 0)))


def test_a_bomb_stops_at_the_limit() -> None:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary.dictionary(1))
    bomb = b"\x01" + stream.compress(b"\0" * 20_000_000) + stream.flush()
    assert len(bomb) < 25_000
    with pytest.raises(InflatedTooLarge):
        compact.inflate(bomb)


def test_content_of_exactly_the_limit_is_read() -> None:
    assert len(compact.inflate(compact.deflate(b"\0" * compact.MAX_INFLATED))) == compact.MAX_INFLATED
    with pytest.raises(InflatedTooLarge):
        compact.inflate(compact.deflate(b"\0" * (compact.MAX_INFLATED + 1)))


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x01",
        compact.deflate(b"whole")[:-1],
        compact.deflate(b"whole") + b"x",
        b"\x01\xff\xff\xff",
    ],
    ids=["nothing", "no stream", "cut off", "bytes after it", "no deflate"],
)
def test_what_is_not_one_whole_stream_is_refused(packed: bytes) -> None:
    with pytest.raises(MalformedPacking):
        compact.inflate(packed)
