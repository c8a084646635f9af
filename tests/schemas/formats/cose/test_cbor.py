"""CBOR: one encoding of each value, and a code of its own for every way to leave it."""

import math
from typing import Any

import cbor2
import pytest
from cbor2 import CBORSimpleValue, CBORTag
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.cose import cbor
from schemas.formats.cose.errors import (
    CborDuplicateKey,
    CborError,
    CborIndefiniteLength,
    CborKeyOrder,
    CborKeyRefused,
    CborNotShortest,
    CborNotWritable,
    CborTooDeep,
    CborTooLarge,
    CborTooManyItems,
    CborTrailingBytes,
    MalformedCbor,
)

# RFC 8949, appendix A: those that are in deterministic encoding.
EXAMPLES: list[tuple[str, Any]] = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("18ff", 255),
    ("190100", 256),
    ("1a00010000", 65_536),
    ("1b000000e8d4a51000", 1_000_000_000_000),
    ("1bffffffffffffffff", 2**64 - 1),
    ("3bffffffffffffffff", -(2**64)),
    ("20", -1),
    ("3863", -100),
    ("f90000", 0.0),
    ("f93c00", 1.0),
    ("fb3ff199999999999a", 1.1),
    ("f97bff", 65_504.0),
    ("fa47c35000", 100_000.0),
    ("fa7f7fffff", 3.4028234663852886e38),
    ("fb7e37e43c8800759c", 1.0e300),
    ("f90001", 5.960464477539063e-8),
    ("f9c400", -4.0),
    ("f97c00", math.inf),
    ("f9fc00", -math.inf),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("f7", cbor2.undefined),
    ("f0", CBORSimpleValue(16)),
    ("f8ff", CBORSimpleValue(255)),
    ("d74401020304", CBORTag(23, b"\x01\x02\x03\x04")),
    ("d818456449455446", CBORTag(24, b"dIETF")),
    ("c249010000000000000000", CBORTag(2, b"\x01" + bytes(8))),
    ("40", b""),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("60", ""),
    ("62c3bc", "ü"),
    ("63e6b0b4", "水"),
    ("80", []),
    ("8301820203820405", [1, [2, 3], [4, 5]]),
    ("a0", {}),
    ("a201020304", {1: 2, 3: 4}),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ("826161a161626163", ["a", {"b": "c"}]),
]


@pytest.mark.parametrize(("encoded", "value"), EXAMPLES, ids=[encoded for encoded, _ in EXAMPLES])
def test_an_example_of_rfc_8949_is_read_and_written(encoded: str, value: Any) -> None:
    read = cbor.loads_strict(bytes.fromhex(encoded))
    assert (read, type(read)) == (value, type(value))
    assert cbor.dumps(value).hex() == encoded


def test_there_is_one_nan() -> None:
    assert math.isnan(cbor.loads_strict(b"\xf9\x7e\x00"))
    assert cbor.dumps(math.nan) == b"\xf9\x7e\x00"


def test_keys_are_in_the_bytewise_order_of_rfc_8949_4_2_1() -> None:
    # The RFC's own example, without the keys that are refused here.
    written = cbor.dumps({"aa": 0, 10: 0, "z": 0, -1: 0, 100: 0})
    assert list(cbor.loads_strict(written)) == [10, 100, -1, "z", "aa"]


REFUSED = [
    ("1801", CborNotShortest),
    ("1900ff", CborNotShortest),
    ("1a0000ffff", CborNotShortest),
    ("1b00000000ffffffff", CborNotShortest),
    ("5800", CborNotShortest),
    ("9800", CborNotShortest),
    ("b800", CborNotShortest),
    ("d80100", CborNotShortest),
    ("fa3f800000", CborNotShortest),
    ("fb3ff0000000000000", CborNotShortest),
    ("fb40f86a0000000000", CborNotShortest),
    ("f97e01", CborNotShortest),
    ("fa7fc00000", CborNotShortest),
    ("fb7ff8000000000001", CborNotShortest),
    ("5f4100ff", CborIndefiniteLength),
    ("7f6161ff", CborIndefiniteLength),
    ("9fff", CborIndefiniteLength),
    ("bfff", CborIndefiniteLength),
    ("a201020102", CborDuplicateKey),
    ("a3010203040102", CborDuplicateKey),
    ("a2616101616102", CborDuplicateKey),
    ("a203040102", CborKeyOrder),
    ("a220010001", CborKeyOrder),
    ("a262616100617a00", CborKeyOrder),
    ("a1f500", CborKeyRefused),
    ("a1f600", CborKeyRefused),
    ("a1f700", CborKeyRefused),
    ("a1f93c0000", CborKeyRefused),
    ("a18000", CborKeyRefused),
    ("a1a000", CborKeyRefused),
    ("a1c10000", CborKeyRefused),
    ("a2183b00f83b00", CborKeyRefused),
    ("a21000f000", CborKeyRefused),
    ("0000", CborTrailingBytes),
    ("", MalformedCbor),
    ("18", MalformedCbor),
    ("19ff", MalformedCbor),
    ("41", MalformedCbor),
    ("4201", MalformedCbor),
    ("5bffffffffffffffff", MalformedCbor),
    ("81", MalformedCbor),
    ("9bffffffffffffffff", MalformedCbor),
    ("a1", MalformedCbor),
    ("a100", MalformedCbor),
    ("c0", MalformedCbor),
    ("1c", MalformedCbor),
    ("1f", MalformedCbor),
    ("dfff", MalformedCbor),
    ("ff", MalformedCbor),
    ("fc", MalformedCbor),
    ("f814", MalformedCbor),
    ("f81f", MalformedCbor),
    ("61ff", MalformedCbor),
    ("63eda080", MalformedCbor),
]


@pytest.mark.parametrize(("encoded", "error"), REFUSED, ids=[encoded or "nothing" for encoded, _ in REFUSED])
def test_a_flaw_is_refused_for_its_own_reason(encoded: str, error: type[CborError]) -> None:
    with pytest.raises(CborError) as refused:
        cbor.loads_strict(bytes.fromhex(encoded))
    assert type(refused.value) is error


@pytest.mark.parametrize("text", ["a2f83b00183b01", "a2183b01f83b00", "a2e3000301"])
def test_a_simple_value_and_its_number_are_not_both_keys_in_any_order(text: str) -> None:
    with pytest.raises(CborKeyRefused):
        cbor.loads_strict(bytes.fromhex(text), any_order=True)


def test_a_simple_value_may_be_a_key() -> None:
    assert cbor.loads_strict(bytes.fromhex("a20102f83b8141aa")) == {
        1: 2,
        CBORSimpleValue(59): [b"\xaa"],
    }


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 18, 24, 25, 28, 29, 30, 35, 36, 37, 43_000, 52, 54, 61, 100, 256])
def test_a_tag_comes_as_a_tag(number: int) -> None:
    assert cbor.loads_strict(cbor.dumps(CBORTag(number, 0))) == CBORTag(number, 0)


@pytest.mark.parametrize("number", [258, 260, 261, 1004, 55_799, 65_536, 2**64 - 1])
def test_a_tag_of_two_bytes_or_more_comes_as_a_tag(number: int) -> None:
    read = cbor.loads_strict(cbor.dumps(CBORTag(number, [1])))
    assert (type(read), read.tag, read.value) == (CBORTag, number, [1])


def test_keys_in_any_order_are_taken_where_the_caller_says_so() -> None:
    assert cbor.loads_strict(bytes.fromhex("a203040102"), any_order=True) == {3: 4, 1: 2}


@pytest.mark.parametrize(
    ("encoded", "error"),
    [("a3010203040102", CborDuplicateKey), ("a20304180102", CborNotShortest)],
)
def test_any_order_forgives_nothing_else(encoded: str, error: type[CborError]) -> None:
    with pytest.raises(error):
        cbor.loads_strict(bytes.fromhex(encoded), any_order=True)


def test_more_bytes_than_the_limit_are_refused() -> None:
    assert cbor.loads_strict(b"\x42ab", max_bytes=3) == b"ab"
    with pytest.raises(CborTooLarge):
        cbor.loads_strict(b"\x42ab", max_bytes=2)


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x00", b"\xc0"])
def test_nesting_deeper_than_the_limit_is_refused(opening: bytes) -> None:
    assert cbor.loads_strict(opening * 3 + b"\x00", max_depth=3) is not None
    with pytest.raises(CborTooDeep):
        cbor.loads_strict(opening * 4 + b"\x00", max_depth=3)


def test_nesting_as_deep_as_the_bytes_allow_is_refused() -> None:
    with pytest.raises(CborTooDeep):
        cbor.loads_strict(b"\x81" * cbor.MAX_BYTES)


def test_more_items_than_the_limit_are_refused() -> None:
    assert cbor.loads_strict(b"\x82\x00\x00", max_items=3) == [0, 0]
    with pytest.raises(CborTooManyItems):
        cbor.loads_strict(b"\x83\x00\x00\x00", max_items=3)


def test_a_count_that_the_bytes_do_not_hold_is_never_believed() -> None:
    with pytest.raises(MalformedCbor):
        cbor.loads_strict(b"\xbb" + b"\xff" * 8 + b"\x00\x00")


KEYS = st.one_of(
    st.integers(-(2**64), 2**64 - 1), st.text(max_size=4), st.binary(max_size=4), st.just(CBORSimpleValue(59))
)
VALUES = st.recursive(
    st.one_of(
        st.integers(-(2**64), 2**64 - 1),
        st.floats(allow_nan=False),
        st.text(max_size=20),
        st.binary(max_size=20),
        st.booleans(),
        st.none(),
        st.just(cbor2.undefined),
        st.integers(32, 255).map(CBORSimpleValue),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4),
        st.builds(CBORTag, st.integers(0, 300), inner),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_again_and_by_another_reader(value: Any) -> None:
    written = cbor.dumps(value)
    assert cbor.loads_strict(written) == value
    assert cbor2.loads(written, semantic_decoders=cbor._TAGS_AS_THEY_ARE) == value


@given(st.binary(max_size=40))
def test_bytes_are_refused_or_the_one_encoding_of_their_value(data: bytes) -> None:
    try:
        value = cbor.loads_strict(data)
    except CborError:
        return
    assert cbor.dumps(value) == data


@given(VALUES, st.data())
def test_a_changed_byte_gives_an_error_or_another_value(value: Any, data: st.DataObject) -> None:
    written = bytearray(cbor.dumps(value))
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= data.draw(st.integers(1, 255))
    try:
        other = cbor.loads_strict(bytes(written))
    except CborError:
        return
    assert cbor.dumps(other) == written


@pytest.mark.parametrize(
    "value",
    [2**64, -(2**64) - 1, {1, 2}, object(), bytearray(b"a"), [{True: 1}], {None: 1}, {1.0: 1}, {(1, 2): 3}, "\ud800"],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_read_is_not_written(value: Any) -> None:
    with pytest.raises(CborNotWritable):
        cbor.dumps(value)


def test_a_value_that_holds_itself_is_not_written() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(CborTooDeep):
        cbor.dumps(value)


def test_tuples_are_written_as_arrays() -> None:
    assert cbor.dumps((1, (2,))) == cbor.dumps([1, [2]])
