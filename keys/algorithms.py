"""The signature algorithms and what is the same for every key of one: ES256, ES384, ES512, EdDSA with Ed25519.

A key decides its algorithm; a token never does (RFC 8725, 3.1). ``Ed25519`` (RFC 9864) is accepted beside ``EdDSA``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from keys.errors import InvalidSignature


class Algorithm(StrEnum):
    """A JOSE algorithm name that this project writes (RFC 7518, 3.1; RFC 8037, 3.1)."""

    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"


@dataclass(frozen=True, slots=True)
class EcParameters:
    """What an ECDSA algorithm fixes: curve, hash, and the bytes of one coordinate."""

    crv: str
    curve: ec.EllipticCurve
    scheme: ec.ECDSA
    size: int


EC: dict[Algorithm, EcParameters] = {
    Algorithm.ES256: EcParameters("P-256", ec.SECP256R1(), ec.ECDSA(hashes.SHA256()), 32),
    Algorithm.ES384: EcParameters("P-384", ec.SECP384R1(), ec.ECDSA(hashes.SHA384()), 48),
    Algorithm.ES512: EcParameters("P-521", ec.SECP521R1(), ec.ECDSA(hashes.SHA512()), 66),
}
ACCEPTED: dict[Algorithm, frozenset[str]] = {
    Algorithm.ES256: frozenset({"ES256"}),
    Algorithm.ES384: frozenset({"ES384"}),
    Algorithm.ES512: frozenset({"ES512"}),
    Algorithm.EDDSA: frozenset({"EdDSA", "Ed25519"}),
}


def raw_to_der(raw: bytes, size: int) -> bytes:
    """Turn a JOSE signature r ‖ s (RFC 7518, 3.4) into the DER form that OpenSSL reads.

    Raises:
        InvalidSignature: ``raw`` is not exactly two coordinates of ``size`` bytes.
    """
    if len(raw) != 2 * size:
        raise InvalidSignature(f"signature has {len(raw)} bytes, expected {2 * size}")
    r = raw[:size].lstrip(b"\0") or b"\0"
    s = raw[size:].lstrip(b"\0") or b"\0"
    if r[0] & 0x80:
        r = b"\0" + r
    if s[0] & 0x80:
        s = b"\0" + s
    length = len(r) + len(s) + 4
    # P-521 at most: a coordinate's length is one byte, and the body's needs no more than the long form's first step.
    head = (0x30, length, 2, len(r)) if length < 128 else (0x30, 0x81, length, 2, len(r))
    return bytes(head) + r + bytes((2, len(s))) + s


def der_to_raw(der: bytes, size: int) -> bytes:
    """Turn OpenSSL's DER signature into r ‖ s; the input is our own signer's output, so its form is known."""
    start = 5 if der[1] == 0x81 else 4
    split = start + der[start - 1]
    r = der[start:split]
    s = der[split + 2 :]
    return (r[1:] if len(r) > size else r.rjust(size, b"\0")) + (s[1:] if len(s) > size else s.rjust(size, b"\0"))


def is_supported(name: Any) -> bool:
    """Tell whether ``name`` is an algorithm that some key of ours could allow."""
    return type(name) is str and any(name in accepted for accepted in ACCEPTED.values())
