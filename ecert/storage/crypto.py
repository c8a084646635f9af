"""Personal data at rest: sealed with AES-256-GCM, found by keyed hashes (invariant 9).

A sealed record is ``0x01 ‖ key id (8) ‖ nonce (12) ‖ ciphertext ‖ tag (16)``. It opens only in its own table and row,
because both stand in the associated data; and it names its data key, so that the key can change while old records stay
readable. Each table has a key of its own, derived from the data key: a random nonce of 96 bits serves 2^32 records a
key (NIST SP 800-38D, 8.3), and a city has more.
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ecert.storage.errors import RecordDamaged, UnknownDataKey

_VERSION = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 8
_NONCE_BYTES = 12
_HEAD = 1 + _ID_BYTES
_BODY = _HEAD + _NONCE_BYTES


class Cipher:
    """Seals with ``key`` and opens what ``key`` or one of the ``older`` keys has sealed; each key has 32 bytes."""

    __slots__ = ("_head", "_keys", "_random", "_tables")

    def __init__(self, key: bytes, *, older: Sequence[bytes] = (), random: Callable[[int], bytes] = os.urandom) -> None:
        self._keys = {_derive(each, b"key id")[:_ID_BYTES]: _checked(each) for each in (*older, key)}
        self._head = _VERSION + _derive(key, b"key id")[:_ID_BYTES]
        self._random = random
        self._tables: dict[tuple[bytes, str], AESGCM] = {}

    def seal(self, table: str, identity: str, plain: bytes) -> bytes:
        """Return ``plain`` sealed for the row ``identity`` of ``table``."""
        return self.seal_all(table, [(identity, plain)])[0]

    def seal_all(self, table: str, records: Sequence[tuple[str, bytes]]) -> list[bytes]:
        """Return each (identity, plain) sealed for its row of ``table``."""
        head, encrypt = self._head, self._table(self._head, table).encrypt
        of_table = table.encode() + b"\0"
        nonces = self._random(_NONCE_BYTES * len(records))
        sealed: list[bytes] = []
        for start, (identity, plain) in zip(range(0, len(nonces), _NONCE_BYTES), records, strict=True):
            nonce = nonces[start : start + _NONCE_BYTES]
            sealed.append(head + nonce + encrypt(nonce, plain, of_table + identity.encode()))
        return sealed

    def open(self, table: str, identity: str, sealed: bytes) -> bytes:
        """Return what was sealed for the row ``identity`` of ``table``.

        Raises:
            UnknownDataKey: the record names a key that was not given.
            RecordDamaged: the record is not what was sealed for this row.
        """
        head = sealed[:_HEAD]
        if head[:1] != _VERSION or len(sealed) < _BODY:
            raise RecordDamaged(f"sealed record of {table} is of a form that is not known")
        cipher = self._table(head, table)
        try:
            return cipher.decrypt(sealed[_HEAD:_BODY], sealed[_BODY:], f"{table}\0{identity}".encode())
        except InvalidTag:
            raise RecordDamaged(f"sealed record of {table} was changed or belongs to another row") from None

    def _table(self, head: bytes, table: str) -> AESGCM:
        found = self._tables.get((head, table))
        if found is None:
            key = self._keys.get(head[1:])
            if key is None:
                raise UnknownDataKey(f"sealed record of {table} names data key {head[1:].hex()}, which was not given")
            found = self._tables[head, table] = AESGCM(_derive(key, b"table " + table.encode()))
        return found


class Lookup:
    """Keyed hashes (HMAC-SHA-256) by which rows are found without their values standing anywhere."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = _checked(key)

    def holder(self, code_type: str, code: str) -> bytes:
        """Return the 32 bytes that stand for a holder's number; letters' case and outer blanks do not count."""
        return self._digest("holder", code_type.strip(), code.strip().upper())

    def row(self, department: str, row_key: str) -> bytes:
        """Return the 32 bytes that stand for a department's row key, which may well be somebody's number."""
        return self._digest("row", department, row_key)

    def subject(self, rule: str, subject: str) -> bytes:
        """Return the 32 bytes that stand for who asks under a rate limit: an address, a client, a code."""
        return self._digest("rate", rule, subject)

    def _digest(self, use: str, first: str, second: str) -> bytes:
        # The length says where the first part ends, so no two pairs give the same bytes.
        return hmac.digest(self._key, f"{use} {len(first)} {first}{second}".encode(), "sha256")


def token_digest(token: str) -> str:
    """Return the SHA-256 of a random token of 256 bits, in hex: with so much chance in it, no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checked(key: bytes) -> bytes:
    if len(key) != _KEY_BYTES:
        raise ValueError(f"key has {len(key)} bytes, expected {_KEY_BYTES}")
    return key


def _derive(key: bytes, use: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=b"ecert storage " + use).derive(_checked(key))
