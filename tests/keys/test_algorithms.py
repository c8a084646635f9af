"""Algorithms: signatures in their two forms."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from keys.algorithms import EC, Algorithm, der_to_raw, is_supported, raw_to_der
from keys.errors import InvalidSignature
from keys.signer import SoftwareSigner

SIZES = st.sampled_from([parameters.size for parameters in EC.values()])


@st.composite
def signatures(draw: st.DrawFn) -> tuple[int, int, int]:
    """A size, and r and s of any length: small ones and ones with the top bit are what conversions get wrong."""
    size = draw(SIZES)
    bits = st.integers(1, 8 * size).flatmap(lambda n: st.integers(2 ** (n - 1), 2**n - 1))
    return size, draw(bits), draw(bits)


@given(signatures())
def test_raw_becomes_the_der_that_a_library_writes(signature: tuple[int, int, int]) -> None:
    size, r, s = signature
    assert raw_to_der(r.to_bytes(size, "big") + s.to_bytes(size, "big"), size) == encode_dss_signature(r, s)


@given(signatures())
def test_der_becomes_raw_and_der_again(signature: tuple[int, int, int]) -> None:
    size, r, s = signature
    raw = der_to_raw(encode_dss_signature(r, s), size)
    assert raw == r.to_bytes(size, "big") + s.to_bytes(size, "big")
    assert decode_dss_signature(raw_to_der(raw, size)) == (r, s)


@given(st.binary(max_size=200), SIZES)
def test_a_raw_signature_of_another_length_is_refused(raw: bytes, size: int) -> None:
    if len(raw) == 2 * size:
        assert decode_dss_signature(raw_to_der(raw, size))
    else:
        with pytest.raises(InvalidSignature, match=f"expected {2 * size}"):
            raw_to_der(raw, size)


def test_a_signature_of_zeros_is_der_as_well() -> None:
    assert decode_dss_signature(raw_to_der(bytes(64), 32)) == (0, 0)


@pytest.mark.parametrize("algorithm", Algorithm)
@given(payload=st.binary(max_size=100))
def test_what_a_key_signs_it_verifies(algorithm: Algorithm, payload: bytes) -> None:
    signer = SIGNERS[algorithm]
    signer.public_key.verify(signer.sign(payload), payload)


@pytest.mark.parametrize("algorithm", Algorithm)
@given(payload=st.binary(max_size=20), bit=st.integers(0, 511))
def test_a_signature_with_one_bit_changed_is_refused(algorithm: Algorithm, payload: bytes, bit: int) -> None:
    signer = SIGNERS[algorithm]
    signature = bytearray(signer.sign(payload))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidSignature):
        signer.public_key.verify(bytes(signature), payload)


@pytest.mark.parametrize("name", ["ES256", "ES384", "ES512", "EdDSA", "Ed25519"])
def test_our_algorithms_are_supported(name: str) -> None:
    assert is_supported(name)


@pytest.mark.parametrize(
    "name", ["none", "None", "HS256", "RS256", "PS256", "ES521", "ES256K", "Ed448", "es256", "", None, 1, [], {}]
)
def test_no_other_is(name: object) -> None:
    assert not is_supported(name)


SIGNERS = {algorithm: SoftwareSigner.generate(algorithm) for algorithm in Algorithm}
