"""JSON Web Encryption (RFC 7516) as the protocols of credentials use it: compact, ECDH-ES on P-256, AES-GCM, ``DEF``.

    key = DecryptionKey.derive(secret, "request 7Qe…")
    token = encrypt(b"{}", to=key.jwk, enc="A256GCM")
    decrypt(token, keys=[key]).plaintext

OpenID4VCI 1.0, 10 and OpenID4VP 1.0, 8.3 with HAIP 1.0, 5. The work is joserfc's (docs/adr/0018); here stand the limits
and the few algorithms that we take.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from keys import strict_json
from keys.encoding import b64url_decode
from keys.errors import DecryptionFailed, EncryptionRefused, MalformedKey, MalformedToken, TooLarge
from keys.public import PublicKey

ALG = "ECDH-ES"
ENCS = ("A128GCM", "A256GCM")
ZIPS = ("DEF",)
MAX_JWE = 2 << 20
"""Characters of a token: a batch of twenty certificates with portraits has 700 kB."""
MAX_PLAINTEXT = 1 << 20
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HEADER = frozenset({"alg", "enc", "zip", "kid", "epk", "apu", "apv", "cty", "typ"})


class DecryptionKey:
    """A P-256 key that others encrypt to. Its ``kid`` is the RFC 7638 thumbprint."""

    __slots__ = ("_key", "jwk", "kid")

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        public = PublicKey(key.public_key())
        self.kid = public.kid
        self.jwk: Mapping[str, str] = {**public.jwk, "kid": public.kid, "use": "enc", "alg": ALG}
        self._key = ECKey.import_key(key)

    @classmethod
    def generate(cls) -> "DecryptionKey":
        """Return a new random key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def derive(cls, secret: bytes, info: str) -> "DecryptionKey":
        """Return the key that every worker with this secret derives for ``info``: nothing has to be kept for it.

        FIPS 186-5, A.2.1: 384 bits are reduced to the order of the group.
        """
        raw = HKDF(hashes.SHA256(), 48, salt=None, info=b"ecert jwe " + info.encode()).derive(secret)
        value = int.from_bytes(raw, "big") % (_P256_ORDER - 1) + 1
        return cls(ec.derive_private_key(value, ec.SECP256R1()))

    def open(self, token: str) -> bytes:
        """Return the plaintext; ``decrypt`` has looked at the form. Raises DecryptionFailed, TooLarge."""
        try:
            return jwe.decrypt_compact(token, self._key, registry=_REGISTRY).plaintext or b""
        except (JoseError, ValueError, TypeError, AssertionError) as exc:
            raise DecryptionFailed("token cannot be decrypted") from exc


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What was in a token; ``header`` is its protected header."""

    plaintext: bytes = field(repr=False)
    header: Mapping[str, Any]


class _Deflate:
    """RFC 1951 without a frame (RFC 7516, 4.1.3), inflated up to a limit."""

    name = "DEF"

    def compress(self, plaintext: bytes) -> bytes:
        squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return squeeze.compress(plaintext) + squeeze.flush()

    def decompress(self, squeezed: bytes) -> bytes:
        inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        try:
            plaintext = inflate.decompress(squeezed, MAX_PLAINTEXT + 1)
        except zlib.error as exc:
            raise DecryptionFailed("token holds no DEFLATE data") from exc
        if len(plaintext) > MAX_PLAINTEXT:
            raise TooLarge(f"plaintext has more than {MAX_PLAINTEXT} bytes")
        if not inflate.eof or inflate.unused_data:
            raise DecryptionFailed("token holds DEFLATE data that is cut short, or more than it")
        return plaintext


class _Registry(jwe.JWERegistry):
    max_protected_header_length = 2_048
    max_ciphertext_length = MAX_JWE

    def __init__(self) -> None:
        super().__init__(algorithms=(ALG, *ENCS, *ZIPS))

    def get_zip(self, name: str) -> Any:
        super().get_zip(name)
        return _Deflate()


_REGISTRY = _Registry()


def encrypt(
    plaintext: bytes,
    *,
    to: Mapping[str, Any],
    enc: str,
    compressed: bool = False,
    header: Mapping[str, str] | None = None,
) -> str:
    """Return ``plaintext`` encrypted to the public JWK ``to``, as a compact JWE; ``kid`` is echoed when ``to`` has one.

    ``header`` adds ``cty``, ``apu``, ``apv`` or ``typ``.

    Raises:
        EncryptionRefused: the key is private, no P-256 key or for another use or ``alg``; or ``enc`` is unknown.
    """
    key = _receiver(to)
    if enc not in ENCS:
        raise EncryptionRefused(f"enc is none of {', '.join(ENCS)}")
    protected: dict[str, Any] = {"alg": ALG, "enc": enc, **(header or {})}
    if compressed:
        protected["zip"] = ZIPS[0]
    if "kid" in to:
        protected["kid"] = to["kid"]
    return jwe.encrypt_compact(protected, plaintext, key, registry=_REGISTRY)


def decrypt(token: str, *, keys: Sequence[DecryptionKey]) -> Decrypted:
    """Return what a compact JWE holds. The key is chosen by ``kid``; a token without one is for an only key.

    Raises:
        MalformedToken: no compact JWE with the algorithms that we take.
        TooLarge: longer than ``MAX_JWE``, or inflates beyond ``MAX_PLAINTEXT``.
        DecryptionFailed: it is for another key, or was altered.
    """
    if len(token) > MAX_JWE:
        raise TooLarge(f"token has more than {MAX_JWE} characters")
    header = peek_header(token)
    named = header.get("kid")
    fitting = [key for key in keys if named in (None, key.kid)]
    if len(fitting) != 1:
        raise DecryptionFailed("token is for none of the keys")
    return Decrypted(fitting[0].open(token), header)


def peek_header(token: str) -> Mapping[str, Any]:
    """Return the protected header of a compact JWE before it is decrypted.

    Raises:
        MalformedToken: no compact JWE, another ``alg``, ``enc`` or ``zip`` than ours, or members that we do not know.
    """
    parts = token.split(".")
    if len(parts) != 5 or not token.isascii():
        raise MalformedToken("token is no compact JWE")
    header = strict_json.loads_object(b64url_decode(parts[0]))
    if header.get("alg") != ALG or header.get("enc") not in ENCS or header.get("zip", ZIPS[0]) not in ZIPS:
        raise MalformedToken("token is encrypted with other algorithms than ECDH-ES and AES-GCM")
    # RFC 7516, 4.1.13: an extension that is critical and unknown is refused; we know none.
    if not header.keys() <= _HEADER:
        raise MalformedToken("token has a header parameter that is not known")
    _check_ephemeral(header.get("epk"))
    return header


def _check_ephemeral(epk: Any) -> None:
    """RFC 7518, 4.6.1.1: a public key on the recipient's curve, looked at before joserfc does arithmetic with it."""
    if type(epk) is not dict or epk.get("crv") != "P-256" or "d" in epk:
        raise MalformedToken("epk is no public key on P-256")
    try:
        PublicKey.from_jwk({name: epk[name] for name in ("kty", "crv", "x", "y") if name in epk})
    except MalformedKey as exc:
        raise MalformedToken("epk is no public key on P-256") from exc


def _receiver(jwk: Mapping[str, Any]) -> ECKey:
    if not hasattr(jwk, "get") or jwk.get("alg", ALG) != ALG or jwk.get("use", "enc") != "enc":
        raise EncryptionRefused("key is not for ECDH-ES")
    if "kid" in jwk and (type(jwk["kid"]) is not str or len(jwk["kid"]) > 256):
        raise EncryptionRefused("kid is not a text of at most 256 characters")
    bare = {name: value for name, value in jwk.items() if name in ("kty", "crv", "x", "y", "d")}
    try:
        public = PublicKey.from_jwk(bare)
    except MalformedKey as exc:
        raise EncryptionRefused(str(exc)) from exc
    if public.jwk.get("crv") != "P-256":
        raise EncryptionRefused("key is not on P-256")
    return ECKey.import_key(dict(public.jwk))
