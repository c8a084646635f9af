"""Public keys: reading and writing JWK (RFC 7517, RFC 8037), thumbprints (RFC 7638), verifying."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NewType, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature as _OpenSslSaysNo
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.algorithms import ACCEPTED, EC, Algorithm, raw_to_der
from keys.encoding import b64url_decode, b64url_text
from keys.errors import EcertError, InvalidSignature, MalformedKey

Thumbprint = NewType("Thumbprint", str)
"""A SHA-256 thumbprint of a JWK in base64url (RFC 7638); the ``kid`` of everything that this project signs."""

_RawKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})


class PublicKey:
    """A public key, with the one algorithm that it allows.

    Equal keys have equal thumbprints. Build it once and keep it: loading a point costs as much as a signature.
    """

    __slots__ = ("_key", "_size", "accepted", "algorithm", "jwk", "kid")

    def __init__(self, key: _RawKey) -> None:
        self._key = key
        self.algorithm, self.jwk = _describe(key)
        self._size = EC[self.algorithm].size if self.algorithm in EC else 0
        self.accepted = ACCEPTED[self.algorithm]
        self.kid = _thumbprint(self.jwk)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "PublicKey":
        """Return the key of ``jwk``; other members than the key's own (``kid``, ``use`` …) are passed over.

        Raises:
            MalformedKey: a private key, another kind of key, a point off the curve, or ``alg`` that does not fit.
        """
        if not _PRIVATE_MEMBERS.isdisjoint(jwk):
            raise MalformedKey("key is private, expected a public one")
        members = (jwk.get("kty"), jwk.get("crv"), jwk.get("x"), jwk.get("y", ""))
        if not all(type(member) is str for member in members):
            raise MalformedKey("key lacks a member of its kind")
        key = _load_jwk(*members)
        alg = jwk.get("alg")
        if alg is not None and alg not in key.accepted:
            raise MalformedKey("key names an algorithm that does not fit its curve")
        return key

    @classmethod
    def from_certificate(cls, certificate: x509.Certificate) -> Self:
        """Return the key of an X.509 certificate; raises MalformedKey for a kind that is not supported."""
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
            raise MalformedKey("certificate holds a key of a kind that is not supported")
        return cls(key)

    def verify(self, signature: bytes, payload: bytes) -> None:
        """Return if ``signature`` is this key's over ``payload``.

        Raises:
            InvalidSignature: it is not. There is no other answer.
        """
        try:
            if self._size:
                scheme = EC[self.algorithm].scheme
                self._key.verify(raw_to_der(signature, self._size), payload, scheme)  # type: ignore[call-arg]
            else:
                self._key.verify(signature, payload)  # type: ignore[call-arg]
        except _OpenSslSaysNo:
            raise InvalidSignature("signature does not match the key") from None

    def spki(self) -> bytes:
        """Return the key as a DER SubjectPublicKeyInfo."""
        return self._key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.kid == other.kid

    def __hash__(self) -> int:
        return hash(self.kid)

    def __repr__(self) -> str:
        return f"PublicKey({self.algorithm}, {self.kid})"


def _describe(key: _RawKey) -> tuple[Algorithm, dict[str, str]]:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Algorithm.EDDSA, {"kty": "OKP", "crv": "Ed25519", "x": b64url_text(key.public_bytes_raw())}
    for algorithm, parameters in EC.items():
        if key.curve.name == parameters.curve.name:
            numbers = key.public_numbers()
            x, y = (b64url_text(n.to_bytes(parameters.size, "big")) for n in (numbers.x, numbers.y))
            return algorithm, {"kty": "EC", "crv": parameters.crv, "x": x, "y": y}
    raise MalformedKey("key is on a curve that is not supported")


def _thumbprint(jwk: dict[str, str]) -> Thumbprint:
    # RFC 7638, 3.3: the required members, in lexicographic order, no white space.
    text = "{" + ",".join(f'"{name}":"{jwk[name]}"' for name in sorted(jwk)) + "}"
    return Thumbprint(b64url_text(hashlib.sha256(text.encode("ascii")).digest()))


@lru_cache(maxsize=4096)
def _load_jwk(kty: str, crv: str, x: str, y: str) -> PublicKey:
    try:
        if (kty, crv) == ("OKP", "Ed25519"):
            return PublicKey(ed25519.Ed25519PublicKey.from_public_bytes(b64url_decode(x)))
        for parameters in EC.values():
            if (kty, crv) == ("EC", parameters.crv):
                return PublicKey(_load_point(parameters.curve, parameters.size, b64url_decode(x), b64url_decode(y)))
    except (ValueError, EcertError) as exc:
        raise MalformedKey("key is not a point of its curve") from exc
    raise MalformedKey("key is of a kind that is not supported")


def _load_point(curve: ec.EllipticCurve, size: int, x: bytes, y: bytes) -> ec.EllipticCurvePublicKey:
    # RFC 7518, 6.2.1.2: the full size of a coordinate, leading zeros included.
    if len(x) != size or len(y) != size:
        raise MalformedKey(f"coordinate has not exactly {size} bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + x + y)
