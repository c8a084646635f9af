"""RFC 8785: the RFC's own examples, both ways of writing, and what has no canonical form."""

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.data_integrity import jcs
from schemas.formats.data_integrity.errors import JsonNotCanonicalizable

# RFC 8785, Appendix B: IEEE 754 in hexadecimal, and the text.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize("bits", NUMBERS)
def test_a_number_of_appendix_b_is_written_as_there(bits: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert jcs.canonical(number).decode() == NUMBERS[bits]


def test_the_example_of_3_2_2_is_written_as_there() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert jcs.canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_members_stand_in_the_order_of_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    ordered = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji:", "Hebrew"]
    assert [text.split()[0] for text in json.loads(jcs.canonical(value)).values()] == ordered


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_the_canonical_form_says_the_same(value: Any) -> None:
    assert json.loads(jcs.canonical(value), parse_int=float) == value


@given(VALUES)
def test_the_quick_way_writes_what_the_careful_way_writes(value: Any) -> None:
    assert jcs.canonical(value).decode() == jcs._careful(value)


@given(VALUES)
def test_the_canonical_form_of_the_canonical_form_is_itself(value: Any) -> None:
    canonical = jcs.canonical(value)
    assert jcs.canonical(json.loads(canonical)) == canonical


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_itself(number: float) -> None:
    assert float(jcs.canonical(number)) == number


def test_a_long_integer_that_its_double_is_written_as_is_accepted() -> None:
    assert jcs.canonical([1152921504606847000]) == b"[1152921504606847000]"


@pytest.mark.parametrize("number", [2**60, 2**53 + 1, -(2**53) - 1, 10**400, math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_what_its_double_is_written_as_is_refused(number: float) -> None:
    with pytest.raises(JsonNotCanonicalizable, match="double"):
        jcs.canonical({"n": number})


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, {"\ud800": 1.5}, [1.5, "\ud800"]])
def test_half_of_a_surrogate_pair_is_refused(value: Any) -> None:
    with pytest.raises(JsonNotCanonicalizable, match="surrogate"):
        jcs.canonical(value)


@pytest.mark.parametrize("value", [b"bytes", {"set": {1}}, [(1, 2)]])
def test_what_json_does_not_have_is_refused(value: Any) -> None:
    with pytest.raises(JsonNotCanonicalizable, match="kind"):
        jcs.canonical(value)


def test_a_value_that_is_nested_too_deep_is_refused() -> None:
    value: Any = 1.5
    for _ in range(jcs.MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(JsonNotCanonicalizable, match="deeper"):
        jcs.canonical(value)
