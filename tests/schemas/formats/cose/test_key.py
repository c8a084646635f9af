"""COSE_Key: both ways for every kind of key, compressed points, and one flaw each."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.algorithms import EC, Algorithm
from keys.errors import MalformedKey
from keys.signer import SoftwareSigner
from schemas.formats.cose import cbor
from schemas.formats.cose.key import ACCEPTED, ALGORITHMS, from_cose_key, is_supported, to_cose_key

# Fixed, because parts of them stand in the names of tests.
KEYS = {
    algorithm: SoftwareSigner(ec.derive_private_key(0x5EC1, parameters.curve)).public_key
    for algorithm, parameters in EC.items()
} | {Algorithm.EDDSA: SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x5e" * 32)).public_key}
ES256 = to_cose_key(KEYS[Algorithm.ES256])
EDDSA = to_cose_key(KEYS[Algorithm.EDDSA])
# RFC 9052, appendix C.7.1: the key "11".
RFC9052 = {
    1: 2,
    -1: 1,
    2: b"11",
    -2: bytes.fromhex("bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"),
    -3: bytes.fromhex("20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e"),
}


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_key_goes_both_ways(algorithm: Algorithm, compressed: bool) -> None:
    written = cbor.dumps(to_cose_key(KEYS[algorithm], compressed=compressed))
    assert from_cose_key(cbor.loads_strict(written)) == KEYS[algorithm]


@pytest.mark.parametrize("algorithm", EC)
def test_a_compressed_point_of_either_sign_is_read(algorithm: Algorithm) -> None:
    signs = set()
    for _ in range(64):
        key = SoftwareSigner.generate(algorithm).public_key
        value = to_cose_key(key, compressed=True)
        signs.add(value[-3])
        assert from_cose_key(value) == key
    assert signs == {True, False}


def test_the_key_of_rfc_9052_is_read() -> None:
    assert from_cose_key(RFC9052).jwk["x"] == "usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8"


@pytest.mark.parametrize("more", [{2: b"kid"}, {3: -7}, {3: -9}, {4: [2]}, {4: [1, 2]}, {"own": 1}], ids=str)
def test_members_that_fit_are_passed_over(more: dict[Any, Any]) -> None:
    assert from_cose_key(ES256 | more) == KEYS[Algorithm.ES256]


@pytest.mark.parametrize(
    "change",
    [
        {-4: b"private"},
        {1: 1},
        {1: 4},
        {1: True},
        {1: "EC2"},
        {-1: 2},
        {-1: 8},
        {-1: True},
        {-2: b""},
        {-2: "text"},
        {-2: None},
        {-3: None},
        {-3: ES256[-2]},
        {-3: 1},
        {3: -35},
        {3: -8},
        {3: "ES256"},
        {4: [1]},
        {4: []},
        {4: [True, "verify"]},
        {4: 2},
        {-2: bytes(31) + b"\x01", -3: True},
        {-2: ES256[-2] + b"\0", -3: True},
        {-2: b"\xff" * 32, -3: False},
    ],
    ids=str,
)
def test_one_flaw_is_refused(change: dict[Any, Any]) -> None:
    with pytest.raises(MalformedKey):
        from_cose_key(ES256 | change)


def test_an_okp_key_needs_its_x() -> None:
    with pytest.raises(MalformedKey):
        from_cose_key({1: 1, -1: 6})


def test_an_okp_key_of_small_order_is_refused() -> None:
    with pytest.raises(MalformedKey):
        from_cose_key(EDDSA | {-2: bytes(32)})


@pytest.mark.parametrize("value", [None, [], b"", 1])
def test_what_is_no_map_is_no_key(value: Any) -> None:
    with pytest.raises(MalformedKey):
        from_cose_key(value)


@pytest.mark.parametrize("number", [number for accepted in ACCEPTED.values() for number in accepted])
def test_our_algorithms_are_supported(number: int) -> None:
    assert is_supported(number)


@pytest.mark.parametrize("number", [None, 0, -47, -37, -257, 5, -53, "ES256", True, -7.0])
def test_no_other_is(number: Any) -> None:
    assert not is_supported(number)


def test_what_is_written_is_accepted_by_its_key_alone() -> None:
    for algorithm, number in ALGORITHMS.items():
        assert [other for other, accepted in ACCEPTED.items() if number in accepted] == [algorithm]
