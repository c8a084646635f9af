"""COSE_Sign1: what is signed, what a header may hold, and who may have signed it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cbor2 import CBORTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from keys.algorithms import EC, Algorithm
from keys.errors import AlgorithmNotAllowed, InvalidSignature
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats.cose import cbor, sign1
from schemas.formats.cose.errors import (
    CborError,
    CborKeyOrder,
    CborTooLarge,
    CborTrailingBytes,
    CoseHeaderForbidden,
    CosePayloadDetached,
    CosePayloadTwice,
    MalformedCose,
)
from schemas.formats.cose.key import ACCEPTED, ALGORITHMS, from_cose_key

SIGNERS = {algorithm: SoftwareSigner.generate(algorithm) for algorithm in Algorithm}
SIGNER = SIGNERS[Algorithm.ES256]
KEY = SIGNER.public_key
KID = KEY.kid.encode()
# RFC 9052, appendix C.2.1, and its key.
RFC9052 = bytes.fromhex(
    "d28443a10126a10442313154546869732069732074686520636f6e74656e742e5840"
    "8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"
    "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
)
RFC9052_KEY = from_cose_key(
    {
        1: 2,
        -1: 1,
        -2: bytes.fromhex("bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"),
        -3: bytes.fromhex("20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e"),
    }
)


def message(protected: dict[Any, Any], unprotected: dict[Any, Any] | None = None, payload: Any = b"x") -> bytes:
    """A message as anybody could write it, signed by ``SIGNER``."""
    encoded = cbor2.dumps(protected) if protected else b""
    signature = SIGNER.sign(sign1.sig_structure(encoded, b"", b"x"))
    return cbor2.dumps(CBORTag(18, [encoded, unprotected or {}, payload, signature]))


def test_the_example_of_rfc_9052_verifies() -> None:
    read = sign1.peek(RFC9052)
    assert (read.header.alg, read.header.kid) == (-7, b"11")
    assert read.verified_by(RFC9052_KEY) == b"This is the content."


@pytest.mark.parametrize("bit", range(0, 8 * 64, 7))
def test_the_example_with_one_bit_of_its_signature_changed_is_refused(bit: int) -> None:
    changed = bytearray(RFC9052)
    changed[-64 + bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidSignature):
        sign1.peek(bytes(changed)).verified_by(RFC9052_KEY)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_a_key_signs_it_verifies(algorithm: Algorithm) -> None:
    signer = SIGNERS[algorithm]
    read = sign1.peek(sign1.sign(b"payload", signer))
    assert read.header.alg == ALGORITHMS[algorithm]
    assert read.header.kid == signer.public_key.kid.encode()
    assert read.verified_by(signer.public_key) == b"payload"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_another_implementation_verifies_what_is_signed(algorithm: Algorithm) -> None:
    signer = SIGNERS[algorithm]
    tag = cbor2.loads(sign1.sign(b"payload", signer, external_aad=b"aad"))
    protected, _, payload, signature = tag.value
    signed = cbor2.dumps(["Signature1", protected, b"aad", payload])
    loaded = serialization.load_der_public_key(signer.public_key.spki())
    if isinstance(loaded, ed25519.Ed25519PublicKey):
        loaded.verify(signature, signed)
    else:
        assert isinstance(loaded, ec.EllipticCurvePublicKey)
        half = len(signature) // 2
        numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        loaded.verify(encode_dss_signature(*numbers), signed, EC[algorithm].scheme)


def test_what_another_implementation_signs_is_verified() -> None:
    private = ec.generate_private_key(ec.SECP521R1())
    protected = cbor2.dumps({1: -36})
    der = private.sign(cbor2.dumps(["Signature1", protected, b"", b"x"]), ec.ECDSA(hashes.SHA512()))
    signature = b"".join(number.to_bytes(66, "big") for number in decode_dss_signature(der))
    data = cbor2.dumps(CBORTag(18, [protected, {}, b"x", signature]))
    assert sign1.peek(data).verified_by(PublicKey(private.public_key())) == b"x"


@pytest.mark.parametrize("name", ["issuer_cwt.cbor", "nested_cwt.cbor", "nested_issuer_cwt.cbor", "decoy.cbor"])
def test_the_published_messages_of_sd_cwt_verify(vectors: Path, name: str) -> None:
    folder = vectors / "sd-cwt"
    loaded = serialization.load_pem_public_key((folder / "issuer_public.pem").read_bytes())
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    read = sign1.peek((folder / name).read_bytes())
    assert read.verified_by(PublicKey(loaded))
    assert (read.header.typ, read.header.kid) == (293, b"https://issuer.example/cose-key3")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_numbers_of_rfc_9864_are_accepted_beside_the_older_ones(algorithm: Algorithm) -> None:
    signer = SIGNERS[algorithm]
    for number in ACCEPTED[algorithm]:
        protected = cbor2.dumps({1: number})
        signature = signer.sign(sign1.sig_structure(protected, b"", b"x"))
        data = cbor2.dumps(CBORTag(18, [protected, {}, b"x", signature]))
        assert sign1.peek(data).verified_by(signer.public_key) == b"x"


@pytest.mark.parametrize("number", [-35, -36, -8, -19, -51])
def test_the_key_decides_the_algorithm(number: int) -> None:
    with pytest.raises(AlgorithmNotAllowed):
        sign1.peek(message({1: number})).verified_by(KEY)


@pytest.mark.parametrize("number", [None, 5, -257, -37, "ES256", True])
def test_an_algorithm_that_no_key_allows_is_refused(number: Any) -> None:
    with pytest.raises(AlgorithmNotAllowed):
        sign1.peek(message({} if number is None else {1: number}))


def test_another_key_verifies_nothing() -> None:
    with pytest.raises(InvalidSignature):
        sign1.peek(message({1: -7})).verified_by(SoftwareSigner.generate().public_key)


def test_external_data_is_signed_with_it() -> None:
    read = sign1.peek(sign1.sign(b"x", SIGNER, external_aad=b"aad"))
    assert read.verified_by(KEY, external_aad=b"aad") == b"x"
    with pytest.raises(InvalidSignature):
        read.verified_by(KEY)


def test_a_detached_payload_is_given_by_the_caller() -> None:
    read = sign1.peek(sign1.sign(b"x", SIGNER, detached=True))
    assert read.peeked_payload is None
    assert read.verified_by(KEY, payload=b"x") == b"x"


def test_another_detached_payload_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        sign1.peek(sign1.sign(b"x", SIGNER, detached=True)).verified_by(KEY, payload=b"y")


def test_a_detached_payload_that_nobody_has_is_refused() -> None:
    with pytest.raises(CosePayloadDetached):
        sign1.peek(sign1.sign(b"x", SIGNER, detached=True)).verified_by(KEY)


def test_a_payload_given_twice_is_refused() -> None:
    with pytest.raises(CosePayloadTwice):
        sign1.peek(sign1.sign(b"x", SIGNER)).verified_by(KEY, payload=b"x")


def test_an_empty_payload_is_a_payload() -> None:
    assert sign1.peek(sign1.sign(b"", SIGNER)).verified_by(KEY) == b""


def test_headers_are_read_by_name() -> None:
    protected = {sign1.TYP: "application/vc+cose", sign1.CONTENT_TYPE: "application/vc", 15: {1: "iss"}}
    header = sign1.peek(sign1.sign(b"x", SIGNER, protected=protected, unprotected={17: [b"d"]})).header
    assert (header.typ, header.content_type, header.kid) == ("application/vc+cose", "application/vc", KID)
    assert (header.protected[15], header.unprotected[17]) == ({1: "iss"}, [b"d"])


def test_a_message_without_kid_or_with_another_can_be_written() -> None:
    assert sign1.peek(sign1.sign(b"x", SIGNER, protected={sign1.KID: None})).header.kid is None
    assert sign1.peek(sign1.sign(b"x", SIGNER, protected={sign1.KID: b"own"})).header.kid == b"own"


def test_kid_and_chain_are_read_from_the_unprotected_header() -> None:
    header = sign1.peek(message({1: -7}, {4: b"kid", 33: b"leaf"})).header
    assert (header.kid, header.x5chain) == (b"kid", (b"leaf",))


@pytest.mark.parametrize("chain", [(b"leaf",), (b"leaf", b"above")])
def test_the_chain_of_a_signer_is_written(chain: tuple[bytes, ...]) -> None:
    signer = SIGNER.with_chain(chain)
    data = sign1.sign(b"x", signer, protected={sign1.X5CHAIN: sign1.chain_of(signer)})
    assert sign1.peek(data).header.x5chain == chain


def test_a_large_header_is_read_as_a_small_one_is() -> None:
    data = sign1.sign(b"x", SIGNER, protected={"large": b"a" * 1000})
    assert sign1.peek(data).verified_by(KEY) == b"x"


def test_a_message_without_its_tag_is_read() -> None:
    parts = cbor2.loads(sign1.sign(b"x", SIGNER)).value
    assert sign1.peek(cbor2.dumps(parts)).verified_by(KEY) == b"x"


FORBIDDEN: list[Any] = [
    ({1: -7, 2: [16]}, {}),
    ({1: -7}, {2: [16]}),
    ({1: -7, 35: "https://example.com"}, {}),
    ({1: -7}, {35: "https://example.com"}),
    ({}, {1: -7}),
    ({1: -7}, {3: "application/vc"}),
    ({1: -7}, {16: "application/vc+cose"}),
    ({1: -7, 4: b"a"}, {4: b"b"}),
]


@pytest.mark.parametrize(("protected", "unprotected"), FORBIDDEN, ids=str)
def test_a_header_that_is_never_followed_or_not_protected_is_refused(protected: Any, unprotected: Any) -> None:
    with pytest.raises(CoseHeaderForbidden):
        sign1.peek(message(protected, unprotected))


@pytest.mark.parametrize(
    ("protected", "unprotected"), [({2: [16]}, {}), ({35: "u"}, {}), ({1: -7}, {}), ({}, {16: "t"}), ({9: 1}, {9: 2})]
)
def test_what_would_be_refused_is_not_signed(protected: Any, unprotected: Any) -> None:
    with pytest.raises(CoseHeaderForbidden):
        sign1.sign(b"x", SIGNER, protected=protected, unprotected=unprotected)


MALFORMED: list[Callable[[list[Any]], Any]] = [
    lambda parts: parts[:3],
    lambda parts: [*parts, b""],
    lambda parts: [{1: -7}, *parts[1:]],
    lambda parts: [parts[0], [], *parts[2:]],
    lambda parts: [*parts[:2], "text", parts[3]],
    lambda parts: [*parts[:3], None],
    lambda parts: [b"\x80", *parts[1:]],
    lambda parts: {1: parts},
    lambda parts: CBORTag(98, parts),
    lambda parts: b"",
    lambda parts: [cbor2.dumps({1: -7, 4: "text"}), *parts[1:]],
    lambda parts: [cbor2.dumps({1: -7, 16: b"bytes"}), *parts[1:]],
    lambda parts: [cbor2.dumps({1: -7, 3: True}), *parts[1:]],
    lambda parts: [cbor2.dumps({1: -7, 33: "text"}), *parts[1:]],
    lambda parts: [cbor2.dumps({1: -7, 33: ["text"]}), *parts[1:]],
    lambda parts: [cbor2.dumps({1: -7, b"label": 1}), *parts[1:]],
    lambda parts: [parts[0], {cbor2.CBORSimpleValue(59): 1}, *parts[2:]],
]


@pytest.mark.parametrize("change", MALFORMED)
def test_a_message_of_another_form_is_refused(change: Callable[[list[Any]], Any]) -> None:
    parts = cbor2.loads(message({1: -7})).value
    with pytest.raises(MalformedCose):
        sign1.peek(cbor.dumps(change([parts[0], {}, parts[2], parts[3]])))


def test_bytes_after_the_message_are_refused() -> None:
    with pytest.raises(CborTrailingBytes):
        sign1.peek(RFC9052 + b"\0")


def test_a_message_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(CborTooLarge):
        sign1.peek(RFC9052, max_bytes=len(RFC9052) - 1)


def test_a_protected_header_in_another_order_is_refused() -> None:
    with pytest.raises(CborKeyOrder):
        sign1.peek(message({4: b"kid", 1: -7}))


def test_a_protected_header_of_no_cbor_is_refused() -> None:
    with pytest.raises(CborError):
        sign1.from_item([b"\xff", {}, b"", b""])
