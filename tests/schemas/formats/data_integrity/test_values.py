"""Proof values of ecdsa-sd-2023: both ways, and each malformed component refused for its reason."""

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from keys import did
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.formats.data_integrity.ecdsa_sd_2023 import BaseValue, DerivedValue, is_base, values
from schemas.formats.data_integrity.errors import (
    ProofValuePrefixWrong,
    ProofValueUndecodable,
    SdBaseSignatureMalformed,
    SdComponentsWrong,
    SdHeaderWrong,
    SdHmacKeyMalformed,
    SdLabelMapMalformed,
    SdMandatoryIndexesMalformed,
    SdMandatoryPointersMalformed,
    SdNotCbor,
    SdPublicKeyMalformed,
    SdSignaturesMalformed,
)

# Fixed, because parts of it stand in the names of tests.
KEY = did.to_multikey(SoftwareSigner(ec.derive_private_key(0x5EC1, ec.SECP256R1())).public_key)
SIGNATURE, HMAC = bytes(64), bytes(32)
BASE = [SIGNATURE, KEY, HMAC, [SIGNATURE, SIGNATURE], ["/issuer"]]
DERIVED = [SIGNATURE, KEY, [SIGNATURE], {0: HMAC, 1: b"1" * 32}, [0, 2]]


def _text(header: bytes, components: Any) -> str:
    return "u" + b64url_text(header + cbor2.dumps(components))


def _base(at: int, component: Any) -> str:
    return _text(values.BASE_HEADER, [*BASE[:at], component, *BASE[at + 1 :]])


def _derived(at: int, component: Any) -> str:
    return _text(values.DERIVED_HEADER, [*DERIVED[:at], component, *DERIVED[at + 1 :]])


def test_a_base_value_goes_both_ways() -> None:
    text = _text(values.BASE_HEADER, BASE)
    assert BaseValue.parse(text).text() == text


def test_a_derived_value_goes_both_ways() -> None:
    text = _text(values.DERIVED_HEADER, DERIVED)
    assert DerivedValue.parse(text).text() == text


def test_a_base_value_starts_as_the_specification_s_do() -> None:
    assert _text(values.BASE_HEADER, BASE)[:8] == "u2V0AhVh"
    assert is_base(_text(values.BASE_HEADER, BASE))
    assert not is_base(_text(values.DERIVED_HEADER, DERIVED))


def test_labels_are_named_by_number() -> None:
    assert set(DerivedValue.parse(_text(values.DERIVED_HEADER, DERIVED)).labels) == {"c14n0", "c14n1"}


def test_a_label_map_is_read_in_any_order() -> None:
    text = _derived(3, {1: b"1" * 32, 0: HMAC})
    assert DerivedValue.parse(text) == DerivedValue.parse(_text(values.DERIVED_HEADER, DERIVED))


@pytest.mark.parametrize(
    ("at", "component", "error"),
    [
        (0, bytes(63), SdBaseSignatureMalformed),
        (0, "text", SdBaseSignatureMalformed),
        (1, KEY[:-1], SdPublicKeyMalformed),
        (1, b"\x81\x24" + KEY[2:], SdPublicKeyMalformed),
        (1, None, SdPublicKeyMalformed),
        (2, bytes(31), SdHmacKeyMalformed),
        (3, SIGNATURE, SdSignaturesMalformed),
        (3, [bytes(63)], SdSignaturesMalformed),
        (3, [SIGNATURE] * 4_097, SdSignaturesMalformed),
        (4, "/issuer", SdMandatoryPointersMalformed),
        (4, ["/issuer", 1], SdMandatoryPointersMalformed),
    ],
)
def test_a_malformed_component_of_a_base_value_is_refused(at: int, component: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        BaseValue.parse(_base(at, component))


@pytest.mark.parametrize(
    ("at", "component", "error"),
    [
        (0, bytes(65), SdBaseSignatureMalformed),
        (1, bytes(35), SdPublicKeyMalformed),
        (2, {}, SdSignaturesMalformed),
        (2, [SIGNATURE, None], SdSignaturesMalformed),
        (3, [], SdLabelMapMalformed),
        (3, {"0": HMAC}, SdLabelMapMalformed),
        (3, {True: HMAC}, SdNotCbor),
        (3, {-1: HMAC}, SdLabelMapMalformed),
        (3, {0: bytes(31)}, SdLabelMapMalformed),
        (3, {0: HMAC, 1: HMAC}, SdLabelMapMalformed),
        (3, {number: number.to_bytes(32, "big") for number in range(4_097)}, SdLabelMapMalformed),
        (4, {}, SdMandatoryIndexesMalformed),
        (4, [0, 0], SdMandatoryIndexesMalformed),
        (4, [1, 0], SdMandatoryIndexesMalformed),
        (4, [-1], SdMandatoryIndexesMalformed),
        (4, [0.0], SdNotCbor),
        (4, ["0"], SdMandatoryIndexesMalformed),
    ],
)
def test_a_malformed_component_of_a_derived_value_is_refused(at: int, component: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        DerivedValue.parse(_derived(at, component))


def test_a_public_key_off_its_curve_is_refused() -> None:
    with pytest.raises(SdPublicKeyMalformed, match="point"):
        values.public_key(b"\x80\x24\x02" + b"\xff" * 32)


@pytest.mark.parametrize("components", [{}, BASE[:4], [*BASE, 1], "text"])
def test_another_number_of_components_is_refused(components: Any) -> None:
    with pytest.raises(SdComponentsWrong):
        BaseValue.parse(_text(values.BASE_HEADER, components))


@pytest.mark.parametrize("header", [values.DERIVED_HEADER, b"\xd9\x5d\x02", b"\xd9\x5e\x00", b""])
def test_another_header_is_no_base_value(header: bytes) -> None:
    with pytest.raises(SdHeaderWrong):
        BaseValue.parse(_text(header, BASE))


def test_a_base_value_is_no_derived_value() -> None:
    with pytest.raises(SdHeaderWrong):
        DerivedValue.parse(_text(values.BASE_HEADER, BASE))


def test_another_prefix_is_refused() -> None:
    with pytest.raises(ProofValuePrefixWrong):
        BaseValue.parse("z" + _text(values.BASE_HEADER, BASE)[1:])


def test_what_is_no_base64url_is_refused() -> None:
    with pytest.raises(ProofValueUndecodable):
        BaseValue.parse(_text(values.BASE_HEADER, BASE) + "=")


def test_a_tag_around_a_component_is_refused() -> None:
    for tag in (55799, 4242):
        with pytest.raises(SdMandatoryPointersMalformed):
            BaseValue.parse(_base(4, cbor2.CBORTag(tag, ["/issuer"])))


def test_a_tag_that_turns_into_an_integer_is_refused() -> None:
    raw = values.DERIVED_HEADER + cbor2.dumps(DERIVED[:4]).replace(b"\x84", b"\x85", 1) + b"\x81\xc2\x41\x05"
    with pytest.raises(SdMandatoryIndexesMalformed):
        DerivedValue.parse("u" + b64url_text(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        cbor2.dumps(BASE) + b"\0",
        cbor2.dumps(BASE)[:-1],
        b"\x9f" + cbor2.dumps(BASE)[1:] + b"\xff",
        b"\x98\x05" + cbor2.dumps(BASE)[1:],
        cbor2.dumps(BASE[:4]).replace(b"\x84", b"\x85", 1) + b"\xa2\x00\x01\x00\x02",
        b"\x81" * 2_000 + b"\x00",
        b"\x61\xff",
        b"\xff",
        b"\xa1\xc2\x41\x05\x00",
    ],
)
def test_what_is_not_one_item_in_its_shortest_form_is_refused(raw: bytes) -> None:
    with pytest.raises(SdNotCbor):
        BaseValue.parse("u" + b64url_text(values.BASE_HEADER + raw))


def test_a_value_over_the_limit_is_not_decoded() -> None:
    with pytest.raises(SdNotCbor, match="limit"):
        BaseValue.parse("u" + "A" * 1_000_001)
