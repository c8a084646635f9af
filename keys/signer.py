"""What signs: a protocol, and the software key that keeps it.

A signer knows its algorithm, its ``kid`` and its certificates, so no caller can write a header that does not fit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.algorithms import EC, Algorithm, der_to_raw
from keys.encoding import b64url_decode
from keys.errors import MalformedKey, MalformedToken
from keys.public import PublicKey

_PRIVATE_MEMBERS = ("d", "key_ops", "use")  # the operations of a private key are others than its public key's
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Signer(Protocol):
    """A private key somewhere: in memory, in a key store, in an HSM. It never leaves ``keys``."""

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies what this signer signs."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The signing certificate and those above it, DER, leaf first, without the root; empty when there is none."""

    def sign(self, payload: bytes) -> bytes:
        """Return the JOSE signature (RFC 7518, 3.4: r ‖ s; RFC 8037) over ``payload``."""


class SoftwareSigner:
    """A private key in this process's memory."""

    __slots__ = ("_key", "_scheme", "_size", "chain", "public_key")

    def __init__(self, key: PrivateKey, *, chain: Sequence[bytes] = ()) -> None:
        self._key = key
        self.public_key = PublicKey(key.public_key())
        self.chain = tuple(chain)
        parameters = EC.get(self.public_key.algorithm)
        self._scheme = parameters.scheme if parameters else None
        self._size = parameters.size if parameters else 0

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.ES256) -> "SoftwareSigner":
        """Return a signer with a new random key."""
        if algorithm in EC:
            return cls(ec.generate_private_key(EC[algorithm].curve))
        return cls(ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def from_pkcs8(cls, der: bytes, *, chain: Sequence[bytes] = ()) -> "SoftwareSigner":
        """Return the signer of an unencrypted PKCS#8 key; raises MalformedKey for anything else."""
        try:
            key = serialization.load_der_private_key(der, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
            raise MalformedKey("key is not unencrypted PKCS#8") from exc
        if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
            raise MalformedKey("key is of a kind that is not supported")
        return cls(key, chain=chain)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "SoftwareSigner":
        """Return the signer of a private JWK (RFC 7518, 6.2.2; RFC 8037, 2); other members are passed over.

        Raises:
            MalformedKey: no private key, another kind of key, or a public key in it that is not the private one's.
        """
        if type(jwk.get("d")) is not str:
            raise MalformedKey("key is not a private JWK")
        public = PublicKey.from_jwk({name: value for name, value in jwk.items() if name not in _PRIVATE_MEMBERS})
        try:
            signer = cls(_private_key(public.algorithm, b64url_decode(jwk["d"])))
        except (ValueError, MalformedToken) as exc:
            raise MalformedKey("key is not a private one of its curve") from exc
        if signer.public_key != public:
            raise MalformedKey("key's public part is not the private one's")
        return signer

    def to_pkcs8(self) -> bytes:
        """Return the private key itself, unencrypted; for the key store, which encrypts it at once."""
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, payload: bytes) -> bytes:
        """Return the JOSE signature over ``payload``."""
        if self._scheme is None:
            return self._key.sign(payload)  # type: ignore[call-arg]
        return der_to_raw(self._key.sign(payload, self._scheme), self._size)  # type: ignore[call-arg]

    def sign_certificate(self, builder: x509.CertificateBuilder) -> bytes:
        """Return the certificate (DER) that ``builder`` describes, signed with the hash of this key's algorithm."""
        digest = cast("hashes.SHA256 | hashes.SHA384 | hashes.SHA512", self._scheme.algorithm) if self._scheme else None
        return builder.sign(self._key, digest).public_bytes(serialization.Encoding.DER)

    def with_chain(self, chain: Sequence[bytes]) -> "SoftwareSigner":
        """Return the same key with these certificates (DER, leaf first)."""
        return SoftwareSigner(self._key, chain=chain)

    def __repr__(self) -> str:
        return f"SoftwareSigner({self.public_key!r})"


def _private_key(algorithm: Algorithm, d: bytes) -> PrivateKey:
    if algorithm not in EC:
        return ed25519.Ed25519PrivateKey.from_private_bytes(d)
    parameters = EC[algorithm]
    if len(d) != parameters.size:  # RFC 7518, 6.2.2.1
        raise ValueError
    return ec.derive_private_key(int.from_bytes(d, "big"), parameters.curve)
