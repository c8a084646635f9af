"""The key store: private keys and secrets, encrypted with a passphrase, one record each.

Record = version 1 ‖ nonce (12 bytes) ‖ AES-256-GCM of the content, with the record's name as associated data, so that
no record passes for another. The key of the store is scrypt(passphrase, salt); salt and cost stand in the record
``.header`` in the clear, beside a sealed word that tells a wrong passphrase from a damaged key.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys import strict_json
from keys.algorithms import Algorithm
from keys.blobs import Blobs, DirectoryBlobs, check_name
from keys.chain import load_certificate
from keys.errors import (
    DamagedRecord,
    KeyAlreadyExists,
    KeyNotFound,
    KeyStoreError,
    MalformedToken,
    WrongPassphrase,
)
from keys.passphrase import DevelopmentPassphraseWarning, passphrase_from_env
from keys.public import PublicKey
from keys.signer import SoftwareSigner

__all__ = ["Blobs", "DevelopmentPassphraseWarning", "DirectoryBlobs", "KeyStore", "passphrase_from_env"]

SCRYPT_WORK = 65_536  # N; with r = 8, p = 2 it is 64 MiB and a quarter of a second (OWASP, Password Storage)
_MAX_WORK = 1_048_576
_HEADER = ".header"
_SECRET = ".secret/"  # noqa: S105 -- a prefix of names
_WORD = b"ecert key store"
_NONCE = 12


class KeyStore:
    """Keys by name (``issuing/amr/2``), opened with one passphrase; a new store takes the passphrase given first.

    Raises:
        WrongPassphrase: the store was made with another one.
        DamagedRecord: the header is not one of ours.
    """

    __slots__ = ("_aead", "_blobs")

    def __init__(self, blobs: Blobs, passphrase: str, *, work: int = SCRYPT_WORK) -> None:
        self._blobs = blobs
        header = blobs.read(_HEADER)
        if header is None:
            blobs.add(_HEADER, _new_header(passphrase, work))
            header = blobs.read(_HEADER)  # perhaps another process's, which was first
        self._aead = _unlock(header or b"", passphrase)

    def create(self, name: str, algorithm: Algorithm = Algorithm.ES256) -> SoftwareSigner:
        """Return a new random key, kept under ``name``.

        Raises:
            KeyAlreadyExists: the name is taken.
            KeyStoreError: the name is not of the form that ``blobs.check_name`` asks.
        """
        signer = SoftwareSigner.generate(algorithm)
        if not self._blobs.add(_key_name(name), self._seal(name, _content(signer))):
            raise KeyAlreadyExists(f"key store has a key named {name}")
        return signer

    def open(self, name: str) -> SoftwareSigner:
        """Return the key under ``name`` with its chain; raises KeyNotFound, DamagedRecord."""
        sealed = self._blobs.read(_key_name(name))
        if sealed is None:
            raise KeyNotFound(f"key store has no key named {name}")
        content = strict_json.loads_object(self._unsealed(name, sealed))
        chain = tuple(base64.b64decode(der) for der in content["chain"])
        return SoftwareSigner.from_pkcs8(base64.b64decode(content["pkcs8"]), chain=chain)

    def set_chain(self, name: str, chain: Sequence[bytes]) -> SoftwareSigner:
        """Keep these certificates (DER, leaf first, without the root) with the key, and return it with them.

        Raises:
            KeyNotFound, DamagedRecord: as ``open``.
            KeyStoreError: the first certificate is for another key.
            InvalidChain: a certificate is not well formed.
        """
        signer = self.open(name).with_chain(chain)
        keys = [PublicKey.from_certificate(load_certificate(der)) for der in chain]
        if keys and keys[0] != signer.public_key:
            raise KeyStoreError(f"first certificate is not for the key named {name}")
        self._blobs.replace(name, self._seal(name, _content(signer)))
        return signer

    def remove(self, name: str) -> None:
        """Forget the key under ``name``; nothing brings it back. Removing what is not there is no error."""
        self._blobs.remove(_key_name(name))

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of the keys that begin with ``prefix``, sorted."""
        return sorted(name for name in self._blobs.names(prefix) if not name.startswith("."))

    def secret(self, name: str, length: int = 32) -> bytes:
        """Return ``length`` random bytes, made on the first call under ``name`` and the same ever after.

        Raises:
            KeyStoreError: the secret was made with another length.
        """
        full = _SECRET + _key_name(name)
        sealed = self._blobs.read(full)
        if sealed is None:
            self._blobs.add(full, self._seal(full, secrets.token_bytes(length)))
            sealed = self._blobs.read(full)  # perhaps another process's, which was first
        value = self._unsealed(full, sealed or b"")
        if len(value) != length:
            raise KeyStoreError(f"secret named {name} has {len(value)} bytes, asked for {length}")
        return value

    def _seal(self, name: str, content: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return b"\x01" + nonce + self._aead.encrypt(nonce, content, name.encode("ascii"))

    def _unsealed(self, name: str, sealed: bytes) -> bytes:
        try:
            return _open_sealed(self._aead, name, sealed)
        except InvalidTag:
            raise DamagedRecord(f"record named {name} is not the one that was kept") from None


@dataclass(frozen=True, slots=True)
class _Header:
    salt: bytes
    work: int
    word: bytes


def _key_name(name: str) -> str:
    # Names with a dot in front are the store's own.
    if name.startswith("."):
        raise KeyStoreError("key's name starts with a dot")
    return check_name(name)


def _content(signer: SoftwareSigner) -> bytes:
    return strict_json.dumps({"pkcs8": _b64(signer.to_pkcs8()), "chain": [_b64(der) for der in signer.chain]})


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _new_header(passphrase: str, work: int) -> bytes:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE)
    word = b"\x01" + nonce + _derived(passphrase, salt, work).encrypt(nonce, _WORD, _HEADER.encode("ascii"))
    return strict_json.dumps({"version": 1, "kdf": "scrypt", "work": work, "salt": _b64(salt), "word": _b64(word)})


def _unlock(raw: bytes, passphrase: str) -> AESGCM:
    header = _read_header(raw)
    aead = _derived(passphrase, header.salt, header.work)
    try:
        _open_sealed(aead, _HEADER, header.word)
    except InvalidTag:
        raise WrongPassphrase("passphrase is not the one that the key store was made with") from None
    return aead


def _read_header(raw: bytes) -> _Header:
    try:
        value: dict[str, Any] = strict_json.loads_object(raw)
        kind = (value["version"], value["kdf"])
        header = _Header(base64.b64decode(value["salt"]), value["work"], base64.b64decode(value["word"]))
    except (MalformedToken, KeyError, TypeError, binascii.Error) as exc:
        raise DamagedRecord("key store's header is not well formed") from exc
    if kind != (1, "scrypt"):
        raise DamagedRecord("key store's header is not of version 1 with scrypt")
    if type(header.work) is not int or not 1 < header.work <= _MAX_WORK or header.work.bit_count() != 1:
        raise DamagedRecord(f"key store's work factor is not a power of 2 up to {_MAX_WORK}")
    return header


# One derivation a process, however often a store is opened: it is slow on purpose.
@lru_cache(maxsize=8)
def _derived(passphrase: str, salt: bytes, work: int) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=work, r=8, p=2).derive(passphrase.encode("utf-8")))


def _open_sealed(aead: AESGCM, name: str, sealed: bytes) -> bytes:
    if sealed[:1] != b"\x01" or len(sealed) < 1 + _NONCE + 16:
        raise InvalidTag
    return aead.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], name.encode("ascii"))
