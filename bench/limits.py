"""The limits: only the signatures, hashes and key loads that a format forces, by OpenSSL, on bytes made before."""

import hashlib
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.algorithms import Algorithm
from keys.encoding import b64url_decode

_SCHEME = ec.ECDSA(hashes.SHA256())
_P256 = ec.SECP256R1()
Raw = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Work = Callable[[], object]


def generate(algorithm: Algorithm) -> Raw:
    """Return a new private key of OpenSSL's."""
    if algorithm is Algorithm.EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(_P256)


def public_of(key: Raw) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey:
    """Return the public half."""
    return key.public_key()


def signing(key: Raw, payload: bytes) -> Work:
    """Return what signs ``payload`` once."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return lambda: key.sign(payload)
    return lambda: key.sign(payload, _SCHEME)


def verifying(key: Raw, payload: bytes) -> Work:
    """Return what verifies ``payload`` once, by a key that is loaded already."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        edwards, signature = key.public_key(), key.sign(payload)
        return lambda: edwards.verify(signature, payload)
    point, signature = key.public_key(), key.sign(payload, _SCHEME)
    return lambda: point.verify(signature, payload, _SCHEME)


def hashing(texts: list[str]) -> Work:
    """Return what takes SHA-256 of each text once."""
    raw = [text.encode("ascii") for text in texts]

    def run() -> None:
        for text in raw:
            hashlib.sha256(text).digest()

    return run


def loading(jwk: Mapping[str, str]) -> Work:
    """Return what loads a key once from the bytes of its coordinates."""
    x, y = b64url_decode(jwk["x"]), b64url_decode(jwk.get("y", ""))
    if jwk["kty"] == "OKP":
        return lambda: ed25519.Ed25519PublicKey.from_public_bytes(x)
    return lambda: ec.EllipticCurvePublicKey.from_encoded_point(_P256, b"\x04" + x + y)


def loading_compressed(point: bytes) -> Work:
    """Return what loads a P-256 key once from its compressed point."""
    return lambda: ec.EllipticCurvePublicKey.from_encoded_point(_P256, point)


def together(*works: Work) -> Work:
    """Return what does all of them, one after the other."""

    def run() -> None:
        for work in works:
            work()

    return run
