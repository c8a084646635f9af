"""COSE_Key (RFC 9052, 7; RFC 9053, 7): a public key as a CBOR map, both ways; and the numbers of its algorithms."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from keys.algorithms import EC, Algorithm
from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedKey
from keys.public import PublicKey

KTY, KID, ALG, KEY_OPS = 1, 2, 3, 4
CRV, X, Y, D = -1, -2, -3, -4
_OKP, _EC2, _VERIFY = 1, 2, 2
_CURVES = {Algorithm.ES256: 1, Algorithm.ES384: 2, Algorithm.ES512: 3, Algorithm.EDDSA: 6}
ALGORITHMS = {Algorithm.ES256: -7, Algorithm.ES384: -35, Algorithm.ES512: -36, Algorithm.EDDSA: -8}
"""The number that is written for a key (RFC 9053, 2)."""
ACCEPTED = {
    Algorithm.ES256: frozenset({-7, -9}),
    Algorithm.ES384: frozenset({-35, -51}),
    Algorithm.ES512: frozenset({-36, -52}),
    Algorithm.EDDSA: frozenset({-8, -19}),
}
"""The numbers that a key allows: those of RFC 9864 (ESP256, ESP384, ESP512, Ed25519) beside the older ones."""


def is_supported(number: Any) -> bool:
    """Tell whether ``number`` is an algorithm that some key of ours could allow."""
    return type(number) is int and any(number in accepted for accepted in ACCEPTED.values())


def to_cose_key(key: PublicKey, *, compressed: bool = False) -> dict[int, Any]:
    """Return ``key`` as a COSE_Key with the members of its kind; ``compressed`` keeps the sign of y alone."""
    x = b64url_decode(key.jwk["x"])
    if key.algorithm not in EC:
        return {KTY: _OKP, CRV: _CURVES[key.algorithm], X: x}
    y = b64url_decode(key.jwk["y"])
    # RFC 9053, 7.1.1: true for an odd y.
    return {KTY: _EC2, CRV: _CURVES[key.algorithm], X: x, Y: bool(y[-1] & 1) if compressed else y}


def from_cose_key(value: Any) -> PublicKey:
    """Return the key of a COSE_Key; other members than the key's own are passed over.

    Raises:
        MalformedKey: no map, a private key, another kind of key, a point off its curve, or ``alg`` or ``key_ops`` that
            are not for verifying with this curve.
    """
    if not isinstance(value, Mapping):
        raise MalformedKey("key is not a CBOR map")
    if D in value:
        raise MalformedKey("key is private, expected a public one")
    for algorithm, curve in _CURVES.items():
        kty = _EC2 if algorithm in EC else _OKP
        if _is(value.get(KTY), kty) and _is(value.get(CRV), curve):
            _check_purpose(value, algorithm)
            return _loaded(algorithm, value.get(X), value.get(Y) if kty == _EC2 else b"")
    raise MalformedKey("key is of a kind that is not supported")


def _is(value: Any, number: int) -> bool:
    # True == 1 in Python, and a simple value equals its number.
    return type(value) is int and value == number


def _check_purpose(value: Mapping[Any, Any], algorithm: Algorithm) -> None:
    alg, operations = value.get(ALG), value.get(KEY_OPS)
    if alg is not None and not (type(alg) is int and alg in ACCEPTED[algorithm]):
        raise MalformedKey("key names an algorithm that does not fit")
    if operations is not None and not (type(operations) is list and any(_is(item, _VERIFY) for item in operations)):
        raise MalformedKey("key names operations that do not fit")


def _loaded(algorithm: Algorithm, x: Any, y: Any) -> PublicKey:
    if type(x) is not bytes or type(y) not in (bytes, bool):
        raise MalformedKey("key lacks a member of its kind")
    if type(y) is bool:
        return _decompressed(algorithm, x, y)
    if algorithm not in EC:
        return PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64url_text(x)})
    return PublicKey.from_jwk({"kty": "EC", "crv": EC[algorithm].crv, "x": b64url_text(x), "y": b64url_text(y)})


@lru_cache(maxsize=1024)
def _decompressed(algorithm: Algorithm, x: bytes, odd: bool) -> PublicKey:
    # A square root costs as much as a signature: kept, as keys read from JWK are.
    parameters = EC[algorithm]
    if len(x) != parameters.size:
        raise MalformedKey(f"coordinate has not exactly {parameters.size} bytes")
    try:
        return PublicKey(ec.EllipticCurvePublicKey.from_encoded_point(parameters.curve, bytes((2 + odd,)) + x))
    except ValueError as exc:
        raise MalformedKey("key is not a point of its curve") from exc
