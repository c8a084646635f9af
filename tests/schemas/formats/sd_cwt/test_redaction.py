"""Redacting and placing: back as it was, and each rule of the draft broken once."""

from typing import Any

import pytest
from cbor2 import CBORSimpleValue, CBORTag
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.cose import cbor
from schemas.formats.cose.errors import CborNotShortest
from schemas.formats.errors import (
    ClaimAlreadyPresent,
    DigestTwice,
    DisclosureTwice,
    DisclosureUnreferenced,
    MalformedDigests,
    MalformedDisclosure,
    NestedTooDeep,
    NeverSelective,
    WeakSalt,
    WrongDisclosureKind,
)
from schemas.formats.sd_cwt import labels, redaction
from schemas.formats.sd_cwt.errors import ClaimKeyRefused, RedactionTagRefused
from schemas.formats.sd_cwt.labels import REDACTED_KEYS
from tests.support.sd_cwt import marked, numbered_salts

SALT = bytes(16)


def redact(claims: dict[Any, Any]) -> redaction.Redacted:
    return redaction.redact(claims, salt=numbered_salts())


def disclosure(*parts: Any, salt: bytes = SALT) -> bytes:
    return cbor.dumps([salt, *parts])


def decoy(number: int) -> CBORTag:
    return CBORTag(labels.TO_BE_DECOY, number)


MARKED = {
    1: "open",
    marked(501): "ABCD",
    502: [marked(1), 2, marked(3), decoy(1)],
    marked(503): {"country": "us", marked("region"): "ca", decoy(2): None},
    504: [marked([marked({7: 8, marked(9): 10})])],
    decoy(3): None,
}
PLAIN = {1: "open", 501: "ABCD", 502: [1, 2, 3], 503: {"country": "us", "region": "ca"}, 504: [[{7: 8, 9: 10}]]}


def test_what_is_redacted_comes_back_whole_with_every_disclosure() -> None:
    redacted = redact(MARKED)
    placed = redaction.place(redacted.claims, redacted.disclosures)
    assert placed.claims == PLAIN
    assert placed.hidden == 0


def test_disclosures_are_placed_in_any_order() -> None:
    redacted = redact(MARKED)
    assert redaction.place(redacted.claims, redacted.disclosures[::-1]).claims == PLAIN


def test_without_disclosures_nothing_redacted_is_there() -> None:
    placed = redaction.place(redact(MARKED).claims, ())
    assert placed.claims == {1: "open", 502: [2], 504: []}
    assert placed.hidden == 7


def test_a_part_of_a_redacted_claim_stays_hidden_until_it_is_disclosed_itself() -> None:
    redacted = redact({marked(503): {"country": "us", marked("region"): "ca"}})
    outer = next(raw for raw in redacted.disclosures if redaction.read(raw).parts[-1] == 503)
    placed = redaction.place(redacted.claims, (outer,))
    assert placed.claims == {503: {"country": "us"}}
    assert placed.hidden == 1


def test_the_order_of_the_digests_says_nothing_about_the_claims() -> None:
    digests = redact({marked(n): n for n in range(100, 120)}).claims[REDACTED_KEYS]
    assert digests == sorted(digests)


def test_a_digest_is_over_the_byte_string_and_not_the_array_in_it() -> None:
    redacted = redact({marked(501): "ABCD"})
    (digest,) = redacted.claims[REDACTED_KEYS]
    assert digest == redaction.digest(redacted.disclosures[0])
    with pytest.raises(DisclosureUnreferenced):
        redaction.place({REDACTED_KEYS: [bytes(32)]}, redacted.disclosures)


@given(
    st.recursive(
        st.integers(-1000, 1000) | st.text(max_size=5) | st.booleans() | st.none(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.integers(100, 200) | st.just("k"), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_value_of_a_claim_comes_back(value: Any) -> None:
    redacted = redact({marked(600): value})
    assert redaction.place(redacted.claims, redacted.disclosures).claims == {600: value}


# Issuing


@pytest.mark.parametrize("salt", [bytes(15), bytes(17), b""])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    with pytest.raises(WeakSalt):
        redaction.redact({marked(501): 1}, salt=lambda: salt)


def test_a_salt_that_comes_twice_is_refused() -> None:
    with pytest.raises(WeakSalt):
        redaction.redact({marked(501): 1, marked(502): 1}, salt=lambda: SALT)


@pytest.mark.parametrize("label", sorted(labels.NEVER_REDACTED))
def test_a_claim_that_must_stand_in_the_clear_is_never_redacted(label: int) -> None:
    with pytest.raises(NeverSelective):
        redact({marked(label): "x"})


def test_the_same_number_further_down_is_another_claim_and_may_be_redacted() -> None:
    redacted = redact({600: {marked(labels.ISS): "x"}})
    assert redaction.place(redacted.claims, redacted.disclosures).claims == {600: {1: "x"}}


@pytest.mark.parametrize(
    "claims",
    [
        {b"bytes": 1},
        {"": 1},
        {"x" * 256: 1},
        {marked(b"bytes"): 1},
        {500: 1, marked(500): 2},
        {CBORTag(60, 500): 1},
        {CBORTag(58, CBORTag(58, 500)): 1},
        {59: 1, marked(500): 2},
        {CBORSimpleValue(59): []},
    ],
    ids=[
        "bytes",
        "empty text",
        "long text",
        "marked bytes",
        "marked and unmarked",
        "another tag",
        "tag in tag",
        "59 beside digests",
        "digests of the caller's",
    ],
)
def test_a_key_that_no_claim_may_have_is_refused(claims: dict[Any, Any]) -> None:
    with pytest.raises(ClaimKeyRefused):
        redact(claims)


# Placing


def place(claims: dict[Any, Any], *disclosures: bytes) -> redaction.Placed:
    return redaction.place(claims, disclosures)


def refers_to(*disclosures: bytes) -> dict[Any, Any]:
    return {REDACTED_KEYS: [redaction.digest(each) for each in disclosures]}


def test_a_disclosure_that_nothing_refers_to_is_refused() -> None:
    with pytest.raises(DisclosureUnreferenced):
        place({1: "x"}, disclosure("ABCD", 501))


def test_a_disclosure_sent_twice_is_refused() -> None:
    one = disclosure("ABCD", 501)
    with pytest.raises(DisclosureTwice):
        place(refers_to(one), one, one)


def test_a_digest_met_twice_is_refused_though_nobody_disclosed_it() -> None:
    with pytest.raises(DigestTwice):
        place({REDACTED_KEYS: [bytes(32)], 600: [CBORTag(60, bytes(32))]})


def test_a_claim_that_is_there_already_is_not_brought_again() -> None:
    one = disclosure("ABCD", 501)
    with pytest.raises(ClaimAlreadyPresent):
        place(refers_to(one) | {501: "EFGH"}, one)


def test_two_disclosures_of_the_same_claim_are_refused() -> None:
    one, two = disclosure("ABCD", 501), disclosure("EFGH", 501)
    with pytest.raises(ClaimAlreadyPresent):
        place(refers_to(one, two), one, two)


def test_an_elements_disclosure_is_not_taken_for_a_claim() -> None:
    one = disclosure("ABCD")
    with pytest.raises(WrongDisclosureKind):
        place(refers_to(one), one)


def test_a_claims_disclosure_is_not_taken_for_an_element() -> None:
    one = disclosure("ABCD", 501)
    with pytest.raises(WrongDisclosureKind):
        place({600: [CBORTag(60, redaction.digest(one))]}, one)


def test_a_disclosed_decoy_adds_nothing() -> None:
    first, second = disclosure(), disclosure(salt=b"1" * 16)
    placed = place(refers_to(first) | {600: [CBORTag(60, redaction.digest(second))]}, first, second)
    assert placed.claims == {600: []}


@pytest.mark.parametrize("label", sorted(labels.NEVER_REDACTED))
def test_a_disclosure_never_brings_a_claim_that_must_stand_in_the_clear(label: int) -> None:
    one = disclosure("x", label)
    with pytest.raises(NeverSelective):
        place(refers_to(one), one)


@pytest.mark.parametrize(
    "content",
    [[], {}, [SALT, 1, 2, 3], [bytes(15), 1, 2], ["salt", 1, 2], [SALT, 1, b"x"], [SALT, 1, True], [SALT, 1, None]],
)
def test_a_disclosure_of_another_form_is_refused(content: Any) -> None:
    with pytest.raises(MalformedDisclosure):
        place({}, cbor.dumps(content))


def test_a_disclosure_that_is_not_deterministic_is_refused() -> None:
    with pytest.raises(CborNotShortest):
        place({}, b"\x83\x50" + SALT + b"\x18\x01\x01")


def test_a_disclosure_that_is_no_byte_string_is_refused() -> None:
    with pytest.raises(MalformedDisclosure):
        redaction.read("text")


@pytest.mark.parametrize("digests", [b"", "x", {}, None, [bytes(31)], ["x" * 32], [None]])
def test_digests_of_another_form_are_refused(digests: Any) -> None:
    with pytest.raises(MalformedDigests):
        place({REDACTED_KEYS: digests})


def test_an_element_whose_digest_is_none_is_refused() -> None:
    with pytest.raises(MalformedDigests):
        place({600: [CBORTag(60, "x")]})


@pytest.mark.parametrize("tag", [58, 60, 62])
def test_a_tag_of_redaction_where_it_must_not_stand_is_refused(tag: int) -> None:
    with pytest.raises(RedactionTagRefused):
        place({600: CBORTag(tag, bytes(32))})


@pytest.mark.parametrize("tag", [58, 62])
def test_a_mark_from_before_issuing_is_refused_in_an_array(tag: int) -> None:
    with pytest.raises(RedactionTagRefused):
        place({600: [CBORTag(tag, 1)]})


def test_other_tags_are_kept_and_looked_into() -> None:
    assert place({600: CBORTag(1, 1549560720)}).claims == {600: CBORTag(1, 1549560720)}
    with pytest.raises(RedactionTagRefused):
        place({600: CBORTag(4, [CBORTag(62, 1)])})


@pytest.mark.parametrize("key", [b"x", CBORSimpleValue(58), "x" * 256])
def test_a_claims_map_with_another_key_is_refused(key: Any) -> None:
    with pytest.raises(ClaimKeyRefused):
        place({key: 1})


def test_the_integer_59_is_a_claim_and_not_the_digests() -> None:
    assert place({59: "x"}).claims == {59: "x"}


def nested(levels: int) -> dict[Any, Any]:
    claims: Any = 1
    for _ in range(levels):
        claims = {600: claims}
    assert isinstance(claims, dict)
    return claims


def test_sixteen_levels_are_read_and_seventeen_are_not() -> None:
    assert place(nested(16)).claims == nested(16)
    with pytest.raises(NestedTooDeep):
        place(nested(17))


def test_disclosures_do_not_nest_deeper_than_the_payload_may() -> None:
    inner = disclosure(nested(9), 601)
    outer = disclosure({602: refers_to(inner)}, 600, salt=b"1" * 16)
    claims = {700: {701: {702: {703: {704: refers_to(outer)}}}}}
    with pytest.raises(NestedTooDeep):
        place(claims, outer, inner)


def test_more_disclosures_than_the_limit_are_refused() -> None:
    with pytest.raises(MalformedDisclosure):
        place({}, *(disclosure(n, n) for n in range(redaction.MAX_DISCLOSURES + 1)))
