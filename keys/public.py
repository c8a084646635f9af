"""Public keys: reading and writing JWK (RFC 7517, RFC 8037), thumbprints (RFC 7638), verifying."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NewType, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature as _OpenSslSaysNo
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.algorithms import ACCEPTED, EC, Algorithm, raw_to_der
from keys.encoding import b64url_decode, b64url_text
from keys.errors import EcertError, InvalidSignature, MalformedKey

Thumbprint = NewType("Thumbprint", str)
"""A SHA-256 thumbprint of a JWK in base64url (RFC 7638); the ``kid`` of everything that this project signs."""

_RawKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_P = 2**255 - 19
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _P - 1,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    }
)
"""The y coordinates of the eight points of Ed25519 whose order divides the cofactor 8."""


class PublicKey:
    """A public key, with the one algorithm that it allows.

    Equal keys have equal thumbprints. Build it once and keep it: loading a point costs as much as a signature.
    """

    __slots__ = ("_key", "_kid", "_size", "accepted", "algorithm", "jwk")

    def __init__(self, key: _RawKey, *, _described: tuple[Algorithm, dict[str, str]] | None = None) -> None:
        self._key = key
        self.algorithm, self.jwk = _described or _describe(key)
        self._size = EC[self.algorithm].size if self.algorithm in EC else 0
        self.accepted = ACCEPTED[self.algorithm]
        self._kid: Thumbprint | None = None

    @property
    def kid(self) -> Thumbprint:
        """The key's thumbprint; made when first asked for, because a holder's key is used without it."""
        if self._kid is None:
            self._kid = _thumbprint(self.jwk)
        return self._kid

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "PublicKey":
        """Return the key of ``jwk``; other members than the key's own (``kid``, ``x5c`` …) are passed over.

        Raises:
            MalformedKey: a private key, another kind of key, a point off the curve or of small order, or ``alg``,
                ``use`` or ``key_ops`` (RFC 7517, 4.2 to 4.4) that are not for verifying with this curve.
        """
        if not isinstance(jwk, Mapping):
            raise MalformedKey("key is not a JSON object")
        if not _PRIVATE_MEMBERS.isdisjoint(jwk):
            raise MalformedKey("key is private, expected a public one")
        members = (jwk.get("kty"), jwk.get("crv"), jwk.get("x"), jwk.get("y", ""))
        if not all(type(member) is str for member in members):
            raise MalformedKey("key lacks a member of its kind")
        kty, crv, x, y = members
        # Ed25519 has no y: whatever stands there is passed over, and not kept.
        key = _load_jwk(kty, crv, x, "" if kty == "OKP" else y)
        if _names_another_purpose(jwk, key.accepted):
            raise MalformedKey("key names an algorithm, a use or operations that do not fit")
        return key

    @classmethod
    def from_certificate(cls, certificate: x509.Certificate) -> Self:
        """Return the key of an X.509 certificate; raises MalformedKey for a kind that is not supported."""
        try:
            key = certificate.public_key()
        except (ValueError, UnsupportedAlgorithm) as exc:
            raise MalformedKey("certificate holds a key that is not well formed") from exc
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


def _names_another_purpose(jwk: Mapping[str, Any], accepted: frozenset[str]) -> bool:
    alg, operations = jwk.get("alg"), jwk.get("key_ops")
    return (
        (alg is not None and (type(alg) is not str or alg not in accepted))
        or jwk.get("use", "sig") != "sig"
        or (operations is not None and (type(operations) is not list or "verify" not in operations))
    )


def _thumbprint(jwk: dict[str, str]) -> Thumbprint:
    # RFC 7638, 3.3: the required members, in lexicographic order, no white space.
    text = "{" + ",".join(f'"{name}":"{jwk[name]}"' for name in sorted(jwk)) + "}"
    return Thumbprint(b64url_text(hashlib.sha256(text.encode("ascii")).digest()))


@lru_cache(maxsize=4096)
def _load_jwk(kty: str, crv: str, x: str, y: str) -> PublicKey:
    try:
        if (kty, crv) == ("OKP", "Ed25519"):
            edwards = {"kty": kty, "crv": crv, "x": x}
            return PublicKey(_load_edwards(b64url_decode(x)), _described=(Algorithm.EDDSA, edwards))
        for algorithm, parameters in EC.items():
            if (kty, crv) == ("EC", parameters.crv):
                point = _load_point(parameters.curve, parameters.size, b64url_decode(x), b64url_decode(y))
                return PublicKey(point, _described=(algorithm, {"kty": kty, "crv": crv, "x": x, "y": y}))
    except (ValueError, EcertError) as exc:
        raise MalformedKey("key is not a point of its curve") from exc
    raise MalformedKey("key is of a kind that is not supported")


def _load_edwards(x: bytes) -> ed25519.Ed25519PublicKey:
    # OpenSSL takes any 32 bytes. A key of small order "verifies" what nobody signed, and y >= p is a second name for
    # a point (RFC 8032, 5.1.3).
    y = int.from_bytes(x, "little") & (2**255 - 1)
    if y in _SMALL_ORDER or y >= _P:
        raise MalformedKey("key is a point of small order, or not in its only form")
    return ed25519.Ed25519PublicKey.from_public_bytes(x)


def _load_point(curve: ec.EllipticCurve, size: int, x: bytes, y: bytes) -> ec.EllipticCurvePublicKey:
    # RFC 7518, 6.2.1.2: the full size of a coordinate, leading zeros included.
    if len(x) != size or len(y) != size:
        raise MalformedKey(f"coordinate has not exactly {size} bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + x + y)
