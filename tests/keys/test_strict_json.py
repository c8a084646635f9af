"""Strict JSON: what two readers could understand in two ways is refused."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keys import strict_json
from keys.errors import DuplicateMember, MalformedToken, TooLarge

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
INDENTS = st.sampled_from([None, 0, 1, "\t"])


def escaped(name: str) -> str:
    """Return ``name`` as JSON with every character escaped, surrogate pairs among them."""
    units = name.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2)) + '"'


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert strict_json.loads(strict_json.dumps(value)) == value


@given(VALUES, INDENTS, st.booleans())
def test_white_space_and_escapes_change_nothing(value: Any, indent: Any, ascii_only: bool) -> None:
    raw = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8")
    assert strict_json.loads(raw) == value


@given(VALUES, st.text(max_size=6), st.integers(0, 3), st.booleans())
def test_a_member_twice_is_refused_wherever_it_stands(value: Any, name: str, depth: int, hidden: bool) -> None:
    one = json.dumps(name, ensure_ascii=False)
    two = escaped(name) if hidden else one
    raw = "{" + f"{one}:{json.dumps(value)},{two}:{json.dumps(value)}" + "}"
    for level in range(depth):
        raw = f'{{"x":{raw}}}' if level % 2 else f"[0,{raw}]"
    with pytest.raises(DuplicateMember):
        strict_json.loads(raw.encode("utf-8"))


@pytest.mark.parametrize(
    "raw", ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', ' {"a":1, "b":2, "a":3}', '[[{"x":{"a":1,"a":2}}]]', '{"":1,"":2}']
)
def test_published_kinds_of_duplicates_are_refused(raw: str) -> None:
    with pytest.raises(DuplicateMember):
        strict_json.loads(raw.encode())


def test_names_that_only_look_the_same_are_two() -> None:
    raw = '{"é":1,"e\u0301":2}'.encode()
    assert len(strict_json.loads(raw)) == 2


@given(st.dictionaries(st.text(max_size=4), SCALARS, max_size=5))
def test_an_object_is_read_as_an_object(value: dict[str, Any]) -> None:
    assert strict_json.loads_object(strict_json.dumps(value)) == value


@given(VALUES)
def test_anything_else_is_no_object(value: Any) -> None:
    assume(type(value) is not dict)
    with pytest.raises(MalformedToken):
        strict_json.loads_object(strict_json.dumps(value))


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth_has_a_limit(opening: str) -> None:
    levels = 33 // (opening.count("[") + opening.count("{")) + 1
    closing = "".join({"[": "]", "{": "}"}[c] for c in reversed(opening) if c in "[{")
    with pytest.raises(TooLarge):
        strict_json.loads((opening * levels + "1" + closing * levels).encode())


def test_the_deepest_allowed_value_is_read() -> None:
    assert strict_json.loads(b"[" * 32 + b"]" * 32)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert len(strict_json.loads(b"[" + b",".join([b'{"a":1}'] * 100) + b"]")) == 100


def test_a_very_deep_text_is_our_error() -> None:
    with pytest.raises(MalformedToken):
        strict_json.loads(b"[" * 100_000)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a':1}",
        b"[1,]",
        b"NaN",
        b"Infinity",
        b"[-Infinity]",
        b"01",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
        b'{"a":1}x',
        b"1e400",
        b'"\x01"',
        "{}".encode("utf-16"),
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedToken):
        strict_json.loads(raw)


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**300])
def test_an_integer_that_would_be_read_as_another_is_refused(number: int) -> None:
    with pytest.raises(MalformedToken, match="64 bits"):
        strict_json.loads(b'{"n":%d}' % number)


@pytest.mark.parametrize("number", [2**64 - 1, -(2**63), 0])
def test_an_integer_of_64_bits_is_exact(number: int) -> None:
    assert strict_json.loads(b'{ "n":%d}' % number) == {"n": number}


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(MalformedToken):
        strict_json.loads(raw)
