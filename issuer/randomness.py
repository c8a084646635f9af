"""Where randomness comes from: injected, so that tests and vectors can choose it."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

_SERIAL_LETTERS = string.ascii_uppercase + string.digits
_SERIAL_LENGTH = 20  # GB/T 36904; one provincial guide demands 20 random letters and digits


@dataclass(frozen=True, slots=True)
class Randomness:
    """What the issuer needs by chance.

    ``salt``: 16 bytes for each disclosure (RFC 9901, 9.3). ``serial``: 流水号 of an identifier. ``credential_id``: an
    opaque id. ``digest_key``: the secret that row keys and row digests are hashed with, the same for ever; a plain
    hash of a citizen number could be found by trying all of them.
    """

    salt: Callable[[], bytes]
    serial: Callable[[], str]
    credential_id: Callable[[], str]
    digest_key: bytes = field(repr=False)

    @classmethod
    def of_system(cls, digest_key: bytes) -> Self:
        """Return the operating system's randomness; ``digest_key`` has 16 to 64 bytes and comes from the key store."""
        return cls(_salt, _serial, _credential_id, digest_key)


def _salt() -> bytes:
    return secrets.token_bytes(16)


def _serial() -> str:
    return "".join(secrets.choice(_SERIAL_LETTERS) for _ in range(_SERIAL_LENGTH))


def _credential_id() -> str:
    return secrets.token_urlsafe(16)
