"""Keys in a security module, by PKCS#11: they sign there and never leave it.

Needs the extra ``hsm`` (python-pkcs11), which is imported on the first use.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.algorithms import EC, Algorithm
from keys.chain import load_certificate
from keys.errors import HsmError, InvalidSignature
from keys.public import PublicKey

# CKA_EC_PARAMS in DER: a named curve, or (PKCS#11 3.0, 2.3.3) the curve's name.
_CURVES: dict[bytes, Algorithm] = {
    bytes.fromhex("06082a8648ce3d030107"): Algorithm.ES256,
    bytes.fromhex("06052b81040022"): Algorithm.ES384,
    bytes.fromhex("06052b81040023"): Algorithm.ES512,
    bytes.fromhex("06032b6570"): Algorithm.EDDSA,
    b"\x13\x0cedwards25519": Algorithm.EDDSA,
}
_POINT_SIZE = {Algorithm.ES256: 65, Algorithm.ES384: 97, Algorithm.ES512: 133, Algorithm.EDDSA: 32}
_DIGEST: dict[Algorithm, Callable[[bytes], bytes]] = {
    Algorithm.ES256: lambda payload: hashlib.sha256(payload).digest(),
    Algorithm.ES384: lambda payload: hashlib.sha384(payload).digest(),
    Algorithm.ES512: lambda payload: hashlib.sha512(payload).digest(),
    Algorithm.EDDSA: lambda payload: payload,
}
_PROBE = b"ecert: does the private key belong to the public one?"


@dataclass(frozen=True, slots=True)
class HsmKey:
    """Where a key lies: the module's library, the token's label, and the object's label or id."""

    module: str
    token: str
    label: str | None
    id: bytes | None


class HsmSigner:
    """A private key in a security module; a signer for many threads, which the module serves one after the other."""

    __slots__ = ("_key", "_mechanism", "_session", "chain", "public_key")

    def __init__(self, key: Any, session: "_Session", public_key: PublicKey, chain: tuple[bytes, ...]) -> None:
        self._key = key
        self._session = session
        self.public_key = public_key
        self.chain = chain
        name = "ECDSA" if public_key.algorithm in EC else "EDDSA"
        self._mechanism = getattr(session.pkcs11.Mechanism, name)

    def sign(self, payload: bytes) -> bytes:
        """Return the JOSE signature, which is PKCS#11's own form (r ‖ s; RFC 8032); raises HsmError."""
        # CKM_ECDSA over our digest: every module has it, and not every one hashes.
        digest = _DIGEST[self.public_key.algorithm](payload)
        with self._session.entered():
            return bytes(self._key.sign(digest, mechanism=self._mechanism))

    def __repr__(self) -> str:
        return f"HsmSigner({self.public_key!r})"


def open_hsm_signer(where: HsmKey, *, pin: str) -> HsmSigner:
    """Return the signer of ``where``; its chain is the certificate of the same label or id, if there is one.

    Raises:
        HsmError: no library, token or single key; a wrong PIN; a key that is not of our algorithms; a public key or a
            certificate that does not belong to the private key.
    """
    session = _open_session(where.module, where.token, pin)
    private = session.find(where, "PRIVATE_KEY")
    if len(private) != 1:
        raise HsmError(f"security module has {len(private)} private keys of this name, expected one")
    chain = tuple(session.value(found, "VALUE") for found in session.find(where, "CERTIFICATE")[:1])
    public = session.find(where, "PUBLIC_KEY")
    if public:
        key = _public_key(session.value(public[0], "EC_PARAMS"), session.value(public[0], "EC_POINT"))
    elif chain:
        key = PublicKey.from_certificate(load_certificate(chain[0]))
    else:
        raise HsmError("security module has neither public key nor certificate of this name")
    signer = HsmSigner(private[0], session, key, chain)
    _check_belongs(signer)
    return signer


def _check_belongs(signer: HsmSigner) -> None:
    try:
        signer.public_key.verify(signer.sign(_PROBE), _PROBE)
        for der in signer.chain:
            PublicKey.from_certificate(load_certificate(der)).verify(signer.sign(_PROBE), _PROBE)
    except InvalidSignature as exc:
        raise HsmError("security module's private key does not belong to its public key or certificate") from exc


def _public_key(params: bytes, point: bytes) -> PublicKey:
    algorithm = _CURVES.get(params)
    if algorithm is None:
        raise HsmError("security module's key is on a curve that is not supported")
    size = _POINT_SIZE[algorithm]
    # An OCTET STRING around it, as PKCS#11 2.40 asks and some modules leave out; P-521's has a long length.
    if len(point) == size + (2 if size < 128 else 3):
        point = point[-size:]
    try:
        if algorithm in EC:
            return PublicKey(ec.EllipticCurvePublicKey.from_encoded_point(EC[algorithm].curve, point))
        return PublicKey(ed25519.Ed25519PublicKey.from_public_bytes(point))
    except ValueError as exc:
        raise HsmError("security module's public key is not a point of its curve") from exc


@dataclass(frozen=True, slots=True)
class _Session:
    """One session of a process with a token; PKCS#11 knows one operation in a session at a time."""

    pkcs11: Any
    handle: Any
    lock: threading.Lock

    @contextmanager
    def entered(self) -> Iterator[None]:
        with self.lock, _our_errors(self.pkcs11):
            yield

    def find(self, where: HsmKey, kind: str) -> list[Any]:
        attribute, classes = self.pkcs11.Attribute, self.pkcs11.ObjectClass
        wanted = {attribute.CLASS: getattr(classes, kind), attribute.LABEL: where.label, attribute.ID: where.id}
        with self.entered():
            return list(self.handle.get_objects({name: value for name, value in wanted.items() if value is not None}))

    def value(self, found: Any, name: str) -> bytes:
        with self.entered():
            return bytes(found[getattr(self.pkcs11.Attribute, name)])


# A token knows one login a process, so its signers share it.
@lru_cache(maxsize=16)
def _open_session(module: str, token: str, pin: str) -> _Session:
    try:
        import pkcs11
    except ImportError as exc:
        raise HsmError("python-pkcs11 is not installed (extra hsm)") from exc
    try:
        library = pkcs11.lib(module)
    except RuntimeError as exc:
        raise HsmError("security module's library cannot be loaded") from exc
    with _our_errors(pkcs11):
        handle = library.get_token(token_label=token).open(user_pin=pin)
    return _Session(pkcs11, handle, threading.Lock())


@contextmanager
def _our_errors(pkcs11: Any) -> Iterator[None]:
    try:
        yield
    except pkcs11.PKCS11Error as exc:
        raise HsmError(f"security module refuses: {type(exc).__name__}") from exc
